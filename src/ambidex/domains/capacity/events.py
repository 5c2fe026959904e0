"""What happens to the capacity of places."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class PlaceLimited(Event):
    """The limits of a place are other ones from now on."""

    name: ClassVar[str] = "capacity.limited"
    limits: list[str]


@dataclass(frozen=True)
class PlacePausedEvent(Event):
    """A place gets no new work of a method ('' any) until a moment, or until somebody ends it."""

    name: ClassVar[str] = "capacity.paused"
    method: str
    until: datetime | None
    reason: str


@dataclass(frozen=True)
class PlaceResumed(Event):
    """A place takes work again."""

    name: ClassVar[str] = "capacity.resumed"
    method: str
