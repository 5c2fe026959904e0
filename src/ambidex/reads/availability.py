"""How many units may be promised to whom, and from where. Never behind: it reads the primary.

One look gives the rules, the items with their components and the stock at every place that knows them, so that any
number of askers are answered from the same moment by the same pure function.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from ambidex.domains import availability
from ambidex.domains.availability import Answer, Ask, KitAnswer, Rulebook, Stock
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.values import dataclass, field, replace
from ambidex.runtime.db import Read

ROWS_MAX = 200_000
COMING_MAX = 500
NOT_FOR_SALE = ("suspect", "staged", "damaged", "quarantine", "display")
Position = tuple[ItemId, LocationId]


@dataclass(frozen=True, slots=True)
class Ware:
    """An item as availability sees it; `made_of` are the components of a kit with their quantities."""

    item_id: ItemId
    sku: str
    title: str
    category: str
    made_of: tuple[tuple[ItemId, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as availability sees it."""

    location_id: LocationId
    code: str
    name: str
    kind: str
    zone: ZoneInfo
    capabilities: frozenset[str]
    closed_from: date | None


@dataclass(frozen=True, slots=True)
class Coming:
    """Units that will be at a place; `kind` is transfer or inbound."""

    item_id: ItemId
    spot: Spot
    units: int
    at: datetime
    reference: str
    kind: str


@dataclass(frozen=True, slots=True)
class Look:
    """Rules, items and stock of one moment."""

    book: Rulebook
    items: Mapping[ItemId, Ware]
    spots: Mapping[LocationId, Spot]
    stock: Mapping[ItemId, Sequence[tuple[Spot, Stock]]] = field(default_factory=dict)
    only: frozenset[LocationId] | None = None

    def answer(self, item_id: ItemId, ask: Ask, *, routed: bool) -> Answer | KitAnswer:
        """What this customer may have of an item or kit. `routed`: nobody chose the place, so the floor counts."""
        ware = self.items[item_id]
        if not ware.made_of:
            return self.of_item(ware, ask, routed=routed)
        parts = tuple((self.of_item(self.items[c], ask, routed=routed), n) for c, n in ware.made_of)
        return KitAnswer(item_id, ask, parts)

    def within(self, location_ids: Collection[LocationId]) -> Look:
        """The same moment, offered from these places only; thresholds still count what all places have."""
        return replace(self, only=frozenset(location_ids))

    def after(self, arrived: Iterable[Coming]) -> Look:
        """The same moment, as if these had arrived already."""
        stock = {item_id: dict(stands) for item_id, stands in self.stock.items()}
        for one in arrived:
            there = stock.setdefault(one.item_id, {})
            before = there.get(one.spot, Stock(0))
            there[one.spot] = replace(before, sellable=before.sellable + one.units)
        return replace(self, stock={item_id: list(there.items()) for item_id, there in stock.items()})

    def of_item(self, ware: Ware, ask: Ask, *, routed: bool) -> Answer:
        """The same for an item that is no kit."""
        stands = self.stock.get(ware.item_id, ())
        found = availability.answer(self.book, ware, stands, ask=ask, routed=routed)
        if self.only is None:
            return found
        return replace(found, offers=tuple(o for o in found.offers if o.location_id in self.only))


# A hold that has expired claims nothing, even before somebody lets go of its row. Who waits for units that are
# on their way for this very order waits for those, not for what lies here.
CLAIMABLE = """
SELECT p.item_id, p.location_id, p.sellable, p.reserved,
  p.held - CASE WHEN p.held = 0 THEN 0 ELSE coalesce((SELECT sum(h.quantity) FROM inventory.holds h
    WHERE h.item_id = p.item_id AND h.location_id = p.location_id AND h.released_at IS NULL
      AND h.expires_at <= :now), 0)::integer END AS held, p.safety,
  coalesce((SELECT sum(greatest(0, l.q_backordered - coalesce((SELECT sum((SELECT sum(t.asked)
        FROM transfers.lines t WHERE t.delivery_id = d.delivery_id AND t.order_line = l.line_no))
      FROM transfers.deliveries d
     WHERE d.order_id = l.order_id AND d.to_id = l.location_id
       AND d.state IN ('requested', 'approved', 'picking', 'in_transit', 'partly_received')), 0)))
    FROM orders.lines l WHERE l.item_id = p.item_id AND l.location_id = p.location_id
     AND l.q_backordered > 0), 0)::integer AS waiting"""
_STOCK = f"""{CLAIMABLE}, p.suspect, p.staged, p.damaged, p.quarantine, p.display
  FROM inventory.positions p WHERE p.item_id = ANY(CAST(:items AS uuid[]))"""
_AT = text(f"""{CLAIMABLE}
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id)
  JOIN inventory.positions p USING (item_id, location_id)""")
_EVERYWHERE = text(_STOCK + " LIMIT :limit")
_THERE = text(_STOCK + " AND p.location_id = ANY(CAST(:places AS uuid[])) LIMIT :limit")
_WARES = """
SELECT i.item_id, i.sku, i.name, i.variant, i.category, (SELECT version FROM runtime.versions WHERE name = 'availability') AS version,
  (SELECT json_agg(json_build_array(c.item_id, c.quantity) ORDER BY c.component_no) FROM catalogue.components c
    WHERE c.kit_id = i.item_id) AS made_of
  FROM catalogue.items i"""
_BY_ID = text(
    _WARES  # noqa: S608  # a constant
    + """ WHERE i.item_id IN (SELECT unnest(CAST(:items AS uuid[]))
  UNION ALL SELECT item_id FROM catalogue.components WHERE kit_id = ANY(CAST(:items AS uuid[])))"""
)
_BY_SKU = text(
    _WARES  # noqa: S608  # a constant
    + """ WHERE i.item_id IN (SELECT item_id FROM catalogue.items WHERE sku = ANY(CAST(:skus AS text[]))
  UNION ALL SELECT c.item_id FROM catalogue.components c JOIN catalogue.items k ON k.item_id = c.kit_id
   WHERE k.sku = ANY(CAST(:skus AS text[])))"""
)
_SPOTS = text("""
SELECT location_id, code, name, kind, time_zone, capabilities, closed_from FROM locations.locations
 WHERE location_id = ANY(CAST(:places AS uuid[]))""")
_KITS = text("SELECT DISTINCT kit_id FROM catalogue.components WHERE item_id = ANY(CAST(:items AS uuid[]))")

# What is late and has no new date is promised to nobody; what is bound to an order is that order's.
_COMING = text("""
SELECT t.item_id, d.reference, d.kind, d.expected_at AS at, p.location_id, p.code, p.name, p.kind AS place_kind,
  p.time_zone, p.capabilities, p.closed_from, sum(CASE WHEN d.state = 'in_transit' THEN t.sent - t.received - t.damaged
    ELSE t.asked - t.received - t.damaged END)::integer AS units
  FROM transfers.lines t JOIN transfers.deliveries d USING (delivery_id)
  JOIN locations.locations p ON p.location_id = d.to_id
 WHERE t.item_id = ANY(CAST(:items AS uuid[])) AND d.purpose <> 'order' AND d.expected_at > :now
   AND d.state IN ('approved', 'picking', 'in_transit', 'announced')
 GROUP BY t.item_id, d.delivery_id, p.location_id ORDER BY d.expected_at, d.reference LIMIT :limit""")


async def look(read: Read, item_ids: Collection[ItemId]) -> Look:
    """Everything needed to answer for these items, and for the components of those that are kits."""
    return await _look(read, await read.all(_BY_ID, {"items": sorted(set(item_ids))}))


async def look_by_sku(read: Read, skus: Collection[str]) -> Look:
    """The same by SKU; unknown ones are left out."""
    return await _look(read, await read.all(_BY_SKU, {"skus": sorted(set(skus))}))


async def kits_with(read: Read, item_ids: Collection[ItemId]) -> set[ItemId]:
    """The kits that change when these items change."""
    return {ItemId(row.kit_id) for row in await read.all(_KITS, {"items": sorted(set(item_ids))})}


async def coming(read: Read, item_ids: Collection[ItemId]) -> list[Coming]:
    """What will arrive, the soonest first; nothing that is late or bound to an order."""
    values = {"items": sorted(set(item_ids)), "now": read.now, "limit": COMING_MAX}
    rows = await read.all(_COMING, values)
    return [
        Coming(row.item_id, _spot(row, row.place_kind), row.units, row.at, row.reference, row.kind)
        for row in rows
        if row.units > 0
    ]


async def stock_at(
    read: Read, item_ids: Collection[ItemId], location_ids: Collection[LocationId] | None = None
) -> dict[Position, Stock]:
    """What the book says of these items, at these places or at all that know them."""
    values = {"items": sorted(set(item_ids)), "now": read.now, "limit": ROWS_MAX}
    if location_ids is None:
        rows = await read.all(_EVERYWHERE, values)
    else:
        rows = await read.all(_THERE, values | {"places": sorted(set(location_ids))})
    return {(row.item_id, row.location_id): _stock(row) for row in rows}


async def stock_to_take(read: Read, positions: Collection[Position]) -> dict[Position, Stock]:
    """What may be claimed of exactly these positions; what lies there in other conditions is left out."""
    asked = sorted(positions)
    values = {"items": [item for item, _ in asked], "places": [place for _, place in asked], "now": read.now}
    rows = await read.all(_AT, values) if asked else []
    return {(row.item_id, row.location_id): Stock(*tuple(row)[2:]) for row in rows}


def _stock(row: Row[Any]) -> Stock:
    conditions = {name: units for name in NOT_FOR_SALE if (units := getattr(row, name))}
    return Stock(row.sellable, row.reserved, row.held, row.safety, row.waiting, conditions)


async def _look(read: Read, rows: Sequence[Row[Any]]) -> Look:
    items = {ItemId(row.item_id): _ware(row) for row in rows}
    stock: dict[Position, Stock] = await stock_at(read, items.keys()) if items else {}
    places = sorted({place for _, place in stock})
    spots = {row.location_id: _spot(row, row.kind) for row in await read.all(_SPOTS, {"places": places})}
    stands: dict[ItemId, list[tuple[Spot, Stock]]] = {}
    for (item_id, place), one in stock.items():
        stands.setdefault(item_id, []).append((spots[place], one))
    for found in stands.values():
        found.sort(key=lambda stand: stand[0].code)
    book = await availability.rulebook_of(read, rows[0].version if rows else None)
    return Look(book, items, spots, stands)


def _ware(row: Row[Any]) -> Ware:
    title = f"{row.name}, {row.variant}" if row.variant else row.name
    made_of = tuple((ItemId(UUID(item)), units) for item, units in row.made_of or ())
    return Ware(ItemId(row.item_id), row.sku, title, row.category, made_of)


def _spot(row: Row[Any], kind: str) -> Spot:
    return Spot(
        LocationId(row.location_id),
        row.code,
        row.name,
        kind,
        ZoneInfo(row.time_zone),
        frozenset(row.capabilities),
        row.closed_from,
    )
