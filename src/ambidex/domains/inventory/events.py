"""What happens to stock, in the past tense."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class StockMoved(Event):
    """What may be sold changed at these places: [item, location] each. One for a list of changes."""

    name: ClassVar[str] = "inventory.moved"
    places: list[list[UUID]]
    why: str


@dataclass(frozen=True)
class StockCounted(Event):
    """An authoritative count set what is on the shelf."""

    name: ClassVar[str] = "inventory.counted"
    item_id: UUID
    before: int
    counted: int
    why: str


@dataclass(frozen=True)
class WentShort(Event):
    """A physical fact left a claim without stock."""

    name: ClassVar[str] = "inventory.went-short"
    item_id: UUID
    short_id: UUID
    line_no: int
    quantity: int


@dataclass(frozen=True)
class ShortCovered(Event):
    """A claim that was short has stock again, or no longer needs it."""

    name: ClassVar[str] = "inventory.short-covered"
    item_id: UUID
    short_id: UUID
    line_no: int
    quantity: int


@dataclass(frozen=True)
class UnitsHeld(Event):
    """Units are kept for somebody until a certain time."""

    name: ClassVar[str] = "inventory.held"
    item_id: UUID
    hold_id: UUID
    quantity: int
    purpose: str
    expires_at: str
