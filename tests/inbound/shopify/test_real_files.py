"""Every real file of the shared folder, sent as the shop would: taken in, or parked with a reason; each sent twice and
out of order ends the same. Skips when the folder is not beside the checkout."""

import json
import random
from typing import Any

import pytest

from ambidex.domains.orders import LineState
from tests.conftest import Clock
from tests.inbound.platform import Platform
from tests.inbound.state import business_state
from tests.payloads import real, real_json
from tests.shop import Shop

TOPICS = {
    "adminapi-2026-07-order-1.json": "orders/create",
    "adminapi-2026-07-order-5.json": "orders/updated",
    "adminapi-2026-07-order-21.json": "orders/fulfilled",
    "goshopify-order.json": "orders/cancelled",
    "pyapi-orders.json": "orders/create",
    "adminapi-2026-07-refund-3.json": "refunds/create",
    "adminapi-2026-07-refund-5.json": "refunds/create",
    "pyapi-refund.json": "refunds/create",
    "adminapi-2026-07-fulfillment-7.json": "fulfillments/create",
    "goshopify-fulfillment.json": "fulfillments/create",
    "adminapi-2026-07-fulfillment-order-4.json": "fulfillment_orders/order_routing_complete",
    "adminapi-2026-07-cancellation-request-1.json": "fulfillment_orders/cancellation_request_submitted",
    "goshopify-fulfillment-order.json": "fulfillment_orders/moved",
    "goshopify-fulfillment-send.json": "fulfillment_orders/fulfillment_request_submitted",
    "goshopify-inventory-levels.json": "inventory_levels/update",
    "pyapi-inventory-level.json": "inventory_levels/update",
}
PLACE_THERE = 24826418
SKUS = ("IPOD2008GREEN", "IPOD2008RED", "IPOD2008BLACK", "IPOD2009BLACK")


def held(name: str) -> dict[str, Any]:
    found = real_json("shopify", name)
    order: dict[str, Any] = found["order"] if "order" in found else found["orders"][0]
    return order


def pickup_of(order: dict[str, Any]) -> dict[str, Any]:
    """What the platform's fulfillment orders would say of a pickup; no recorded one is a pickup."""
    lines = [
        {"id": line["id"] + 1, "line_item_id": line["id"], "quantity": line["quantity"]}
        for line in order["line_items"]
    ]
    return {
        "id": order["id"] + 1, "order_id": order["id"], "assigned_location_id": PLACE_THERE, "status": "open",
        "delivery_method": {"id": 1, "method_type": "pick_up"}, "line_items": lines,
    }  # fmt: skip


@pytest.fixture
async def beside(platform: Platform, shop: Shop) -> Platform:
    """The shop knows the newest state of the real orders; Camden sells what they name."""
    await platform.register({str(PLACE_THERE): "camden"})
    for sku in SKUS:
        await shop.shelf("camden", sku, 5)
    for name in ("adminapi-2026-07-order-5.json", "adminapi-2026-07-order-21.json", "goshopify-order.json"):
        order = held(name)
        platform.fake.orders[order["id"]] = order
        platform.fake.works[order["id"]] = [pickup_of(order)]
    return platform


@pytest.mark.parametrize("name", sorted(TOPICS))
async def test_each_file_is_applied_or_parked_with_a_reason(
    beside: Platform, clock: Clock, name: str
) -> None:
    message = await beside.deliver_body(TOPICS[name], real("shopify", name))
    for _ in range(6):
        clock.forward(minutes=6)
        await beside.apply()
    message = await beside.message(message.message_id)
    assert message.state in {"applied", "parked"}, message.reason
    assert message.outcome if message.state == "applied" else message.reason and message.owner
    assert message.body == real("shopify", name), "kept byte by byte"


async def test_the_real_order_becomes_ours(beside: Platform) -> None:
    await beside.deliver_body("orders/create", real("shopify", "adminapi-2026-07-order-1.json"))
    order = await beside.taken({"id": 450789469})
    states = {line.sku: dict(line.counts) for line in order.lines}
    assert states == {
        "IPOD2008GREEN": {LineState.CANCELED: 1},
        "IPOD2008RED": {LineState.RESERVED: 1},
        "IPOD2008BLACK": {LineState.CANCELED: 1},
    }
    assert (order.total.decimal, order.source_number) == ("598.94", "#1001")


async def test_twice_and_in_any_order_they_end_the_same(beside: Platform, clock: Clock) -> None:
    """Files of different days about one order: whatever comes first, the newest version stands in the end."""
    names = [name for name in sorted(TOPICS) if "order" in name or "refund" in name or "fulfillment" in name]
    chance = random.Random(2026)
    ends = []
    for _ in range(3):
        sent = [*names, *names]
        chance.shuffle(sent)
        ends.append(await end_of(beside, clock, sent))
    assert ends[0] == ends[1] == ends[2], json.dumps(ends, indent=1, default=str)


async def end_of(beside: Platform, clock: Clock, names: list[str]) -> Any:
    """The end of one sequence, after which everything is undone."""
    async with beside.run.database.pinned.begin_nested() as savepoint:  # type: ignore[attr-defined]  # the pinned one
        for name in names:
            await beside.deliver_body(TOPICS[name], real("shopify", name))
        started = clock.now
        for _ in range(6):
            clock.forward(minutes=6)
            await beside.apply()
        end = await business_state(beside.run)
        clock.now = started
        await savepoint.rollback()
    return end
