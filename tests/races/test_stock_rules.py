"""Rules and waiting customers with real commits: a change counts at once elsewhere, a threshold holds under a rush."""

from __future__ import annotations

import asyncio
from collections import Counter

from ambidex.domains.availability import Ask
from ambidex.flows.place_order import place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.write_rules import RuleSaid, remove_group, remove_rule, write_group, write_rule
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.availability import look_by_sku
from ambidex.runtime import publisher
from ambidex.runtime.db import Database, Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import Reactor, settle
from tests.conftest import Clock
from tests.flows.test_place_order import asked, wanted
from tests.flows.test_stock_landed import served, waits
from tests.races.test_stock import outcome
from tests.shop import Shop


async def _told(run: Run) -> int:
    async with run.reading() as read:
        look = await look_by_sku(read, ["MUG-01"])
        [item] = look.items
        return look.answer(item, Ask(read.now, "web", method="pickup"), routed=False).total


async def test_a_committed_rule_counts_for_the_next_order_and_answer_of_another_process(
    own_run: Run, own_shop: Shop, own_database: Database, clock: Clock
) -> None:
    """Two pools of connections with a memory each, as two processes have them."""
    other = Run(Database(own_database.url, pool_size=2), clock)
    try:
        await own_shop.shelf("camden", "MUG-01", 5)
        assert (await _told(other), await _told(own_run)) == (5, 5)
        placed = [await outcome(other.perform(SYSTEM, place_order, asked(reference="W-0")))]
        for step, units in enumerate((4, 3, 9), start=1):
            rule = await own_run.perform(SYSTEM, write_rule, RuleSaid("safety", units, item="MUG-01"))
            assert await _told(other) == max(0, 4 - (step == 3) - units)
            placed.append(await outcome(other.perform(SYSTEM, place_order, asked(reference=f"W-{step}"))))
        await own_run.perform(SYSTEM, remove_rule, rule.id)
        placed.append(await outcome(other.perform(SYSTEM, place_order, asked(reference="W-4"))))
        assert placed == ["done", "sold-out", "done", "sold-out", "done"]
    finally:
        await other.database.close()


async def test_a_threshold_over_many_places_holds_under_a_rush(own_run: Run, own_shop: Shop) -> None:
    places = [f"store-{n}" for n in range(5)]
    for code in places:
        await own_shop.place(code)
        await own_shop.shelf(code, "MUG-01", 4)
    await own_run.perform(SYSTEM, write_rule, RuleSaid("threshold", 7, channel="web"))
    rush = [
        own_run.perform(SYSTEM, place_order, asked(wanted(place=places[n % 5]), reference=f"R-{n}"))
        for n in range(30)
    ]
    heard = Counter(await asyncio.gather(*map(outcome, rush)))
    by_till = [
        await outcome(
            own_run.perform(
                SYSTEM, place_order, asked(wanted(place=code), reference=f"T-{n}-{code}", channel="pos")
            )
        )
        for code in places
        for n in range(4)
    ]

    assert heard == {"done": 13, "sold-out": 17}, "20 units less 7 for everybody else"
    assert by_till.count("done") == 7, "which the till may sell"
    assert await _told(own_run) == 0


async def test_more_wait_than_one_turn_serves_and_two_workers_serve_each_once(
    own_run: Run, own_shop: Shop
) -> None:
    await own_shop.shelf("camden", "MUG-01", 0)
    for name in ("AMA", "BO", "CHI"):
        await waits(own_shop, name, *[1] * 20)
    await settle(own_run, REACTIONS)
    await own_shop.shelf("camden", "MUG-01", 58)
    await publisher.publish_all(own_run.database)
    workers = [Reactor(own_run, REACTIONS) for _ in range(2)]
    await asyncio.gather(*(worker.catch_up() for worker in workers))
    await settle(own_run, REACTIONS)

    found = await served(own_shop)
    assert sum(reserved for reserved, _ in found.values()) == 58
    assert sum(waits for _, waits in found.values()) == 2
    assert (await own_shop.stock("camden", "MUG-01")).reserved == 58


async def test_a_group_is_removed_or_named_by_a_rule_never_both(own_run: Run, own_shop: Shop) -> None:
    await own_shop.place("camden")
    await own_run.perform(SYSTEM, write_group, "north", name="North", codes=["camden"])
    named = asyncio.Event()

    async def name_it(tx: Tx) -> None:
        await write_rule(tx, RuleSaid("safety", 2, group="north"))
        named.set()
        await asyncio.sleep(0.2)

    naming = asyncio.create_task(outcome(own_run.perform(SYSTEM, name_it)))
    await named.wait()
    removed = await outcome(own_run.perform(SYSTEM, remove_group, "north"))
    assert (await naming, removed) == ("done", "group-in-use")
