"""What happened on watch: armed, warned, fired, moved on, resolved; who owns what; exceptions."""

from datetime import datetime
from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class Armed(Event):
    """One event for all watchdogs armed on an order at once: what they wait for, and until when."""

    name: ClassVar[str] = "watch.armed"
    waits_for: dict[str, datetime]


@dataclass(frozen=True)
class DueSoon(Event):
    """Half, or most, of the time is gone."""

    name: ClassVar[str] = "watch.due-soon"
    waits_for: str
    work_no: int
    due_at: datetime


@dataclass(frozen=True)
class Fired(Event):
    """It did not happen in time."""

    name: ClassVar[str] = "watch.fired"
    waits_for: str
    work_no: int
    due_at: datetime


@dataclass(frozen=True)
class Acknowledged(Event):
    """Somebody said "I have it"."""

    name: ClassVar[str] = "watch.acknowledged"
    waits_for: str
    work_no: int


@dataclass(frozen=True)
class Closed(Event):
    """`outcome` is resolved (it happened) or canceled (nobody waits for it any more)."""

    name: ClassVar[str] = "watch.closed"
    waits_for: str
    work_no: int
    outcome: str


@dataclass(frozen=True)
class Reminded(Event):
    """The customer's goods still lie here: which reminder this was."""

    name: ClassVar[str] = "watch.reminded"
    waits_for: str
    work_no: int
    reminder: int


@dataclass(frozen=True)
class Owned(Event):
    """Who answers for the order now, until when, and who did before."""

    name: ClassVar[str] = "watch.owned"
    role: str
    staff_id: str
    next_step: str
    next_deadline: datetime
    waiting_for: str


@dataclass(frozen=True)
class MovedUp(Event):
    """One hop of ownership along the duty chain; `passed_over` names the rungs with nobody on shift."""

    name: ClassVar[str] = "watch.moved-up"
    from_role: str
    from_staff_id: str
    to_role: str
    to_staff_id: str
    to_staff_name: str
    level: int
    passed_over: tuple[str, ...]
    next_deadline: datetime


@dataclass(frozen=True)
class LetGo(Event):
    """Nothing is left to happen; nobody needs to own it."""

    name: ClassVar[str] = "watch.let-go"


@dataclass(frozen=True)
class ExceptionOpened(Event):
    """Something needs a person."""

    name: ClassVar[str] = "watch.exception-opened"
    kind: str
    cause: str
    detail: str
    owner_role: str
    due_at: datetime


@dataclass(frozen=True)
class ExceptionResolved(Event):
    """A person solved it."""

    name: ClassVar[str] = "watch.exception-resolved"
    kind: str
    outcome: str
