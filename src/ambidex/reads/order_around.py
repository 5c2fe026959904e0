"""What stands around an order on its page: who owns it, its places, and where else its items could be had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from ambidex.domains.catalogue.tables import items
from ambidex.domains.channels.tables import sources
from ambidex.domains.inventory.tables import positions
from ambidex.domains.locations.tables import locations, staging_places
from ambidex.domains.people.tables import staff
from ambidex.domains.watch.tables import ownership
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read

ELSEWHERE_MAX = 12


async def owner_of(read: Read, order_id: OrderId) -> Row[Any] | None:
    return await read.maybe(
        select(ownership, staff.c.name.label("staff_name"), locations.c.name.label("place"))
        .join(staff, staff.c.staff_id == ownership.c.staff_id, isouter=True)
        .join(locations, locations.c.location_id == ownership.c.location_id, isouter=True)
        .where(ownership.c.order_id == order_id)
    )


def shelf_of(table: Any, code: Any) -> Any:
    """A column: what people call the staging place of a row, as its label says; its code where it has none."""
    label = (
        select(staging_places.c.label)
        .where(staging_places.c.location_id == table.c.location_id, staging_places.c.code == code)
        .scalar_subquery()
    )
    return func.coalesce(func.nullif(label, ""), code).label("shelf")


async def places_of(read: Read, rows: Sequence[Row[Any]]) -> dict[UUID, Row[Any]]:
    wanted = {row.location_id for row in rows if row.location_id}
    if not wanted:
        return {}
    found = await read.all(
        select(
            locations.c.location_id,
            locations.c.code,
            locations.c.name,
            locations.c.time_zone,
            locations.c.phone,
            locations.c.address,
            locations.c.city,
        )
        .where(locations.c.location_id.in_(wanted))
        .limit(50)
    )
    return {row.location_id: row for row in found}


async def elsewhere(read: Read, its_lines: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Where the items of this order could be had now, the best stocked first."""
    missing = {row.item_id for row in its_lines if row.q_short or row.q_backordered}
    if not missing:
        return []
    free = (positions.c.sellable - positions.c.reserved - positions.c.held - positions.c.safety).label("free")
    return await read.all(
        select(positions.c.item_id, items.c.name.label("item"), locations.c.name.label("place"), free)
        .join(locations, locations.c.location_id == positions.c.location_id)
        .join(items, items.c.item_id == positions.c.item_id)
        .where(positions.c.item_id.in_(missing), free > 0)
        .order_by(free.desc())
        .limit(ELSEWHERE_MAX)
    )


async def source_of(read: Read, source_id: UUID) -> Row[Any] | None:
    """Code and kind of the system behind the order."""
    return await read.maybe(select(sources.c.code, sources.c.kind).where(sources.c.source_id == source_id))
