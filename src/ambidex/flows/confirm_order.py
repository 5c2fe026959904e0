"""An order that was placed without money or stock is confirmed a moment after both are secured."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import orders, payments
from ambidex.kernel.ids import OrderId
from ambidex.reads.unconfirmed import unconfirmed
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

SETTLED_BY = frozenset({"payments.reported", "fulfillment.offered", "orders.units-canceled"})


async def confirm_orders(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction: confirm those of these orders that lack nothing any more."""
    touched = sorted({event.order_id for event in events if event.order_id is not None})
    _ = [await _confirm(tx, order_id) for order_id in await unconfirmed(tx, touched)]


async def _confirm(tx: Tx, order_id: OrderId) -> bool:
    await orders.lock_order(tx, order_id)
    secured = order_id in await unconfirmed(tx, [order_id]) and await payments.is_secured(tx, order_id)
    if secured:
        await orders.confirm(tx, order_id)
    return secured
