"""What nobody can send waits with an owner and a day, and goes on when stock lands or a place takes work again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import capacity, watch
from ambidex.domains.watch import WaitsFor
from ambidex.flows.cancel import cancel
from ambidex.flows.pause_place import end_pauses
from ambidex.flows.place_order import Placed
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.serve_parked import AT_ONCE, serve_parked
from ambidex.flows.watch import look_at
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import child_id
from ambidex.runtime.reactions import StoredEvent, settle
from tests.conftest import Clock
from tests.flows.test_route_order import (
    NEAR,
    NORTH,
    bought,
    causes,
    clean,
    lines_of,
    plan_of,
    promised,
    sent,
    stocked,
    three_warehouses,
)
from tests.shop import Shop


@pytest.fixture
async def house(shop: Shop) -> Shop:
    return await three_warehouses(shop)


async def landed(house: Shop, where: str, units: int) -> None:
    """Count stock in, and let the reaction see it."""
    await house.shelf(where, "MUG-01", units)
    at = [str(house.items["MUG-01"].item_id), str(house.places[where].location_id)]
    event: Any = StoredEvent.__new__(StoredEvent)
    object.__setattr__(event, "payload", {"places": [at]})
    await house.run.perform(SYSTEM, serve_parked, [event])


async def parked(house: Shop, units: int = 2, **more: Any) -> Placed:
    """An order that its only place refused."""
    await stocked(house, f"dc-london:{units}")
    placed = await bought(house, sent(units), **more)
    await house.run.perform(SYSTEM, refuse_work, work_id=child_id(placed.order_id, 1), reason="no")
    return placed


async def test_what_nobody_can_send_waits_with_an_owner_and_a_day(house: Shop) -> None:
    placed = await parked(house)
    assert await lines_of(house, placed.order_id) == [{"backordered": 2}]
    assert await promised(house, placed.order_id) == [("delivered_by", "broken"), ("news_by", "made")]
    assert [kind for kind, _ in await house.said()] == ["confirmed", "waiting"]
    async with house.run.reading() as read:
        owner = await read.one(text("SELECT * FROM watch.ownership"))
        task = await read.one(text("SELECT * FROM tasks.tasks WHERE kind = 'solve_exception'"))
    assert (owner.role, task.role) == ("experience", "experience")
    await clean(house)


async def test_what_comes_to_wait_later_is_told_too(house: Shop) -> None:
    """Its promise was another one: it is not broken silently because something else waits already."""
    await stocked(house, "dc-london:1")
    await stocked(house, "dc-leeds:1", "TEE-01")
    placed = await bought(house, sent(), sent(sku="TEE-01"))
    for number in (1, 2):
        await house.run.perform(SYSTEM, refuse_work, work_id=child_id(placed.order_id, number), reason="no")
    assert [kind for kind, _ in await house.said()] == ["confirmed", "waiting", "waiting"]
    async with house.run.reading() as read:
        facts = await read.all(
            text("SELECT facts FROM messages.messages WHERE kind = 'waiting' ORDER BY message_no")
        )
    assert [len(row.facts["items"]) for row in facts] == [1, 2]
    assert await promised(house, placed.order_id) == [
        ("delivered_by", "broken"), ("delivered_by", "broken"), ("news_by", "made"),
    ]  # fmt: skip
    await clean(house)


async def test_it_goes_on_when_stock_lands_anywhere_that_may_serve(house: Shop) -> None:
    placed = await parked(house)
    await landed(house, NORTH, 1)
    assert await plan_of(house, placed.order_id) == "", "a line is served whole or not at all"
    await landed(house, NORTH, 4)
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    assert await causes(house, placed.order_id) == ["placed", "refused", "stock_landed"]
    assert (await promised(house, placed.order_id))[1:] == [("news_by", "kept"), ("delivered_by", "made")]
    async with house.run.reading() as read:
        assert await read.value(text("SELECT state FROM tasks.tasks WHERE key LIKE 'parked:%'")) == "done"
    await clean(house)


async def test_the_part_a_place_refused_does_not_come_back_to_it(house: Shop) -> None:
    """The unit it freed lies there for others; for this order the place said no."""
    await stocked(house, "dc-london:3")
    placed = await bought(house, sent(3))
    work_id = child_id(placed.order_id, 1)
    await house.run.perform(SYSTEM, refuse_work, work_id=work_id, reason="one is broken", units={1: 1})
    await landed(house, NEAR, 9)
    assert await plan_of(house, placed.order_id) == "dc-london:2"
    await landed(house, NORTH, 1)
    assert await plan_of(house, placed.order_id) == "dc-london:2 dc-leeds:1"
    await clean(house)


@pytest.mark.parametrize("how", ["resumed", "the clock"])
async def test_it_goes_on_when_a_pause_ends_where_stock_is(house: Shop, clock: Clock, how: str) -> None:
    leeds = house.places[NORTH].location_id
    placed = await parked(house)
    until = clock() + timedelta(hours=1)
    pausing = {"method": "ship", "reason": "no cartons"}
    await house.run.perform(SYSTEM, capacity.pause, leeds, until=until, **pausing)
    await stocked(house, "dc-leeds:2")
    await settle(house.run, REACTIONS)
    assert await plan_of(house, placed.order_id) == "", "the place is paused"
    if how == "resumed":
        await house.run.perform(SYSTEM, capacity.resume, leeds, method="ship")
    else:
        assert not await end_pauses(house.run)
        await settle(house.run, REACTIONS)
        assert await plan_of(house, placed.order_id) == "", "not before its time"
        clock.forward(minutes=61)
        assert not await end_pauses(house.run)
    await settle(house.run, REACTIONS)
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"


async def test_who_waits_longest_is_served_first(house: Shop, clock: Clock) -> None:
    first = await parked(house)
    clock.forward(minutes=5)
    await stocked(house, "dc-london:0")
    second = await parked(house, reference="W-2")
    await landed(house, NORTH, 2)
    assert await plan_of(house, first.order_id) == "dc-leeds:2"
    assert await plan_of(house, second.order_id) == ""
    await clean(house)


async def test_who_needs_more_than_there_is_does_not_starve_who_stands_behind(
    house: Shop, clock: Clock
) -> None:
    """More than one turn of them, so that the last two are reached by an event of their own, each once."""
    behind = []
    for number in range(AT_ONCE + 2):
        clock.forward(minutes=1)
        behind.append(await parked(house, 3 if number < AT_ONCE else 1, reference=f"S-{number}"))
    await stocked(house, "dc-leeds:2")
    await settle(house.run, REACTIONS)
    assert [await plan_of(house, one.order_id) for one in behind[-3:]] == ["", "dc-leeds:1", "dc-leeds:1"]


async def test_a_parked_order_is_canceled_like_any_other(house: Shop) -> None:
    placed = await parked(house)
    await house.run.perform(SYSTEM, cancel, placed.order_id, reason="no more patience")
    assert (await promised(house, placed.order_id))[-1] == ("news_by", "released")
    async with house.run.reading() as read:
        assert await read.value(text("SELECT count(*) FROM watch.ownership")) == 0
    await clean(house)


async def test_when_the_day_of_news_comes_they_hear_it_once_more_then_a_person_calls(
    house: Shop, clock: Clock
) -> None:
    placed = await parked(house)
    for times in (1, 2):
        clock.forward(days=2, minutes=1)
        key = (0, WaitsFor.STOCK)
        await house.run.perform(SYSTEM, look_at, order_id=placed.order_id, key=key)
        told = [kind for kind, _ in await house.said()]
        assert told == ["confirmed", *["waiting"] * 2, *["correction"] * (times - 1)]
        await clean(house)
    assert (await promised(house, placed.order_id))[1:] == [("news_by", "re_promised"), ("news_by", "broken")]
    async with house.run.reading() as read:
        assert (
            await read.value(text("SELECT count(*) FROM tasks.tasks WHERE key LIKE 'parked-too-long:%'")) == 1
        )


@pytest.mark.parametrize("how", ["found", "canceled"])
async def test_once_it_is_over_nobody_is_asked_to_look_for_it_any_more(
    house: Shop, clock: Clock, how: str
) -> None:
    """Also when the news was owed twice and a person was to call."""
    placed = await parked(house)
    for _ in (1, 2):
        clock.forward(days=2, minutes=1)
        await house.run.perform(SYSTEM, look_at, order_id=placed.order_id, key=(0, WaitsFor.STOCK))
    if how == "found":
        await landed(house, NORTH, 2)
        assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    else:
        await house.run.perform(SYSTEM, cancel, placed.order_id, reason="no more patience")
    async with house.run.reading() as read:
        rows = await read.all(
            text("SELECT key, state FROM tasks.tasks WHERE key LIKE 'parked%' ORDER BY key")
        )
        troubles = await watch.open_exceptions(read, placed.order_id)
    assert [row.state for row in rows] == ["done", "done"]
    assert troubles == []
    await clean(house)
