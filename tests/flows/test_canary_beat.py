"""A canary is looked at every few seconds: it must cost little, however many orders were decided."""

from __future__ import annotations

from ambidex.domains import routing
from ambidex.domains.routing.commands import Seen
from ambidex.domains.routing.rules.versions import Canary, Metric, Version
from ambidex.flows import canary
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.canary import sides
from ambidex.runtime.db import PinnedDatabase
from ambidex.runtime.perform import Run
from bench.writes import counted
from tests.conftest import Clock
from tests.flows.test_routing_rules import bought, house, version
from tests.shop import Shop

__all__ = ["house"]
ask, change = routing.ask, routing.change


async def begun(run: Run) -> Version:
    """A canary that does what live does."""
    other = await version(run)
    terms = Canary(500, Metric.SPLIT, 100, orders_min=3)
    return await run.perform(SYSTEM, change.go_canary, Seen("", other.number), terms, why="a share")


async def test_a_canary_is_judged_again_when_something_was_decided_and_not_before(
    run: Run, house: Shop, clock: Clock
) -> None:
    good = await begun(run)
    await bought(house, 1)
    watch, database = canary.Watch(), run.database
    assert isinstance(database, PinnedDatabase)
    pinned = database.pinned

    async def judged() -> int:
        async with counted(pinned) as writes:
            await watch.beat(run)
        return sum("squares" in one for one in writes.said)

    assert [await judged(), await judged()] == [1, 0]
    clock.forward(seconds=5)
    await bought(house, 2)
    assert [await judged(), await judged()] == [1, 0]
    clock.forward(minutes=1)
    assert await judged() == 1, "what became of orders may make it worse without a decision"
    async with run.reading() as read:
        found = await ask.version(read, "", good.number)
        assert sum(one.orders for one in await sides(read, found)) == 2
        assert sum(one.orders for one in await sides(read, found, newest=1)) == 1
