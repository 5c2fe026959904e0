"""Drift: seeded days of two stores and a warehouse with six planted causes among honest shrink, on a simulated clock.

At least nine in ten planted causes must be named rightly within five minutes of the evidence being there, and what
was repaired must leave our book equal to what really lies there. Two controls must fail: a namer that has no evidence
and always says the commonest cause, and a book that repairs without regard to when things happened.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ambidex.domains.governance import Drift, DriftCause, DriftState
from ambidex.domains.locations import LocationKind
from ambidex.flows import repair_drift
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Database, PinnedDatabase
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.inbound.stock.feeds import Feeds
from tests.reads.house import audited
from tests.rigs.drift_day import DC, STORES, TICKS, Plant, Spot, World
from tests.servers import running_server
from tests.shop import Shop

WITHIN = timedelta(minutes=5)
RIGHT_MIN = 0.9
ANSWERED_AFTER = timedelta(minutes=30)


@dataclass
class Verdict:
    """What the days showed. `naive_right`: how often a namer without evidence was right."""

    seed: int
    days: int
    planted: int = 0
    named_rightly: int = 0
    named_late: int = 0
    drifts: int = 0
    accused_wrongly: int = 0
    repaired_alone: int = 0
    repaired_by_people: int = 0
    naive_right: float = 0.0
    wrong: dict[str, int] = field(default_factory=dict)
    by_cause: dict[str, str] = field(default_factory=dict)
    book_differs: list[str] = field(default_factory=list)
    naive_book_differs: int = 0
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def right(self) -> float:
        return self.named_rightly / self.planted if self.planted else 0.0

    @property
    def ok(self) -> bool:
        honest = not self.book_differs and not self.violations
        controls = self.naive_right < RIGHT_MIN and self.naive_book_differs > 0
        return honest and controls and self.right >= RIGHT_MIN


async def rig(
    run: Run, clock: Clock, *, days: int, seed: int, ticks: int = TICKS, items: int = 24
) -> Verdict:
    """`run` is on one connection that is rolled back."""
    began = time.monotonic()
    world = await drift_world(run, clock, seed=seed, ticks=ticks, items=items)
    start = dict(world.truth)
    verdict = Verdict(seed, days)
    for number in range(days):
        for _ in world.day(number):
            await _work(world, verdict)
    world.let_loose()
    while world.coming:
        clock.now = max(clock.now, min(world.coming).at)
        await _work(world, verdict)
        clock.forward(minutes=5)
    await _work(world, verdict)
    await _judge(world, verdict, start)
    verdict.violations = [str(one) for one in (await audited(Shop(run))).violations]
    verdict.seconds = round(time.monotonic() - began, 1)
    return verdict


async def drift_world(run: Run, clock: Clock, *, seed: int, ticks: int, items: int) -> World:
    """Two stores with tills and a warehouse at six in the morning, everything counted."""
    chance, shop = random.Random(seed), Shop(run)
    clock.now = clock.now.replace(hour=6)
    feeds = Feeds(run, clock)
    await feeds.register()
    world = World(feeds, chance, [f"WARE-{n:02}" for n in range(items)], ticks)
    await shop.place(DC, kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    for place in (*STORES, DC):
        for item in world.items:
            units = chance.randint(150, 400)
            await shop.shelf(place, item, units)
            world.truth[place, item] = units
    return world


async def _work(world: World, verdict: Verdict) -> None:
    """What comes until now is sent and applied; two minutes later the worker looks; owners answer their tasks."""
    due = sorted(one for one in world.coming if one.at <= world.now)
    world.coming = [one for one in world.coming if one.at > world.now]
    world.told += due
    for arrival in due:
        await world.feeds.send(arrival.source, arrival.body)
    await world.feeds.apply()
    await world.feeds.watch(minutes=2)
    for drift in await world.feeds.drifts():
        if drift.kind == "stock" and world.now - drift.opened_at >= ANSWERED_AFTER:
            await world.feeds.run.perform(SYSTEM, repair_drift.repair, drift_id=drift.drift_id)
            verdict.repaired_by_people += 1


async def _judge(world: World, verdict: Verdict, start: dict[Spot, int]) -> None:
    found = await _found(world)
    lit = [plant for plant in world.plants if plant.as_of is not None]
    verdict.planted = len(lit)
    verdict.drifts = len(found)
    assert DriftState.OPEN not in {drift.state for drift in found.values()}, "somebody answers every drift"
    scores: dict[str, Counter[str]] = defaultdict(Counter)
    for plant in lit:
        drift = found.pop((plant.place, plant.item, plant.as_of), None)
        said = "no drift" if drift is None else drift.cause.value
        scores[plant.cause.value][said] += 1
        if drift is None or drift.cause is not plant.cause:
            verdict.wrong[f"{plant.cause.value} as {said}"] = (
                verdict.wrong.get(f"{plant.cause.value} as {said}", 0) + 1
            )
        elif _in_time(plant, drift):
            verdict.named_rightly += 1
        else:
            verdict.named_late += 1
    verdict.by_cause = {name: f"{said[name]}/{said.total()}" for name, said in sorted(scores.items())}
    verdict.accused_wrongly = sum(drift.cause is not DriftCause.UNKNOWN for drift in found.values())
    commonest = Counter(plant.cause for plant in lit).most_common(1)
    verdict.naive_right = round(commonest[0][1] / len(lit), 3) if lit else 0.0
    await _compare(world, verdict, start)


def _in_time(plant: Plant, drift: Drift) -> bool:
    assert plant.evident_at is not None, "it came to light"
    return drift.named_at is not None and drift.named_at <= plant.evident_at + WITHIN


async def _found(world: World) -> dict[tuple[str, str, Any], Drift]:
    drifts = [*await world.feeds.drifts(), *await world.feeds.drifts(over=True)]
    async with world.feeds.run.reading() as read:
        names = {
            row.id: row.name
            for row in await read.all(
                text("SELECT item_id AS id, sku AS name FROM catalogue.items UNION ALL "
                     "SELECT location_id, code FROM locations.locations")
            )
        }  # fmt: skip
    return {(names[d.location_id], names[d.item_id], d.as_of): d for d in drifts}


async def _compare(world: World, verdict: Verdict, start: dict[Spot, int]) -> None:
    """Our book beside the truth; what shrank after the last count nobody can know."""
    async with world.feeds.run.reading() as read:
        rows = await read.all(
            text("SELECT p.code, i.sku, s.sellable + s.suspect AS units FROM inventory.positions s "
                 "JOIN catalogue.items i USING (item_id) JOIN locations.locations p USING (location_id)")
        )  # fmt: skip
        alone = await read.value(
            text("SELECT count(*) FROM governance.drifts WHERE outcome = 'repaired by itself'")
        )
    verdict.repaired_alone = int(alone)
    for row in rows:
        wanted = world.truth[row.code, row.sku] + world.unseen.get((row.code, row.sku), 0)
        if row.units != wanted:
            verdict.book_differs.append(f"{row.sku} at {row.code}: {row.units}, really {wanted}")
    naive = naive_book(start, world)
    verdict.naive_book_differs = sum(
        naive[spot] != units + world.unseen.get(spot, 0) for spot, units in world.truth.items()
    )


def naive_book(start: dict[Spot, int], world: World) -> dict[Spot, int]:
    """The control: everything is believed in the order in which it came, and a count sets what is there."""
    book = dict(start)
    for arrival in world.told:
        if isinstance(arrival.body, bytes):
            about, *rows = [json.loads(line) for line in arrival.body.splitlines()]
            for row in rows:
                spot = (about["place"], row["item"])
                book[spot] = row["units"] if about["report"] == "full" else book[spot] + row["change"]
            continue
        for line in arrival.body.get("lines", []):
            spot = (arrival.body["place"], line["item"])
            sign = {"sale": -1, "return": 1}.get(arrival.body["kind"], 0)
            sign = 0 if line.get("condition") == "damaged" else sign
            book[spot] = line["counted"] if "counted" in line else book[spot] + sign * line["quantity"]
    return book


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the long form."""
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """The long form."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        given = os.environ.get("AMBIDEX_TEST_DATABASE_URL")
        server = stack.enter_context(running_server(given, Path(folder)))
        verdict = asyncio.run(_alone(server.copy("drift"), asked))
    shown: dict[str, Any] = {
        "name": "drift",
        **asdict(verdict),
        "right": round(verdict.right, 3),
        "ok": verdict.ok,
    }
    for name, value in shown.items():
        print(f"{name:20} {value}")
    if asked.json:
        print(json.dumps(shown))
    return 0 if verdict.ok else 1


async def _alone(url: str, asked: argparse.Namespace) -> Verdict:
    database, clock = Database(url, pool_size=1), Clock()
    try:
        async with database.engine.connect() as connection:
            await connection.begin()
            await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            pinned = Run(PinnedDatabase(connection), clock)
            return await rig(pinned, clock, days=asked.days, seed=asked.seed)
    finally:
        await database.close()
