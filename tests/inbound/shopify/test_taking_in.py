"""Orders of the shop become ours exactly once, follow it, and what cannot be known is parked, never guessed."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import payments
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import LineState, Order, OrderState
from ambidex.flows import repair_message, shop_words, take_in
from ambidex.flows.shop_port import SYSTEMS
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.runtime.masks import shown
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.inbound.platform import CODE, Platform, body_of
from tests.payloads import sample
from tests.shop import Shop


def counts(order: Order) -> dict[LineState, int]:
    total: dict[LineState, int] = {}
    for line in order.lines:
        for state, units in line.counts.items():
            total[state] = total.get(state, 0) + units
    return total


async def money_of(run: Run, order: Order) -> tuple[str, str]:
    async with run.reading() as read:
        money = await payments.money(read, order.order_id)
    return money.captured.decimal, money.refunded.decimal


async def test_a_pickup_is_placed_at_the_place_the_shop_says(platform: Platform, shop: Shop) -> None:
    sold = platform.sell(("MUG-01", 2))
    [message] = await platform.deliver()
    order = await platform.taken(sold)
    assert (message.state, message.outcome) == ("applied", "placed")
    assert (order.source_number, order.contact.name, order.total) == (
        sold["name"], "Ama Owusu", Money.parse("39.80", "GBP"),
    )  # fmt: skip
    [line] = order.lines
    assert (line.method, line.location_id) == ("pickup", shop.places["camden"].location_id)
    assert counts(order) == {LineState.RESERVED: 2}
    assert await money_of(platform.run, order) == ("39.80", "0.00")
    assert (await shop.stock("camden", "MUG-01")).reserved == 2


def numbered(platform: Platform, order: int, line: int) -> dict[str, Any]:
    """Sold there under these numbers."""
    sold = platform.sell(("MUG-01", 2))
    [work] = platform.fake.works.pop(sold["id"])
    sold["id"], sold["line_items"][0]["id"] = order, line
    work["order_id"], work["line_items"][0]["line_item_id"] = order, line
    platform.fake.orders[order], platform.fake.works[order] = sold, [work]
    return sold


async def test_numbers_beyond_64_bits_stay_what_they_are(platform: Platform) -> None:
    """Order and line are named as the shop names them, to the last digit; what was sent is kept byte by byte."""
    for last in (3, 4):
        order_there, line_there = 12345678901234567890120 + last, 98765432109876543210 + last
        sold = numbered(platform, order_there, line_there)
        body = json.dumps({**sold, "far": 1}).replace('"far": 1', '"far": 1e400').encode()
        message = await platform.deliver_body("orders/create", body)
        assert (message.state, message.outcome) == ("applied", "placed"), message.reason
        assert message.body == body
        assert str(line_there) in shown(message.body)
        order = await platform.taken(sold)
        assert order.reference == str(order_there)
        assert [line.source_line for line in order.lines] == [str(line_there)]


async def test_sent_twice_it_is_one_order(platform: Platform) -> None:
    sold = platform.sell()
    hooks = platform.hooks()
    again = platform.fake.webhook("orders/create", sold)
    messages = await platform.deliver([*hooks, *hooks, again])
    assert [m.state for m in messages] == ["applied"] * 3
    assert messages[0].message_id == messages[1].message_id
    assert counts(await platform.taken(sold)) == {LineState.RESERVED: 2}


async def test_an_older_version_never_overwrites_a_newer(platform: Platform, clock: Clock) -> None:
    sold = platform.sell()
    [first] = platform.hooks()
    clock.forward(minutes=5)
    sold["email"] = "ama.owusu@example.com"
    platform.fake.tag(sold["id"], "gift")
    [newer] = platform.hooks()
    messages = await platform.deliver([newer, first])
    assert (await platform.taken(sold)).contact.email == "ama.owusu@example.com"
    assert messages[1].outcome == "older than what is known"


async def test_canceled_there_is_canceled_here(platform: Platform, shop: Shop, clock: Clock) -> None:
    sold = platform.sell()
    await platform.deliver()
    clock.forward(minutes=3)
    platform.fake.cancel(sold["id"])
    await platform.deliver()
    order = await platform.taken(sold)
    assert (order.state, counts(order)) == (OrderState.CANCELED, {LineState.CANCELED: 2})
    assert await money_of(platform.run, order) == ("39.80", "39.80")
    assert (await shop.stock("camden", "MUG-01")).reserved == 0


async def test_a_cancellation_that_overtakes_ends_the_same(platform: Platform, clock: Clock) -> None:
    sold = platform.sell()
    created = platform.hooks()
    clock.forward(minutes=3)
    platform.fake.cancel(sold["id"])
    await platform.deliver([*platform.hooks(), *created])
    order = await platform.taken(sold)
    assert (order.state, counts(order)) == (OrderState.CANCELED, {LineState.CANCELED: 2})
    assert await money_of(platform.run, order) == ("39.80", "39.80")


@pytest.mark.parametrize("late", [False, True])
async def test_a_refund_in_part_cancels_these_units(platform: Platform, clock: Clock, *, late: bool) -> None:
    sold = platform.sell()
    created = platform.hooks()
    clock.forward(minutes=3)
    line = sold["line_items"][0]["id"]
    platform.fake.refund(sold["id"], {line: 1}, amount=Money.parse("19.90", "GBP"))
    refund, update = platform.hooks()
    await platform.deliver([refund, *created, update, refund] if late else [*created, refund, update])
    order = await platform.taken(sold)
    assert counts(order) == {LineState.RESERVED: 1, LineState.CANCELED: 1}
    assert await money_of(platform.run, order) == ("39.80", "19.90")


async def test_fulfilled_there_without_evidence_goes_to_a_person(platform: Platform, clock: Clock) -> None:
    sold = platform.sell()
    await platform.deliver()
    clock.forward(minutes=3)
    platform.fake.fulfill(sold["id"])
    hooks = platform.hooks()
    await platform.deliver([*hooks, *hooks])
    assert counts(await platform.taken(sold)) == {LineState.RESERVED: 2}
    assert await platform.tasks("solve_exception") == [
        "The shop says it was collected; nothing here proves it"
    ]


async def test_sold_there_but_not_on_the_shelf_is_kept_and_owned(platform: Platform) -> None:
    sold = platform.sell(("MUG-01", 12))
    [message] = await platform.deliver()
    assert message.state == "applied"
    assert counts(await platform.taken(sold)) == {LineState.RESERVED: 10, LineState.SHORT: 2}


async def test_everything_unknown_is_parked_at_once_with_an_owner(platform: Platform) -> None:
    sold = platform.sell(("LAMP-X", 1), ("MUG-01", 1), place=9)
    [message] = await platform.deliver()
    assert message.state == "parked"
    assert (
        message.reason
        == 'unknown item "LAMP-X", called Lamp-X there; unknown place "9", called Place 9 there'
    )
    assert message.owner == take_in.OWNER
    assert await platform.order(sold) is None
    assert await platform.tasks("repair_message") == [f"Repair a message of {CODE}"]


async def test_naming_what_was_unknown_sends_all_that_waited_through(platform: Platform, shop: Shop) -> None:
    sold = [platform.sell(("GLAS", 1)), platform.sell(("GLAS", 1))]
    first, second = await platform.deliver()
    await shop.shelf("camden", "GLASS-01", 5)
    named = {"kind": "item", "external": "GLAS", "internal": "GLASS-01"}
    await platform.run.perform(SYSTEM, repair_message.name_and_replay, message_id=first.message_id, **named)
    await platform.apply()
    assert [(await platform.message(m.message_id)).state for m in (first, second)] == ["applied"] * 2
    assert [(await platform.taken(one)).lines[0].sku for one in sold] == ["GLASS-01"] * 2
    assert await platform.tasks("repair_message") == []


async def test_no_fulfillment_order_yet_is_asked_again_then_parked(platform: Platform, clock: Clock) -> None:
    late, never = platform.sell(), platform.sell()
    kept = platform.fake.works.pop(late["id"])
    platform.fake.works.pop(never["id"])
    platform.fake.works |= {late["id"]: [], never["id"]: []}
    first, second = await platform.deliver()
    assert first.state == "stored"
    assert first.reason.startswith("the shop has no fulfillment order for it yet")
    platform.fake.works[late["id"]] = kept
    for _ in range(6):
        clock.forward(minutes=5)
        await platform.apply()
    assert await platform.order(late) is not None
    parked = await platform.message(second.message_id)
    assert (parked.state, parked.attempts) == ("parked", 5)


async def test_a_person_may_say_where_one_order_is_collected(platform: Platform) -> None:
    sold = platform.sell()
    platform.fake.works[sold["id"]][0]["delivery_method"] = None
    [message] = await platform.deliver()
    [(kind, name, called)] = shop_words.unknown_names(message.reason)
    assert (kind, called) == ("place", f"the place to collect {sold['name']}")
    said = {"kind": kind, "external": name, "internal": "camden"}
    await platform.run.perform(SYSTEM, repair_message.name_and_replay, message_id=message.message_id, **said)
    await platform.apply()
    assert counts(await platform.taken(sold)) == {LineState.RESERVED: 2}


async def test_a_place_that_hands_nothing_over_is_said_by_name(platform: Platform, shop: Shop) -> None:
    await shop.place("depot", kind=LocationKind.WAREHOUSE, capabilities=frozenset())
    await platform.register({"5": "depot"})
    platform.sell(place=5)
    [message] = await platform.deliver()
    assert message.state == "parked"
    assert "location" in message.reason


async def test_a_platform_that_is_down_parks_nothing_for_half_an_hour(
    platform: Platform, clock: Clock
) -> None:
    sold = platform.sell()
    platform.fake.moods.down = True
    [message] = await platform.deliver()
    for _ in range(5):
        clock.forward(minutes=5)
        await platform.apply()
    assert (await platform.message(message.message_id)).state == "stored"
    platform.fake.moods.down = False
    clock.forward(minutes=5)
    await platform.apply()
    assert await platform.order(sold) is not None


async def test_what_is_not_collected_or_sent_changes_nothing(platform: Platform) -> None:
    sold = platform.sell(way="none")
    [message] = await platform.deliver()
    assert (message.state, message.outcome) == ("applied", "nothing in it is collected or sent")
    assert await platform.order(sold) is None


async def test_a_place_that_does_not_say_how_is_parked(platform: Platform) -> None:
    sold = platform.sell()
    platform.fake.works[sold["id"]][0]["delivery_method"] = None
    [message] = await platform.deliver()
    assert message.state == "parked"
    assert "does not say whether it is a pickup" in message.reason


@pytest.mark.parametrize("body", [b'{"id": 1', b"\xff\xfe", b"[]", b"{}"])
async def test_signed_nonsense_is_parked(platform: Platform, body: bytes) -> None:
    assert (await platform.deliver_body("orders/create", body)).state == "parked"


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\u202e", "🧵" * 300])
async def test_odd_letters_break_nothing(platform: Platform, odd: str) -> None:
    sold = platform.sell(("MUG-01", 1))
    platform.hooks()
    sold |= {"note": odd, "name": f"#{odd}1", "email": f"{odd}ama@example.com"}
    sold["customer"]["first_name"] = f"Ama{odd}"
    sold["line_items"][0]["title"] = f"Mug{odd}"
    message = await platform.deliver_body("orders/create", body_of(sold))
    assert message.state == "applied", message.reason
    assert (await platform.taken(sold)).contact.name.startswith("Ama")


class Breaking:
    """A kind of system whose reader has a bug."""

    def of_kind(self, kind: str) -> Any:
        return self

    def shop(self, source: Any) -> None:
        return None

    def read(self, topic: str, body: bytes) -> Any:
        raise ZeroDivisionError("a bug of ours")


async def test_a_message_that_always_breaks_is_parked_after_five_tries(
    platform: Platform, clock: Clock
) -> None:
    platform.sell()
    stored = await platform.send(platform.hooks()[0])
    platform.outside = Outside({SYSTEMS: Breaking()})
    for _ in range(6):
        await platform.apply()
        clock.forward(minutes=6)
    parked = await platform.message(stored.message_id)
    assert (parked.state, parked.attempts) == ("parked", 5)
    assert "ZeroDivisionError" in parked.reason


async def test_the_shops_word_on_stock_is_noted_beside_ours(platform: Platform, shop: Shop) -> None:
    def level(units: int, at: str) -> bytes:
        return body_of(
            {"inventory_item_id": 808950810, "location_id": 7, "available": units, "updated_at": at}
        )

    await platform.deliver_body("inventory_levels/update", level(4, "2026-03-03T11:00:00Z"))
    older = await platform.deliver_body("inventory_levels/update", level(9, "2026-03-03T10:00:00Z"))
    async with platform.run.reading() as read:
        row = await read.one(text("SELECT item, place, available FROM channels.stock_reports"))
    assert tuple(row) == ("808950810", "7", 4)
    assert older.outcome == "older than what is known"
    assert (await shop.stock("camden", "MUG-01")).sellable == 10


async def test_everything_odd_in_one_order(platform: Platform, shop: Shop) -> None:
    """Two currencies, a gift card, a tip, part paid, collected at two places: totals agree to the cent."""
    await shop.shelf("kilburn", "MUG-01", 5)
    await platform.register({"71": "camden", "72": "kilburn"})
    body = sample("order-two-currencies.json")
    order = json.loads(body)["order"]
    platform.fake.orders[order["id"]] = order
    platform.fake.works[order["id"]] = [
        {
            "id": place, "order_id": order["id"], "assigned_location_id": place, "status": "open",
            "delivery_method": {"method_type": "pick_up"},
            "line_items": [{"id": place * 10, "line_item_id": 14001, "quantity": units}],
        }
        for place, units in ((71, 1), (72, 2))
    ]  # fmt: skip
    message = await platform.deliver_body("orders/create", body)
    assert message.state == "applied", message.reason
    taken = await platform.taken({"id": 820982911946154508})
    assert [(line.quantity, line.tax.minor, line.discount.minor) for line in taken.lines] == [
        (1, 333, 3),
        (2, 665, 7),
    ]
    assert (taken.total, taken.language) == (Money.parse("84.10", "GBP"), "pt")
    assert await money_of(platform.run, taken) == ("64.10", "0.00")
    assert taken.terms["said_by_source"]["presentment_total"] == "98.25"
