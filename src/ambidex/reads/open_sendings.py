"""Orders that are to be sent, whose work nobody has accepted yet: they may still be given to other places."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

# Open works are those of the partial index. Only what routing chose a place for, and only while all that is open of it is merely offered. An order that a window moved
# once stays where it is: nobody is sent from place to place.
_OPEN = text("""
WITH w AS MATERIALIZED (
  SELECT order_id, offered_at, state, method FROM fulfillment.work
   WHERE method IN ('ship', 'deliver')
     AND state NOT IN ('handed_over', 'canceled', 'refused', 'lapsed', 'taken_back', 'short', 'delivered',
       'returned_to_sender', 'lost')
)
SELECT w.order_id, min(w.offered_at) AS since FROM w
 WHERE EXISTS (SELECT FROM routing.receipts r WHERE r.order_id = w.order_id)
   AND NOT EXISTS (SELECT FROM routing.receipts r WHERE r.order_id = w.order_id AND r.cause = :cause)
 GROUP BY w.order_id
HAVING bool_and(w.state = 'offered') AND count(DISTINCT w.method) = 1
   AND (CAST(:since AS timestamptz) IS NULL OR (min(w.offered_at), w.order_id) > (:since, CAST(:after AS uuid)))
 ORDER BY since, w.order_id LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class OpenSending:
    """An order of this kind, and since when it is offered."""

    order_id: OrderId
    since: datetime


async def open_sendings(
    read: Read, *, cause: str, limit: int, after: OpenSending | None = None
) -> list[OpenSending]:
    """The next ones in the order in which they were offered; `cause`: the receipts of a move by a window."""
    rows = await read.all(
        _OPEN,
        {
            "cause": cause,
            "limit": limit,
            "since": after and after.since,
            "after": after and after.order_id,
        },
    )
    return [OpenSending(OrderId(row.order_id), row.since) for row in rows]
