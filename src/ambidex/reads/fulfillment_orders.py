"""Work of places as lists and one by one: two statements however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains import fulfillment
from ambidex.domains.fulfillment import WorkState
from ambidex.domains.locations import Location
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId, OrderId, child_id
from ambidex.kernel.page import Page, read_cursor, write_cursor
from ambidex.kernel.problem import BadInput, NotAllowed
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

OPEN = (
    WorkState.OFFERED, WorkState.ACCEPTED, WorkState.PICKING, WorkState.PICKED, WorkState.STAGED, WorkState.READY,
    WorkState.PACKED, WorkState.DISPATCHED, WorkState.DELIVERY_FAILED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineView:
    line: int
    item: str
    title: str
    asked: int
    wanted: int
    picked: int
    handed_over: int
    short: int
    to_put_away: int


@dataclass(frozen=True, slots=True)
class WorkView:
    id: str
    order_id: OrderId
    number: str
    location: str
    location_id: LocationId
    method: str
    state: WorkState
    staging_place: str
    customer: str
    assignee: str
    ready_by: datetime | None
    lines: tuple[LineView, ...]


_WORK = """
SELECT w.order_id, w.work_no, w.location_id, w.method, w.state, w.staging_place, w.assignee_name, w.offered_at,
  o.number, o.contact_name, p.code AS location, m.due_at AS ready_by,
  (SELECT json_agg(json_build_object('line', l.line_no, 'item', ol.sku, 'title', ol.title, 'asked', l.asked,
     'wanted', l.wanted, 'picked', l.picked, 'handed_over', l.handed_over, 'short', l.short,
     'to_put_away', l.to_put_away) ORDER BY l.line_no)
     FROM fulfillment.work_lines l JOIN orders.lines ol USING (order_id, line_no)
    WHERE l.order_id = w.order_id AND l.work_no = w.work_no) AS lines
  FROM fulfillment.work w
  JOIN orders.orders o USING (order_id)
  JOIN locations.locations p ON p.location_id = w.location_id
  LEFT JOIN LATERAL (SELECT due_at FROM promises.promises r WHERE r.order_id = w.order_id AND r.work_no = w.work_no
     AND r.kind = 'ready_by' ORDER BY r.promise_no DESC LIMIT 1) m ON true
"""
_PAGE = text(
    _WORK
    + """
 WHERE w.state = ANY(CAST(:states AS text[]))
   AND (CAST(:places AS uuid[]) IS NULL OR w.location_id = ANY(CAST(:places AS uuid[])))
   AND (CAST(:offered_at AS timestamptz) IS NULL
        OR (w.offered_at, w.order_id, w.work_no) > (CAST(:offered_at AS timestamptz), CAST(:order_id AS uuid), :work_no))
 ORDER BY w.offered_at, w.order_id, w.work_no LIMIT :limit"""
)
_ONE = text(_WORK + " WHERE w.order_id = :order_id AND w.work_no = :work_no")


async def page(
    read: Read,
    who: Actor,
    *,
    location: Location | None = None,
    states: Sequence[WorkState] = (),
    after: str | None = None,
    limit: int = 100,
) -> Page[WorkView]:
    """Work of this place, or of all places the actor may see, oldest offer first; without states all open work."""
    if location is not None:
        _must_see(who, location.location_id)
    places = visible_places(who) if location is None else [location.location_id]
    values: dict[str, Any] = {"offered_at": None, "order_id": None, "work_no": 0}
    if after is not None:
        values = _read_after(after)
    asked = {"states": [s.value for s in states or OPEN], "places": places, "limit": limit + 1}
    rows = await read.all(_PAGE, values | asked)
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = None if last is None else write_cursor(last.offered_at.isoformat(), last.order_id, last.work_no)
    return Page([_view(row) for row in rows[:limit]], cursor)


async def one(read: Read, who: Actor, work_id: str) -> WorkView:
    """One work by its outside id. Raises UnknownWork."""
    work = await fulfillment.work_from_id(read, work_id)
    row = await read.one(_ONE, {"order_id": work.order_id, "work_no": work.work_no})
    _must_see(who, row.location_id)
    return _view(row)


async def line_of_item(read: Read, work_id: str, sku: str) -> int:
    """The number of the first line of this item that is not wholly picked."""
    work = await fulfillment.work_from_id(read, work_id)
    row = await read.maybe(_ONE, {"order_id": work.order_id, "work_no": work.work_no})
    lines = [] if row is None else _view(row).lines
    of_item = [line for line in lines if line.item == sku] if sku else list(lines)
    if not of_item or (not sku and len(of_item) > 1):
        raise BadInput(errors=[{"field": "line", "expected": "the number of a line, or its item"}])
    return next((line.line for line in of_item if line.picked < line.wanted), of_item[0].line)


def visible_places(who: Actor) -> list[LocationId] | None:
    """The places whose work this actor may see; None for all."""
    covering = [scope for scope in who.scopes if Permission.WORK_READ in scope.permissions]
    if not who.scopes:
        return None if who.places is None else sorted(who.places)
    if any(scope.places is None for scope in covering):
        return None
    return sorted({place for scope in covering for place in scope.places or ()})


def _must_see(who: Actor, location_id: LocationId) -> None:
    if not who.may(Permission.WORK_READ, at=location_id):
        raise NotAllowed(f"{who.name} does not see the work of this place")


def _read_after(cursor: str) -> dict[str, Any]:
    try:
        offered_at, order_id, work_no = read_cursor(cursor)
        return {
            "offered_at": datetime.fromisoformat(offered_at),
            "order_id": UUID(order_id),
            "work_no": int(work_no),
        }
    except (AttributeError, OverflowError, TypeError, ValueError) as cause:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of this list"}]) from cause


def _view(row: Row[Any]) -> WorkView:
    return WorkView(
        id=child_id(row.order_id, row.work_no),
        order_id=OrderId(row.order_id),
        number=row.number,
        location=row.location,
        location_id=LocationId(row.location_id),
        method=row.method,
        state=WorkState(row.state),
        staging_place=row.staging_place,
        customer=row.contact_name,
        assignee=row.assignee_name,
        ready_by=row.ready_by,
        lines=tuple(LineView(**one) for one in row.lines or ()),
    )
