"""What is packed and handed to carriers: works that wait for boxes, one work with its boxes, packages that wait to leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import LocationId, child_id, parse_child_id
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass
from ambidex.reads.waves import SENT
from ambidex.runtime.db import Read

PACKED = ("packed", "dispatched", "delivered", "delivery_failed", "returned_to_sender", "lost")
_HEAD = """
SELECT w.order_id, w.work_no, w.location_id, w.state, w.method, w.assignee_name, w.state_since, o.number,
       o.contact_name, o.language, l.name AS place, l.code AS place_code, l.time_zone, y.tote_no, y.tote,
       v.number AS wave_number, p.due_at, p.made_at, p.state AS promise_state,
       (SELECT m.due_at FROM promises.milestones m WHERE m.order_id = p.order_id AND m.promise_no = p.promise_no
           AND m.kind = 'dispatched') AS leaves_at,
       (SELECT min(m.due_at) FROM promises.milestones m WHERE m.order_id = p.order_id AND m.promise_no = p.promise_no
           AND m.reached_at IS NULL) AS next_milestone
  FROM fulfillment.work w
  JOIN orders.orders o ON o.order_id = w.order_id
  JOIN locations.locations l ON l.location_id = w.location_id
  LEFT JOIN LATERAL (SELECT * FROM waves.works k WHERE k.order_id = w.order_id AND k.work_no = w.work_no AND k.is_in
        ORDER BY k.wave_id DESC LIMIT 1) y ON true
  LEFT JOIN waves.waves v ON v.wave_id = y.wave_id
  LEFT JOIN LATERAL (SELECT * FROM promises.promises q WHERE q.order_id = w.order_id AND q.work_no = w.work_no
        AND q.kind = 'delivered_by' ORDER BY q.promise_no DESC LIMIT 1) p ON true"""
_TO_PACK = text(
    _HEAD
    + """
 WHERE w.state = 'picked' AND w.method = ANY(CAST(:methods AS text[]))
   AND (CAST(:everywhere AS boolean) OR w.location_id = ANY(CAST(:places AS uuid[])))
 ORDER BY p.due_at NULLS LAST, w.order_id LIMIT 200"""
)
_ONE = text(_HEAD + " WHERE w.order_id = :order_id AND w.work_no = :work_no")
_LINES = text("""
SELECT l.line_no, l.item_id, l.wanted, l.picked, i.sku, i.name, i.variant, i.picture, i.color, i.care_note,
       i.weight_grams, i.counted_scans,
       (SELECT coalesce(sum(c.units), 0) FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
         WHERE p.order_id = l.order_id AND p.work_no = l.work_no AND c.line_no = l.line_no AND p.state <> 'opened')
         AS boxed,
       (SELECT string_agg(b.barcode, ' ' ORDER BY b.barcode) FROM catalogue.barcodes b
         WHERE b.item_id = l.item_id) AS barcodes
  FROM fulfillment.work_lines l
  JOIN catalogue.items i ON i.item_id = l.item_id
 WHERE l.order_id = :order_id AND l.work_no = :work_no AND l.wanted > 0 ORDER BY l.line_no LIMIT 500""")
_PACKAGES = text("""
SELECT p.order_id, p.package_no, p.work_no, p.state, p.grams, p.carrier, p.service, p.tracking_number, p.tracking_url,
       p.label_no, p.packed_at, p.dispatched_at, p.delivered_at, p.expected_at, t.state AS label_state, t.answer,
       t.media_type,
       (SELECT sum(c.units) FROM shipping.contents c WHERE c.order_id = p.order_id AND c.package_no = p.package_no)
         AS units
  FROM shipping.packages p
  LEFT JOIN LATERAL (SELECT * FROM shipping.labels b WHERE b.order_id = p.order_id AND b.package_no = p.package_no
        ORDER BY b.label_no DESC LIMIT 1) t ON true
 WHERE p.order_id = :order_id AND p.work_no = :work_no AND p.state <> 'opened' ORDER BY p.package_no LIMIT 100""")
# the number of the source is looked for among works that are open: their states are those of a partial index
_FOUND = text("""
SELECT w.order_id, w.work_no FROM fulfillment.work w
 WHERE w.location_id = :location_id AND w.method = ANY(CAST(:methods AS text[]))
   AND w.state = ANY(CAST(:states AS text[]))
   AND (w.order_id, w.work_no) IN (
     SELECT k.order_id, k.work_no FROM orders."references" r JOIN fulfillment.work k USING (order_id)
      WHERE r.number = upper(:code)
     UNION ALL
     SELECT y.order_id, y.work_no FROM waves.works y
      WHERE y.location_id = :location_id AND y.tote = upper(:code) AND y.tote <> '' AND y.is_in
     UNION ALL
     SELECT k.order_id, k.work_no FROM fulfillment.work k JOIN orders.orders o USING (order_id)
      WHERE k.location_id = :location_id AND upper(o.source_number) = upper(:code)
        AND k.state IN ('accepted', 'picking', 'picked', 'packed', 'dispatched', 'delivery_failed'))
 ORDER BY w.state <> 'picked', w.state_since DESC LIMIT 1""")
_LEAVING = text("""
SELECT p.order_id, p.package_no, p.work_no, p.location_id, p.state, p.carrier, p.tracking_number, p.grams, p.packed_at,
       p.dispatched_at, p.manifest_id, o.number, o.contact_name, l.name AS place, l.time_zone, t.state AS label_state,
       (SELECT m.due_at FROM promises.milestones m JOIN promises.promises q USING (order_id, promise_no)
         WHERE q.order_id = p.order_id AND q.work_no = p.work_no AND m.kind = 'dispatched'
         ORDER BY q.promise_no DESC LIMIT 1) AS leaves_at
  FROM shipping.packages p
  JOIN orders.orders o ON o.order_id = p.order_id
  JOIN locations.locations l ON l.location_id = p.location_id
  LEFT JOIN LATERAL (SELECT b.state FROM shipping.labels b WHERE b.order_id = p.order_id
        AND b.package_no = p.package_no ORDER BY b.label_no DESC LIMIT 1) t ON true
 WHERE (p.order_id, p.package_no) IN (
   SELECT q.order_id, q.package_no FROM shipping.packages q
    WHERE q.state = 'packed' AND (CAST(:everywhere AS boolean) OR q.location_id = ANY(CAST(:places AS uuid[])))
   UNION ALL
   SELECT q.order_id, q.package_no FROM shipping.manifests f JOIN shipping.packages q USING (manifest_id)
    WHERE f.closed_at IS NULL AND (CAST(:everywhere AS boolean) OR f.location_id = ANY(CAST(:places AS uuid[]))))
 ORDER BY p.packed_at, p.order_id, p.package_no LIMIT 500""")
_MANIFEST = """
SELECT f.manifest_id, f.location_id, f.carrier, f.opened_at, f.closed_at, l.name AS place, l.code AS place_code,
       l.time_zone, (SELECT count(*) FROM shipping.packages p WHERE p.manifest_id = f.manifest_id) AS packages
  FROM shipping.manifests f JOIN locations.locations l ON l.location_id = f.location_id
"""
_ONE_MANIFEST = text(_MANIFEST + " WHERE f.manifest_id = :manifest_id")
_MANIFESTS = text(
    _MANIFEST
    + """
 WHERE (f.closed_at IS NULL OR f.closed_at > :since)
   AND (CAST(:everywhere AS boolean) OR f.location_id = ANY(CAST(:places AS uuid[])))
 ORDER BY f.closed_at NULLS FIRST, f.opened_at DESC LIMIT 50"""
)


@dataclass(frozen=True)
class Packing:
    """One work with its lines (units in boxes beside what was picked) and its packages, in rows as they stand."""

    work: Row[Any]
    lines: Sequence[Row[Any]]
    packages: Sequence[Row[Any]]
    now: datetime

    @property
    def id(self) -> str:
        """The outside id of the work."""
        return child_id(self.work.order_id, self.work.work_no)

    @property
    def zone(self) -> str:
        return str(self.work.time_zone)

    @property
    def free(self) -> dict[int, int]:
        """Picked units by line that lie in no box."""
        return {line.line_no: line.picked - int(line.boxed) for line in self.lines}


@dataclass(frozen=True)
class Leaving:
    """Packages that wait for their carrier or lie on an open manifest, and the manifests."""

    packages: Sequence[Row[Any]]
    manifests: Sequence[Row[Any]]
    now: datetime


async def to_pack(read: Read, places: Collection[LocationId] | None) -> Sequence[Row[Any]]:
    """Works that are picked and wait for boxes at these places (None: anywhere), what leaves first first."""
    return await read.all(_TO_PACK, {**_where(places), "methods": list(SENT)})


async def packing(read: Read, work_id: str) -> Packing:
    """One work that is sent. Raises NotFound."""
    named = parse_child_id(work_id)
    keys: dict[str, UUID | int] = {"order_id": named[0], "work_no": named[1]} if named else {}
    work = await read.maybe(_ONE, keys) if keys else None
    if work is None:
        raise NotFound(work_id)
    return Packing(work, await read.all(_LINES, keys), await read.all(_PACKAGES, keys), read.now)


async def find_to_pack(read: Read, location_id: LocationId, code: str) -> str | None:
    """The outside id of the work that a tote, an order number or a work's own code names at this place."""
    if parse_child_id(code.strip()) is not None:
        return code.strip()
    states = ["accepted", "picking", "picked", *PACKED]
    values = {"location_id": location_id, "code": code.strip(), "methods": list(SENT), "states": states}
    row = await read.maybe(_FOUND, values)
    return None if row is None else child_id(row.order_id, row.work_no)


async def leaving(read: Read, places: Collection[LocationId] | None, *, since: datetime) -> Leaving:
    """What waits for a carrier at these places, and the manifests that are open or were closed since."""
    return Leaving(
        await read.all(_LEAVING, _where(places)), await manifests(read, places, since=since), read.now
    )


async def manifests(
    read: Read, places: Collection[LocationId] | None, *, since: datetime
) -> Sequence[Row[Any]]:
    """Manifests of these places that are open or were closed since, open ones first."""
    return await read.all(_MANIFESTS, {**_where(places), "since": since})


async def manifest_row(read: Read, manifest_id: UUID) -> Row[Any]:
    """One manifest that is there, in the same words."""
    return await read.one(_ONE_MANIFEST, {"manifest_id": manifest_id})


def _where(places: Collection[LocationId] | None) -> dict[str, Any]:
    return {"everywhere": places is None, "places": sorted(places or ())}
