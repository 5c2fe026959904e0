"""Tasks over HTTP: what waits for me, taking it, and saying what proves that it is done."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, Who, operation
from ambidex.api.shapes import Listed
from ambidex.domains.tasks import Task
from ambidex.flows import ownership
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import TaskId
from ambidex.kernel.page import PAGE_MAX
from ambidex.reads import tasks as lists
from ambidex.runtime.db import Tx

router = APIRouter(tags=["tasks"])
AT_OWN_PLACE = [operation(Permission.TASKS_DO, place=Scope.OWN_PLACE)]


class TaskShape(BaseModel):
    """Work for people: what, why, by whom and until when; `proof` once it is done."""

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


class DoneIn(BaseModel):
    """What proves it: an outcome in words, what was counted or scanned."""

    proof: dict[Annotated[str, Field(max_length=60)], str | int | list[str]] = Field(
        min_length=1, max_length=20
    )


@router.get("/tasks", dependencies=[operation(Permission.TASKS_DO, place=Scope.FILTERED)])
async def list_tasks(
    who: Who,
    runs: Runs,
    *,
    mine: bool = False,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> Listed[TaskShape]:
    """Open tasks by deadline: with `mine`, those I took and those of my duties that nobody took."""
    async with runs.reading() as read:
        page = await lists.open_tasks(read, who, mine=mine, after=after, limit=limit)
        return Listed(items=[_shape(view) for view in page.items], next=page.next)


@router.post("/tasks/{task_id}/claim", dependencies=AT_OWN_PLACE, response_model=TaskShape)
async def claim(task_id: UUID, asks: Asks) -> Response:
    """Take it; nobody else can then."""
    return await asks.answer(_shown, ownership.take, TaskId(task_id))


@router.post("/tasks/{task_id}/done", dependencies=AT_OWN_PLACE, response_model=TaskShape)
async def done(task_id: UUID, body: DoneIn, asks: Asks) -> Response:
    """It is done, and this proves it."""
    return await asks.answer(_shown, ownership.solve, TaskId(task_id), proof=body.proof)


async def _shown(tx: Tx, task: Task) -> TaskShape:
    return _shape(await lists.task(tx, task.task_id))


def _shape(view: lists.TaskView) -> TaskShape:
    return TaskShape(**{name: getattr(view, name) for name in TaskShape.model_fields})
