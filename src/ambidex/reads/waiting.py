"""Customers who chose to wait for units that were not there, longest waiting first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text

from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.runtime.db import Read

_WAITING = text("""
SELECT l.order_id, l.line_no FROM orders.lines l JOIN orders.orders o USING (order_id)
  JOIN unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id)
    ON a.item_id = l.item_id AND a.location_id = l.location_id
 WHERE l.q_backordered > 0 ORDER BY o.placed_at, l.order_id, l.line_no LIMIT 200
""")


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A line with units that wait for stock at its place."""

    order_id: OrderId
    line_no: int


async def waiting_lines(read: Read, places: Collection[tuple[ItemId, LocationId]]) -> list[WaitingLine]:
    """Lines that wait for these items at these places."""
    asked = sorted(places)
    values = {"items": [item for item, _ in asked], "places": [place for _, place in asked]}
    rows = await read.all(_WAITING, values)
    return [WaitingLine(OrderId(row.order_id), row.line_no) for row in rows]
