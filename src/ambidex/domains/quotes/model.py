"""What was promised before there is an order, and what the order then got."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass

Basket = tuple[tuple[str, int], ...]


class QuoteState(StrEnum):
    OPEN = "open"
    USED = "used"
    LET_GO = "let_go"


class QuoteVerb(StrEnum):
    USE = "use"
    LET_GO = "let_go"


QUOTE: States[QuoteState, QuoteVerb] = States(
    name="quote",
    start=QuoteState.OPEN,
    ends=frozenset({QuoteState.USED, QuoteState.LET_GO}),
    moves={
        (QuoteState.OPEN, QuoteVerb.USE): QuoteState.USED,
        (QuoteState.OPEN, QuoteVerb.LET_GO): QuoteState.LET_GO,
    },
    waits={QuoteState.OPEN: "the customer, until it expires"},
)


@dataclass(frozen=True, slots=True)
class HeldUnits:
    """Units of one line of the order to come, kept by a hold of inventory."""

    line_no: int
    item_id: ItemId
    sku: str
    units: int
    hold_id: UUID


@dataclass(frozen=True, slots=True)
class QuotedPart:
    """What one place gives. `leaves_at` is None for pickup; `due_at` is when the customer has it or can collect it."""

    location_id: LocationId
    location: str
    starts_at: datetime
    leaves_at: datetime | None
    due_at: datetime
    held: tuple[HeldUnits, ...]


@dataclass(frozen=True, slots=True)
class Promised:
    """One option as it was quoted. `cost` is ours, in thousandths of a minor unit; `confidence` in per cent."""

    option: str
    method: str
    speed: str
    due_at: datetime
    confidence: int
    cost: int
    parts: tuple[QuotedPart, ...]
    # the version of the routing rules, and which arm of a canary
    version: int = 0
    arm: str = ""
    brand: str = ""
    # where it is collected, when its part is sent there
    sent_to: str = ""

    @property
    def places(self) -> list[str]:
        """Where the customer collects it, or who sends it, by code."""
        return [self.sent_to] if self.sent_to else sorted({part.location for part in self.parts})


@dataclass(frozen=True, slots=True)
class NewQuote:
    """A quote whose units are being held. `source` '' is any of the channel."""

    quote_id: UUID
    channel: str
    source: str
    country: str
    postcode: str
    basket: Basket
    promised: Promised
    expires_at: datetime
    # the snapshot and the receipt of the engine, where it chose the places
    decided: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote as it stands. `kept` is None while no order has used it."""

    quote_id: UUID
    state: QuoteState
    channel: str
    source: str
    country: str
    postcode: str
    basket: Basket
    promised: Promised
    made_at: datetime
    expires_at: datetime
    order_id: OrderId | None
    kept: bool | None
    differences: tuple[Mapping[str, Any], ...]
    decided: Mapping[str, Any] | None = None
    # the id of who asked for it
    made_by: str = ""

    @property
    def holds(self) -> dict[UUID, ItemId]:
        """What keeps its units in inventory."""
        return {one.hold_id: one.item_id for part in self.promised.parts for one in part.held}


@dataclass(frozen=True, slots=True)
class Used:
    """A quote that an order used: taken as held, or placed anew with what had changed."""

    quote_id: UUID
    order_id: OrderId
    differences: tuple[Mapping[str, Any], ...] = ()

    @property
    def kept(self) -> bool:
        return not self.differences
