"""A kit that waits is answered as what it was bought as: one thing at its price; a part that waits alone at its share of it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ambidex.domains import orders
from ambidex.domains.orders import NewPayment
from ambidex.flows.cancel import cancel
from ambidex.flows.open_question import NothingToChoose
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.take_offer import say_for_customer
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, child_id
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import replace
from tests.flows.test_offer_item import AGENT, gbp, money_of, offer, takes
from tests.flows.test_parked import house, landed
from tests.flows.test_route_order import NORTH, bought, clean, lines_of, plan_of, sent, stocked
from tests.shop import Shop

__all__ = ["house"]
SET, CANDLE = "TEA-SET", "CANDLE-01"


async def tea_sets(house: Shop, sets: int = 2, *, refused: dict[int, int] | None = None) -> OrderId:
    """Sets of two mugs and a pot for 50.00 each, tax within, paid; London has them and refuses. Candles lie in Leeds."""
    await house.item("MUG-01", name="Mug", price="15.00")
    await house.item("POT-01", name="Pot", price="30.00")
    await house.item(SET, name="Tea set", price="50.00", components=(("MUG-01", 2), ("POT-01", 1)))
    await stocked(house, f"dc-london:{2 * sets}", "MUG-01")
    await stocked(house, f"dc-london:{sets}", "POT-01")
    line = replace(sent(sets, SET), unit_price=gbp("50.00"), tax=gbp("8.33") * sets)
    paid = (NewPayment("captured", gbp("50.00") * sets),)
    placed = await bought(house, line, prices_include_tax=True, payments=paid)
    work = child_id(placed.order_id, 1)
    await house.run.perform(SYSTEM, refuse_work, work_id=work, reason="torn", units=refused)
    await house.item(CANDLE, name="Candle", price="40.00")
    await house.shelf(NORTH, CANDLE, 9)
    return placed.order_id


@pytest.mark.parametrize("line_no", [1, 2])
async def test_a_kit_is_replaced_as_one_under_any_of_its_lines(house: Shop, line_no: int) -> None:
    order_id = await tea_sets(house)
    promise = await offer(house, order_id, line_no=line_no, item=CANDLE)
    assert promise.facts["cause_words"].startswith("Nobody has Tea set at this moment")
    assert [one["words"] for one in promise.facts["options"]] == [
        "Send me 2 × Candle instead; 20.00 GBP of it come back to me", "No, I wait for Tea set",
    ]  # fmt: skip
    assert (await house.stock(NORTH, CANDLE)).held == 2
    await takes(house, promise)
    assert await lines_of(house, order_id) == [{"substituted": 4}, {"substituted": 2}, {"reserved": 2}]
    assert await plan_of(house, order_id) == "dc-leeds:2"
    assert await money_of(house, order_id) == (10000, 2000)
    async with house.run.reading() as read:
        order = await orders.order(read, order_id)
        asked = await read.value(
            text("SELECT facts -> 'items' FROM messages.messages WHERE kind = 'options'")
        )
    assert order.tax == gbp("16.66")
    candle = order.lines[-1]
    assert (candle.unit_price, candle.quantity, candle.kit_no) == (gbp("40.00"), 2, 0)
    assert candle.tax.minor == 1666 * 8000 // 10000
    assert asked == [{"name": "Tea set", "quantity": 2}]
    await clean(house)
    await house.run.perform(SYSTEM, cancel, order_id, reason="changed their mind")
    assert await money_of(house, order_id) == (10000, 10000), "all of it goes back, once"
    await clean(house)


async def test_a_dearer_one_costs_no_more_than_the_kit_unless_it_is_said(house: Shop) -> None:
    order_id = await tea_sets(house, 1)
    promise = await offer(house, order_id, item=CANDLE, price_each=gbp("55.00"))
    assert promise.facts["options"][0]["words"] == "Send me 1 × Candle instead, for 5.00 GBP more"
    await takes(house, promise)
    assert await money_of(house, order_id) == (5500, 0)
    await clean(house)


async def test_a_part_that_waits_alone_is_replaced_at_its_share_of_the_price(house: Shop) -> None:
    """One pot is broken, the rest of both sets goes out: the pot of a set is worth half of it."""
    order_id = await tea_sets(house, refused={2: 1})
    assert [counts.get("backordered", 0) for counts in await lines_of(house, order_id)] == [0, 1]
    promise = await offer(house, order_id, line_no=2, item=CANDLE)
    assert promise.facts["cause_words"].startswith("Nobody has Pot (Tea set) at this moment")
    await takes(house, promise)
    async with house.run.reading() as read:
        order = await orders.order(read, order_id)
    assert [line.units(orders.LineState.SUBSTITUTED) for line in order.lines] == [0, 1, 0]
    assert order.lines[-1].unit_price == gbp("25.00"), (
        "what the pot was bought for is less than a candle is listed for"
    )
    assert await money_of(house, order_id) == (10000, 0)
    await clean(house)


async def test_a_part_of_the_kit_or_the_kit_itself_is_no_other_item(house: Shop) -> None:
    order_id = await tea_sets(house)
    for item in ("MUG-01", "POT-01", SET):
        with pytest.raises(BadInput):
            await offer(house, order_id, item=item)


async def test_when_a_part_of_it_is_found_the_kit_is_replaced_no_more(house: Shop) -> None:
    """From then on only the other part waits, and may be answered alone."""
    order_id = await tea_sets(house, 1)
    promise = await offer(house, order_id, item=CANDLE)
    await landed(house, NORTH, 2)
    assert await lines_of(house, order_id) == [{"reserved": 2}, {"backordered": 1}]
    assert (await house.stock(NORTH, CANDLE)).held == 0
    with pytest.raises(NothingToChoose):
        await takes(house, promise)
    await takes(house, await offer(house, order_id, line_no=2, item=CANDLE))
    assert await lines_of(house, order_id) == [{"reserved": 2}, {"substituted": 1}, {"reserved": 1}]
    await clean(house)


async def test_the_kit_is_waited_for_when_they_say_no(house: Shop) -> None:
    order_id = await tea_sets(house)
    await offer(house, order_id, line_no=2, item=CANDLE)
    assert (
        await house.run.perform(AGENT, say_for_customer, order_id=order_id, takes_it="keep-waiting")
        == "waits"
    )
    assert await lines_of(house, order_id) == [{"backordered": 4}, {"backordered": 2}]
    assert (await house.stock(NORTH, CANDLE)).held == 0
    await clean(house)
