"""What happens to counts, in the past tense."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class CountOpened(Event):
    """Somebody must count."""

    name: ClassVar[str] = "counting.opened"
    item_id: UUID
    count_id: UUID
    kind: str
    why: str


@dataclass(frozen=True)
class CountBegun(Event):
    """Somebody stands at the shelf and counts."""

    name: ClassVar[str] = "counting.begun"
    item_id: UUID
    count_id: UUID


@dataclass(frozen=True)
class CountEntered(Event):
    """A person counted; `state` is what follows from it."""

    name: ClassVar[str] = "counting.entered"
    item_id: UUID
    count_id: UUID
    counted: int
    expected: int | None
    state: str


@dataclass(frozen=True)
class CountClosed(Event):
    """A count ended without a further number: approved, rejected, answered by an authoritative count, or canceled."""

    name: ClassVar[str] = "counting.closed"
    item_id: UUID
    count_id: UUID
    state: str
    why: str


@dataclass(frozen=True)
class PolicyChanged(Event):
    """From when on another person counts, and a lead decides, at one place."""

    name: ClassVar[str] = "counting.policy-changed"
    recount_units: int | None
    recount_value_minor: int | None
    approve_units: int | None
    approve_value_minor: int | None
