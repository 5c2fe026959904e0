"""The rig of the inbox, for stock: a calm day of tills and a warehouse, then the same day repeated, shuffled, late by 25
hours, cut short and wrongly signed. Positions and sums of the ledger must end as on the calm day.

Two controls must be caught: a book that believes whatever came last, and a day in which one message is missing.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import text

from ambidex.flows.receive import WronglySigned
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.reads.house import audited
from tests.rigs.drift import drift_world, naive_book
from tests.rigs.drift_day import Arrival, Spot, World
from tests.rigs.undone import undone
from tests.shop import Shop

STATE = {
    "positions": """SELECT p.code, i.sku, s.sellable, s.suspect, s.damaged, s.reserved, s.held
                      FROM inventory.positions s JOIN catalogue.items i USING (item_id)
                      JOIN locations.locations p USING (location_id) ORDER BY 1, 2""",
    # what was found and what was written off are two sides of one correction
    "ledger": """SELECT p.code, i.sku, a.account, sum(a.units) FROM inventory.ledger l
                   JOIN catalogue.items i USING (item_id) JOIN locations.locations p USING (location_id)
                  CROSS JOIN LATERAL (VALUES
                    (CASE WHEN l.to_account IN ('found', 'written_off') THEN 'corrected' ELSE l.to_account END, l.quantity),
                    (CASE WHEN l.from_account IN ('found', 'written_off') THEN 'corrected' ELSE l.from_account END, -l.quantity)
                    ) AS a(account, units)
                  GROUP BY 1, 2, 3 HAVING sum(a.units) <> 0 ORDER BY 1, 2, 3""",
    "lines": "SELECT kind, state, count(*), sum(units) FROM governance.lines GROUP BY 1, 2 ORDER BY 1, 2",
    "drifts": "SELECT count(*) FROM governance.drifts WHERE state = 'open'",
    "gaps": "SELECT count(*) FROM governance.gaps WHERE closed_at IS NULL",
}


@dataclass
class StockVerdict:
    """What the disturbed days showed."""

    seed: int
    messages: int = 0
    days: int = 0
    sent: int = 0
    rejected: int = 0
    visible: int = 0
    let_in_wrongly: int = 0
    different: list[int] = field(default_factory=list)
    naive_differs: bool = False
    missing_differs: bool = False
    violations: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        honest = not self.let_in_wrongly and not self.different and not self.violations
        return honest and self.visible == self.rejected and self.naive_differs and self.missing_differs


async def stock_rig(
    run: Run, clock: Clock, *, days: int, seed: int, ticks: int, items: int = 8
) -> StockVerdict:
    """The calm day, then the disturbed ones; each is undone before the next begins."""
    world = await drift_world(run, clock, seed=seed, ticks=ticks, items=items)
    world.calm = True
    start = dict(world.truth)
    for _ in world.day(0):
        pass
    evening, told = clock.now, list(world.coming)
    verdict = StockVerdict(seed, len(told))
    calm = await _played(world, told, later=[], verdict=None)
    clock.now = evening
    verdict.missing_differs = await _played(world, told[:3] + told[4:], later=[], verdict=None) != calm
    for day in range(days):
        chance = random.Random(seed * 10_000 + day)
        arrivals = [one for one in told for _ in range(chance.randint(1, 4))]
        chance.shuffle(arrivals)
        later = [one for one in told if chance.random() < 0.15]
        soon = [one for one in arrivals if one not in later]
        verdict.naive_differs |= _naive(world, start, soon + later) != _naive(world, start, told)
        clock.now = evening
        if await _played(world, soon, later=later, verdict=verdict, chance=chance) != calm:
            verdict.different.append(day)
        verdict.days += 1
    return verdict


async def _played(
    world: World,
    soon: Sequence[Arrival],
    *,
    later: Sequence[Arrival],
    verdict: StockVerdict | None,
    chance: random.Random | None = None,
) -> str:
    """One day from its arrivals to its end; the hash of the state it leaves, before it is undone."""
    run = world.feeds.run
    async with undone(run):
        await _deliver(world, soon, verdict, chance)
        if later:
            world.feeds.clock.now += timedelta(hours=25)
            await _deliver(world, later, verdict, chance)
        for _ in range(3):
            await world.feeds.watch(minutes=2)
        if verdict is not None:
            async with run.reading() as read:
                # the same broken message twice is one row that counts its arrivals
                refused = text("SELECT sum(attempts) FROM runtime.inbox WHERE state = 'refused'")
                verdict.visible += int(await read.value(refused) or 0)
            verdict.violations += [str(one) for one in (await audited(Shop(run))).violations]
        return await _state(run)


async def _deliver(
    world: World, arrivals: Sequence[Arrival], verdict: StockVerdict | None, chance: random.Random | None
) -> None:
    """In lists of a dozen, as they come; beside them what must be refused."""
    for number, arrival in enumerate(arrivals):
        await world.feeds.send(arrival.source, arrival.body)
        if verdict is not None and chance is not None:
            verdict.sent += 1
            if chance.random() < 0.05:
                await _must_be_refused(world, arrival, verdict, chance)
        if number % 12 == 11:
            await world.feeds.apply()
    await world.feeds.apply()


async def _must_be_refused(
    world: World, arrival: Arrival, verdict: StockVerdict, chance: random.Random
) -> None:
    """Cut short on the way, or signed by somebody else."""
    body = arrival.body if isinstance(arrival.body, bytes) else json.dumps(arrival.body).encode()
    verdict.rejected += 1
    try:
        if chance.random() < 0.5:
            await world.feeds.send_cut(arrival.source, body, at=chance.randrange(1, len(body)))
        else:
            await world.feeds.send(
                arrival.source, body + b" " * verdict.rejected, secret="somebody-elses-secret"
            )
        verdict.let_in_wrongly += 1
    except WronglySigned:
        return


def _naive(world: World, start: dict[Spot, int], arrivals: Sequence[Arrival]) -> dict[Spot, int]:
    world.told = list(arrivals)
    return naive_book(start, world)


async def _state(run: Run) -> str:
    state = {}
    async with run.reading() as read:
        for name, question in STATE.items():
            state[name] = [[str(value) for value in row] for row in await read.all(text(question))]
        waiting = await read.all(
            text("SELECT topic, state, reason FROM runtime.inbox WHERE state IN ('stored', 'parked') LIMIT 5")
        )
    assert not waiting, f"neither applied nor refused: {waiting}"
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()
