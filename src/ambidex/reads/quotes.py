"""What quotes look at: stock with what speaks against finding it, where something is at all, and which holds still count."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.kernel.ids import ItemId, LocationId
from ambidex.runtime.db import Read

HAVING_MAX, ROWS_MAX = 5_000, 200_000
_HAVING = text("""
SELECT DISTINCT location_id FROM (
  SELECT p.location_id FROM inventory.positions p
   WHERE p.item_id = ANY(CAST(:items AS uuid[])) AND p.sellable > p.reserved + p.held LIMIT :limit) AS h""")
_COUNTED = text("""
SELECT p.item_id, p.location_id, p.counted_at FROM inventory.positions p
 WHERE p.item_id = ANY(CAST(:items AS uuid[])) LIMIT :limit""")
_LIVE = text("""
SELECT h.hold_id FROM inventory.holds h
 WHERE (h.item_id, h.hold_id) IN (SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:holds AS uuid[])))
   AND h.released_at IS NULL AND h.expires_at > :now""")


async def places_having(read: Read, item_ids: Collection[ItemId]) -> set[LocationId]:
    """Where at least one of these items is not all claimed."""
    rows = await read.all(_HAVING, {"items": sorted(item_ids), "limit": HAVING_MAX})
    return {LocationId(row.location_id) for row in rows}


async def last_counts(
    read: Read, item_ids: Collection[ItemId]
) -> dict[ItemId, dict[LocationId, datetime | None]]:
    """By item, the places that know it and when each was last counted."""
    rows = await read.all(_COUNTED, {"items": sorted(item_ids), "limit": ROWS_MAX})
    found: dict[ItemId, dict[LocationId, datetime | None]] = {item: {} for item in item_ids}
    for row in rows:
        found[row.item_id][row.location_id] = row.counted_at
    return found


async def live_holds(read: Read, holds: dict[UUID, ItemId]) -> set[UUID]:
    """Those of these holds that still keep their units."""
    if not holds:
        return set()
    asked = sorted(holds)
    values: dict[str, Any] = {"holds": asked, "items": [holds[one] for one in asked], "now": read.now}
    return {row.hold_id for row in await read.all(_LIVE, values)}
