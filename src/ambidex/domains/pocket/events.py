"""What happens to stored deeds, in the past tense."""

from __future__ import annotations

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class DeedTaken(Event):
    """Something done without a network was taken in."""

    name: ClassVar[str] = "pocket.taken"
    kind: str
    clock_ahead_seconds: int


@dataclass(frozen=True)
class DeedConflicted(Event):
    """Something done without a network does not fit what stands; a person settles it."""

    name: ClassVar[str] = "pocket.conflicted"
    kind: str
    problem: str
    clock_ahead_seconds: int
