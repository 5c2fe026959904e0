"""Which of these orders only wait for their money to be confirmed: placed, and no unit is without stock."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read

_UNCONFIRMED = text("""
SELECT o.order_id FROM orders.orders o
 WHERE o.order_id = ANY(CAST(:orders AS uuid[])) AND o.state = 'placed' AND NOT EXISTS (
   SELECT 1 FROM orders.lines l WHERE l.order_id = o.order_id AND l.q_open + l.q_short + l.q_backordered > 0)
 ORDER BY o.order_id""")


async def unconfirmed(read: Read, order_ids: Sequence[OrderId]) -> list[OrderId]:
    """By id; the money of each is asked under its lock."""
    rows = await read.all(_UNCONFIRMED, {"orders": list(order_ids)})
    return [OrderId(row.order_id) for row in rows]
