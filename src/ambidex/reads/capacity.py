"""How full the places are: limits with their slots of the coming days, pauses, and the work a pause moves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from ambidex.domains import capacity
from ambidex.domains.capacity import Limit, Pause, Taken, Wanted
from ambidex.domains.locations import Location
from ambidex.kernel.ids import LocationId, OrderId, child_id
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

# of all limits of a place together, the nearest ones
SLOTS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class SlotView:
    """One slot of one limit: how many works it takes, has, and still takes for anybody."""

    limit: Limit
    starts_at: datetime
    ends_at: datetime
    taken: int
    free: int


@dataclass(frozen=True, slots=True)
class PlaceCapacity:
    """A place with what is written for it."""

    place: Location
    limits: Sequence[Limit]
    pauses: Sequence[Pause]
    slots: Sequence[SlotView]


async def place_capacity(read: Read, place: Location, *, days: int = 2) -> PlaceCapacity:
    """Limits, pauses that hold or will, and the slots from the one that runs now on."""
    book = await capacity.book_now(read)
    limits = book.limits.get(place.location_id, ())
    begin, end = read.now - timedelta(days=1), read.now + timedelta(days=days)
    taken = await capacity.taken_between(read, limits, begin, end)
    slots = [
        SlotView(limit, slot.starts_at, ends, had.works.get(0, 0), max(0, capacity.room(limit, had, fence=0)))
        for limit in limits
        for slot in capacity.slots_between(limit, place.zone, begin, end)
        if (ends := capacity.slot_ends(limit, slot, place.zone)) > read.now
        for had in [taken.get(slot) or Taken()]
    ]
    pauses = [
        pause
        for pause in book.pauses.get(place.location_id, ())
        if pause.ends_at is None or pause.ends_at > read.now
    ]
    nearest = sorted(slots, key=lambda slot: (slot.starts_at, slot.limit.limit_id))[:SLOTS_MAX]
    return PlaceCapacity(place, limits, pauses, nearest)


_OFFERED = text("""
SELECT order_id, work_no FROM fulfillment.work
 WHERE location_id = :place AND state = 'offered' AND method = ANY(CAST(:methods AS text[]))
   AND state NOT IN ('handed_over', 'canceled', 'refused', 'lapsed', 'taken_back', 'short')
 ORDER BY order_id, work_no LIMIT :limit""")


async def offered_at(read: Read, place: LocationId, methods: Sequence[str], *, limit: int) -> list[str]:
    """Works that nobody accepted yet, in the order in which they are locked."""
    rows = await read.all(_OFFERED, {"place": place, "methods": list(methods), "limit": limit})
    return [child_id(row.order_id, row.work_no) for row in rows]


# what is promised to be done there and was not yet: it takes a slot as soon as somebody writes a limit
_DUE = text("""
SELECT w.order_id, w.work_no, w.method, o.channel,
       CASE WHEN w.method = 'pickup' THEN p.due_at ELSE CAST(p.milestones ->> 'dispatched' AS timestamptz) END AS done_by
  FROM fulfillment.work w
  JOIN orders.orders o ON o.order_id = w.order_id
  JOIN promises.promises p ON p.order_id = w.order_id AND p.work_no = w.work_no AND p.state = 'made'
   AND p.kind IN ('ready_by', 'delivered_by')
 WHERE w.location_id = :place AND w.state = ANY(CAST(:states AS text[])) AND p.due_at > :now
 ORDER BY w.order_id, w.work_no LIMIT :limit""")
UNDONE = ("offered", "accepted", "picking", "picked", "staged", "packed")
WORKS_MAX = 10_000


async def works_due(read: Read, place: LocationId) -> list[Wanted]:
    """Works of this place that are to be done still, and by when."""
    values = {"place": place, "states": list(UNDONE), "now": read.now, "limit": WORKS_MAX}
    return [
        Wanted(OrderId(row.order_id), row.work_no, place, row.method, row.channel, row.done_by)
        for row in await read.all(_DUE, values)
        if row.done_by is not None
    ]


_WITHOUT_SLOT = text("""
SELECT w.order_id, w.work_no, w.location_id, w.method, o.channel, l.time_zone,
       CASE WHEN w.method = 'pickup' THEN p.due_at ELSE CAST(p.milestones ->> 'dispatched' AS timestamptz) END AS done_by
  FROM unnest(CAST(:orders AS uuid[]), CAST(:works AS smallint[])) AS a(order_id, work_no)
  JOIN fulfillment.work w USING (order_id, work_no)
  JOIN orders.orders o ON o.order_id = w.order_id
  JOIN locations.locations l ON l.location_id = w.location_id
  JOIN promises.promises p ON p.order_id = w.order_id AND p.work_no = w.work_no AND p.state = 'made'
   AND p.kind IN ('ready_by', 'delivered_by')
 WHERE w.state = ANY(CAST(:states AS text[]))
   AND NOT EXISTS (SELECT FROM capacity.bookings b
        WHERE b.order_id = w.order_id AND b.work_no = w.work_no AND b.released_at IS NULL)
 ORDER BY w.order_id, w.work_no""")


async def works_without_slot(
    read: Read, works: Collection[tuple[OrderId, int]]
) -> list[tuple[Wanted, ZoneInfo]]:
    """Those of these works that are still to be done and were given no slot, with the zone of their place."""
    asked = {
        "orders": [order for order, _ in works],
        "works": [no for _, no in works],
        "states": list(UNDONE),
    }
    rows = await read.all(_WITHOUT_SLOT, asked) if works else []
    return [
        (
            Wanted(OrderId(r.order_id), r.work_no, LocationId(r.location_id), r.method, r.channel, r.done_by),
            ZoneInfo(r.time_zone),
        )
        for r in rows
        if r.done_by is not None
    ]


_MISSED = text("""
WITH near AS MATERIALIZED (SELECT w.order_id, w.work_no FROM capacity.limits m
  JOIN fulfillment.work w ON w.location_id = m.location_id AND (m.method = '' OR m.method = w.method)
   AND w.state = ANY(CAST(:states AS text[]))
   AND w.state NOT IN ('handed_over', 'canceled', 'refused', 'lapsed', 'taken_back', 'short', 'delivered', 'returned_to_sender', 'lost')
   AND w.offered_at BETWEEN m.changed_at - CAST(:around AS interval) AND m.changed_at + CAST(:around AS interval)
 WHERE m.changed_at > :since)
SELECT DISTINCT w.order_id, w.work_no FROM near w
 WHERE NOT EXISTS (SELECT FROM capacity.bookings b
        WHERE b.order_id = w.order_id AND b.work_no = w.work_no AND b.released_at IS NULL)
   AND EXISTS (SELECT FROM promises.promises p WHERE p.order_id = w.order_id AND p.work_no = w.work_no AND p.state = 'made'
        AND p.kind IN ('ready_by', 'delivered_by'))
 ORDER BY w.order_id, w.work_no LIMIT :limit""")


async def missed_by_limits(read: Read, *, since: datetime, limit: int) -> list[tuple[OrderId, int]]:
    """Works that were given about when a limit of their place was written, after `since`, and stand in no slot.

    What is promised for no time any more stands in none.
    """
    values = {"since": since, "around": read.now - since, "states": list(UNDONE), "limit": limit}
    rows = await read.all(_MISSED, values)
    return [(OrderId(row.order_id), row.work_no) for row in rows]


_SHORT = text("""
SELECT w.order_id, w.work_no FROM fulfillment.work w
  JOIN unnest(CAST(:orders AS uuid[]), CAST(:works AS smallint[])) AS a(order_id, work_no) USING (order_id, work_no)
 WHERE w.state = 'short'""")


async def wholly_short(read: Read, works: Collection[tuple[OrderId, int]]) -> set[tuple[OrderId, int]]:
    """Those of these works of which nothing could be found."""
    values = {"orders": [order for order, _ in works], "works": [no for _, no in works]}
    rows = await read.all(_SHORT, values) if works else []
    return {(OrderId(row.order_id), row.work_no) for row in rows}
