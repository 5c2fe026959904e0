"""What is to be sent and loses its place finds another one at once; what nobody can send waits with an owner and a day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import fulfillment, orders, routing
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.flows import replay_routing
from ambidex.flows.accept_work import accept_work
from ambidex.flows.place_order import Placed
from ambidex.flows.refuse_work import refuse_work, take_back
from ambidex.flows.short_pick import short_pick
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, child_id
from ambidex.reads.audit import audit
from ambidex.reads.audit_checks import AUDIT
from ambidex.reads.orders import overviews
from tests.conftest import Clock
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop, associate

SENDS = frozenset({"ship"})
TO_CAMDEN: dict[str, Any] = {
    "address": {
        "line1": "7 Arlington Road",
        "postcode": "NW1 7ES",
        "country": "GB",
        "latitude": 51.536,
        "longitude": -0.141,
    }
}
NEAR, NORTH, FAR = "dc-london", "dc-leeds", "dc-cork"


@pytest.fixture
async def house(shop: Shop) -> Shop:
    return await three_warehouses(shop)


async def three_warehouses(shop: Shop) -> Shop:
    """London, Leeds, Cork."""
    for code, north, east in ((NEAR, 51.5, -0.1), (NORTH, 53.8, -1.5), (FAR, 51.9, -8.5)):
        await shop.place(
            code, kind=LocationKind.WAREHOUSE, capabilities=SENDS, latitude=north, longitude=east
        )
    return shop


def sent(quantity: int = 1, sku: str = "MUG-01") -> Any:
    return wanted(sku, quantity, place=None, method=Method.SHIP)


async def bought(house: Shop, *lines: Any, **more: Any) -> Placed:
    return await place(house.run, asked(*lines, **{**TO_CAMDEN, **more}))


async def stocked(house: Shop, said: str, sku: str = "MUG-01") -> None:
    """`"dc-london:2 dc-leeds:1"`."""
    for part in said.split():
        where, units = part.split(":")
        await house.shelf(where, sku, int(units))


async def plan_of(house: Shop, order_id: OrderId) -> str:
    """Open works as `"dc-london:2 dc-leeds:1"`."""
    async with house.run.reading() as read:
        works = await fulfillment.works_of(read, order_id)
    codes = {one.location_id: code for code, one in house.places.items()}
    return " ".join(f"{codes[work.location_id]}:{work.wanted}" for work in works if work.is_open)


async def causes(house: Shop, order_id: OrderId) -> list[str]:
    async with house.run.reading() as read:
        return [one.cause for one in await routing.ask.receipts(read, order_id)]


async def promised(house: Shop, order_id: OrderId) -> list[tuple[str, str]]:
    async with house.run.reading() as read:
        rows = await read.all(
            text("SELECT kind, state FROM promises.promises WHERE order_id = :o ORDER BY promise_no"),
            {"o": order_id},
        )
    return [(row.kind, row.state) for row in rows]


async def clean(house: Shop) -> None:
    async with house.run.reading() as read:
        found = (await audit(read)).violations
    assert [one for one in found if one.invariant != AUDIT] == [], "nobody publishes here, so AUDIT has none"


async def lines_of(house: Shop, order_id: OrderId) -> list[dict[str, int]]:
    async with house.run.reading() as read:
        order = await orders.order(read, order_id)
    return [{state.value: n for state, n in line.counts.items() if n} for line in order.lines]


@pytest.mark.parametrize(
    ("stock", "units", "plan"),
    [
        # one place has all: the near one
        ("dc-london:5 dc-leeds:9", 3, "dc-london:3"),
        # one parcel from farther away rather than two
        ("dc-london:1 dc-leeds:9", 3, "dc-leeds:3"),
        # nobody has all: two parcels
        ("dc-london:1 dc-leeds:2", 3, "dc-london:1 dc-leeds:2"),
        ("dc-cork:3", 3, "dc-cork:3"),
    ],
)
async def test_an_order_is_sent_from_where_the_engine_decides(
    house: Shop, stock: str, units: int, plan: str
) -> None:
    await stocked(house, stock)
    placed = await bought(house, sent(units))
    assert sorted((await plan_of(house, placed.order_id)).split()) == sorted(plan.split())
    assert await causes(house, placed.order_id) == ["placed"]
    kinds = await promised(house, placed.order_id)
    assert kinds == [("delivered_by", "made")] * len(plan.split())
    assert await lines_of(house, placed.order_id) == [{"reserved": units}]
    await clean(house)


async def test_what_was_placed_is_what_would_be_read(house: Shop) -> None:
    await stocked(house, "dc-london:1 dc-leeds:2")
    placed = await bought(house, sent(3))
    async with house.run.reading() as read:
        assert (await overviews(read, [placed.order_id]))[placed.order_id] == placed.view


async def test_the_promise_is_the_day_it_arrives_with_the_deadlines_of_the_place(house: Shop) -> None:
    await stocked(house, "dc-london:5")
    placed = await bought(house, sent())
    async with house.run.reading() as read:
        [promise] = await read.all(text("SELECT * FROM promises.promises"))
        dogs = await read.all(text("SELECT waits_for, due_at FROM watch.watchdogs ORDER BY due_at"))
    assert [dog.waits_for for dog in dogs] == ["accept", "dispatch"]
    assert set(promise.milestones) == {"accepted", "pick_begun", "picked", "packed", "dispatched"}
    assert dogs[1].due_at.isoformat() == "2026-03-03T18:00:00+00:00", "the cut-off of a warehouse"
    assert promise.due_at.isoformat() == "2026-03-04T18:00:00+00:00", "a day on the road"
    [message] = list(placed.view.promises)
    assert (message.kind, message.at) == ("delivered_by", promise.due_at)


async def test_a_refusal_sends_it_from_elsewhere_in_the_same_moment(house: Shop) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(2))
    await house.run.perform(SYSTEM, refuse_work, work_id=child_id(placed.order_id, 1), reason="flooded")
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    assert await causes(house, placed.order_id) == ["placed", "refused"]
    assert await promised(house, placed.order_id) == [
        ("delivered_by", "re_promised"),
        ("delivered_by", "made"),
    ]
    assert [kind for kind, _ in await house.said()] == ["confirmed"], "the day did not change, nobody is told"
    assert (await house.stock(NEAR, "MUG-01")).reserved == 0
    await clean(house)


async def test_the_customer_hears_of_it_when_the_day_changes(house: Shop) -> None:
    await stocked(house, "dc-london:5 dc-cork:5")
    placed = await bought(house, sent(2))
    await house.run.perform(SYSTEM, refuse_work, work_id=child_id(placed.order_id, 1), reason="flooded")
    assert await plan_of(house, placed.order_id) == "dc-cork:2"
    assert [kind for kind, _ in await house.said()] == ["confirmed", "late"]
    await clean(house)


async def test_once_its_day_is_lost_it_comes_as_soon_as_it_is_worth_and_not_days_later_for_a_coin(
    house: Shop, clock: Clock
) -> None:
    """London says no in the evening: nobody keeps the promised Wednesday. Luton is cheaper and opens on Friday, Leeds sends on Wednesday."""
    friday = {"4": [["09:00", "21:00"]]}
    await house.place(
        "dc-luton",
        kind=LocationKind.WAREHOUSE,
        capabilities=SENDS,
        latitude=51.88,
        longitude=-0.42,
        week=friday,
    )
    await stocked(house, "dc-london:5 dc-luton:5 dc-leeds:5")
    placed = await bought(house, sent(2))
    clock.forward(hours=8)
    await house.run.perform(SYSTEM, refuse_work, work_id=child_id(placed.order_id, 1), reason="flooded")

    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    async with house.run.reading() as read:
        [_, one] = await routing.ask.receipts(read, placed.order_id)
        policies = await routing.ask.policies(read, [(one.brand, one.version)])
        rows = await read.all(text("SELECT due_at FROM promises.promises ORDER BY promise_no"))
    assert [row.due_at.isoformat() for row in rows] == [
        "2026-03-04T18:00:00+00:00",
        "2026-03-05T18:00:00+00:00",
    ]
    receipt = routing.stored.receipt_of(one.receipt)
    assert receipt.chosen.parts[0].costs["lateness"] == 24 * 20_000  # type: ignore[index]  # by its word
    assert receipt.runner_up is not None
    assert receipt.runner_up.sites == ("dc-luton",)
    dearer = [plan.cost - plan.parts[0].costs["lateness"] for plan in (receipt.chosen, receipt.runner_up)]  # type: ignore[index]  # by its word
    assert 0 < dearer[0] - dearer[1] < 100_000, "Leeds costs some pence more"
    assert replay_routing.differing([one], policies) == []
    older = {name: value for name, value in one.snapshot.items() if name != "engine"}
    then = routing.plan(replace(one, snapshot=older).seen_by(policies[one.brand, one.version]))
    assert then.sites == ("dc-luton",), "the control: an engine that counts no hours after a promise"
    assert [kind for kind, _ in await house.said()] == ["confirmed", "late"]
    await clean(house)


async def test_a_place_that_said_no_is_not_asked_again(house: Shop) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5 dc-cork:5")
    placed = await bought(house, sent(2))
    for number, last in ((1, NEAR), (2, NORTH), (3, FAR)):
        assert await plan_of(house, placed.order_id) == f"{last}:2"
        work_id = child_id(placed.order_id, number)
        await house.run.perform(SYSTEM, refuse_work, work_id=work_id, reason="no")
    assert await plan_of(house, placed.order_id) == ""
    assert await lines_of(house, placed.order_id) == [{"backordered": 2}]
    async with house.run.reading() as read:
        receipt = (await routing.ask.receipts(read, placed.order_id))[-1].receipt
    assert receipt["out"] == {"no": [FAR], "refused this order": [NORTH, NEAR]}
    await clean(house)


async def test_part_of_it_refused_keeps_what_the_place_can_do(house: Shop) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(3))
    await house.run.perform(
        SYSTEM, refuse_work, work_id=child_id(placed.order_id, 1), reason="one is broken", units={1: 1}
    )
    assert await plan_of(house, placed.order_id) == "dc-london:2 dc-leeds:1"
    assert await causes(house, placed.order_id) == ["placed", "refused_in_part"]
    await clean(house)


async def test_what_is_short_comes_from_elsewhere(house: Shop) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(2))
    work_id = child_id(placed.order_id, 1)
    omar = associate(house.places[NEAR], "Omar Haddad")
    await house.run.perform(omar, accept_work, work_id=work_id)
    await house.run.perform(omar, short_pick, work_id=work_id, line_no=1, quantity=1, reason="not there")
    assert await plan_of(house, placed.order_id) == "dc-london:1 dc-leeds:1"
    assert await causes(house, placed.order_id) == ["placed", "short"]
    await clean(house)


async def test_another_place_begins_anew(house: Shop) -> None:
    """What the place before had accepted and picked says nothing about the one that keeps the promise now."""
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(1))
    work_id = child_id(placed.order_id, 1)
    omar = associate(house.places[NEAR], "Omar Haddad")
    await house.run.perform(omar, accept_work, work_id=work_id)
    await house.run.perform(omar, short_pick, work_id=work_id, line_no=1, quantity=1, reason="not there")
    assert await plan_of(house, placed.order_id) == "dc-leeds:1"
    async with house.run.reading() as read:
        reached = await read.value(text("SELECT reached FROM promises.promises WHERE state = 'made'"))
        waiting = await read.all(
            text("SELECT waits_for FROM watch.watchdogs WHERE state = 'armed' ORDER BY due_at")
        )
    assert reached == {}
    assert [dog.waits_for for dog in waiting] == ["accept", "dispatch"]
    await clean(house)


async def test_what_was_taken_back_goes_elsewhere(house: Shop) -> None:
    await stocked(house, "dc-london:5 dc-leeds:5")
    placed = await bought(house, sent(2))
    await house.run.perform(SYSTEM, take_back, work_id=child_id(placed.order_id, 1), cause="paused")
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    assert await causes(house, placed.order_id) == ["placed", "taken_back"]
    await clean(house)


async def test_an_order_is_not_tossed_around_for_ever(house: Shop) -> None:
    for number in range(8):
        await house.place(f"dc-{number}", kind=LocationKind.WAREHOUSE, capabilities=SENDS)
        await stocked(house, f"dc-{number}:1")
    placed = await bought(house, sent())
    for number in range(1, 7):
        await house.run.perform(SYSTEM, refuse_work, work_id=child_id(placed.order_id, number), reason="no")
    assert await plan_of(house, placed.order_id) == ""
    assert await lines_of(house, placed.order_id) == [{"backordered": 1}]
    assert len(await causes(house, placed.order_id)) == 6, "the last refusal asked nobody"
    await clean(house)


async def test_what_another_system_sold_and_nobody_has_is_parked(house: Shop) -> None:
    await stocked(house, "dc-london:1")
    placed = await place(house.run, asked(sent(3), **TO_CAMDEN), sold_elsewhere=True)
    assert await plan_of(house, placed.order_id) == "dc-london:1"
    assert await lines_of(house, placed.order_id) == [{"reserved": 1, "backordered": 2}]
    await clean(house)
