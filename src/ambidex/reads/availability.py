"""How many units may be promised, by item and place. Never behind: it reads the primary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from ambidex.runtime.db import Read

ROWS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Available:
    """`on_hand` are sellable units; `available` may be below zero where claims lost their stock."""

    item: str
    location: str
    available: int
    on_hand: int
    reserved: int
    held: int


_AVAILABLE = text("""
SELECT i.sku AS item, l.code AS location, p.sellable - p.reserved - h.held - p.safety AS available,
  p.sellable AS on_hand, p.reserved, h.held
  FROM catalogue.items i
  JOIN inventory.positions p USING (item_id)
  JOIN locations.locations l USING (location_id)
  CROSS JOIN LATERAL (SELECT p.held - coalesce(sum(x.quantity), 0)::integer AS held FROM inventory.holds x
    WHERE p.held > 0 AND x.item_id = p.item_id AND x.location_id = p.location_id AND x.released_at IS NULL
      AND x.expires_at <= :now) h
 WHERE i.sku = ANY(CAST(:skus AS text[])) AND (CAST(:places AS text[]) IS NULL OR l.code = ANY(CAST(:places AS text[])))
 ORDER BY i.sku, l.code LIMIT :limit""")


async def availability(
    read: Read, skus: Sequence[str], *, places: Sequence[str] | None = None
) -> list[Available]:
    """Rows of known items at places that ever had them."""
    values = {"skus": list(skus), "places": list(places) if places else None, "now": read.now}
    rows = await read.all(_AVAILABLE, values | {"limit": ROWS_MAX})
    return [Available(*tuple(row)) for row in rows]
