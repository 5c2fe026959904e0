"""Values of tasks: work for people, pooled by duty, done with proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from ambidex.kernel.ids import LocationId, OrderId, StaffId, TaskId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass


class TaskKind(StrEnum):
    COUNT = "count"
    TRANSFER = "transfer"
    PUT_AWAY = "put_away"
    REPAIR_MESSAGE = "repair_message"
    SOLVE_EXCEPTION = "solve_exception"
    CALL_CUSTOMER = "call_customer"
    ATTEND = "attend"
    SETTLE_OFFLINE = "settle_offline"


class TaskState(StrEnum):
    OPEN = "open"
    POOLED = "pooled"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    HANDED_OVER = "handed_over"
    DONE = "done"
    EXPIRED = "expired"


class TaskVerb(StrEnum):
    POOL = "pool"
    ASSIGN = "assign"
    CLAIM = "claim"
    BEGIN = "begin"
    BLOCK = "block"
    HAND_OVER = "hand_over"
    FINISH = "finish"
    EXPIRE = "expire"


def _moves() -> dict[tuple[TaskState, TaskVerb], TaskState]:
    state, verb = TaskState, TaskVerb
    moves = {
        (state.OPEN, verb.POOL): state.POOLED,
        (state.OPEN, verb.ASSIGN): state.ASSIGNED,
        (state.POOLED, verb.ASSIGN): state.ASSIGNED,
        (state.HANDED_OVER, verb.POOL): state.POOLED,
        (state.BLOCKED, verb.POOL): state.POOLED,
        (state.ACKNOWLEDGED, verb.BEGIN): state.IN_PROGRESS,
        (state.ACKNOWLEDGED, verb.BLOCK): state.BLOCKED,
        (state.IN_PROGRESS, verb.BLOCK): state.BLOCKED,
    }
    alive = set(state) - {state.DONE, state.EXPIRED}
    for origin in alive - {state.OPEN, state.ACKNOWLEDGED, state.IN_PROGRESS}:
        moves[origin, verb.CLAIM] = state.ACKNOWLEDGED
    for origin in alive - {state.HANDED_OVER, state.OPEN}:
        moves[origin, verb.HAND_OVER] = state.HANDED_OVER
    for origin in alive:
        moves[origin, verb.FINISH] = state.DONE
        moves[origin, verb.EXPIRE] = state.EXPIRED
    return moves


TASK: States[TaskState, TaskVerb] = States(
    name="task",
    start=TaskState.OPEN,
    ends=frozenset({TaskState.DONE, TaskState.EXPIRED}),
    moves=_moves(),
    waits={TaskState.POOLED: "the duty", TaskState.ACKNOWLEDGED: "the assignee"},
)
ENDED = tuple(sorted(TASK.ends))
# nobody stands above it: its tasks stay with it, overdue for everybody to see
TOP_ROLE = "experience"


@dataclass(frozen=True, slots=True)
class Task:
    """`role` at `location_id` (None: head office) answers for it; `assignee_id` once somebody took it."""

    task_id: TaskId
    kind: TaskKind
    title: str
    order_id: OrderId | None
    subject: str
    location_id: LocationId | None
    role: str
    assignee_id: StaffId | None
    state: TaskState
    details: Mapping[str, Any]
    opened_at: datetime
    due_at: datetime
    next_at: datetime
    claimed_at: datetime | None
    done_at: datetime | None
    done_by: str
    proof: Mapping[str, Any] | None
    key: str
