"""An order is confirmed when its money and its stock are secured, not before."""

from __future__ import annotations

from ambidex.domains import orders, payments
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.reactions import settle
from tests.flows.counter import Counter, counter
from tests.flows.test_place_order import gbp
from tests.shop import Shop

CONFIRMING = [one for one in REACTIONS if one.name == "order confirmed"]


async def state_of(at: Counter) -> str:
    await settle(at.run, CONFIRMING)
    async with at.run.reading() as read:
        return (await orders.order(read, at.order_id)).state.value


async def test_money_that_comes_later_confirms(shop: Shop) -> None:
    at = await counter(shop, mug_01=1, paid="pending")
    assert await state_of(at) == "placed"
    for _ in range(2):
        await at.run.perform(
            SYSTEM,
            payments.report,
            order_id=at.order_id,
            kind="authorized",
            amount=gbp("19.90"),
            reference="auth-1",
            reported_by="psp",
            happened_at=at.run.clock(),
        )
        assert await state_of(at) == "confirmed"
    assert await shop.happened("orders.confirmed") == ["orders.confirmed"]
