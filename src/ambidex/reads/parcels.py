"""Parcels that somebody must look at: not delivered, on their way back, too late, back and not decided; and one of them."""

# ruff: noqa: S608  # every piece of every statement is a constant of this file

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from ambidex.domains import payments, shipping
from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass
from ambidex.reads.packages import must_see
from ambidex.runtime.db import Read

_COLUMNS = """p.order_id, p.package_no, p.work_no, p.location_id, p.state, p.carrier, p.tracking_number, p.tracking_url,
       p.state_since, p.dispatched_at, p.delivered_at, p.sent_again_at, o.number, o.contact_name, l.name AS place,
       l.time_zone"""
_JOINS = """JOIN orders.orders o ON o.order_id = p.order_id
  JOIN locations.locations l ON l.location_id = p.location_id"""
# a watchdog that fired is looked at again within the hour, so its index gives the few that did
_WAITING = text(f"""
WITH asked AS (
  SELECT p.order_id, p.package_no, min(e.due_at) AS due_at
    FROM watch.exceptions e JOIN shipping.packages p ON p.order_id = e.order_id
     AND e.facts->>'package' = replace(CAST(p.order_id AS text), '-', '') || '-' || p.package_no
   WHERE e.state = 'open' AND e.facts ? 'package' GROUP BY p.order_id, p.package_no
   UNION ALL
  SELECT p.order_id, p.package_no, d.due_at
    FROM watch.watchdogs d JOIN shipping.packages p ON p.order_id = d.order_id AND p.work_no = d.work_no
   WHERE d.waits_for = 'deliver' AND d.next_at < CAST(:now AS timestamptz) + interval '1 hour' AND d.due_at < :now
     AND p.state = 'dispatched')
SELECT DISTINCT ON (a.due_at, a.order_id, a.package_no) {_COLUMNS}, a.due_at
  FROM asked a JOIN shipping.packages p ON p.order_id = a.order_id AND p.package_no = a.package_no
  {_JOINS}
 WHERE CAST(:everywhere AS boolean) OR p.location_id = ANY(CAST(:places AS uuid[]))
 ORDER BY a.due_at, a.order_id, a.package_no LIMIT 200""")
_ONE = text(f"""
SELECT {_COLUMNS}, b.name AS back_place, s.words, s.status, s.city, s.happened_at,
       d.decided, d.decided_by, d.decided_at,
       p.state = 'dispatched' AND EXISTS (SELECT 1 FROM watch.watchdogs d WHERE d.order_id = p.order_id
         AND d.work_no = p.work_no AND d.waits_for = 'deliver' AND d.closed_at IS NULL AND d.due_at < :now) AS is_late,
       (SELECT min(d.due_at) FROM watch.watchdogs d WHERE d.order_id = p.order_id
         AND d.work_no = p.work_no AND d.waits_for = 'deliver' AND d.closed_at IS NULL) AS expected_by,
       (SELECT json_agg(json_build_object('title', i.title, 'quantity', c.units) ORDER BY c.line_no)
          FROM shipping.contents c JOIN orders.lines i USING (order_id, line_no)
         WHERE c.order_id = p.order_id AND c.package_no = p.package_no) AS contents
  FROM shipping.packages p
  {_JOINS}
  LEFT JOIN locations.locations b ON b.location_id = p.back_at
  LEFT JOIN LATERAL (SELECT * FROM shipping.scans t WHERE t.order_id = p.order_id AND t.package_no = p.package_no
        ORDER BY t.happened_at DESC, t.status = 'pre_transit', t.recorded_at DESC LIMIT 1) s ON true
  LEFT JOIN LATERAL (SELECT coalesce(e.payload->>'reason', e.payload->>'words') AS decided, e.actor->>'name' AS decided_by,
          e.happened_at AS decided_at
          FROM runtime.events e WHERE e.order_id = p.order_id AND e.actor->>'kind' = 'person'
           AND e.subject = 'package:' || replace(CAST(p.order_id AS text), '-', '') || '-' || p.package_no
           AND e.name IN ('shipping.tried-again', 'shipping.sent-back', 'shipping.sent-again', 'shipping.lost')
         ORDER BY e.seq DESC LIMIT 1) d ON true
 WHERE p.order_id = :order_id AND p.package_no = :package_no""")


@dataclass(frozen=True)
class ParcelPage:
    """One parcel with the last word of its carrier, and whether its money goes back already."""

    parcel: Row[Any]
    is_paid_back: bool
    now: datetime


async def waiting_parcels(read: Read, places: Collection[LocationId] | None) -> Sequence[Row[Any]]:
    """What left these places (None: any) and waits for somebody, the most urgent first."""
    values = {"everywhere": places is None, "places": sorted(places or ()), "now": read.now}
    return await read.all(_WAITING, values)


async def parcel_page(read: Read, who: Actor, package_id: str) -> ParcelPage:
    """One parcel by its outside id, for who sees the work of its place. Raises UnknownPackage, NotAllowed."""
    found = await shipping.find.package_from_id(read, package_id)
    must_see(who, found.location_id)
    row = await read.one(_ONE, {"order_id": found.order_id, "package_no": found.package_no, "now": read.now})
    facts = (await payments.money(read, found.order_id)).facts
    paid = any(fact.kind == "refund_due" and fact.cause == found.paid_back_as for fact in facts)
    return ParcelPage(row, paid, read.now)
