"""Every item x place that stock knows, page by page: what a rebuild walks through."""

from __future__ import annotations

from sqlalchemy import text

from ambidex.domains.inventory import Place
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.runtime.db import Read

# one branch each, so that each walks its own index no further than the page
_KNOWN = """
 WHERE (item_id, location_id) > (CAST(:after_item AS uuid), CAST(:after_place AS uuid))
   AND (CAST(:item_id AS uuid) IS NULL OR item_id = :item_id)
   AND (CAST(:location_id AS uuid) IS NULL OR location_id = :location_id)
 ORDER BY item_id, location_id LIMIT :limit"""
_TABLES = ("positions", "ledger", "reservations", "holds", "shorts")
_BRANCH = "(SELECT DISTINCT item_id, location_id FROM inventory.{}{})"
_BRANCHES = " UNION ".join(_BRANCH.format(table, _KNOWN) for table in _TABLES)
_PAGE = text(_BRANCHES + " ORDER BY item_id, location_id LIMIT :limit")
_START = "00000000-0000-0000-0000-000000000000"


async def places_after(
    read: Read,
    after: Place | None,
    *,
    item_id: ItemId | None = None,
    location_id: LocationId | None = None,
    limit: int,
) -> list[Place]:
    """The next places after this one in lock order, of one item or one location when asked."""
    after_item, after_place = after or (_START, _START)
    values = {"after_item": after_item, "after_place": after_place, "limit": limit}
    rows = await read.all(_PAGE, values | {"item_id": item_id, "location_id": location_id})
    return [(row.item_id, row.location_id) for row in rows]
