"""What is sent, from picked to delivered: through the doors, with the carrier's double, ending with the live audit."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Clock
from tests.flows.parcels import Sender, box, sender
from tests.reads.house import audited
from tests.shop import Shop


@pytest.fixture
async def parcel(shop: Shop, clock: Clock) -> AsyncIterator[Sender]:
    """Two mugs and a bowl for Leeds."""
    made = await sender(shop, clock, mug_01=2, bowl_02=1)
    yield made
    assert (await audited(shop)).violations == ()


async def test_from_picked_to_delivered_in_two_packages(parcel: Sender, clock: Clock, shop: Shop) -> None:
    await parcel.until_picked()
    packed = await parcel.pack(box({1: 1}), box({1: 1, 2: 1}, grams=1_250))
    assert packed.work.state == "packed"
    assert await parcel.units(1) == {"packed": 2}
    first, second = await parcel.label()
    assert first.tracking_number != second.tracking_number
    assert (await parcel.dispatch(1)).work.state == "packed"
    assert await parcel.ledger() == {"found": -2, "package": 1, "staged": 1}
    assert (await parcel.dispatch(2)).work.state == "dispatched"
    assert await parcel.ledger() == {"found": -2, "package": 2}
    assert await parcel.dogs() == ["deliver"]

    clock.forward(hours=20)
    assert await parcel.tells("in_transit") == "applied: 2 new"
    assert await parcel.tells("delivered", 1) == "applied: package deliver"
    assert (await parcel.work()).state == "dispatched"
    assert await parcel.tells("delivered", 2) == "applied: package deliver"

    assert (await parcel.work()).state == "delivered"
    assert await parcel.ledger() == {"found": -2, "customer": 2}
    assert (await parcel.promise("delivered_by")).state == "kept"
    assert await parcel.dogs() == []
    assert [kind for kind, _ in await shop.said()] == [
        "confirmed", "shipped", "shipped", "delivered", "delivered",
    ]  # fmt: skip
    assert await parcel.tellings() == ["shipped", "shipped"]
    [order] = await parcel.rows("SELECT state FROM orders.orders")
    assert order.state == "closed"
