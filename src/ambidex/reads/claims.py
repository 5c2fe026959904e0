"""Whose claims a change of stock may touch: asked before stock is locked, because orders are locked first."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from ambidex.domains.inventory import Place
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read

EVERYTHING = 2**31 - 1

# In the order in which claims go short, as far as what may leave and what is missing already reach.
_CLAIMING = text("""
SELECT DISTINCT order_id FROM (
  SELECT r.order_id,
         sum(r.quantity - r.picked) OVER (PARTITION BY r.item_id, r.location_id
           ORDER BY r.due_at DESC NULLS FIRST, r.made_at DESC, r.order_id DESC, r.line_no DESC) - r.quantity + r.picked
           AS before, greatest(p.gap, 0) + a.leaving + p.reserved + p.held - p.sellable AS reach
    FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:leaving AS bigint[]))
      AS a(item_id, location_id, leaving)
    JOIN inventory.positions p USING (item_id, location_id)
    JOIN inventory.reservations r USING (item_id, location_id)
   WHERE r.quantity > 0) AS c
 WHERE before <= reach
UNION
SELECT s.order_id FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id)
  JOIN inventory.shorts s USING (item_id, location_id) WHERE s.closed_at IS NULL
 ORDER BY order_id""")


async def claiming_orders(read: Read, leaving: Mapping[Place, int]) -> list[OrderId]:
    """Orders, by id, whose claims may go short when so many units leave these places, or that are short there now."""
    places = sorted(leaving)
    values = {"items": [item for item, _ in places], "places": [place for _, place in places]}
    rows = await read.all(_CLAIMING, values | {"leaving": [leaving[place] for place in places]})
    return [row.order_id for row in rows]
