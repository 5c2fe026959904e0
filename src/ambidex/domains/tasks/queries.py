"""Tasks for lists: what waits in the pools of my duties, and what I took."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, literal, or_, select, tuple_

from ambidex.domains.tasks.model import ENDED
from ambidex.domains.tasks.tables import tasks
from ambidex.kernel.ids import LocationId, StaffId
from ambidex.kernel.page import Page, read_cursor, write_cursor
from ambidex.kernel.problem import BadInput
from ambidex.runtime.db import Read


async def open_tasks(
    read: Read,
    *,
    staff_id: StaffId | None,
    roles: Collection[str],
    places: Collection[LocationId] | None,
    after: str = "",
    limit: int = 50,
) -> Page[Row[Any]]:
    """Mine, and those pooled for one of these duties at these places (None: everywhere), by deadline."""
    pooled = and_(tasks.c.assignee_id.is_(None), tasks.c.role.in_(roles))
    if places is not None:
        pooled = and_(pooled, or_(tasks.c.location_id.in_(places), tasks.c.location_id.is_(None)))
    wanted = pooled if staff_id is None else or_(tasks.c.assignee_id == staff_id, pooled)
    question = select(tasks).where(tasks.c.state.not_in(ENDED), wanted)
    if after:
        question = question.where(_after(after))
    rows = await read.all(question.order_by(tasks.c.due_at, tasks.c.task_id).limit(limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], None if last is None else write_cursor(last.due_at, last.task_id))


def _after(cursor: str) -> ColumnElement[bool]:
    try:
        due_at, task_id = read_cursor(cursor)
        last = datetime.fromisoformat(due_at), UUID(task_id)
    except (TypeError, ValueError) as cause:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of this list"}]) from cause
    return tuple_(tasks.c.due_at, tasks.c.task_id) > tuple_(
        literal(last[0], tasks.c.due_at.type), literal(last[1], tasks.c.task_id.type)
    )
