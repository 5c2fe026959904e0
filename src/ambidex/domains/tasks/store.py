"""Tasks for decisions: opened once for a cause, moved compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from ambidex.domains.tasks.model import ENDED, TASK, TOP_ROLE, Task, TaskKind, TaskState, TaskVerb
from ambidex.domains.tasks.problems import UnknownTask
from ambidex.domains.tasks.tables import tasks
from ambidex.kernel.ids import LocationId, TaskId
from ambidex.runtime.db import Read, Tx


async def add(tx: Tx, columns: Mapping[str, Any]) -> tuple[TaskId, bool]:
    """Insert, or find the one with the same key; whether it is new."""
    row = await tx.one(
        insert(tasks)
        .values(**columns)
        .on_conflict_do_update(index_elements=[tasks.c.key], set_={"key": columns["key"]})
        .returning(tasks.c.task_id, literal_column("xmax = 0").label("is_new"))
    )
    return row.task_id, row.is_new


async def of_id(read: Read, task_id: TaskId) -> Task:
    """Raises UnknownTask."""
    row = await read.maybe(select(tasks).where(tasks.c.task_id == task_id))
    if row is None:
        raise UnknownTask(task_id=task_id)
    return task_of(row)


async def by_key(read: Read, key: str) -> Task | None:
    """The task that was opened for this cause."""
    row = await read.maybe(select(tasks).where(tasks.c.key == key))
    return None if row is None else task_of(row)


async def move(tx: Tx, task: Task, verb: TaskVerb, **changes: Any) -> bool:
    """Move a task, provided that it is still as we decided on."""
    moved = await tx.run(
        update(tasks)
        .where(
            tasks.c.task_id == task.task_id,
            tasks.c.state == task.state,
            tasks.c.assignee_id.is_not_distinct_from(task.assignee_id),
        )
        .values(state=TASK.after(task.state, verb), **changes)
    )
    return moved == 1


async def move_up(tx: Tx, task: Task, *, role: str, location_id: LocationId | None, due_at: datetime) -> bool:
    """Give it to another duty, back in its pool, provided that nobody moved it meanwhile."""
    moved = await tx.run(
        update(tasks)
        .where(tasks.c.task_id == task.task_id, tasks.c.state == task.state, tasks.c.due_at == task.due_at)
        .values(
            role=role,
            location_id=location_id,
            due_at=due_at,
            next_at=due_at,
            state=TaskState.POOLED,
            assignee_id=None,
            claimed_at=None,
        )
    )
    return moved == 1


async def look_later(tx: Tx, task: Task, *, next_at: datetime) -> None:
    """Its place is closed: whether it is done is asked when it opens."""
    await tx.run(update(tasks).where(tasks.c.task_id == task.task_id).values(next_at=next_at))


async def overdue(read: Read, *, limit: int) -> list[TaskId]:
    """Open tasks past their time that somebody above could take, the longest overdue first."""
    rows = await read.all(
        select(tasks.c.task_id)
        .where(tasks.c.state.not_in(ENDED), tasks.c.next_at <= read.now, tasks.c.role != TOP_ROLE)
        .order_by(tasks.c.next_at)
        .limit(limit)
    )
    return [row.task_id for row in rows]


def task_of(row: Row[Any]) -> Task:
    return Task(**{**row._asdict(), "kind": TaskKind(row.kind), "state": TaskState(row.state)})
