"""Lists of tasks: what is mine and what waits in the pools of my duties, or all that is open where I may act."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.page import Page, read_cursor, write_cursor
from ambidex.kernel.problem import BadInput, NotFound
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

_COLUMNS = """
SELECT t.task_id, t.kind, t.title, t.order_id, o.number, l.code AS location, t.role, s.name AS assignee, t.state,
       t.due_at, t.details, t.proof, t.location_id
  FROM tasks.tasks t
  LEFT JOIN people.staff s ON s.staff_id = t.assignee_id
  LEFT JOIN locations.locations l ON l.location_id = t.location_id
  LEFT JOIN orders.orders o ON o.order_id = t.order_id
"""
_OPEN = text(f"""{_COLUMNS}
 WHERE t.state NOT IN ('done', 'expired')
   AND (CAST(:places AS uuid[]) IS NULL OR t.location_id = ANY(CAST(:places AS uuid[])))
   AND (CAST(:mine AS boolean) IS FALSE OR t.assignee_id = CAST(:me AS uuid)
        OR t.assignee_id IS NULL AND t.role = ANY(CAST(:roles AS text[])))
   AND (CAST(:due_at AS timestamptz) IS NULL
        OR (t.due_at, t.task_id) > (CAST(:due_at AS timestamptz), CAST(:task_id AS uuid)))
 ORDER BY t.due_at, t.task_id LIMIT :limit
""")
_LEADS = {
    "lead": {"associate"},
    # where there is no lead, what is asked of one is asked of whoever leads there
    "supervisor": {"picker", "associate", "lead"},
    "picker": {"associate"},
    "partner": {"associate", "picker", "lead", "supervisor"},
    "admin": {"associate", "lead", "picker", "supervisor", "agent", "district", "experience"},
}
_ONE = text(f"{_COLUMNS} WHERE t.task_id = :task_id")


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as lists show it; `detail` is the sentence that says why."""

    id: str
    kind: str
    title: str
    detail: str
    order: str | None
    number: str | None
    location: str | None
    role: str
    assignee: str | None
    state: str
    due_at: datetime
    proof: dict[str, Any] | None


async def open_tasks(
    read: Read, who: Actor, *, mine: bool, after: str | None = None, limit: int = 100
) -> Page[TaskView]:
    """Open tasks by deadline. Those of head office are seen by who acts everywhere."""
    due_at, task_id = (None, None) if after is None else _last_seen(after)
    asked = {
        "places": _places(who),
        "mine": mine,
        "me": _staff_id(who),
        "roles": sorted(duties_of(who)),
        "due_at": due_at,
        "task_id": task_id,
        "limit": limit + 1,
    }
    rows = await read.all(_OPEN, asked)
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = None if last is None else write_cursor(last.due_at.isoformat(), last.task_id)
    return Page([_view(row) for row in rows[:limit]], cursor)


def duties_of(actor: Actor) -> frozenset[str]:
    """The roles this actor answers for: their own, and those of the people they lead."""
    own = actor.roles or frozenset({actor.role})
    return frozenset(own.union(*(_LEADS.get(role, set()) for role in own)))


async def task(read: Read, task_id: UUID) -> TaskView:
    """One task as it stands."""
    row = await read.maybe(_ONE, {"task_id": task_id})
    if row is None:
        raise NotFound("task", task_id=task_id)
    return _view(row)


def _places(who: Actor) -> list[LocationId] | None:
    if not who.scopes:
        return None if who.places is None else sorted(who.places)
    covering = [scope for scope in who.scopes if Permission.TASKS_DO in scope.permissions]
    if any(scope.is_everywhere for scope in covering):
        return None
    return sorted({place for scope in covering for place in scope.places or ()})


def _staff_id(who: Actor) -> UUID | None:
    try:
        return UUID(who.id)
    except ValueError:
        return None


def _last_seen(cursor: str) -> tuple[datetime, UUID]:
    try:
        due_at, task_id = read_cursor(cursor)
        return datetime.fromisoformat(due_at), UUID(task_id)
    except (TypeError, ValueError) as cause:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of this list"}]) from cause


def _view(row: Row[Any]) -> TaskView:
    return TaskView(
        id=str(row.task_id),
        kind=row.kind,
        title=row.title,
        detail=str(row.details.get("detail") or row.details.get("why") or ""),
        order=None if row.order_id is None else row.order_id.hex,
        number=row.number,
        location=row.location,
        role=row.role,
        assignee=row.assignee,
        state=row.state,
        due_at=row.due_at,
        proof=row.proof,
    )
