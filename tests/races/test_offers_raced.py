"""An item is offered to who waits while others offer too, stock lands, and the order is canceled: one thing happens."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from ambidex.flows.cancel import cancel
from ambidex.flows.choose_option import choose
from ambidex.flows.offer_item import OfferIsOpen, withdraw_offer
from ambidex.flows.place_order import place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.reactions import settle
from tests.flows.test_offer_item import AGENT, CUSTOMER, GREEN, gbp, offer, waits
from tests.flows.test_place_order import asked
from tests.flows.test_route_order import NORTH, TO_CAMDEN, sent, stocked, three_warehouses
from tests.races.test_parking_raced import balances, count
from tests.shop import Shop

HELD = "SELECT coalesce(sum(held), 0) FROM inventory.positions"


async def test_two_agents_offer_at_once_and_one_offer_stands(own_shop: Shop) -> None:
    await three_warehouses(own_shop)
    order_id = await waits(own_shop)
    prices = ["19.90", "19.90", "10.00", "11.00"]
    outcomes: list[object] = await asyncio.gather(
        *(offer(own_shop, order_id, price_each=gbp(one)) for one in prices), return_exceptions=True
    )
    assert await count(own_shop, "SELECT count(*) FROM promises.promises WHERE kind = 'answer_by'") == 1
    assert sum(isinstance(one, OfferIsOpen) for one in outcomes) >= 2
    assert await count(own_shop, HELD) == 2
    await balances(own_shop, outcomes)


@pytest.mark.parametrize("first", range(3))
async def test_yes_while_it_lands_is_canceled_or_withdrawn(own_shop: Shop, first: int) -> None:
    await three_warehouses(own_shop)
    order_id = await waits(own_shop)
    promise = await offer(own_shop, order_id)
    run = own_shop.run

    async def landed() -> None:
        await stocked(own_shop, "dc-leeds:2")
        await settle(run, REACTIONS)

    yes = {"order_id": order_id, "promise_no": promise.promise_no, "option": "instead"}
    deeds = [
        run.perform(CUSTOMER, choose, **yes),  # type: ignore[arg-type]  # a choice
        landed(),
        run.perform(SYSTEM, cancel, order_id, reason="no need"),
        run.perform(AGENT, withdraw_offer, order_id=order_id, reason="broken"),
        run.perform(CUSTOMER, choose, **yes),  # type: ignore[arg-type]  # the same again
    ]
    outcomes: list[object] = await asyncio.gather(*deeds[first:], *deeds[:first], return_exceptions=True)
    await settle(run, REACTIONS)
    assert await count(own_shop, HELD) == 0
    assert (
        await count(
            own_shop, "SELECT count(*) FROM promises.promises WHERE kind = 'answer_by' AND state = 'made'"
        )
        == 0
    )
    ordered = "SELECT sum(q_reserved + q_canceled + q_backordered) FROM orders.lines"
    assert await count(own_shop, ordered) == 2, "two units, whatever they are"
    assert await count(own_shop, "SELECT count(*) FROM orders.lines") in {1, 2}
    await balances(own_shop, outcomes)


async def test_what_is_kept_for_them_nobody_else_buys(own_shop: Shop) -> None:
    await three_warehouses(own_shop)
    order_id = await waits(own_shop, there=3)
    promise = await offer(own_shop, order_id)
    yes = {"order_id": order_id, "promise_no": promise.promise_no, "option": "instead"}
    bought = [asked(sent(1, GREEN), reference=f"G-{n}", **TO_CAMDEN) for n in range(3)]
    outcomes: list[object] = await asyncio.gather(
        *(own_shop.run.perform(SYSTEM, place_order, one) for one in bought),
        own_shop.run.perform(CUSTOMER, choose, **yes),  # type: ignore[arg-type]  # a choice
        return_exceptions=True,
    )
    theirs = text("SELECT sum(q_reserved) FROM orders.lines WHERE order_id = :order_id")
    async with own_shop.run.reading() as read:
        assert await read.value(theirs, {"order_id": order_id}) == 2
    assert (await own_shop.stock(NORTH, GREEN)).reserved == 3
    await balances(own_shop, outcomes)
