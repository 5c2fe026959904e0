"""Edits: somebody with psql changes rows of an open house behind the events; each must be told within a minute, and nothing else.

The walk in turn is off: at two million orders it would take two days, so only notes can lead to an edit. Orders are placed all
the while. Calm before: nobody edits, nobody is told. Control: the same edits with the guards switched off must not be met.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import text

from ambidex.flows.live_audit import LiveAudit, Turn
from ambidex.flows.place_order import place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit import audit
from ambidex.reads.audit_checks import TRUTH
from ambidex.reads.audit_guards import RULE
from ambidex.runtime.db import Database
from ambidex.runtime.faults import is_passing
from ambidex.runtime.perform import Run
from ambidex.runtime.postgres import plain_url
from ambidex.runtime.publisher import publish_all
from ambidex.runtime.reactions import Reactor, settle
from tests.flows.test_place_order import asked, wanted
from tests.rigs.edits_kinds import KINDS
from tests.servers import running_server
from tests.shop import Shop
from tests.waits import until

WITHIN_SECONDS = 60.0
_TOLD = text("""
SELECT title, title || ' ' || (details->>'detail') AS said, opened_at FROM tasks.tasks
 WHERE (title LIKE 'Broken:%' OR title LIKE 'Edited past%') AND opened_at >= :since ORDER BY opened_at""")


@dataclass
class Plant:
    """One edit: of which order and item, when it was committed, and by what else it is known."""

    kind: str
    order_id: Any
    item_id: Any
    reference: str
    at: datetime | None = None
    known_by: set[str] = field(default_factory=set)
    seen_after: float | None = None

    @property
    def rule(self) -> str:
        return KINDS[self.kind][0]

    def is_named(self, said: str) -> bool:
        return any(name in said for name in self.known_by)


@dataclass
class Verdict:
    """What was seen. `told_wrongly`: what a person was handed that is about no edit."""

    seed: int
    planted: int = 0
    kinds: int = 0
    seen: int = 0
    unseen: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0
    middle_seconds: float = 0.0
    with_role: int = 0
    orders_meanwhile: int = 0
    calm_looks: int = 0
    told_wrongly: list[str] = field(default_factory=list)
    control_planted: int = 0
    control_seen: int = 0
    closing_missed: list[str] = field(default_factory=list)
    closing_more: list[str] = field(default_factory=list)
    look_milliseconds: float = 0.0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """All within the minute, nothing else, and none without the guards."""
        met = self.planted > 0 and self.seen == self.with_role == self.planted
        quiet = self.calm_looks > 0 and not self.told_wrongly
        closing = not self.closing_missed and not self.closing_more
        return met and quiet and closing and self.control_planted > 0 and self.control_seen == 0


@dataclass
class House:
    """An open house, its live audit, and somebody with a connection of their own."""

    run: Run
    hand: asyncpg.Connection[Any]
    chance: random.Random
    every: float
    shop: Shop
    looks: list[float] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)
    rounds: int = 0
    open: bool = True

    async def plants(self, count: int) -> list[Plant]:
        """Orders of an item each, placed as any other, to be edited later."""
        kinds = list(itertools.islice(itertools.cycle(KINDS), count))
        made = [await self._plant(kind) for kind in kinds]
        enough = self.rounds + 3
        await until(lambda: self.rounds >= enough)
        self.chance.shuffle(made)
        return made

    async def _plant(self, kind: str) -> Plant:
        number = next(self.numbers)
        sku, reference = f"RARE-{number}", f"E-{number}."
        await self.shop.shelf("camden", sku, 5)
        placed = await self.run.perform(SYSTEM, place_order, asked(wanted(sku), reference=reference))
        return Plant(kind, placed.order_id, self.shop.items[sku].item_id, reference)

    async def follow(self) -> None:
        """The publisher and the reactions."""
        reactor = Reactor(self.run, REACTIONS)
        await reactor.begin()
        while self.open:
            await publish_all(self.run.database)
            try:
                await reactor.catch_up()
            except Exception as fault:
                if not is_passing(fault):
                    raise
            self.rounds += 1
            await asyncio.sleep(0.1)

    async def trade(self) -> None:
        """Customers order, all the time."""
        while self.open:
            await self.run.perform(SYSTEM, place_order, asked(wanted(), reference=f"L-{next(self.numbers)}"))
            await asyncio.sleep(0.2)

    async def audit(self) -> None:
        """The worker's loop."""
        guard = LiveAudit(turn=Turn(orders=0, items=0, chain_pages=0))
        while self.open:
            began = time.thread_time()
            await guard.look(self.run)
            self.looks.append(time.thread_time() - began)
            await asyncio.sleep(self.every)

    async def edit(self, plants: Sequence[Plant], *, seconds: float) -> None:
        """Each at a moment of its own."""
        began = time.monotonic()
        for plant, moment in zip(
            plants, sorted(self.chance.uniform(0, seconds) for _ in plants), strict=True
        ):
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            rows = await self.hand.fetch(KINDS[plant.kind][1], plant.order_id, plant.item_id)
            assert rows, f"{plant.kind} changed nothing"
            plant.at = datetime.now(UTC)
            plant.known_by = {str(plant.order_id), str(plant.item_id), *(row[0] for row in rows if row[0])}

    async def told(self, since: datetime) -> list[Any]:
        async with self.run.reading() as read:
            return list(await read.all(_TOLD, {"since": since}))

    async def until_seen(
        self, plants: Sequence[Plant], *, since: datetime, within: float = WITHIN_SECONDS
    ) -> list[Any]:
        """What was told until all are seen, or the last one's minute is over."""
        while True:
            told = await self.told(since)
            for plant in plants:
                plant.seen_after = _seen(plant, told)
            late = max(plant.at for plant in plants if plant.at)
            if all(plant.seen_after is not None for plant in plants) or (
                (datetime.now(UTC) - late).total_seconds() > within
            ):
                return told
            await asyncio.sleep(min(1.0, self.every))

    async def guards(self, *, on: bool) -> None:
        for name in TRUTH:
            switch = "ENABLE ALWAYS" if on else "DISABLE"
            await self.hand.execute(f"ALTER TABLE {name} {switch} TRIGGER {name.split('.')[1]}_touched")


def _seen(plant: Plant, told: Sequence[Any]) -> float | None:
    """Seconds until the broken rule, or else the edit itself, was told by name."""
    title = f"Broken: {plant.rule}" if plant.rule else "Edited past"
    for row in told:
        fits = plant.rule in row.title if plant.rule else row.title.startswith(title)
        if fits and plant.is_named(row.said) and plant.at is not None:
            return max(0.0, float((row.opened_at - plant.at).total_seconds()))
    return None


@asynccontextmanager
async def open_house(database: Database, *, seed: int, every: float) -> AsyncIterator[House]:
    """Customers order and the audit looks until it closes."""
    run = Run(database)
    hand = await asyncpg.connect(plain_url(database.url), server_settings={"application_name": "psql"})
    house = House(run, hand, random.Random(seed), every, Shop(run))
    await house.shop.shelf("camden", "MUG-01", 1_000_000)
    loops = [asyncio.create_task(loop) for loop in (house.trade(), house.follow(), house.audit())]
    try:
        yield house
    finally:
        house.open = False
        await asyncio.gather(*loops)
        await hand.close()


async def rig(
    database: Database,
    *,
    plants: int,
    seconds: float,
    calm: float,
    every: float,
    seed: int,
    control: int,
    within: float = WITHIN_SECONDS,
) -> Verdict:
    """Calm, then edits, then the same with the guards off, then the whole audit."""
    began, verdict = time.monotonic(), Verdict(seed)
    async with open_house(database, seed=seed, every=every) as house:
        planted, unguarded = await house.plants(plants), await house.plants(control)
        await asyncio.sleep(calm)
        verdict.calm_looks = len(house.looks)
        verdict.told_wrongly = [row.said for row in await house.told(datetime.min.replace(tzinfo=UTC))]
        await _met(house, verdict, planted, seconds=seconds)
        await _not_met(house, verdict, unguarded, seconds=seconds * control / plants, within=within)
        verdict.look_milliseconds = round(1000 * statistics.mean(house.looks), 1)
    await _closing(house.run, verdict, [*planted, *unguarded])
    verdict.seconds = round(time.monotonic() - began, 1)
    return verdict


async def _met(house: House, verdict: Verdict, plants: Sequence[Plant], *, seconds: float) -> None:
    since, before = datetime.now(UTC), next(house.numbers)
    await house.edit(plants, seconds=seconds)
    told = await house.until_seen(plants, since=since)
    after = [plant.seen_after for plant in plants if plant.seen_after is not None]
    verdict.planted, verdict.kinds = len(plants), len({plant.kind for plant in plants})
    verdict.seen = sum(each <= WITHIN_SECONDS for each in after)
    verdict.unseen = sorted({plant.kind for plant in plants if (plant.seen_after or 1e9) > WITHIN_SECONDS})
    verdict.slowest_seconds = round(max(after, default=0.0), 1)
    verdict.middle_seconds = round(statistics.median(after), 1) if after else 0.0
    verdict.with_role = sum(
        any("by database role" in row.said and plant.is_named(row.said) for row in told) for plant in plants
    )
    verdict.told_wrongly += [
        row.said for row in told if not any(plant.is_named(row.said) for plant in plants)
    ]
    verdict.orders_meanwhile = next(house.numbers) - before


async def _not_met(
    house: House, verdict: Verdict, plants: Sequence[Plant], *, seconds: float, within: float
) -> None:
    """The control; that the guards are off is seen, what was edited is not."""
    since = datetime.now(UTC)
    await house.guards(on=False)
    quiet = [plant for plant in plants if plant.rule not in _ALWAYS_ASKED]
    await house.edit(plants, seconds=seconds)
    told = [row for row in await house.until_seen(quiet, since=since, within=within) if RULE not in row.title]
    await house.guards(on=True)
    verdict.control_planted = len(quiet)
    verdict.control_seen = sum(_seen(plant, told) is not None for plant in quiet)


# asked of the whole house at each look: no note is needed
_ALWAYS_ASKED = frozenset({"applied, or parked", "a duty and a deadline"})


async def _closing(run: Run, verdict: Verdict, plants: Sequence[Plant]) -> None:
    """The whole audit names each edit that broke a rule, and nothing else."""
    await settle(run, REACTIONS)
    found = await _audited(run)
    said = [f"{one.subject} {one.detail} " for one in found]
    verdict.closing_missed = sorted(
        {plant.kind for plant in plants if plant.rule and not any(map(plant.is_named, said))}
    )
    verdict.closing_more = [one for one in said if not any(plant.is_named(one) for plant in plants)]


async def _audited(run: Run) -> Sequence[Any]:
    async with run.reading() as read:
        return (await audit(read)).violations


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the long form."""
    parser.add_argument("--plants", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=240, help="over which they are planted")
    parser.add_argument("--calm", type=float, default=120, help="seconds before, in which nobody edits")
    parser.add_argument("--control", type=int, default=len(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """The long form, looking as often as the worker does."""
    given = os.environ.get("AMBIDEX_TEST_DATABASE_URL")
    with tempfile.TemporaryDirectory() as folder, running_server(given, Path(folder)) as server:
        verdict = asyncio.run(_alone(server.copy("edits"), asked))
    shown = {"name": "edits", "ok": verdict.ok, **asdict(verdict)}
    for name, value in shown.items():
        print(f"{name:18} {value}")
    if asked.json:
        print(json.dumps(shown))
    return 0 if verdict.ok else 1


async def _alone(url: str, asked: argparse.Namespace) -> Verdict:
    database = Database(url, pool_size=8)
    try:
        return await rig(
            database,
            plants=asked.plants,
            seconds=asked.seconds,
            calm=asked.calm,
            every=10,
            seed=asked.seed,
            control=asked.control,
        )
    finally:
        await database.close()
