"""Words of inventory: claims on stock, holds, counts, shorts, and the state machine of a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.states import States

Place = tuple[ItemId, LocationId]


class Condition(StrEnum):
    """What can be done with units on hand."""

    SELLABLE = "sellable"
    SUSPECT = "suspect"
    STAGED = "staged"
    DAMAGED = "damaged"
    QUARANTINE = "quarantine"
    DISPLAY = "display"


class CountState(StrEnum):
    OPEN = "open"
    COUNTED = "counted"
    CANCELED = "canceled"


class CountVerb(StrEnum):
    COUNT = "count"
    CANCEL = "cancel"


COUNT = States(
    name="count",
    start=CountState.OPEN,
    ends=frozenset({CountState.COUNTED, CountState.CANCELED}),
    moves={
        (CountState.OPEN, CountVerb.COUNT): CountState.COUNTED,
        (CountState.OPEN, CountVerb.CANCEL): CountState.CANCELED,
    },
    waits={CountState.OPEN: "somebody at the place who can count"},
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Units of one item at one place for one order line."""

    item_id: ItemId
    location_id: LocationId
    order_id: OrderId
    line_no: int
    quantity: int

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class StockRow:
    """What an authoritative count says lies on the shelves and in the back room of one place.

    Units staged for customers are not part of it. `safety` and `spot` None leave what is known as it is.
    """

    item_id: ItemId
    location_id: LocationId
    counted: int
    safety: int | None = None
    spot: str | None = None

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Hold:
    """A soft claim with an expiry. It is live while it is neither released nor expired."""

    hold_id: UUID
    item_id: ItemId
    location_id: LocationId
    quantity: int
    order_id: OrderId | None
    line_no: int | None
    purpose: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Short:
    """A claim that stock cannot meet because a physical fact lowered it."""

    short_id: UUID
    item_id: ItemId
    location_id: LocationId
    order_id: OrderId
    line_no: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Booking:
    """A live reservation as the settling of shorts sees it; newest last."""

    order_id: OrderId
    line_no: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """How open shorts must change so that they cover exactly the gap."""

    close: Sequence[UUID]
    open: Sequence[Booking]
    """Bookings with the quantity that is short."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A line that stock does not meet where it was wanted."""

    line: int
    item_id: ItemId
    location_id: LocationId
    wanted: int
    available: int


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an item at one place, for somebody who was told "sold out"."""

    item_id: ItemId
    location_id: LocationId
    available: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What a count changed: the difference on the shelf and the shorts it opened and closed."""

    item_id: ItemId
    location_id: LocationId
    before: int
    counted: int
    opened: tuple[Short, ...] = ()
    closed: tuple[Short, ...] = ()
    counts: tuple[UUID, ...] = ()
    """The open counts that this one answers."""
