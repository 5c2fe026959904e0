"""Counts as people see them. Who may still count one sees neither the book nor what others entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains.locations import Location
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.page import Page
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

BLIND = frozenset({"open", "counting", "recount"})
_COLUMNS = """
SELECT c.count_id, c.item_id, c.location_id, c.kind, c.cause, c.state, c.counted, c.expected, c.counters, c.opened_at,
       c.counted_at, c.closed_at, c.decided_by, i.sku, i.name, i.variant, i.picture, i.color, i.price_minor,
       i.currency, l.code AS place_code, l.name AS place, l.time_zone, coalesce(p.spot, '') AS spot,
       (SELECT string_agg(b.barcode, ' ' ORDER BY b.barcode) FROM catalogue.barcodes b
         WHERE b.item_id = c.item_id) AS barcodes,
       (SELECT string_agg(e.counted_by_name, ', ' ORDER BY e.entry_no) FROM counting.entries e
         WHERE e.item_id = c.item_id AND e.count_id = c.count_id) AS counter_names,
       (SELECT array_agg(e.counted ORDER BY e.entry_no) FROM counting.entries e
         WHERE e.item_id = c.item_id AND e.count_id = c.count_id) AS entered,
       (SELECT array_agg(e.expected ORDER BY e.entry_no) FROM counting.entries e
         WHERE e.item_id = c.item_id AND e.count_id = c.count_id) AS books
  FROM counting.counts c
  JOIN catalogue.items i ON i.item_id = c.item_id
  JOIN locations.locations l ON l.location_id = c.location_id
  LEFT JOIN inventory.positions p ON p.item_id = c.item_id AND p.location_id = c.location_id"""
_ONE = text(f"{_COLUMNS} WHERE c.count_id = :count_id")
_SOME = text(f"{_COLUMNS} WHERE c.count_id = ANY(CAST(:count_ids AS uuid[])) ORDER BY c.count_id LIMIT 200")
_PAGE = text(f"""{_COLUMNS}
 WHERE c.location_id = :place AND (CAST(:states AS text[]) IS NULL OR c.state = ANY(CAST(:states AS text[])))
   AND (CAST(:after AS uuid) IS NULL OR c.count_id < CAST(:after AS uuid))
 ORDER BY c.count_id DESC LIMIT :limit""")
_WAITING = text(
    f"{_COLUMNS} WHERE c.item_id = :item_id AND c.location_id = :place"
    " AND c.state IN ('open', 'counting', 'recount', 'to_approve')"
)
_SPOT = text("SELECT spot FROM inventory.positions WHERE item_id = :item_id AND location_id = :place")
_KNOWN = text("SELECT 1 FROM inventory.positions WHERE item_id = :item_id AND location_id = :place")


@dataclass(frozen=True, slots=True)
class CountView:
    """One count as this person may see it: numbers only once it is in, or to who decides it."""

    row: Row[Any]
    sees_numbers: bool
    may_decide: bool
    may_count: bool

    @property
    def counted(self) -> int | None:
        return self.row.counted if self.sees_numbers else None

    @property
    def expected(self) -> int | None:
        return self.row.expected if self.sees_numbers else None

    @property
    def entered(self) -> list[int]:
        """What each person entered, in order."""
        return list(self.row.entered or ()) if self.sees_numbers else []


async def one(read: Read, who: Actor, count_id: UUID) -> CountView:
    """Raises NotFound."""
    row = await read.maybe(_ONE, {"count_id": count_id})
    if row is None:
        raise NotFound("count", count_id=str(count_id))
    return view(row, who)


async def some(read: Read, who: Actor, count_ids: Sequence[UUID]) -> list[CountView]:
    """These counts, oldest first."""
    rows = await read.all(_SOME, {"count_ids": list(count_ids)})
    return [view(row, who) for row in rows]


async def page(
    read: Read, who: Actor, place: Location, *, states: Sequence[str], after: UUID | None, limit: int
) -> Page[CountView]:
    """Counts of a place, the newest first; without states, all."""
    rows = await read.all(
        _PAGE,
        {
            "place": place.location_id,
            "states": list(states) or None,
            "after": after,
            "limit": limit + 1,
        },
    )
    more = str(rows[limit - 1].count_id) if len(rows) > limit else None
    return Page([view(row, who) for row in rows[:limit]], more)


def view(row: Row[Any], who: Actor) -> CountView:
    """Hide what must not be seen before the count is in."""
    counted_it = who.id in row.counters
    may_decide = (
        row.state == "to_approve" and not counted_it and who.may(Permission.STOCK_APPROVE, at=row.location_id)
    )
    may_count = row.state in BLIND and not counted_it and who.may(Permission.STOCK_COUNT, at=row.location_id)
    return CountView(row, row.state not in BLIND, may_decide, may_count)


async def is_known(read: Read, item_id: ItemId, location_id: LocationId) -> bool:
    """Whether the book knows anything of this item here."""
    return await read.maybe(_KNOWN, {"item_id": item_id, "place": location_id}) is not None


async def waiting_at(read: Read, who: Actor, item_id: ItemId, location_id: LocationId) -> CountView | None:
    """The count that waits for this item at this place."""
    row = await read.maybe(_WAITING, {"item_id": item_id, "place": location_id})
    return None if row is None else view(row, who)


async def spot_of(read: Read, item_id: ItemId, location_id: LocationId) -> str:
    """Where it lies, for walking."""
    return str(await read.value(_SPOT, {"item_id": item_id, "place": location_id}) or "")
