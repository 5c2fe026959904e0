"""Goods that will not leave in time: another place, a new day once, or a person; places whose hours change or that close."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ambidex.domains import watch as watch_domain
from ambidex.domains.locations import LocationKind
from ambidex.domains.watch import WaitsFor
from ambidex.flows.accept_work import accept_work
from ambidex.flows.place_order import Placed
from ambidex.flows.watch import look_at, sweep
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import child_id
from tests.conftest import Clock
from tests.flows.parcels import sender
from tests.flows.test_route_order import (
    NEAR,
    SENDS,
    bought,
    causes,
    clean,
    plan_of,
    promised,
    sent,
    stocked,
    three_warehouses,
)
from tests.shop import Shop, associate


@pytest.fixture
async def house(shop: Shop) -> Shop:
    return await three_warehouses(shop)


async def looked_at(house: Shop, placed: Placed, *, work_no: int = 1) -> None:
    key = (work_no, WaitsFor.DISPATCH)
    await house.run.perform(SYSTEM, look_at, order_id=placed.order_id, key=key)


async def test_nobody_answered_before_it_had_to_leave(house: Shop, clock: Clock) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(2))
    clock.now = clock.now.replace(hour=17, minute=51)
    await looked_at(house, placed)
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    assert await causes(house, placed.order_id) == ["placed", "lapsed"]
    assert [kind for kind, _ in await house.said()] == ["confirmed", "late"], "it cannot leave today any more"
    await clean(house)


async def test_what_does_not_leave_in_time_is_promised_once_more_then_a_person_calls(
    house: Shop, clock: Clock
) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(2))
    omar = associate(house.places[NEAR], "Omar Haddad")
    await house.run.perform(omar, accept_work, work_id=child_id(placed.order_id, 1))
    told = [["confirmed", "late"], ["confirmed", "late", "correction"]]
    for expected in told:
        clock.now = clock.now.replace(hour=17, minute=51)
        await looked_at(house, placed)
        assert [kind for kind, _ in await house.said()] == expected
        clock.forward(days=1)
        await clean(house)
    assert await promised(house, placed.order_id) == [
        ("delivered_by", "re_promised"),
        ("delivered_by", "broken"),
    ]


async def test_a_place_that_closes_for_good_gives_its_work_to_others(house: Shop, clock: Clock) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(2))
    await house.place(
        NEAR, kind=LocationKind.WAREHOUSE, capabilities=SENDS, latitude=51.5, longitude=-0.1,
        closed_from=clock.now.date(),
    )  # fmt: skip
    await house.run.perform(SYSTEM, watch_domain.look_now, [house.places[NEAR].location_id])
    await looked_at(house, placed)
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    async with house.run.reading() as read:
        assert await read.value(text("SELECT count(*) FROM watch.exceptions")) == 0, "nobody needs to look"
    await clean(house)


async def test_hours_that_change_send_it_from_elsewhere(house: Shop, clock: Clock) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(2))
    await house.place(
        NEAR, kind=LocationKind.WAREHOUSE, capabilities=SENDS, latitude=51.5, longitude=-0.1,
        exceptions={"2026-03-03": []},
    )  # fmt: skip
    await house.run.perform(SYSTEM, watch_domain.look_now, [house.places[NEAR].location_id])
    clock.forward(seconds=1)
    assert await sweep(house.run) > 0
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    assert await causes(house, placed.order_id) == ["placed", "hours_changed"]
    await clean(house)


async def test_parcels_in_a_place_that_closed_for_good_are_a_persons(shop: Shop, clock: Clock) -> None:
    at = await sender(shop, clock, mug_01=1)
    await at.until_picked()
    await at.pack()
    await shop.place("camden", capabilities=frozenset({"ship"}), closed_from=clock.now.date())
    await shop.run.perform(SYSTEM, watch_domain.look_now, [shop.places["camden"].location_id])
    key = (1, WaitsFor.DISPATCH)
    await shop.run.perform(SYSTEM, look_at, order_id=at.order_id, key=key)
    assert await promised(shop, at.order_id) == [("delivered_by", "broken")]
    async with shop.run.reading() as read:
        kinds = await read.all(text("SELECT kind FROM watch.exceptions WHERE state = 'open'"))
    assert [one.kind for one in kinds] == ["place-closed"]
    await clean(shop)
