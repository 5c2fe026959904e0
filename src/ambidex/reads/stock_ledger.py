"""The ledger of one item for people: what moved from where to where, when, why, and who says so; newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.page import PAGE_MAX, Page, read_cursor, write_cursor
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

# entry ids are made in the order in which entries are recorded
_LEDGER = text("""
SELECT g.entry_id, p.code AS location, p.name AS place, g.from_account AS origin, g.to_account AS target,
  g.quantity, g.cause, g.order_id, o.number AS order_number, g.actor_id,
  coalesce(s.name, a.name, CASE WHEN g.actor_id = 'ambidex' THEN 'Ambidex' ELSE g.actor_id END) AS actor,
  g.evidence, g.source, g.reference, g.note, g.happened_at, g.recorded_at,
  coalesce((SELECT array_agg(e.kind ORDER BY e.kind) FROM fulfillment.evidence e
    WHERE e.order_id = g.order_id AND jsonb_exists(g.evidence, e.evidence_id::text)), '{}') AS proofs
  FROM inventory.ledger g
  JOIN locations.locations p USING (location_id)
  LEFT JOIN orders.orders o USING (order_id)
  LEFT JOIN people.staff s ON s.staff_id::text = g.actor_id
  LEFT JOIN identity.accounts a ON a.account_id::text = g.actor_id
 WHERE g.item_id = :item_id AND (CAST(:place AS uuid) IS NULL OR g.location_id = :place)
   AND (CAST(:before AS uuid) IS NULL OR g.entry_id < :before)
 ORDER BY g.entry_id DESC LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class Entry:
    """Units left `origin` and entered `target`; accounts are conditions at the place, or accounts outside."""

    entry_id: UUID
    location: str
    place: str
    origin: str
    target: str
    quantity: int
    cause: str
    order_id: OrderId | None
    order_number: str | None
    actor_id: str
    actor: str
    evidence: list[Any]
    source: str
    reference: str
    note: str
    happened_at: datetime
    recorded_at: datetime
    # kinds of the evidence of our own (scan, photo, ...)
    proofs: list[str]


async def ledger(
    read: Read,
    item_id: ItemId,
    *,
    location_id: LocationId | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Page[Entry]:
    """Entries of this item, at one place or at all; `before` is the cursor of the page before."""
    limit = max(1, min(limit, PAGE_MAX))
    values = {"item_id": item_id, "place": location_id, "before": _before(before), "limit": limit + 1}
    found = [Entry(*tuple(row)) for row in await read.all(_LEDGER, values)]
    more = len(found) > limit
    return Page(found[:limit], write_cursor(found[limit - 1].entry_id) if more else None)


def _before(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(read_cursor(cursor)[0]))
    except ValueError as cause:
        raise BadInput("cursor", errors=[{"field": "before", "expected": "a cursor of ours"}]) from cause
