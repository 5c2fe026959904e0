"""The parking queue for display: orders with units that nobody can send now, who owns each, and what may change it.

The whole queue stands in the order in which it is served: by the day the customer was told, then by age.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import ItemId, OrderId
from ambidex.kernel.page import Page, read_cursor, write_cursor
from ambidex.kernel.problem import BadInput, NotFound
from ambidex.kernel.values import dataclass, field
from ambidex.reads.availability import Coming, coming
from ambidex.runtime.db import Read

LINES_MAX, FREE_MAX = 2_000, 1_000
_BEGIN = ("-infinity", "-infinity", str(UUID(int=0)))
_PARKED = "l.q_backordered > 0 AND l.method <> 'pickup'"
_SHOWN = """
SELECT o.order_id, o.number, o.contact_name, o.channel, o.placed_at, o.address, coalesce(p.due_at, o.placed_at) AS turn_at,
       p.due_at AS told_by, coalesce(CAST(p.facts ->> 'since' AS timestamptz), x.opened_at, o.placed_at) AS since,
       p.replaces IS NOT NULL AS told_again, coalesce(x.detail, '') AS why, coalesce(x.kind, '') AS kind,
       coalesce(t.role, w.role, '') AS owner_role, coalesce(s.name, '') AS owner_name, t.task_id,
       EXISTS (SELECT FROM promises.promises a WHERE a.order_id = o.order_id AND a.work_no = 0 AND a.kind = 'answer_by'
               AND a.state = 'made' AND a.facts ? 'instead') AS is_offered
  FROM q CROSS JOIN LATERAL (SELECT b.order_id, b.number, b.contact_name, b.channel, b.placed_at, b.address
                               FROM orders.orders b WHERE b.order_id = q.order_id LIMIT 1) o
  LEFT JOIN promises.promises p ON p.order_id = o.order_id AND p.work_no = 0 AND p.kind = 'news_by' AND p.state = 'made'
  LEFT JOIN LATERAL (SELECT * FROM watch.exceptions e WHERE e.order_id = o.order_id AND e.state = 'open'
         AND e.kind IN ('parked', 'parked-too-long') ORDER BY e.opened_at DESC, e.exception_id LIMIT 1) x ON true
  LEFT JOIN tasks.tasks t ON t.key = x.facts ->> 'key'
  LEFT JOIN watch.ownership w ON w.order_id = o.order_id
  LEFT JOIN people.staff s ON s.staff_id = CASE WHEN t.task_id IS NULL THEN w.staff_id ELSE t.assignee_id END"""
_BEHIND = """(CAST(CAST(:due_at AS text) AS timestamptz), CAST(CAST(:placed_at AS text) AS timestamptz),
        CAST(CAST(:order_id AS text) AS uuid))"""
# who was told a day stands in the index of these days, and a page of them is read from it; who was not (their promise is
# broken, somebody calls) are few: what a page shows of an order is looked up for those of the page only
_PAGE = text(f"""
WITH told AS (
  SELECT p.order_id, p.due_at AS turn_at, o.placed_at FROM promises.promises p JOIN orders.orders o USING (order_id)
   WHERE p.kind = 'news_by' AND p.state = 'made' AND p.due_at >= CAST(CAST(:due_at AS text) AS timestamptz)
     AND (p.due_at, o.placed_at, p.order_id) > {_BEHIND}
     AND EXISTS (SELECT FROM orders.lines l WHERE l.order_id = p.order_id AND {_PARKED})
   ORDER BY p.due_at, o.placed_at, p.order_id LIMIT :limit), untold AS (
  SELECT o.order_id, o.placed_at AS turn_at, o.placed_at
    FROM (SELECT DISTINCT l.order_id FROM orders.lines l WHERE {_PARKED} AND NOT EXISTS (
           SELECT FROM promises.promises p WHERE p.order_id = l.order_id AND p.kind = 'news_by' AND p.state = 'made')) w
   CROSS JOIN LATERAL (SELECT b.order_id, b.placed_at FROM orders.orders b WHERE b.order_id = w.order_id LIMIT 1) o
   WHERE (o.placed_at, o.placed_at, o.order_id) > {_BEHIND}
   ORDER BY o.placed_at, o.order_id LIMIT :limit), q AS (
  SELECT * FROM told UNION ALL SELECT * FROM untold ORDER BY turn_at, placed_at, order_id LIMIT :limit)
{_SHOWN} ORDER BY q.turn_at, q.placed_at, q.order_id LIMIT :limit""")  # noqa: S608  # made of constants
_ONE = text(f"""
WITH q AS (SELECT DISTINCT l.order_id FROM orders.lines l WHERE l.order_id = :order_id AND {_PARKED})
{_SHOWN}""")  # noqa: S608  # made of constants
_COUNT = text(f"SELECT count(DISTINCT l.order_id) FROM orders.lines l WHERE {_PARKED}")  # noqa: S608  # a constant
_LINES = text(f"""
SELECT l.order_id, l.line_no, l.item_id, l.sku, l.title, l.q_backordered AS units, l.method FROM orders.lines l
 WHERE l.order_id = ANY(CAST(:orders AS uuid[])) AND {_PARKED} ORDER BY l.order_id, l.line_no LIMIT :limit""")  # noqa: S608  # a constant
_FREE = text("""
SELECT p.item_id, n.name, p.sellable - p.reserved - p.held AS units
  FROM inventory.positions p JOIN locations.locations n USING (location_id)
 WHERE p.item_id = ANY(CAST(:items AS uuid[])) AND p.sellable > p.reserved + p.held
 ORDER BY p.item_id, units DESC, n.name LIMIT :limit""")


class NotInTheQueue(NotFound):
    """Nothing of this order waits in the parking queue."""

    code = "not-parked-order"
    advice = "It may have gone on a moment ago; look at the order."


@dataclass(frozen=True, slots=True)
class WaitingUnits:
    """Units of one line that wait."""

    line_no: int
    item_id: ItemId
    sku: str
    title: str
    units: int
    method: str


@dataclass(frozen=True, slots=True)
class ParkedOrder:
    """`told_by`: when the customer was told to hear of it; None when that was broken. `owner` a role, and who it is.

    `is_offered`: another item is offered, and they have not answered.
    """

    order_id: OrderId
    number: str
    customer: str
    channel: str
    placed_at: datetime
    address: Mapping[str, Any]
    since: datetime
    told_by: datetime | None
    told_again: bool
    why: str
    kind: str
    owner_role: str
    owner_name: str
    task_id: UUID | None
    is_offered: bool
    lines: tuple[WaitingUnits, ...] = ()

    def waits_for(self, line_no: int) -> bool:
        """Whether units of this line wait."""
        return any(line.line_no == line_no for line in self.lines)


@dataclass(frozen=True, slots=True)
class Around:
    """What may change it: units that nobody claimed, by item and place, and what is on its way."""

    free: Mapping[ItemId, Sequence[tuple[str, int]]] = field(default_factory=dict)
    coming: Mapping[ItemId, Sequence[Coming]] = field(default_factory=dict)


async def parked_count(read: Read) -> int:
    """How many orders wait."""
    return int(await read.value(_COUNT))


async def parked_orders(read: Read, *, after: str | None = None, limit: int = 50) -> Page[ParkedOrder]:
    """The queue from its head; three questions however many stand in it. Raises BadInput for a bad cursor."""
    due_at, placed_at, order_id = _behind(after)
    at = {"due_at": due_at, "placed_at": placed_at, "order_id": order_id}
    rows = await read.all(_PAGE, {**at, "limit": limit + 1})
    shown = rows[:limit]
    found = await _with_lines(read, shown)
    more = len(rows) > limit
    last = shown[-1] if shown else None
    following = None if not more or last is None else _cursor(last)
    return Page(found, following)


async def parked_order(read: Read, order_id: OrderId) -> ParkedOrder:
    """One of them. Raises NotInTheQueue."""
    row = await read.maybe(_ONE, {"order_id": order_id})
    if row is None:
        raise NotInTheQueue(order_id=order_id.hex)
    [found] = await _with_lines(read, [row])
    return found


async def around(read: Read, order: ParkedOrder) -> Around:
    """What lies anywhere or comes of what this order waits for."""
    items = sorted({line.item_id for line in order.lines})
    free: dict[ItemId, list[tuple[str, int]]] = {}
    for row in await read.all(_FREE, {"items": items, "limit": FREE_MAX}):
        free.setdefault(ItemId(row.item_id), []).append((row.name, row.units))
    on_its_way: dict[ItemId, list[Coming]] = {}
    for one in await coming(read, items):
        on_its_way.setdefault(one.item_id, []).append(one)
    return Around(free, on_its_way)


def _behind(after: str | None) -> tuple[str, str, str]:
    if after is None:
        return _BEGIN
    keys = [str(key) for key in read_cursor(after)]
    try:
        due_at, placed_at, order_id = keys
        return (
            datetime.fromisoformat(due_at).isoformat(),
            datetime.fromisoformat(placed_at).isoformat(),
            str(UUID(order_id)),
        )
    except ValueError as cause:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of ours"}]) from cause


def _cursor(row: Row[Any]) -> str:
    return write_cursor(row.turn_at.isoformat(), row.placed_at.isoformat(), str(row.order_id))


async def _with_lines(read: Read, rows: Sequence[Row[Any]]) -> list[ParkedOrder]:
    lines: dict[UUID, list[WaitingUnits]] = {}
    asked = [row.order_id for row in rows]
    for row in await read.all(_LINES, {"orders": asked, "limit": LINES_MAX}) if asked else []:
        units = WaitingUnits(row.line_no, ItemId(row.item_id), row.sku, row.title, row.units, row.method)
        lines.setdefault(row.order_id, []).append(units)
    return [_order(row, tuple(lines.get(row.order_id, ()))) for row in rows]


def _order(row: Row[Any], lines: tuple[WaitingUnits, ...]) -> ParkedOrder:
    return ParkedOrder(
        OrderId(row.order_id),
        row.number,
        row.contact_name,
        row.channel,
        row.placed_at,
        row.address or {},
        row.since,
        row.told_by,
        row.told_again,
        row.why,
        row.kind,
        row.owner_role,
        row.owner_name,
        row.task_id,
        row.is_offered,
        lines,
    )
