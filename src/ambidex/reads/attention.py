"""Where somebody must look although no watchdog is due: places with work and nobody on shift."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text

from ambidex.kernel.ids import LocationId, OrderId
from ambidex.runtime.db import Read

# the rungs of the place itself; above them head office answers, on shift or on call
_ABSENT = """
  o.waiting_for = 'staff' AND o.level <= 2 AND NOT EXISTS (
    SELECT 1 FROM people.shifts s
     WHERE s.location_id = o.location_id AND s.starts_at <= :now AND s.ends_at > :now
       AND CASE WHEN o.staff_id IS NULL THEN s.role = o.role ELSE s.staff_id = o.staff_id END)
"""
# who owns anything at a place is few, however many orders they own
_PLACES = text(f"""
SELECT DISTINCT o.location_id FROM (
  SELECT DISTINCT location_id, role, staff_id, waiting_for, level FROM watch.ownership
   WHERE waiting_for = 'staff' AND level <= 2 AND location_id IS NOT NULL) o
 WHERE {_ABSENT}
 ORDER BY o.location_id LIMIT 1000
""")  # noqa: S608  # a constant of ours
_ORDERS = text(f"""
SELECT o.order_id FROM watch.ownership o
 WHERE o.location_id = ANY(CAST(:places AS uuid[])) AND {_ABSENT}
 ORDER BY o.next_deadline LIMIT :limit
""")  # noqa: S608  # a constant of ours


async def deserted_places(read: Read) -> list[LocationId]:
    """Places where somebody owns work who is not on shift now; open or not."""
    rows = await read.all(_PLACES, {"now": read.now})
    return [LocationId(row.location_id) for row in rows]


async def deserted_orders(read: Read, places: Collection[LocationId], *, limit: int) -> list[OrderId]:
    """Orders of these places whose owner is not on shift now, the most urgent first."""
    rows = await read.all(_ORDERS, {"now": read.now, "places": list(places), "limit": limit})
    return [OrderId(row.order_id) for row in rows]
