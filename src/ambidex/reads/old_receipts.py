"""Receipts of routing that nobody needs any more: old ones of orders of which nothing is left to happen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

NOBODY = UUID(int=0)
# who owns an order owns what is left to happen; an exception may ask why it was decided so
_OLD = text("""
SELECT r.order_id, r.receipt_no, r.decided_at,
       EXISTS (SELECT FROM watch.ownership o WHERE o.order_id = r.order_id)
       OR EXISTS (SELECT FROM watch.exceptions e WHERE e.order_id = r.order_id AND e.state = 'open') AS is_needed
  FROM routing.receipts r
 WHERE r.decided_at < :before AND (r.decided_at, r.order_id, r.receipt_no) > (:after_at, :after_order, :after_no)
 ORDER BY r.decided_at, r.order_id, r.receipt_no LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class OldReceipt:
    """One that is old; `is_needed`: something of its order is left to happen."""

    order_id: OrderId
    receipt_no: int
    decided_at: datetime
    is_needed: bool


async def old_receipts(
    read: Read, *, before: datetime, limit: int, after: OldReceipt | None = None
) -> list[OldReceipt]:
    """The next that were decided before, the oldest first."""
    at = after or OldReceipt(OrderId(NOBODY), 0, datetime.min.replace(tzinfo=before.tzinfo), is_needed=False)
    said = {"after_at": at.decided_at, "after_order": at.order_id, "after_no": at.receipt_no}
    rows = await read.all(_OLD, {"before": before, "limit": limit, **said})
    return [OldReceipt(OrderId(r.order_id), r.receipt_no, r.decided_at, r.is_needed) for r in rows]
