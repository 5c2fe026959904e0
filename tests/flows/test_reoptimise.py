"""Open orders decided together: what is scarce goes where it saves most, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ambidex.domains import fulfillment, routing
from ambidex.domains.locations import LocationKind
from ambidex.flows.accept_work import accept_work
from ambidex.flows.offered_sendings import saved
from ambidex.flows.refuse_work import take_back
from ambidex.flows.reoptimise import CAUSE, Sweep, reoptimise
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, child_id
from ambidex.runtime.db import PinnedDatabase
from bench.writes import counted
from tests.domains.routing.shop_floor import DAY, NOW, PLAIN, told
from tests.flows.test_route_order import (
    FAR,
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
from tests.shop import Shop, associate

PLYMOUTH: dict[str, Any] = {
    "address": {
        "line1": "3 Hoe Road",
        "postcode": "PL1 2PA",
        "country": "GB",
        "latitude": 50.37,
        "longitude": -4.14,
    }
}
BRISTOL: dict[str, Any] = {
    "address": {
        "line1": "9 Park Row",
        "postcode": "BS1 5LJ",
        "country": "GB",
        "latitude": 51.45,
        "longitude": -2.6,
    }
}


@pytest.fixture
async def house(shop: Shop) -> Shop:
    return await three_warehouses(shop)


async def two_orders(house: Shop, first: dict[str, Any]) -> tuple[OrderId, OrderId]:
    """The first, from afar, takes the only mug of London; the second, in London, gets the one of Cork."""
    await stocked(house, "dc-london:1 dc-cork:1")
    one = await bought(house, sent(), reference="W-1", **first)
    other = await bought(house, sent(), reference="W-2")
    assert await plan_of(house, one.order_id) == "dc-london:1"
    assert await plan_of(house, other.order_id) == "dc-cork:1"
    return one.order_id, other.order_id


async def test_the_unit_goes_where_it_saves_most_with_the_cause_in_both_receipts(house: Shop) -> None:
    one, other = await two_orders(house, PLYMOUTH)

    assert await house.run.perform(SYSTEM, reoptimise, [one, other]) == 2

    assert await plan_of(house, one) == "dc-cork:1"
    assert await plan_of(house, other) == "dc-london:1"
    for order_id in (one, other):
        assert await causes(house, order_id) == ["placed", CAUSE]
        assert await lines_of(house, order_id) == [{"reserved": 1}]
        assert [kind for kind, state in await promised(house, order_id) if state == "made"] == [
            "delivered_by"
        ]
    await clean(house)


async def test_the_receipt_of_a_window_replays_to_the_bit(house: Shop) -> None:
    one, other = await two_orders(house, PLYMOUTH)
    await house.run.perform(SYSTEM, reoptimise, [one, other])

    async with house.run.reading() as read:
        kept = (await routing.ask.receipts(read, one))[-1]
        policy, _ = (await routing.rulebook(read)).version_for("", one)
    again = routing.decide(kept.seen_by(policy)).receipt
    assert routing.stored.receipt_json(again) == kept.receipt


async def test_a_promise_that_was_made_is_not_broken_for_it(house: Shop) -> None:
    """From Cork it would reach Bristol a day later than it was promised from London."""
    one, other = await two_orders(house, BRISTOL)

    assert await house.run.perform(SYSTEM, reoptimise, [one, other]) == 0
    assert await causes(house, one) == ["placed"]


async def test_what_somebody_accepted_or_a_window_moved_once_stays(house: Shop) -> None:
    one, other = await two_orders(house, PLYMOUTH)
    async with house.run.reading() as read:
        work = (await fulfillment.works_of(read, one))[0]
    await house.run.perform(associate(house.places[NEAR]), accept_work, work_id=child_id(one, work.work_no))

    assert await house.run.perform(SYSTEM, reoptimise, [one, other]) == 0
    assert await plan_of(house, one) == "dc-london:1"


async def test_the_sweep_moves_each_order_at_most_once(house: Shop) -> None:
    one, other = await two_orders(house, PLYMOUTH)
    sweep = Sweep()

    assert await sweep.step(house.run) is False
    assert await plan_of(house, one) == "dc-cork:1"
    await stocked(house, f"{NEAR}:5 {FAR}:5")
    assert await sweep.step(house.run) is False
    assert await causes(house, one) == await causes(house, other) == ["placed", CAUSE]


async def parted(house: Shop) -> OrderId:
    """Two mugs from two places, as nobody had both; then Leeds has them."""
    await stocked(house, "dc-london:1 dc-cork:1")
    placed = await bought(house, sent(2), reference="W-1")
    assert sorted((await plan_of(house, placed.order_id)).split()) == ["dc-cork:1", "dc-london:1"]
    await stocked(house, f"{NORTH}:4")
    return placed.order_id


async def test_two_offered_works_become_one_parcel_with_one_promise(house: Shop) -> None:
    order_id = await parted(house)
    before = await promised(house, order_id)

    assert await house.run.perform(SYSTEM, reoptimise, [order_id]) == 1

    assert await plan_of(house, order_id) == "dc-leeds:2"
    assert await causes(house, order_id) == ["placed", CAUSE]
    assert await lines_of(house, order_id) == [{"reserved": 2}]
    assert before == [("delivered_by", "made")] * 2
    assert sorted(state for _, state in await promised(house, order_id)) == [
        "made",
        "re_promised",
        "released",
    ]
    await clean(house)


def test_hours_after_the_first_promise_are_no_money_that_moving_saves() -> None:
    """What B sends was promised for later. C would bring all of it by the first promise, for more money: it stays."""
    rates = replace(PLAIN, late_hour=1_000)
    snapshot = told("A mug:2, B mug:2, C mug:2", "mug 2", rates=rates, far={"C": 2_600_000})
    sites = [replace(site, leaves_at=NOW + 5 * DAY * (site.code == "B")) for site in snapshot.network.sites]
    demand = replace(snapshot.demand, promised_by=NOW + 2 * DAY, is_promised=True)
    snapshot = replace(snapshot, network=routing.Network(sites), demand=demand)
    moved = routing.plan(replace(snapshot, out={"A": ("paused",), "B": ("paused",)}))
    held: Any = SimpleNamespace(held={"A": {1: 1}, "B": {1: 1}})

    assert moved.sites == ("C",)
    assert saved(held, snapshot, moved) == 2 * 500 + 100 - (500 + 28_911)


async def test_the_sweep_finds_an_order_with_two_works(house: Shop) -> None:
    order_id = await parted(house)
    other = await bought(house, sent(), reference="W-2")
    await Sweep().step(house.run)
    assert await plan_of(house, order_id) == "dc-leeds:2"
    assert len((await plan_of(house, other.order_id)).split()) == 1
    await clean(house)


async def test_two_works_of_which_one_is_accepted_stay(house: Shop) -> None:
    order_id = await parted(house)
    async with house.run.reading() as read:
        work = (await fulfillment.works_of(read, order_id))[0]
    at = next(place for place in house.places.values() if place.location_id == work.location_id)
    await house.run.perform(associate(at), accept_work, work_id=child_id(order_id, work.work_no))
    assert await house.run.perform(SYSTEM, reoptimise, [order_id]) == 0


async def test_works_that_were_taken_back_do_not_count_as_given_back(house: Shop) -> None:
    """A pause or a window that took an order from six places leaves it to the seventh, not to a person."""
    for number in range(8):
        await house.place(f"dc-{number}", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
        await stocked(house, f"dc-{number}:1")
    placed = await bought(house, sent())
    for number in range(1, 7):
        work_id = child_id(placed.order_id, number)
        await house.run.perform(SYSTEM, take_back, work_id=work_id, cause="paused")
    assert len((await plan_of(house, placed.order_id)).split()) == 1
    assert await lines_of(house, placed.order_id) == [{"reserved": 1}]


async def test_what_is_asked_does_not_grow_with_the_orders(house: Shop) -> None:
    await stocked(house, f"{NEAR}:50 {FAR}:50")
    placed = [(await bought(house, sent(), reference=f"W-{n}")).order_id for n in range(9)]
    database = house.run.database
    assert isinstance(database, PinnedDatabase)
    counts = []
    for many in (placed[:2], placed[:2], placed):
        async with counted(database.pinned) as writes:
            assert await house.run.perform(SYSTEM, reoptimise, many) == 0
        counts.append(writes.statements)
    assert counts[1] == counts[2]
