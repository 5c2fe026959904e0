"""The story step by step through the flows: what each step makes true."""

from __future__ import annotations

from tests.flows.counter import counter
from tests.shop import Shop


async def test_a_pickup_order_from_placed_to_ready(shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 50)
    at = await counter(shop, stock=50, mug_01=2)
    await at.until_ready()

    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.staged, stock.reserved) == (48, 2, 0)
    assert await shop.said() == [("confirmed", "queued"), ("ready", "queued")]
    happened = await shop.happened("fulfillment.accepted", "fulfillment.staged", "fulfillment.became-ready")
    assert happened == ["fulfillment.accepted", "fulfillment.staged", "fulfillment.became-ready"]
