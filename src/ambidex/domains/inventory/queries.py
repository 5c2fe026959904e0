"""Reading stock for display and for a first, unlocked look before a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import text

from ambidex.domains.inventory.model import Place
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.runtime.db import Read

# A hold that has expired claims nothing, even before somebody lets go of its row.
_AVAILABLE = """
SELECT p.item_id, p.location_id, p.sellable - p.reserved - p.safety - p.held + CASE WHEN p.held = 0 THEN 0 ELSE
  coalesce((SELECT sum(h.quantity) FROM inventory.holds h WHERE h.item_id = p.item_id
    AND h.location_id = p.location_id AND h.released_at IS NULL AND h.expires_at <= :now), 0) END AS atp
  FROM inventory.positions p WHERE p.item_id = ANY(CAST(:items AS uuid[]))"""
_AVAILABLE_ANYWHERE = text(_AVAILABLE)
_AVAILABLE_THERE = text(_AVAILABLE + " AND p.location_id = ANY(CAST(:places AS uuid[]))")


async def available(
    read: Read, item_ids: Iterable[ItemId], location_ids: Iterable[LocationId] | None = None
) -> dict[Place, int]:
    """Units that may be promised (ATP) per item and place; places without any are left out only when unknown.

    Not locked: a decision taken on it is proved by the guarded statement that takes the stock. May be negative
    where a physical fact lowered the stock below its claims.
    """
    values = {"items": sorted(set(item_ids)), "now": read.now}
    if location_ids is None:
        rows = await read.all(_AVAILABLE_ANYWHERE, values)
    else:
        rows = await read.all(_AVAILABLE_THERE, values | {"places": sorted(set(location_ids))})
    return {(row.item_id, row.location_id): int(row.atp) for row in rows}


_SPOTS = text("""
SELECT item_id, spot FROM inventory.positions
 WHERE item_id = ANY(CAST(:items AS uuid[])) AND location_id = :location_id""")


async def spots(read: Read, item_ids: Sequence[ItemId], location_id: LocationId) -> dict[ItemId, str]:
    """Where at this place each item lies, for walking."""
    rows = await read.all(_SPOTS, {"items": list(item_ids), "location_id": location_id})
    return {row.item_id: row.spot for row in rows}


_BOOKED = text("""
SELECT order_id FROM inventory.reservations
 WHERE item_id = :item_id AND location_id = :location_id AND quantity > 0 GROUP BY order_id ORDER BY order_id""")


async def booked_orders(read: Read, item_id: ItemId, location_id: LocationId) -> list[OrderId]:
    """The orders that claim this item at this place, by id."""
    rows = await read.all(_BOOKED, {"item_id": item_id, "location_id": location_id})
    return [row.order_id for row in rows]
