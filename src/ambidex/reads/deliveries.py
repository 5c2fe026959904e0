"""What is on the way to and from a place, with names; and which transfers an order or the clock asks about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.page import PAGE_MAX, Page, read_cursor, write_cursor
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Read

_HEADS = """
SELECT d.delivery_id, d.kind, d.reference, d.purpose, d.state, d.supplier, d.order_id, d.expected_at, d.note, d.made_by,
       d.made_at, d.sent_at, d.closed_at, d.late_told_at, d.version, d.from_id, d.to_id, f.code AS from_code,
       f.name AS from_name, t.code AS to_code, t.name AS to_name, t.time_zone, o.number,
       coalesce((SELECT array_agg(p.code ORDER BY p.package_no) FROM transfers.packages p
                  WHERE p.delivery_id = d.delivery_id), '{}') AS packages
  FROM transfers.deliveries d
  JOIN locations.locations t ON t.location_id = d.to_id
  LEFT JOIN locations.locations f ON f.location_id = d.from_id
  LEFT JOIN orders.orders o ON o.order_id = d.order_id"""
_ONE = text(_HEADS + " WHERE d.delivery_id = :delivery_id")
_PAGE = text(
    _HEADS
    + """
 WHERE d.kind = :kind AND (CAST(:state AS text) = '' OR d.state = :state)
   AND (CAST(:at AS uuid) IS NULL OR d.to_id = :at OR d.from_id = :at)
   AND (CAST(:after AS uuid) IS NULL OR d.delivery_id < :after)
 ORDER BY d.delivery_id DESC LIMIT :most"""
)
_OPEN = text(
    _HEADS
    + """
 WHERE d.state IN ('requested', 'approved', 'picking', 'in_transit', 'announced', 'partly_received')
   AND (CAST(:everywhere AS boolean) OR d.to_id = ANY(CAST(:places AS uuid[]))
        OR d.from_id = ANY(CAST(:places AS uuid[])))
 ORDER BY d.expected_at NULLS LAST, d.delivery_id LIMIT 200"""
)
_LINES = text("""
SELECT l.delivery_id, l.line_no, l.item_id, l.asked, l.sent, l.received, l.damaged, l.settled, l.order_line, i.sku,
       i.name, i.variant, i.picture, i.color, i.counted_scans, p.spot,
       (SELECT string_agg(b.barcode, ' ' ORDER BY b.barcode) FROM catalogue.barcodes b WHERE b.item_id = l.item_id)
         AS barcodes,
       coalesce(s.picked, 0) AS picked, coalesce(s.good, 0) AS good, coalesce(s.bad, 0) AS bad
  FROM transfers.lines l
  JOIN transfers.deliveries d USING (delivery_id)
  JOIN catalogue.items i ON i.item_id = l.item_id
  LEFT JOIN inventory.positions p ON p.item_id = l.item_id
        AND p.location_id = CASE WHEN d.state IN ('approved', 'picking') THEN d.from_id ELSE d.to_id END
  LEFT JOIN LATERAL (
    SELECT sum(s.units) FILTER (WHERE s.step = 'pick') AS picked,
           sum(s.units) FILTER (WHERE s.step = 'receive' AND s.arrived = 'sellable') AS good,
           sum(s.units) FILTER (WHERE s.step = 'receive' AND s.arrived = 'damaged') AS bad
      FROM transfers.scans s WHERE s.delivery_id = l.delivery_id AND s.item_id = l.item_id) s ON true
 WHERE l.delivery_id = ANY(CAST(:ids AS uuid[])) ORDER BY l.delivery_id, l.line_no LIMIT 5000""")
_STRANGE = text("""
SELECT s.item_id, i.sku, i.name, i.variant, i.picture, i.color,
       coalesce(sum(s.units) FILTER (WHERE s.arrived = 'sellable'), 0) AS good,
       coalesce(sum(s.units) FILTER (WHERE s.arrived = 'damaged'), 0) AS bad
  FROM transfers.scans s JOIN catalogue.items i USING (item_id)
 WHERE s.delivery_id = :delivery_id AND s.step = 'receive'
   AND NOT EXISTS (SELECT FROM transfers.lines l WHERE l.delivery_id = s.delivery_id AND l.item_id = s.item_id)
 GROUP BY s.item_id, i.item_id ORDER BY i.name LIMIT 100""")
_SCANS = text("""
SELECT s.scan_id, s.step, s.units, s.arrived, s.kind, s.reason, s.actor_name, s.happened_at, i.name, i.variant
  FROM transfers.scans s JOIN catalogue.items i USING (item_id)
 WHERE s.delivery_id = :delivery_id ORDER BY s.recorded_at DESC, s.scan_id DESC LIMIT 50""")


@dataclass(frozen=True)
class DeliveryPage:
    """A delivery with its lines (units scanned so far beside what was sent), and what nobody announced."""

    head: Row[Any]
    lines: Sequence[Row[Any]]
    now: datetime
    strange: Sequence[Row[Any]] = ()
    scans: Sequence[Row[Any]] = field(default_factory=tuple)

    @property
    def zone(self) -> str:
        return str(self.head.time_zone or "UTC")


async def delivery_page(read: Read, delivery_id: UUID) -> DeliveryPage:
    """One delivery whole. Raises NotFound."""
    head = await read.maybe(_ONE, {"delivery_id": delivery_id})
    if head is None:
        raise NotFound("delivery", delivery=str(delivery_id))
    return DeliveryPage(
        head=head,
        lines=await read.all(_LINES, {"ids": [delivery_id]}),
        now=read.now,
        strange=await read.all(_STRANGE, {"delivery_id": delivery_id}),
        scans=await read.all(_SCANS, {"delivery_id": delivery_id}),
    )


async def open_deliveries(read: Read, places: Collection[LocationId] | None) -> list[DeliveryPage]:
    """What is not over to and from these places (None: anywhere), the soonest first. Two questions."""
    values = {"everywhere": places is None, "places": sorted(places or ())}
    return await _with_lines(read, await read.all(_OPEN, values))


async def deliveries(
    read: Read,
    *,
    kind: str,
    at: LocationId | None = None,
    state: str = "",
    after: str | None = None,
    limit: int = 100,
) -> Page[DeliveryPage]:
    """Deliveries of a kind to or from a place, the newest first. Two questions."""
    limit = max(1, min(limit, PAGE_MAX))
    since = None if after is None else UUID(str(read_cursor(after)[0]))
    values = {"kind": kind, "state": state, "at": at, "after": since, "most": limit + 1}
    heads = await read.all(_PAGE, values)
    found = await _with_lines(read, heads[:limit])
    more = len(heads) > limit
    return Page(found, write_cursor(str(heads[limit - 1].delivery_id)) if more else None)


async def _with_lines(read: Read, heads: Sequence[Row[Any]]) -> list[DeliveryPage]:
    rows = await read.all(_LINES, {"ids": [head.delivery_id for head in heads]}) if heads else []
    lines: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        lines.setdefault(row.delivery_id, []).append(row)
    return [DeliveryPage(head, lines.get(head.delivery_id, []), read.now) for head in heads]


_LATE = text("""
SELECT delivery_id, expected_at FROM transfers.deliveries
 WHERE expected_at <= :now AND late_told_at IS NULL
   AND state IN ('approved', 'picking', 'in_transit', 'announced')
   AND (CAST(:after_at AS timestamptz) IS NULL OR (expected_at, delivery_id) > (:after_at, CAST(:after AS uuid)))
 ORDER BY expected_at, delivery_id LIMIT :most""")
Late = tuple[datetime, UUID]


async def late_deliveries(read: Read, *, limit: int, after: Late | None = None) -> list[Late]:
    """Deliveries that should be here by now, and nobody said so yet, the longest first, from `after` on."""
    after_at, after_id = after or (None, None)
    values = {"now": read.now, "most": limit, "after_at": after_at, "after": after_id}
    return [(row.expected_at, row.delivery_id) for row in await read.all(_LATE, values)]


_UNSENT = text("""
SELECT order_id, delivery_id FROM transfers.deliveries
 WHERE order_id = ANY(CAST(:orders AS uuid[])) AND state IN ('requested', 'approved', 'picking', 'in_transit')
 ORDER BY order_id, delivery_id LIMIT 1000""")


async def unsent_for(read: Read, order_ids: Sequence[OrderId]) -> list[str]:
    """Transfers of these orders that have not arrived, in the order in which they are locked."""
    rows = await read.all(_UNSENT, {"orders": list(order_ids)}) if order_ids else []
    return [str(row.delivery_id) for row in rows]
