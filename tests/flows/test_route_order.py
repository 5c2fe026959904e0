"""What is to be sent and loses its place finds another one at once; what nobody can send waits with an owner and a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import capacity, fulfillment, orders, routing, watch
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.domains.watch import WaitsFor
from ambidex.flows.accept_work import accept_work
from ambidex.flows.cancel import cancel
from ambidex.flows.pause_place import end_pauses
from ambidex.flows.place_order import Placed
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.refuse_work import refuse_work, take_back
from ambidex.flows.serve_parked import AT_ONCE, serve_parked
from ambidex.flows.short_pick import short_pick
from ambidex.flows.watch import look_at
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, child_id
from ambidex.reads.audit import audit
from ambidex.reads.audit_checks import AUDIT
from ambidex.reads.orders import overviews
from ambidex.runtime.reactions import StoredEvent, settle
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
