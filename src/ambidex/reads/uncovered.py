"""Which of these orders may cost more than their tenders hold, or were found to and may not any more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read

_UNCOVERED = text("""
SELECT o.order_id FROM orders.orders o
 WHERE o.order_id = ANY(CAST(:orders AS uuid[])) AND NOT o.history AND o.state IN ('placed', 'confirmed') AND (
   o.total_minor > (
     SELECT coalesce(sum(greatest(t.authorized_minor, t.captured_minor)), 0) FROM payments.tenders t
      WHERE t.order_id = o.order_id AND t.state IN ('authorized', 'captured', 'partly_refunded'))
   OR EXISTS (SELECT 1 FROM watch.exceptions e WHERE e.order_id = o.order_id AND e.kind = :kind AND e.state = 'open'))
 ORDER BY o.order_id""")


async def uncovered(read: Read, order_ids: Sequence[OrderId], *, kind: str) -> list[OrderId]:
    """By id; the money of each is added up under its lock. `kind` is the exception about it."""
    rows = await read.all(_UNCOVERED, {"orders": list(order_ids), "kind": kind})
    return [OrderId(row.order_id) for row in rows]
