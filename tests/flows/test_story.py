"""The story step by step through the flows: what each step makes true."""

from __future__ import annotations

from ambidex.kernel.ids import child_id
from tests.shop import Shop
from tests.story import begin


async def test_a_pickup_order_from_placed_to_ready(shop: Shop) -> None:
    story = await begin(shop, quantity=2)
    assert story.work_id == child_id(story.order_id, 1)
    await story.ready()

    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.staged, stock.reserved) == (48, 2, 0)
    assert await shop.said() == [("confirmed", "queued"), ("ready", "queued")]
    happened = await shop.happened("fulfillment.accepted", "fulfillment.staged", "fulfillment.became-ready")
    assert happened == ["fulfillment.accepted", "fulfillment.staged", "fulfillment.became-ready"]
