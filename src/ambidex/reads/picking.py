"""One work in front of a person: its walk, where each unit lies and how surely, what was scanned, who collects.

The same read serves pick, stage and hand over, so that the three pages never disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import child_id, parse_child_id
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

_WORK = text("""
SELECT w.*, o.number, o.contact_name, o.contact_phone, o.contact_email, o.collectors, o.currency, o.total_minor,
       o.language, o.state AS order_state, l.name AS place, l.time_zone, p.due_at, p.made_at,
       p.state AS promise_state, b.due_at AS due_before,
       (SELECT min(m.due_at) FROM promises.milestones m
         WHERE m.order_id = p.order_id AND m.promise_no = p.promise_no AND m.reached_at IS NULL) AS next_milestone,
       (SELECT m.due_at FROM promises.milestones m WHERE m.order_id = p.order_id AND m.promise_no = p.promise_no
           AND m.kind = 'dispatched') AS leaves_at
  FROM fulfillment.work w
  JOIN orders.orders o ON o.order_id = w.order_id
  JOIN locations.locations l ON l.location_id = w.location_id
  LEFT JOIN LATERAL (SELECT * FROM promises.promises q
         WHERE q.order_id = w.order_id AND q.work_no = w.work_no AND q.kind IN ('ready_by', 'delivered_by')
         ORDER BY q.promise_no DESC LIMIT 1) p ON true
  LEFT JOIN promises.promises b ON b.order_id = p.order_id AND b.promise_no = p.replaces
 WHERE w.order_id = :order_id AND w.work_no = :work_no
""")
_LINES = text("""
SELECT l.line_no, l.item_id, l.asked, l.wanted, l.picked, l.short, l.dropped, l.handed_over, l.to_put_away,
       i.sku, i.name, i.variant, i.picture, i.color, i.care_note, i.counted_scans,
       o.unit_price_minor, coalesce(s.spot, '') AS spot, coalesce(s.sellable, 0) AS sellable,
       coalesce(s.suspect, 0) AS suspect, s.changed_at AS stock_changed_at,
       (SELECT string_agg(b.barcode, ' ' ORDER BY b.barcode) FROM catalogue.barcodes b
         WHERE b.item_id = l.item_id) AS barcodes
  FROM fulfillment.work_lines l
  JOIN catalogue.items i ON i.item_id = l.item_id
  JOIN orders.lines o ON o.order_id = l.order_id AND o.line_no = l.line_no
  LEFT JOIN inventory.positions s ON s.item_id = l.item_id AND s.location_id = :location_id
 WHERE l.order_id = :order_id AND l.work_no = :work_no
 ORDER BY s.spot NULLS LAST, l.line_no LIMIT 500
""")
_EVIDENCE = text("""
SELECT evidence_id, line_no, step, kind, quantity, reason, place, actor_name, happened_at
  FROM fulfillment.evidence WHERE order_id = :order_id AND work_no = :work_no
 ORDER BY recorded_at, evidence_id LIMIT 2000
""")
_STAGING = text("""
SELECT s.code, s.label,
       (SELECT count(*) FROM fulfillment.work w
         WHERE w.location_id = s.location_id AND w.staging_place = s.code AND w.state IN ('staged','ready')) AS taken
  FROM locations.staging_places s WHERE s.location_id = :location_id ORDER BY s.code LIMIT 500
""")
_ELSEWHERE = text("""
SELECT s.item_id, s.location_id, l.name AS place, s.sellable - s.reserved - s.held - s.safety AS free
  FROM inventory.positions s
  JOIN locations.locations l ON l.location_id = s.location_id
  JOIN locations.locations here ON here.location_id = :location_id
 WHERE s.item_id IN (SELECT item_id FROM fulfillment.work_lines
                      WHERE order_id = :order_id AND work_no = :work_no AND wanted > picked)
   AND s.location_id <> :location_id AND 'pickup' = ANY(l.capabilities) AND l.closed_from IS NULL
   AND s.sellable - s.reserved - s.held - s.safety > 0
 ORDER BY s.item_id, abs(coalesce(l.latitude - here.latitude, 90)) + abs(coalesce(l.longitude - here.longitude, 180)),
          l.name
 LIMIT 60
""")


@dataclass(frozen=True)
class Picking:
    """Rows as they stand; the pages turn them into a walk, a staging and a hand-over."""

    work: Row[Any]
    lines: Sequence[Row[Any]]
    evidence: Sequence[Row[Any]]
    staging: Sequence[Row[Any]]
    elsewhere: Sequence[Row[Any]]
    now: datetime

    @property
    def id(self) -> str:
        """The outside id of the work."""
        return child_id(self.work.order_id, self.work.work_no)

    @property
    def zone(self) -> str:
        """The zone its place lives in."""
        return str(self.work.time_zone)

    @property
    def wanted(self) -> int:
        """Units this work still has to hand over, or handed over."""
        return sum(line.wanted for line in self.lines)

    @property
    def picked(self) -> int:
        """Units in hand."""
        return sum(line.picked for line in self.lines)

    @property
    def open_line(self) -> Row[Any] | None:
        """The next line of the walk that has something to pick."""
        return next((line for line in self.lines if line.picked < line.wanted), None)

    def label_of(self, place: str) -> str:
        """What a staging place is called by people."""
        return next((str(s.label or s.code) for s in self.staging if s.code == place), place)


async def picking(read: Read, work_id: str) -> Picking:
    """The work of an outside id with all that its pages show. Raises NotFound."""
    named = parse_child_id(work_id)
    keys: dict[str, UUID | int] = {"order_id": named[0], "work_no": named[1]} if named else {}
    work = await read.maybe(_WORK, keys) if keys else None
    if work is None:
        raise NotFound(work_id)
    here = {**keys, "location_id": work.location_id}
    return Picking(
        work=work,
        lines=await read.all(_LINES, here),
        evidence=await read.all(_EVIDENCE, keys),
        staging=await read.all(_STAGING, {"location_id": work.location_id}),
        elsewhere=await read.all(_ELSEWHERE, here) if work.state in {"accepted", "picking"} else (),
        now=read.now,
    )
