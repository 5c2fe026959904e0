"""Letters that should have left long ago: those nobody asks after yet, and the trouble of all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

_LATE = text("""
SELECT m.order_id, min(m.queued_at) AS queued_at FROM messages.messages m
 WHERE m.state IN ('queued', 'sending') AND m.queued_at < :before AND NOT EXISTS (
   SELECT 1 FROM watch.watchdogs d WHERE d.order_id = m.order_id AND d.work_no = 0
      AND d.waits_for = 'tell' AND d.closed_at IS NULL)
 GROUP BY m.order_id ORDER BY min(m.queued_at), m.order_id LIMIT :limit
""")
_WAITS = text("""
SELECT count(*) FROM messages.messages
 WHERE order_id = :order_id AND state IN ('queued', 'sending')
""")
_TROUBLE = text("""
SELECT facts->>'key' AS key FROM watch.exceptions
 WHERE state = 'open' AND order_id IS NULL AND location_id IS NULL AND kind = :kind LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class LateLetter:
    """An order of which a letter waits, and since when."""

    order_id: OrderId
    queued_at: datetime


async def late_letters(read: Read, *, before: datetime, limit: int) -> Sequence[LateLetter]:
    """Letters queued before then that have not left, the first of each order, without those that somebody asks after."""
    rows = await read.all(_LATE, {"before": before, "limit": limit})
    return [LateLetter(OrderId(row.order_id), row.queued_at) for row in rows]


async def letter_waits(read: Read, order_id: OrderId) -> bool:
    """Whether something about this order still waits to be told."""
    return bool(await read.value(_WAITS, {"order_id": order_id}))


async def open_trouble(read: Read, kind: str) -> str:
    """The key of the open exception of this kind that is about no order; empty when there is none."""
    row = await read.maybe(_TROUBLE, {"kind": kind})
    return "" if row is None else str(row.key)
