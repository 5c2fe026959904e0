"""Words of inventory: claims on stock, holds, facts and shorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.values import dataclass

Place = tuple[ItemId, LocationId]


class Condition(StrEnum):
    """What can be done with units on hand."""

    SELLABLE = "sellable"
    SUSPECT = "suspect"
    STAGED = "staged"
    DAMAGED = "damaged"
    QUARANTINE = "quarantine"
    DISPLAY = "display"


CONDITIONS = tuple(str(condition) for condition in Condition)
SHELF = (str(Condition.SELLABLE), str(Condition.SUSPECT))
"""What a count counts."""
SUMMED = (*CONDITIONS, "reserved", "held")
"""What a position sums up: its ledger, its reservations, its holds."""


class Move(StrEnum):
    """What happens to the units of a claim; see `rules.STEPS`."""

    ALLOCATE = "allocated"
    PICK = "picked"
    RELEASE = "released"
    STAGE = "staged"
    DATE = "promised anew"
    UNSTAGE = "unstaged"
    HAND_OVER = "hand_over"
    TAKE_BACK = "taken_back"
    PUT_AWAY = "put_away"
    SUSPECT = "cannot_find"
    DISPATCH = "dispatched"
    DELIVER = "delivered"
    COME_BACK = "came_back"
    LOSE = "lost"
    ARRIVE = "arrived after all"


@dataclass(frozen=True, slots=True)
class Claim:
    """Units of one item at one place for one order line."""

    item_id: ItemId
    location_id: LocationId
    order_id: OrderId
    line_no: int
    quantity: int
    due_at: datetime | None = None
    """When the promise that it serves is due; None keeps what is known."""

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Movement:
    """Units leave one account and enter another: a condition at the place, or an account outside.

    `happened_at` None is now; a moment up to the last count of the place changes its shelf no more.
    """

    item_id: ItemId
    location_id: LocationId
    origin: str
    target: str
    quantity: int
    order_id: OrderId | None = None
    happened_at: datetime | None = None
    reference: str = ""
    source: str = ""
    cause: str = ""
    """These three, where given, stand instead of what the call says."""

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    item_id: ItemId
    location_id: LocationId
    origin: str
    target: str
    quantity: int
    happened_at: datetime
    cause: str
    order_id: OrderId | None = None
    reference: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """One locked position, and the moment at which what is recorded now happens: after all that was."""

    item_id: ItemId
    location_id: LocationId
    held: int
    counted_at: datetime | None
    booked_at: datetime | None
    """When the latest entry of its ledger happened."""
    at: datetime
    on_hand: Mapping[str, int]

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Booked:
    """What physical facts mean for one position: ledger entries, what is on hand after, what was late or unknown."""

    entries: Sequence[Entry]
    on_hand: Mapping[str, int]
    absorbed: Sequence[Movement] = ()
    unknown: int = 0
    """Units that left and were not in the book."""
    look_again: bool = False
    """A fact came between facts: whether the shelf was ever below nothing must be asked of the ledger."""


@dataclass(frozen=True, slots=True)
class Shifted:
    """One position that a statement changed: what it was, and its gap before and after."""

    item_id: ItemId
    location_id: LocationId
    units: int
    was_gap: int
    gap: int

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Change:
    """What a locked position becomes: its units on hand, its claims by so many, its last count."""

    position: Position
    on_hand: Mapping[str, int]
    claims: int = 0
    counted_at: datetime | None = None
    booked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Who said a fact, by which document, and what proves it."""

    source: str = ""
    reference: str = ""
    note: str = ""
    evidence: Sequence[str] = ()


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
    happened_at: datetime | None = None

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

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Short:
    """A claim that stock cannot meet because a physical fact lowered it."""

    short_id: UUID
    item_id: ItemId
    location_id: LocationId
    order_id: OrderId
    line_no: int
    quantity: int
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A live reservation as the settling of shorts sees it; the most endangered promise first."""

    order_id: OrderId
    line_no: int
    quantity: int
    picked: int = 0
    due_at: datetime | None = None


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

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Settled:
    """What physical facts changed at one position beside the shelf."""

    item_id: ItemId
    location_id: LocationId
    opened: tuple[Short, ...] = ()
    closed: tuple[Short, ...] = ()
    absorbed: tuple[Movement, ...] = ()
    """Facts from before the last count: written where they belong, the shelf stays as counted."""
    unknown: int = 0
    """Units that left and were not in the book."""
    differences: tuple[tuple[str, str, str], ...] = ()
    """What a rebuild found: the word, what the position said, and what is so."""

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id
