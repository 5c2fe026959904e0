"""What happened to tasks."""

from datetime import datetime
from typing import Any, ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class Opened(Event):
    """Work was put into the pool of a duty."""

    name: ClassVar[str] = "tasks.opened"
    kind: str
    title: str
    role: str
    due_at: datetime


@dataclass(frozen=True)
class Claimed(Event):
    """Somebody took it."""

    name: ClassVar[str] = "tasks.claimed"
    kind: str
    staff_id: str


@dataclass(frozen=True)
class MovedUp(Event):
    """Not done in time: the next duty of the chain answers for it."""

    name: ClassVar[str] = "tasks.moved-up"
    kind: str
    from_role: str
    to_role: str
    due_at: datetime


@dataclass(frozen=True)
class Done(Event):
    """It is done, and this proves it."""

    name: ClassVar[str] = "tasks.done"
    kind: str
    proof: dict[str, Any]


@dataclass(frozen=True)
class Expired(Event):
    """Nobody needs it any more."""

    name: ClassVar[str] = "tasks.expired"
    kind: str
