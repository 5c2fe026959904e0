"""Which shelf of a place to count next: what is known of each, ranked by the promises a count protects.

At most LOOKED_AT_MAX shelves are looked at closely: those with claims or lost units first, then the longest uncounted.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from ambidex.domains import counting
from ambidex.domains.counting import Reason, Risk
from ambidex.domains.locations import Location
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Row

LOOKED_AT_MAX = 400
SHOWN_MAX = 50
SOON = timedelta(days=2)
_RISKS = text("""
WITH near AS (
  SELECT p.* FROM inventory.positions p
   WHERE p.location_id = :place AND (p.sellable > 0 OR p.suspect > 0 OR p.reserved > 0)
   ORDER BY (p.reserved > 0 OR p.suspect > 0) DESC, p.counted_at NULLS FIRST, p.item_id LIMIT :looked
)
SELECT p.item_id, p.location_id, i.sku, i.name, i.variant, i.picture, i.color, p.spot, p.suspect, p.counted_at,
       greatest(0, p.sellable - p.reserved - p.held - p.safety) AS shown, c.count_id, c.state, c.kind, c.cause,
       c.counters, m.moves, s.misses, d.today, d.customers, d.soon, d.later, w.drift,
       (SELECT string_agg(b.barcode, ' ' ORDER BY b.barcode) FROM catalogue.barcodes b
         WHERE b.item_id = p.item_id) AS barcodes
  FROM near p
  JOIN catalogue.items i ON i.item_id = p.item_id
  LEFT JOIN counting.counts c ON c.item_id = p.item_id AND c.location_id = p.location_id
   AND c.state IN ('open', 'counting', 'recount', 'to_approve')
 CROSS JOIN LATERAL (
       SELECT count(*) AS moves FROM (SELECT 1 FROM inventory.ledger l
         WHERE l.item_id = p.item_id AND l.location_id = p.location_id
           AND l.happened_at > coalesce(p.counted_at, '-infinity') LIMIT 200) few) m
 CROSS JOIN LATERAL (
       SELECT count(*) AS misses FROM inventory.ledger l
        WHERE l.item_id = p.item_id AND l.location_id = p.location_id AND l.happened_at > :misses_since
          AND l.to_account = 'suspect') s
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(r.quantity) FILTER (WHERE r.due < :tonight), 0) AS today,
              count(DISTINCT r.order_id) FILTER (WHERE r.due < :tonight) AS customers,
              coalesce(sum(r.quantity) FILTER (WHERE r.due >= :tonight AND r.due < :soon), 0) AS soon,
              coalesce(sum(r.quantity) FILTER (WHERE coalesce(r.due, 'infinity') >= :soon), 0) AS later
         FROM (SELECT x.order_id, x.quantity, coalesce(x.due_at, (SELECT min(q.due_at)
                 FROM fulfillment.work_lines l JOIN promises.promises q
                   ON q.order_id = l.order_id AND q.work_no = l.work_no AND q.closed_at IS NULL
                WHERE l.order_id = x.order_id AND l.line_no = x.line_no)) AS due
                 FROM inventory.reservations x
                WHERE x.item_id = p.item_id AND x.location_id = p.location_id AND x.quantity > 0) r) d
 CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM governance.drifts g
        WHERE g.item_id = p.item_id AND g.location_id = p.location_id AND g.kind = 'stock'
          AND g.state = 'open') AS drift) w
 LIMIT :looked
""")
MISSES_COUNT_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class NextCount:
    """A shelf worth counting: the item, where it lies, why, and the count that waits there already."""

    row: Row[Any]
    worth: float
    reasons: tuple[Reason, ...]

    @property
    def waits(self) -> bool:
        """Whether somebody asked for this count already."""
        return self.row.count_id is not None


async def next_counts(read: Read, place: Location, *, limit: int = SHOWN_MAX) -> list[NextCount]:
    """The shelves of a place: those somebody waits for, then the most worthwhile. What a lead decides is left out."""
    tonight = end_of_day(read.now, place.hours.zone)
    rows = await read.all(
        _RISKS,
        {
            "place": place.location_id,
            "looked": LOOKED_AT_MAX,
            "tonight": tonight,
            "soon": tonight + SOON,
            "misses_since": read.now - MISSES_COUNT_FOR,
        },
    )
    found = [_ranked(row, read.now) for row in rows if row.state != "to_approve"]
    found.sort(key=lambda one: (not one.waits, -one.worth, str(one.row.item_id)))
    return [one for one in found if one.waits or one.worth > 0][:limit]


def end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Midnight at the place."""
    local = now.astimezone(zone)
    return datetime.combine(local.date() + timedelta(days=1), time(0), tzinfo=zone)


def _ranked(row: Row[Any], now: datetime) -> NextCount:
    risk = Risk(
        days_since_count=None if row.counted_at is None else (now - row.counted_at) / timedelta(days=1),
        moves_since_count=row.moves,
        misses=row.misses,
        suspect=row.suspect,
        has_drift=row.drift,
        due_today=row.today,
        customers_today=row.customers,
        due_soon=row.soon,
        due_later=row.later,
        shown=row.shown,
    )
    return NextCount(row, counting.worth(risk), counting.reasons(risk))
