"""What quotes look at: stock with what speaks against finding it, where something is at all, and which holds still count."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.domains.availability import Stock
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.values import dataclass
from ambidex.reads.availability import CLAIMABLE
from ambidex.reads.confidence import SHORTS, SHORTS_WITHIN, Doubt, Position
from ambidex.runtime.db import Read

HAVING_MAX, ROWS_MAX = 5_000, 200_000
# holds may be over, or those of who asks: a place that has nothing but what is held may have it
# item by item, as a plan for all at once would rather walk through all rows in the order of their places
_WHO_HAS = text(f"""
SELECT w.item_id, string_agg(uuid_send(p.location_id), '') AS places
  FROM unnest(CAST(:items AS uuid[]), CAST(:units AS integer[])) AS w(item_id, units)
 CROSS JOIN LATERAL (SELECT location_id FROM inventory.positions
   WHERE item_id = w.item_id AND sellable - reserved >= w.units LIMIT {HAVING_MAX}) p
 GROUP BY w.item_id""")  # noqa: S608  # a constant
_HAVING_OF = text("""
SELECT p.location_id FROM unnest(CAST(:places AS uuid[])) AS a(location_id)
  JOIN inventory.positions p ON p.location_id = a.location_id AND p.item_id = ANY(CAST(:items AS uuid[]))
 WHERE p.sellable > p.reserved GROUP BY p.location_id HAVING count(*) >= :least""")
_SHELVES = text(f"""{CLAIMABLE}, p.counted_at, p.suspect,
  CASE WHEN p.sellable > p.reserved THEN {SHORTS} ELSE 0 END AS shorts
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id)
  JOIN inventory.positions p USING (item_id, location_id)""")
# hundreds of places an item: as bytes, since a row for each costs ten times as much to read
_COUNTED = text(f"""
SELECT p.item_id, string_agg(uuid_send(p.location_id), '') AS places,
  string_agg(timestamptz_send(coalesce(p.counted_at, '-infinity')), '') AS counted
  FROM (SELECT item_id, location_id, counted_at FROM inventory.positions
         WHERE item_id = ANY(CAST(:items AS uuid[])) LIMIT {ROWS_MAX}) p
 GROUP BY p.item_id""")  # noqa: S608  # a constant
_LIVE = text("""
SELECT h.hold_id FROM inventory.holds h
 WHERE (h.item_id, h.hold_id) IN (SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:holds AS uuid[])))
   AND h.released_at IS NULL AND h.expires_at > :now""")


@dataclass(frozen=True, slots=True)
class LastCounts:
    """Places that know an item, sixteen bytes each, and in the same order the microseconds from the year 2000 to its last
    count there, eight bytes each; the least number: never.
    """

    places: bytes
    counted: bytes


async def who_has(read: Read, wanted: Mapping[ItemId, int]) -> dict[ItemId, bytes]:
    """By item, the places where so many units of it are not sold, sixteen bytes each; held ones count, as their time may
    be over. No entry for an item that lies nowhere.
    """
    rows = await read.all(_WHO_HAS, {"items": list(wanted), "units": list(wanted.values())})
    return {row.item_id: row.places for row in rows}


async def those_having(
    read: Read, item_ids: Collection[ItemId], places: Collection[LocationId]
) -> set[LocationId]:
    """Which of these places have something of each item that is not sold."""
    asked = {"items": sorted(item_ids), "places": sorted(places), "least": len(item_ids)}
    return {row[0] for row in await read.all(_HAVING_OF, asked)}


async def shelves(
    read: Read, positions: Collection[Position]
) -> tuple[dict[Position, Stock], dict[Position, Doubt]]:
    """What may be claimed of exactly these positions, and what speaks against finding it."""
    asked = sorted(positions)
    values = {"items": [item for item, _ in asked], "places": [place for _, place in asked]}
    rows = [
        tuple(row)
        for row in await read.all(_SHELVES, values | {"now": read.now, "since": read.now - SHORTS_WITHIN})
    ]
    stock = {row[:2]: Stock(*row[2:7]) for row in rows}
    return stock, {row[:2]: Doubt(*row[7:]) for row in rows}


async def last_counts(read: Read, item_ids: Collection[ItemId]) -> dict[ItemId, LastCounts]:
    """By item, the places that know it and when each was last counted; none for an item that no place knows."""
    rows = await read.all(_COUNTED, {"items": sorted(item_ids)})
    return {row.item_id: LastCounts(row.places, row.counted) for row in rows}


async def live_holds(read: Read, holds: dict[UUID, ItemId]) -> set[UUID]:
    """Those of these holds that still keep their units."""
    if not holds:
        return set()
    asked = sorted(holds)
    values: dict[str, Any] = {"holds": asked, "items": [holds[one] for one in asked], "now": read.now}
    return {row.hold_id for row in await read.all(_LIVE, values)}
