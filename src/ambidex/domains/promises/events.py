"""What happened to promises."""

from datetime import datetime
from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class Made(Event):
    """We told somebody that something will be true by then."""

    name: ClassVar[str] = "promises.made"
    kind: str
    work_no: int
    due_at: datetime


@dataclass(frozen=True)
class Kept(Event):
    """`late_seconds` is zero when it was kept in time."""

    name: ClassVar[str] = "promises.kept"
    kind: str
    work_no: int
    due_at: datetime
    late_seconds: int


@dataclass(frozen=True)
class RePromised(Event):
    """A new time, said before the old one passed; the old version stands."""

    name: ClassVar[str] = "promises.re-promised"
    kind: str
    work_no: int
    was_due_at: datetime
    due_at: datetime
    replaces: int


@dataclass(frozen=True)
class Broken(Event):
    """It will not be true by then, and no new time was given."""

    name: ClassVar[str] = "promises.broken"
    kind: str
    work_no: int
    due_at: datetime


@dataclass(frozen=True)
class Released(Event):
    """Nobody waits for it any more."""

    name: ClassVar[str] = "promises.released"
    kind: str
    work_no: int
    due_at: datetime


@dataclass(frozen=True)
class MilestoneReached(Event):
    """An inner deadline was met, or passed and then met."""

    name: ClassVar[str] = "promises.milestone-reached"
    kind: str
    work_no: int
    due_at: datetime
