"""What a device of a place needs for some hours without a network: open work, shelves, what to count, what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from ambidex.domains.locations import Location
from ambidex.kernel.ids import child_id
from ambidex.kernel.values import dataclass
from ambidex.reads.next_counts import NextCount, next_counts
from ambidex.runtime.db import Read

WORKS_MAX = 150
ITEMS_MAX = 2_000
COUNTS_MAX = 20
_WORKS = text("""
SELECT w.order_id, w.work_no, w.method, w.state, w.staging_place, o.number, o.contact_name,
       coalesce(c.code_no, 0) AS code_no,
       coalesce(l.due, 0) - t.secured + least(t.back, f.due) - f.agreed <= greatest(5, coalesce(l.due, 0) / 200) AS paid
  FROM fulfillment.work w
  JOIN orders.orders o ON o.order_id = w.order_id
  LEFT JOIN fulfillment.pickup_codes c ON c.order_id = w.order_id AND c.work_no = w.work_no
   AND c.used_at IS NULL AND c.revoked_at IS NULL
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(greatest(p.captured_minor, CASE WHEN coalesce(p.expires_at, 'infinity') > :now
                THEN p.authorized_minor ELSE 0 END)), 0) AS secured, coalesce(sum(p.refunded_minor), 0) AS back
         FROM payments.tenders p WHERE p.order_id = w.order_id AND p.currency = o.currency AND (
              p.state IN ('captured', 'partly_refunded')
              OR p.state = 'authorized' AND coalesce(p.expires_at, 'infinity') > :now)) t
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(m.amount_minor) FILTER (WHERE m.kind = 'refund_due'), 0) AS due,
              coalesce(sum(m.amount_minor) FILTER (WHERE m.kind = 'agreed'), 0) AS agreed
         FROM payments.facts m WHERE m.order_id = w.order_id) f
 CROSS JOIN LATERAL (
       SELECT least(sum(k.whole * (k.quantity - k.out - k.replaced) / k.quantity),
                    o.total_minor - sum(k.whole * k.out / k.quantity)) AS due
         FROM (SELECT n.quantity, n.q_canceled + n.q_returned + n.q_lost AS out, n.q_substituted AS replaced,
                      n.unit_price_minor * n.quantity - n.discount_minor
                      + CASE WHEN o.prices_include_tax THEN 0 ELSE n.tax_minor END AS whole
                 FROM orders.lines n WHERE n.order_id = w.order_id) k) l
 WHERE w.location_id = :place AND w.state IN ('offered', 'accepted', 'picking', 'picked', 'staged', 'ready')
 ORDER BY w.state_since LIMIT :limit
""")
_LINES = text("""
SELECT l.order_id, l.work_no, l.line_no, l.wanted, l.picked, l.handed_over, i.sku, i.name, i.variant,
       coalesce(s.spot, '') AS spot,
       (SELECT array_agg(b.barcode ORDER BY b.barcode) FROM catalogue.barcodes b WHERE b.item_id = l.item_id) AS barcodes
  FROM unnest(CAST(:orders AS uuid[]), CAST(:works AS smallint[])) AS a(order_id, work_no)
  JOIN fulfillment.work_lines l ON l.order_id = a.order_id AND l.work_no = a.work_no
  JOIN catalogue.items i ON i.item_id = l.item_id
  LEFT JOIN inventory.positions s ON s.item_id = l.item_id AND s.location_id = :place
 WHERE l.wanted > 0
 ORDER BY s.spot NULLS LAST, l.line_no LIMIT 3000
""")
_STAGING = text(
    "SELECT code, label FROM locations.staging_places WHERE location_id = :place ORDER BY code LIMIT 500"
)
_ITEMS = text("""
SELECT i.sku, i.name, i.variant, p.spot,
       (SELECT array_agg(b.barcode ORDER BY b.barcode) FROM catalogue.barcodes b WHERE b.item_id = i.item_id) AS barcodes
  FROM inventory.positions p JOIN catalogue.items i ON i.item_id = p.item_id
 WHERE p.location_id = :place ORDER BY p.changed_at DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows as they stand; `counts` are the next best, without what the book says."""

    works: Sequence[Row[Any]]
    lines: Sequence[Row[Any]]
    staging: Sequence[Row[Any]]
    items: Sequence[Row[Any]]
    counts: Sequence[NextCount]
    at: datetime

    def lines_of(self, work: Row[Any]) -> list[Row[Any]]:
        """The lines of one work, in walking order."""
        return [n for n in self.lines if (n.order_id, n.work_no) == (work.order_id, work.work_no)]


def outside_id(work: Row[Any]) -> str:
    """The id of a work as others know it."""
    return child_id(work.order_id, work.work_no)


async def load(read: Read, place: Location) -> Loaded:
    """Five statements, however much there is."""
    here = {"place": place.location_id}
    works = await read.all(_WORKS, here | {"now": read.now, "limit": WORKS_MAX})
    keys = {"orders": [w.order_id for w in works], "works": [w.work_no for w in works]}
    return Loaded(
        works=works,
        lines=await read.all(_LINES, here | keys),
        staging=await read.all(_STAGING, here),
        items=await read.all(_ITEMS, here | {"limit": ITEMS_MAX}),
        counts=await next_counts(read, place, limit=COUNTS_MAX),
        at=read.now,
    )
