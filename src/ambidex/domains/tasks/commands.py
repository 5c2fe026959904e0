"""Opening, claiming and finishing tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ambidex.domains.tasks import store
from ambidex.domains.tasks.events import Claimed, Done, Expired, MovedUp, Opened
from ambidex.domains.tasks.model import TASK, Task, TaskKind, TaskState, TaskVerb
from ambidex.domains.tasks.problems import DoneWithoutProof, TakenByOther, TaskIsOver
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.event import Event, json_value
from ambidex.kernel.ids import LocationId, OrderId, StaffId, TaskId
from ambidex.kernel.problem import MovedOn, NotAllowed
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def open_task(
    tx: Tx,
    *,
    kind: TaskKind,
    title: str,
    key: str,
    role: str,
    location_id: LocationId | None,
    due_at: datetime,
    order_id: OrderId | None = None,
    details: Mapping[str, Any] | None = None,
) -> TaskId:
    """Put work into the pool of a duty. The same key again finds the first task."""
    task_id, is_new = await store.add(
        tx,
        {
            "task_id": tx.new_id(),
            "kind": kind,
            "title": title,
            "key": key,
            "role": role,
            "location_id": location_id,
            "due_at": due_at,
            "next_at": due_at,
            "order_id": order_id,
            "subject": str((details or {}).get("subject", "")),
            "details": json_value(dict(details or {})),
            "state": TASK.after(TaskState.OPEN, TaskVerb.POOL),
            "opened_at": tx.now,
        },
    )
    if is_new:
        event = Opened(kind, title, role, due_at)
        tx.announce(Ref("task", str(task_id)), event, order_id=order_id, location_id=location_id)
    return task_id


async def claim(tx: Tx, task_id: TaskId) -> Task:
    """Take a task for yourself; yours already: the same answer. Raises TakenByOther, TaskIsOver."""
    task = await _allowed(tx, task_id)
    staff_id = _claimant(tx.actor)
    if task.assignee_id is not None:
        if task.assignee_id != staff_id:
            raise TakenByOther(task_id=task_id)
        return task
    await _move(tx, task, TaskVerb.CLAIM, assignee_id=staff_id, claimed_at=tx.now)
    _announce(tx, task, Claimed(task.kind, tx.actor.id))
    return await store.of_id(tx, task_id)


async def finish(tx: Tx, task_id: TaskId, *, proof: Mapping[str, Any]) -> Task:
    """Done, with what proves it. Done before: the same answer."""
    task = await _allowed(tx, task_id)
    await _finish(tx, task, proof)
    return await store.of_id(tx, task_id)


async def finish_by_key(tx: Tx, key: str, *, proof: Mapping[str, Any]) -> bool:
    """What the task asked for has happened elsewhere; False when there is none open for this cause."""
    task = await store.by_key(tx, key)
    if task is None or task.state in TASK.ends:
        return False
    await _finish(tx, task, proof)
    return True


async def expire_by_key(tx: Tx, key: str, *, cause: str) -> bool:
    """Nobody needs it any more; False when there is none open for this cause."""
    task = await store.by_key(tx, key)
    if task is None or task.state in TASK.ends:
        return False
    await _move(tx, task, TaskVerb.EXPIRE)
    _announce(tx, task, Expired(task.kind), cause=cause)
    return True


async def move_up(tx: Tx, task: Task, *, role: str, location_id: LocationId | None, due_at: datetime) -> None:
    """Not done in time: another duty answers for it from now on."""
    if not await store.move_up(tx, task, role=role, location_id=location_id, due_at=due_at):
        raise MovedOn(task_id=task.task_id)
    _announce(tx, task, MovedUp(task.kind, task.role, role, due_at), cause="not done in time")


async def _allowed(tx: Tx, task_id: TaskId) -> Task:
    task = await store.of_id(tx, task_id)
    if task.location_id is None:
        tx.actor.must_everywhere(Permission.TASKS_DO)
    else:
        tx.actor.must(Permission.TASKS_DO, at=task.location_id)
    return task


def _claimant(actor: Actor) -> StaffId:
    try:
        return StaffId(UUID(actor.id))
    except ValueError as cause:
        raise NotAllowed("only a person takes a task, or a program that stands for one") from cause


async def _finish(tx: Tx, task: Task, proof: Mapping[str, Any]) -> None:
    if not proof:
        raise DoneWithoutProof(task_id=task.task_id)
    if task.state is TaskState.DONE:
        return
    stored = json_value(dict(proof))
    await _move(tx, task, TaskVerb.FINISH, done_at=tx.now, done_by=tx.actor.id, proof=stored)
    _announce(tx, task, Done(task.kind, stored))


async def _move(tx: Tx, task: Task, verb: TaskVerb, **changes: Any) -> None:
    if not TASK.allows(task.state, verb):
        raise TaskIsOver(task_id=task.task_id, state=task.state)
    if not await store.move(tx, task, verb, **changes):
        raise MovedOn(task_id=task.task_id)


def _announce(tx: Tx, task: Task, event: Event, **details: Any) -> None:
    subject = Ref("task", str(task.task_id))
    tx.announce(subject, event, order_id=task.order_id, location_id=task.location_id, **details)
