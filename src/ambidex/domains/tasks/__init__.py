"""Tasks: work for people, pooled by duty and place, claimed by one, done with proof."""

from ambidex.domains.tasks.commands import (
    claim,
    expire_by_key,
    finish,
    finish_by_key,
    move_up,
    open_task,
)
from ambidex.domains.tasks.model import TASK, Task, TaskKind, TaskState
from ambidex.domains.tasks.problems import DoneWithoutProof, TakenByOther, TaskIsOver, UnknownTask
from ambidex.domains.tasks.store import by_key, look_later, of_id, overdue

__all__ = [
    "TASK",
    "DoneWithoutProof",
    "TakenByOther",
    "Task",
    "TaskIsOver",
    "TaskKind",
    "TaskState",
    "UnknownTask",
    "by_key",
    "claim",
    "expire_by_key",
    "finish",
    "finish_by_key",
    "look_later",
    "move_up",
    "of_id",
    "open_task",
    "overdue",
]
