"""Another item is offered to a customer who waits: held, asked, taken or not; never a silent change, and the money follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import orders
from ambidex.domains.identity import Role
from ambidex.domains.identity.rules import ROLE_PERMISSIONS
from ambidex.domains.promises import Promise
from ambidex.domains.watch import WaitsFor
from ambidex.flows.cancel import cancel
from ambidex.flows.choose_option import choose
from ambidex.flows.offer_item import (
    CannotBePromised,
    NoOffer,
    OfferIsOpen,
    offer_item,
    withdraw_offer,
)
from ambidex.flows.open_question import NothingToChoose
from ambidex.flows.parking import NothingIsParked
from ambidex.flows.parking_deeds import cancel_parked
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.take_offer import say_for_customer
from ambidex.flows.watch import look_at
from ambidex.flows.what_waits import SoldByAShop
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind, Permission
from ambidex.kernel.ids import OrderId, child_id
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, NotAllowed
from ambidex.kernel.values import replace
from ambidex.reads.uncovered import uncovered
from tests.conftest import Clock
from tests.flows.test_parked import house, landed, parked
from tests.flows.test_route_order import (
    NORTH,
    bought,
    causes,
    clean,
    lines_of,
    plan_of,
    promised,
    sent,
    stocked,
)
from tests.reads.house import tell
from tests.shop import Shop

__all__ = ["house"]
AGENT = Actor("agent", ActorKind.PERSON, "Thandiwe Nkosi", ROLE_PERMISSIONS[Role.AGENT], None)
FLOOR = Actor("floor", ActorKind.PERSON, "Bảo Trần", ROLE_PERMISSIONS[Role.ASSOCIATE], None)
CUSTOMER = Actor(
    "customer", ActorKind.CUSTOMER, "Ama Owusu", frozenset({Permission.ORDERS_CUSTOMER_CHOICE}), None
)
GREEN = "MUG-GREEN"


def gbp(said: str) -> Money:
    return Money.parse(said, "GBP")


async def waits(house: Shop, units: int = 2, *, there: int = 5, price: str = "19.90", **more: Any) -> OrderId:
    """An order of mugs that nobody has, and green mugs in Leeds."""
    placed = await parked(house, units, **more)
    await house.item(GREEN, name="Mug", variant="Green", price=price)
    await house.shelf(NORTH, GREEN, there)
    return placed.order_id


async def offer(house: Shop, order_id: OrderId, **more: Any) -> Promise:
    asked: dict[str, Any] = {"order_id": order_id, "line_no": 1, "item": GREEN, **more}
    promise: Promise = await house.run.perform(AGENT, offer_item, **asked)
    return promise


async def takes(house: Shop, promise: Promise, option: str = "instead") -> None:
    asked: dict[str, Any] = {"order_id": promise.order_id, "promise_no": promise.promise_no, "option": option}
    await house.run.perform(CUSTOMER, choose, **asked)


async def money_of(house: Shop, order_id: OrderId) -> tuple[int, int]:
    """What the order costs, and what is owed back of it."""
    async with house.run.reading() as read:
        order = await orders.order(read, order_id)
        owed = await read.value(
            text("SELECT coalesce(sum(amount_minor), 0) FROM payments.facts WHERE kind = 'refund_due'")
        )
    return order.total.minor, int(owed)


async def test_nothing_changes_before_the_customer_agrees(house: Shop, clock: Clock) -> None:
    order_id = await waits(house)
    promise = await offer(house, order_id)
    assert await lines_of(house, order_id) == [{"backordered": 2}]
    assert (await house.stock(NORTH, GREEN)).held == 2
    assert promise.due_at == clock() + timedelta(hours=24)
    assert [one["words"] for one in promise.facts["options"]] == [
        "Send me 2 × Mug, Green instead", "No, I wait for Mug 01",
    ]  # fmt: skip
    assert (await promised(house, order_id))[1:] == [("news_by", "made"), ("answer_by", "made")]
    async with house.run.reading() as read:
        owner = await read.one(text("SELECT role, next_deadline FROM watch.ownership"))
    assert (owner.role, owner.next_deadline) == ("agent", promise.due_at)
    for _ in range(3):
        await tell(house)
    assert (await house.said())[-1] == ("options", "sent")
    await clean(house)


async def test_agreed_it_is_sent_at_once_and_the_line_is_replaced(house: Shop) -> None:
    order_id = await waits(house)
    await takes(house, await offer(house, order_id))
    assert await lines_of(house, order_id) == [{"substituted": 2}, {"reserved": 2}]
    assert await plan_of(house, order_id) == "dc-leeds:2"
    assert (await causes(house, order_id))[-1] == "another_item"
    assert [state for kind, state in await promised(house, order_id) if kind != "delivered_by"] == [
        "kept",
        "kept",
    ]
    stock = await house.stock(NORTH, GREEN)
    assert (stock.reserved, stock.held) == (2, 0)
    assert await money_of(house, order_id) == (3980, 0)
    async with house.run.reading() as read:
        tasks = await read.all(text("SELECT state FROM tasks.tasks WHERE key LIKE 'parked%'"))
        words = await read.value(
            text("SELECT facts ->> 'choice_words' FROM messages.messages WHERE kind = 'choice-confirmed'")
        )
    assert {one.state for one in tasks} == {"done"}
    assert words.startswith("You get 2 × Mug, Green. Dc Leeds sends it, and it arrives by")
    await clean(house)


@pytest.mark.parametrize(
    ("listed", "asked", "total", "back"),
    [
        # what is listed for less is sold for less, and the difference goes back
        ("15.00", None, 3980, 980),
        # what is listed for more costs no more, unless somebody says so
        ("25.00", None, 3980, 0),
        ("25.00", "21.00", 4200, 0),
        ("25.00", "0", 3980, 3980),
    ],
)
async def test_it_costs_no_more_than_was_agreed(
    house: Shop, listed: str, asked: str | None, total: int, back: int
) -> None:
    order_id = await waits(house, price=listed)
    promise = await offer(house, order_id, **({"price_each": gbp(asked)} if asked else {}))
    await takes(house, promise)
    assert await money_of(house, order_id) == (total, back)
    await clean(house)
    await house.run.perform(SYSTEM, cancel, order_id, reason="changed their mind")
    async with house.run.reading() as read:
        assert (await orders.order(read, order_id)).state.value == "canceled"
    assert (await money_of(house, order_id))[1] == total, "all of it goes back, once"
    await clean(house)


async def test_a_higher_price_is_said_before_they_agree(house: Shop) -> None:
    order_id = await waits(house)
    promise = await offer(house, order_id, price_each=gbp("21.00"))
    assert promise.facts["options"][0]["words"] == "Send me 2 × Mug, Green instead, for 2.20 GBP more"


@pytest.mark.parametrize(("asked", "total"), [(None, 1999), ("0", 1999), ("8.00", 2132)])
async def test_the_coins_of_a_replaced_unit_go_back_once(house: Shop, asked: str | None, total: int) -> None:
    """Three for 19.99 are 6.67, 6.66 and 6.66: another item stands for the first, so the others are worth the rest."""
    await stocked(house, "dc-london:3")
    line = replace(sent(3), unit_price=gbp("6.67"), discount=gbp("0.02"))
    order_id = (await bought(house, line, payments=(orders.NewPayment("captured", gbp("19.99")),))).order_id
    await house.item(GREEN, name="Mug", variant="Green", price="9.00")
    await house.shelf(NORTH, GREEN, 1)
    await house.run.perform(SYSTEM, refuse_work, work_id=child_id(order_id, 1), reason="torn", units={1: 1})
    await takes(house, await offer(house, order_id, **({"price_each": gbp(asked)} if asked else {})))
    await house.run.perform(SYSTEM, cancel, order_id, reason="changed their mind")
    assert await money_of(house, order_id) == (total, total)
    await clean(house)


@pytest.mark.parametrize("tax", ["within", "above"])
async def test_tax_goes_on_in_its_share(house: Shop, tax: str) -> None:
    placed = await parked(house, 3)
    async with house.run.reading() as read:
        bought = await orders.order(read, placed.order_id)
    [line] = bought.lines
    mug = replace(line, unit_price=gbp("10.00"), tax=gbp("5.01"), discount=gbp("0.02"))
    order = replace(bought, lines=(mug,), prices_include_tax=tax == "within")
    worth = gbp("29.98") if tax == "within" else gbp("34.99")
    for price in (worth, gbp("17.01"), gbp("0.01"), gbp("0")):
        line = orders.Replacing.line(
            order, orders.Replacing.Item(1, 3, mug.item_id, "B", "B", price, {1: 3}), worth=worth
        )
        above = 0 if tax == "within" else line.tax.minor
        assert line.unit_price.minor * 3 + above - line.discount.minor == price.minor, "to the coin"
        assert line.discount.minor < 3
        assert line.tax.minor == 501 * price.minor // worth.minor


async def test_no_or_silence_leaves_everything_as_it_was(house: Shop, clock: Clock) -> None:
    order_id = await waits(house)
    promise = await offer(house, order_id)
    await takes(house, promise, "keep-waiting")
    assert await lines_of(house, order_id) == [{"backordered": 2}]
    assert (await house.stock(NORTH, GREEN)).held == 0
    assert (await promised(house, order_id))[1:] == [("news_by", "made"), ("answer_by", "kept")]
    with pytest.raises(NothingToChoose):
        await takes(house, promise)
    await offer(house, order_id)
    clock.forward(hours=24, minutes=1)
    await house.run.perform(SYSTEM, look_at, order_id=order_id, key=(0, WaitsFor.ANSWER))
    assert (await promised(house, order_id))[-1] == ("answer_by", "released")
    assert await lines_of(house, order_id) == [{"backordered": 2}]
    async with house.run.reading() as read:
        assert await read.value(text("SELECT role FROM watch.ownership")) == "experience"
    await clean(house)


async def test_the_same_offer_again_is_the_same_and_another_one_waits(house: Shop) -> None:
    order_id = await waits(house)
    promise = await offer(house, order_id)
    assert (await offer(house, order_id)).promise_no == promise.promise_no
    assert (await house.stock(NORTH, GREEN)).held == 2
    with pytest.raises(OfferIsOpen):
        await offer(house, order_id, price_each=gbp("1.00"))
    await house.run.perform(AGENT, withdraw_offer, order_id=order_id, reason="wrong color")
    assert (await house.stock(NORTH, GREEN)).held == 0
    with pytest.raises(NothingToChoose):
        await takes(house, promise)
    with pytest.raises(NoOffer):
        await house.run.perform(AGENT, withdraw_offer, order_id=order_id, reason="wrong color")
    for _ in range(4):
        await tell(house)
    assert ("options", "withdrawn") in await house.said()
    await clean(house)


async def test_what_they_were_told_is_corrected_when_the_offer_is_withdrawn(house: Shop) -> None:
    order_id = await waits(house)
    await offer(house, order_id)
    for _ in range(4):
        await tell(house)
    await house.run.perform(AGENT, withdraw_offer, order_id=order_id, reason="it is broken")
    for _ in range(2):
        await tell(house)
    assert (await house.said())[-1] == ("correction", "sent")
    await clean(house)


async def test_what_they_bought_is_found_first(house: Shop) -> None:
    order_id = await waits(house)
    promise = await offer(house, order_id)
    await landed(house, NORTH, 2)
    assert await lines_of(house, order_id) == [{"reserved": 2}]
    assert (await house.stock(NORTH, GREEN)).held == 0
    assert ("answer_by", "released") in await promised(house, order_id)
    with pytest.raises(NothingToChoose):
        await takes(house, promise)
    await clean(house)


@pytest.mark.parametrize("how", ["order", "parked"])
async def test_canceled_meanwhile_there_is_no_offer(house: Shop, how: str) -> None:
    order_id = await waits(house)
    promise = await offer(house, order_id)
    if how == "order":
        await house.run.perform(SYSTEM, cancel, order_id, reason="no need")
    else:
        await house.run.perform(AGENT, cancel_parked, order_id=order_id, reason="no need")
    assert (await house.stock(NORTH, GREEN)).held == 0
    with pytest.raises(NothingToChoose):
        await takes(house, promise)
    await clean(house)


async def test_what_is_gone_all_the_same_is_said_and_they_wait_on(house: Shop) -> None:
    """A count takes what was held: a fact of the shelf goes before what we said."""
    order_id = await waits(house)
    promise = await offer(house, order_id)
    await house.shelf(NORTH, GREEN, 1)
    await takes(house, promise)
    assert await lines_of(house, order_id) == [{"backordered": 2}]
    assert (await promised(house, order_id))[-1] == ("answer_by", "broken")
    for _ in range(4):
        await tell(house)
    assert ("correction", "sent") in await house.said()
    async with house.run.reading() as read:
        assert await read.value(text("SELECT role FROM watch.ownership")) == "experience"
    await clean(house)


async def test_an_agent_says_it_for_who_called(house: Shop) -> None:
    order_id = await waits(house)
    await offer(house, order_id)
    assert await house.run.perform(AGENT, say_for_customer, order_id=order_id, takes_it="instead") == "sent"
    with pytest.raises(NoOffer):
        await house.run.perform(AGENT, say_for_customer, order_id=order_id, takes_it="instead")


async def test_who_may_not_and_what_can_not(house: Shop) -> None:
    order_id = await waits(house, there=1)
    with pytest.raises(NotAllowed):
        await house.run.perform(FLOOR, offer_item, order_id=order_id, line_no=1, item=GREEN)
    with pytest.raises(CannotBePromised):
        await offer(house, order_id)
    with pytest.raises(BadInput):
        await offer(house, order_id, item="MUG-01")
    with pytest.raises(NothingIsParked):
        await offer(house, order_id, line_no=2)
    await house.shelf(NORTH, GREEN, 9)
    with pytest.raises(BadInput):
        await offer(house, order_id, answer_within=timedelta(days=8))
    with pytest.raises(BadInput):
        await offer(house, order_id, price_each=Money(100, "USD"))
    await offer(house, order_id)
    for command, more in ((say_for_customer, {"takes_it": "instead"}), (withdraw_offer, {"reason": "no"})):
        with pytest.raises(NotAllowed):
            await house.run.perform(FLOOR, command, order_id=order_id, **more)  # type: ignore[arg-type]  # two commands
    with pytest.raises(BadInput):
        await house.run.perform(AGENT, say_for_customer, order_id=order_id, takes_it="perhaps")


async def sold_by_a_shop(tx: Any) -> None:
    """The source of all orders is a connected shop."""
    await tx.run(text("UPDATE channels.sources SET kind = 'shopify'"))


async def test_a_connected_shop_changes_its_own_orders(house: Shop) -> None:
    order_id = await waits(house)
    await house.run.perform(SYSTEM, sold_by_a_shop)
    with pytest.raises(SoldByAShop):
        await offer(house, order_id)


@pytest.mark.parametrize(("price", "uncovered_ones"), [("19.90", 0), ("21.00", 1)])
async def test_what_costs_more_is_not_covered_until_it_is_paid(
    house: Shop, price: str, uncovered_ones: int
) -> None:
    paid = (orders.NewPayment("captured", gbp("39.80")),)
    order_id = await waits(house, price="30.00", payments=paid)
    await takes(house, await offer(house, order_id, price_each=gbp(price)))
    async with house.run.reading() as read:
        assert len(await uncovered(read, [order_id], kind="money-differs")) == uncovered_ones
