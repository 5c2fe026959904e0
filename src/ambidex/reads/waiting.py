"""Customers who chose to wait for units that were not there, in the order in which they are served."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

EACH_MAX = 100
Position = tuple[ItemId, LocationId]

_WAITED_FOR = text("""
SELECT DISTINCT l.item_id, l.location_id FROM orders.lines l
  JOIN unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id) USING (item_id, location_id)
 WHERE l.q_backordered > 0 AND l.method = 'pickup' ORDER BY l.item_id, l.location_id""")
# in the order of the index of lines that wait, so that it is read whatever is known of the table
_ANYBODY = text("""
SELECT EXISTS (SELECT FROM (SELECT FROM orders.lines WHERE q_backordered > 0 ORDER BY item_id, location_id LIMIT 1) l)""")
# The date is until when we said we would find it. Units that are on their way for this very order are not waited
# for here.
_WAITING = text("""
SELECT w.order_id, w.line_no, m.item_id, m.location_id, w.units, w.due_at, w.placed_at
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS m(item_id, location_id) CROSS JOIN LATERAL (
    SELECT l.order_id, l.line_no, coalesce(t.due_at, o.placed_at) AS due_at, o.placed_at,
      l.q_backordered - coalesce(sent.units, 0) AS units
      FROM orders.lines l JOIN orders.orders o USING (order_id)
     CROSS JOIN LATERAL (
       SELECT sum((SELECT sum(b.asked) FROM transfers.lines b
                    WHERE b.delivery_id = d.delivery_id AND b.order_line = l.line_no))::bigint AS units
         FROM transfers.deliveries d
        WHERE d.order_id = l.order_id AND d.to_id = l.location_id
          AND d.state IN ('requested', 'approved', 'picking', 'in_transit', 'partly_received')) sent
      LEFT JOIN tasks.tasks t ON t.key = 'wait:' || replace(l.order_id::text, '-', '') || ':' || l.line_no
     WHERE l.item_id = m.item_id AND l.location_id = m.location_id
       AND l.q_backordered > coalesce(sent.units, 0) AND l.q_backordered > 0 AND l.method = 'pickup'
     ORDER BY due_at, o.placed_at, l.order_id, l.line_no LIMIT :each_max) w""")


# What is to be sent waits for stock anywhere; its date is when the customer was promised to hear of it.
_PARKED = text("""
SELECT l.order_id, l.line_no, l.item_id, l.q_backordered AS units, coalesce(p.due_at, o.placed_at) AS due_at, o.placed_at
  FROM orders.lines l JOIN orders.orders o USING (order_id)
  LEFT JOIN promises.promises p ON p.order_id = l.order_id AND p.kind = 'news_by' AND p.state = 'made'
 WHERE l.item_id = ANY(CAST(:items AS uuid[])) AND l.q_backordered > 0 AND l.method <> 'pickup'
   AND (coalesce(p.due_at, o.placed_at), o.placed_at, l.order_id)
     > (CAST(CAST(:due_at AS text) AS timestamptz), CAST(CAST(:placed_at AS text) AS timestamptz),
        CAST(CAST(:order_id AS text) AS uuid))
 ORDER BY due_at, o.placed_at, l.order_id, l.line_no LIMIT :limit""")
_BEGIN = ("-infinity", "-infinity", str(UUID(int=0)))
_PARKED_AT = text("""
SELECT DISTINCT l.item_id, s.location_id FROM orders.lines l JOIN inventory.positions s ON s.item_id = l.item_id
 WHERE l.q_backordered > 0 AND l.method <> 'pickup' AND s.location_id = ANY(CAST(:places AS uuid[])) AND s.sellable > s.reserved
 ORDER BY s.location_id, l.item_id""")
PARKED_MAX = 500


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """A line with units that wait for stock anywhere."""

    order_id: OrderId
    line_no: int
    item_id: ItemId
    units: int
    due_at: datetime
    placed_at: datetime

    @property
    def turn(self) -> tuple[str, ...]:
        """Where its order stands in the queue."""
        return self.due_at.isoformat(), self.placed_at.isoformat(), str(self.order_id)


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A line with units that wait for stock at a place."""

    order_id: OrderId
    line_no: int
    item_id: ItemId
    location_id: LocationId
    units: int
    due_at: datetime
    placed_at: datetime


async def anybody_waits(read: Read) -> bool:
    """Whether any unit of any order waits for stock; hardly ever, so it is asked before anything else."""
    return bool(await read.value(_ANYBODY))


async def waited_for(read: Read, places: Collection[Position]) -> list[Position]:
    """Those of these places at which anybody waits."""
    rows = await read.all(_WAITED_FOR, _arrays(places))
    return [(row.item_id, row.location_id) for row in rows]


async def waiting_lines(
    read: Read, places: Collection[Position], *, each_max: int = EACH_MAX
) -> list[WaitingLine]:
    """The head of the queue at each of these places, at most `each_max` lines of each."""
    rows = await read.all(_WAITING, _arrays(places) | {"each_max": each_max})
    return [WaitingLine(*tuple(row)) for row in rows]


async def parked_lines(
    read: Read, items: Collection[ItemId], *, behind: tuple[str, ...] = ()
) -> list[ParkedLine]:
    """The head of the queue of those that wait for these items wherever they land; of who stands `behind` a turn."""
    due_at, placed_at, order_id = behind or _BEGIN
    after = {"due_at": due_at, "placed_at": placed_at, "order_id": order_id}
    rows = await read.all(_PARKED, {"items": sorted(items), "limit": PARKED_MAX, **after})
    return [ParkedLine(*tuple(row)) for row in rows]


async def parked_for(read: Read, places: Collection[LocationId]) -> list[Position]:
    """Items that somebody waits for wherever they land, and that lie unclaimed at one of these places."""
    rows = await read.all(_PARKED_AT, {"places": sorted(places)})
    return [(row.item_id, row.location_id) for row in rows]


def _arrays(places: Collection[Position]) -> dict[str, Any]:
    asked = sorted(places)
    return {"items": [item for item, _ in asked], "places": [place for _, place in asked]}
