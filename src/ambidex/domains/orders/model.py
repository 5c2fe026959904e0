"""Words of orders: what was agreed. An order's progress is derived from its lines, which count units by state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import ItemId, LocationId, OrderId, SourceId
from ambidex.kernel.money import Money
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass, field


class OrderState(StrEnum):
    """The commercial state. How far the goods are is derived from the lines, money from the tenders."""

    DRAFT = "draft"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    CHANGING = "changing"
    CANCELED = "canceled"
    EXPIRED = "expired"


class OrderVerb(StrEnum):
    PLACE = "place"
    CONFIRM = "confirm"
    CHANGE = "change"
    CLOSE = "close"
    REOPEN = "reopen"
    CANCEL = "cancel"
    EXPIRE = "expire"


_O, _OV = OrderState, OrderVerb
ORDER = States(
    name="order",
    start=_O.DRAFT,
    ends=frozenset({_O.CLOSED, _O.CANCELED, _O.EXPIRED}),
    moves={
        (_O.DRAFT, _OV.PLACE): _O.PLACED,
        (_O.DRAFT, _OV.EXPIRE): _O.EXPIRED,
        (_O.PLACED, _OV.CONFIRM): _O.CONFIRMED,
        (_O.PLACED, _OV.CLOSE): _O.CLOSED,
        (_O.PLACED, _OV.CANCEL): _O.CANCELED,
        (_O.PLACED, _OV.CHANGE): _O.CHANGING,
        (_O.CONFIRMED, _OV.CHANGE): _O.CHANGING,
        (_O.CONFIRMED, _OV.CLOSE): _O.CLOSED,
        (_O.CONFIRMED, _OV.CANCEL): _O.CANCELED,
        (_O.CHANGING, _OV.CONFIRM): _O.CONFIRMED,
        (_O.CHANGING, _OV.CANCEL): _O.CANCELED,
        (_O.CLOSED, _OV.REOPEN): _O.CONFIRMED,
    },
    waits={_O.PLACED: "money or stock that was not secured at once", _O.CHANGING: "the customer"},
)


class LineState(StrEnum):
    """Where units of a line are."""

    OPEN = "open"
    RESERVED = "reserved"
    ALLOCATED = "allocated"
    PICKED = "picked"
    STAGED = "staged"
    READY = "ready"
    HANDED_OVER = "handed_over"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    SHORT = "short"
    BACKORDERED = "backordered"
    SUBSTITUTED = "substituted"
    CANCELED = "canceled"
    LOST = "lost"


class LineVerb(StrEnum):
    RESERVE = "reserve"
    RELEASE = "release"
    ALLOCATE = "allocate"
    TAKE_BACK = "take back"
    PICK = "pick"
    STAGE = "stage"
    MAKE_READY = "make ready"
    UNDO_READY = "undo ready"
    HAND_OVER = "hand over"
    UNDO = "undo"
    UNDO_TO_STAGED = "undo to staged"
    PACK = "pack"
    UNPACK = "unpack"
    SHIP = "ship"
    DELIVER = "deliver"
    COME_BACK = "come back"
    SEND_AGAIN = "send again"
    RETURN = "return"
    GO_SHORT = "go short"
    BACKORDER = "backorder"
    SUBSTITUTE = "substitute"
    CANCEL = "cancel"
    LOSE = "lose"


_L, _V = LineState, LineVerb
_BEFORE_STAGING = (_L.RESERVED, _L.ALLOCATED, _L.PICKED)
_IN_THE_HOUSE = (_L.OPEN, *_BEFORE_STAGING, _L.STAGED, _L.READY, _L.PACKED, _L.SHORT, _L.BACKORDERED)
LINE = States(
    name="line",
    start=_L.OPEN,
    ends=frozenset({_L.HANDED_OVER, _L.DELIVERED, _L.RETURNED, _L.SUBSTITUTED, _L.CANCELED, _L.LOST}),
    moves={
        (_L.OPEN, _V.RESERVE): _L.RESERVED,
        (_L.SHORT, _V.RESERVE): _L.RESERVED,
        (_L.BACKORDERED, _V.RESERVE): _L.RESERVED,
        **{(state, _V.RELEASE): _L.OPEN for state in _BEFORE_STAGING},
        (_L.RESERVED, _V.ALLOCATE): _L.ALLOCATED,
        **{(state, _V.TAKE_BACK): _L.RESERVED for state in (_L.ALLOCATED, _L.PICKED, _L.STAGED, _L.READY)},
        (_L.ALLOCATED, _V.PICK): _L.PICKED,
        (_L.PICKED, _V.STAGE): _L.STAGED,
        (_L.STAGED, _V.MAKE_READY): _L.READY,
        (_L.READY, _V.UNDO_READY): _L.STAGED,
        (_L.READY, _V.HAND_OVER): _L.HANDED_OVER,
        (_L.HANDED_OVER, _V.UNDO): _L.READY,
        (_L.HANDED_OVER, _V.UNDO_TO_STAGED): _L.STAGED,
        (_L.HANDED_OVER, _V.RETURN): _L.RETURNED,
        (_L.PICKED, _V.PACK): _L.PACKED,
        (_L.PACKED, _V.UNPACK): _L.PICKED,
        (_L.PACKED, _V.SHIP): _L.SHIPPED,
        (_L.SHIPPED, _V.DELIVER): _L.DELIVERED,
        (_L.SHIPPED, _V.COME_BACK): _L.RETURNED,
        (_L.SHIPPED, _V.LOSE): _L.LOST,
        (_L.LOST, _V.DELIVER): _L.DELIVERED,
        **{(state, _V.SEND_AGAIN): _L.OPEN for state in (_L.SHIPPED, _L.RETURNED, _L.LOST)},
        (_L.DELIVERED, _V.RETURN): _L.RETURNED,
        **{
            (state, _V.GO_SHORT): _L.SHORT for state in (_L.OPEN, *_BEFORE_STAGING, _L.STAGED, _L.BACKORDERED)
        },
        (_L.OPEN, _V.BACKORDER): _L.BACKORDERED,
        (_L.SHORT, _V.BACKORDER): _L.BACKORDERED,
        (_L.SHORT, _V.SUBSTITUTE): _L.SUBSTITUTED,
        (_L.BACKORDERED, _V.SUBSTITUTE): _L.SUBSTITUTED,
        **{(state, _V.CANCEL): _L.CANCELED for state in _IN_THE_HOUSE},
        **{(state, _V.LOSE): _L.LOST for state in (_L.STAGED, _L.READY)},
    },
    waits={
        _L.RESERVED: "the place that was offered the work",
        _L.ALLOCATED: "a picker",
        _L.PICKED: "the picker",
        _L.STAGED: "the picker",
        _L.READY: "the customer",
        _L.PACKED: "whoever hands the package to the carrier",
        _L.SHIPPED: "the carrier",
        _L.SHORT: "the customer's choice",
        _L.BACKORDERED: "stock that will come",
    },
)
MOVES = frozenset((origin, to) for (origin, _), to in LINE.moves.items())
STILL_TO_HAPPEN = frozenset({*_IN_THE_HOUSE, _L.SHIPPED})


class Method(StrEnum):
    """How units reach the customer."""

    PICKUP = "pickup"
    SHIP = "ship"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Contact:
    """How we know the customer of this order."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it was asked for. `location` is a place's code; None: we choose, where we may."""

    sku: str
    quantity: int
    unit_price: Money
    method: Method
    location: str | None = None
    tax: Money | None = None
    discount: Money | None = None
    title: str = ""
    source_line: str = ""


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A tender as it was told: `status` is pending, authorized or captured."""

    status: str
    amount: Money
    method: str = ""
    reference: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as it was asked for. (source, reference) has one order, for ever.

    `terms` holds the free fields of the contract as sent: fees, parties, requested_for, attribution.
    """

    source: str
    reference: str
    channel: str
    currency: str
    contact: Contact
    lines: tuple[NewLine, ...]
    payments: tuple[NewPayment, ...] = ()
    prices_include_tax: bool = False
    shipping: Money | None = None
    fees: Money | None = None
    address: Mapping[str, Any] | None = None
    language: str = "en"
    collectors: tuple[str, ...] = ()
    terms: Mapping[str, Any] = field(default_factory=dict)
    source_number: str = ""
    placed_at: datetime | None = None
    source_version: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An order about to be placed, with the actor who asks; in lists the actor travels with each."""

    order_id: OrderId
    source_id: SourceId
    new: NewOrder
    actor: Actor


@dataclass(frozen=True, slots=True)
class Line:
    """A line as agreed; `counts` says how many of its units are in which state."""

    line_no: int
    item_id: ItemId
    sku: str
    title: str
    quantity: int
    unit_price: Money
    tax: Money
    discount: Money
    method: Method
    location_id: LocationId | None
    counts: Mapping[LineState, int]
    source_line: str = ""
    # the kit it is a part of ("" is none), which one of the order's, and how many of it were bought
    kit_sku: str = ""
    kit_title: str = ""
    kit_no: int = 0
    kit_quantity: int = 0

    def units(self, *states: LineState) -> int:
        """How many units are in any of these states."""
        return sum([units for state, units in self.counts.items() if state in states])

    @property
    def may_be_canceled(self) -> int:
        """Units that have not left."""
        return self.units(*_IN_THE_HOUSE)

    @property
    def still_to_happen(self) -> int:
        """Units that somebody still waits for."""
        return self.units(*STILL_TO_HAPPEN)


@dataclass(frozen=True, slots=True)
class Instead:
    """So many units of another item in place of what was bought: what the customer pays for all of it, tax within or above as everywhere.

    `replaces`: the units by line that it stands for; those of all parts where a kit was bought. `line_no` is one of them.
    """

    line_no: int
    units: int
    item_id: ItemId
    sku: str
    title: str
    price: Money
    replaces: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """What was agreed with the customer."""

    order_id: OrderId
    number: str
    source_id: SourceId
    reference: str
    source_number: str
    channel: str
    state: OrderState
    total: Money
    tax: Money
    shipping: Money
    prices_include_tax: bool
    contact: Contact
    address: Mapping[str, Any] | None
    language: str
    collectors: tuple[str, ...]
    terms: Mapping[str, Any]
    placed_at: datetime
    source_version: datetime | None
    link_version: int
    link_expires_at: datetime
    version: int
    lines: tuple[Line, ...]

    @property
    def currency(self) -> str:
        return self.total.currency

    def line(self, line_no: int) -> Line | None:
        """The line of this number."""
        return next((line for line in self.lines if line.line_no == line_no), None)
