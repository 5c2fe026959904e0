"""Another item, where tax stands above the price, and beside another question about the same order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from ambidex.domains import orders
from ambidex.domains.orders import LineState, NewPayment
from ambidex.flows.offer_item import OfferIsOpen, open_offer
from ambidex.flows.options import Question, propose
from ambidex.flows.refuse_work import refuse_work
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, child_id
from ambidex.runtime.db import Tx
from tests.flows.test_offer_item import GREEN, gbp, money_of, offer, takes, waits
from tests.flows.test_parked import house, landed
from tests.flows.test_route_order import NORTH, bought, sent, stocked
from tests.reads.house import tell
from tests.shop import Shop

__all__ = ["house"]


async def ask_about(tx: Tx, *, order_id: OrderId, place: object, work_no: int = 0) -> int:
    """A question about the whole order, as when what was sent to a store does not come."""
    order = await orders.order(tx, order_id)
    question = Question({1: 1}, LineState.SHORT, "It did not arrive.", work_no)
    return await propose(tx, order, place, question, proof=["orders.placed"])  # type: ignore[arg-type]  # a place


async def test_what_is_listed_without_tax_is_compared_with_its_tax(house: Shop) -> None:
    """Listed for the same, it costs the same: nothing goes back because the tax stands above the price."""
    await stocked(house, "dc-london:2")
    line = replace(sent(2), tax=gbp("7.96"))
    placed = await bought(
        house, line, prices_include_tax=False, payments=(NewPayment("authorized", gbp("47.76")),)
    )
    await house.run.perform(SYSTEM, refuse_work, work_id=child_id(placed.order_id, 1), reason="no")
    await house.item(GREEN, name="Mug", variant="Green", price="19.90")
    await house.shelf(NORTH, GREEN, 9)
    promise = await offer(house, placed.order_id)
    assert promise.facts["instead"]["price_minor"] == 4776
    await takes(house, promise)
    assert await money_of(house, placed.order_id) == (4776, 0)


@pytest.mark.parametrize(
    ("price", "total", "tax", "back"),
    [("10.00", 4776, 796, 2776), ("23.88", 4776, 796, 0), ("30.00", 6000, 1000, 0)],
)
@pytest.mark.parametrize("is_within", [False, True])
async def test_total_and_tax_of_the_order_speak_of_the_same_goods(
    house: Shop, *, price: str, total: int, tax: int, back: int, is_within: bool
) -> None:
    """What is cheaper leaves both as they were and goes back whole; what is dearer adds to both. A sixth of it is tax."""
    await stocked(house, "dc-london:2")
    line = replace(sent(2), unit_price=gbp("23.88" if is_within else "19.90"), tax=gbp("7.96"))
    paid = (NewPayment("captured", gbp("47.76")),)
    placed = await bought(house, line, prices_include_tax=is_within, payments=paid)
    await house.run.perform(SYSTEM, refuse_work, work_id=child_id(placed.order_id, 1), reason="no")
    await house.item(GREEN, name="Mug", variant="Green", price="99.00")
    await house.shelf(NORTH, GREEN, 9)
    await takes(house, await offer(house, placed.order_id, price_each=gbp(price)))
    async with house.run.reading() as read:
        order = await orders.order(read, placed.order_id)
    assert (order.total.minor, order.tax.minor) == (total, tax)
    assert await money_of(house, placed.order_id) == (total, back)
    new = order.lines[-1]
    above = 0 if is_within else new.tax.minor
    assert new.unit_price.minor * 2 + above - new.discount.minor == total - back
    assert new.tax.minor == (total - back) // 6


async def test_nothing_is_offered_while_another_question_of_the_order_is_open(house: Shop) -> None:
    order_id = await waits(house)
    await house.run.perform(SYSTEM, ask_about, order_id=order_id, place=house.places[NORTH])
    with pytest.raises(OfferIsOpen):
        await offer(house, order_id)


async def test_another_question_ends_the_offer_and_asks_about_its_own_units_only(house: Shop) -> None:
    order_id = await waits(house)
    await offer(house, order_id)
    await house.run.perform(SYSTEM, ask_about, order_id=order_id, place=house.places[NORTH])
    async with house.run.reading() as read:
        assert await open_offer(read, order_id) is None
        asked = await read.value(
            text("SELECT facts -> 'units' FROM promises.promises WHERE kind = 'answer_by' AND state = 'made'")
        )
    assert asked == {"1": 1}
    assert (await house.stock(NORTH, GREEN)).held == 0


async def test_a_letter_of_an_offer_that_is_over_does_not_leave_because_of_another_question(
    house: Shop,
) -> None:
    order_id = await waits(house)
    await offer(house, order_id)
    await house.run.perform(SYSTEM, ask_about, order_id=order_id, place=house.places[NORTH], work_no=1)
    await landed(house, NORTH, 2)
    for _ in range(6):
        await tell(house)
    assert [state for kind, state in await house.said() if kind == "options"] == ["withdrawn", "sent"]
