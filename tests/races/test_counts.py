"""Counts with real commits: many people at one shelf, and a picker who does not find it meanwhile."""

from __future__ import annotations

import asyncio

from ambidex.domains.counting import CountState
from ambidex.domains.counting.problems import CountIsOver, OwnCount
from ambidex.flows.count_shelf import Shelf, ShelfCounted, count_shelf
from ambidex.reads.audit import audit
from tests.flows.counter import counter
from tests.shop import Shop, associate

PEOPLE = ("Inès", "Matteo", "Yuki", "Awa", "Tomasz", "Viktória")


async def enter(shop: Shop, name: str, units: int) -> ShelfCounted | Exception:
    who = associate(shop.places["camden"], name, actor_id=name)
    try:
        return await shop.run.perform(who, count_shelf, Shelf("camden", "MUG-01", units))
    except (CountIsOver, OwnCount) as refused:
        return refused


async def test_six_people_count_one_shelf_at_once(own_shop: Shop) -> None:
    await own_shop.shelf("camden", "MUG-01", 10)
    outcomes = await asyncio.gather(*(enter(own_shop, name, 5) for name in PEOPLE))
    states = [one.count.state for one in outcomes if isinstance(one, ShelfCounted) and one.count]
    assert states.count(CountState.RECOUNT) == 1, "the first is doubted"
    assert states.count(CountState.COUNTED) == len(PEOPLE) - 1, (
        "the second settles it, the rest finds the book right"
    )
    assert (await own_shop.stock("camden", "MUG-01")).sellable == 5


async def test_a_count_racing_a_picker_who_does_not_find_it(own_shop: Shop) -> None:
    at = await counter(own_shop, stock=10, mug_01=2)
    await at.accept()
    await asyncio.gather(at.miss(), *(enter(own_shop, name, 9) for name in PEOPLE[:4]))
    shelf = await own_shop.stock("camden", "MUG-01")
    assert shelf.sellable + shelf.suspect == 9
    async with own_shop.run.reading() as read:
        assert (await audit(read)).violations == ()
