"""Words of transfers: goods on their way to a place, from another place or from a supplier, and their states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass, field

DeliveryId = NewType("DeliveryId", UUID)


class DeliveryKind(StrEnum):
    TRANSFER = "transfer"
    INBOUND = "inbound"


class Purpose(StrEnum):
    """Why goods move: to fill a shelf, for one order, or because they were bought."""

    REPLENISH = "replenish"
    ORDER = "order"
    PURCHASE = "purchase"


class TransferState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    PICKING = "picking"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    PARTLY_RECEIVED = "partly_received"
    DECLINED = "declined"
    CANCELED = "canceled"


class InboundState(StrEnum):
    ANNOUNCED = "announced"
    RECEIVED = "received"
    PARTLY_RECEIVED = "partly_received"
    CANCELED = "canceled"


class Verb(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    PICK = "pick"
    SEND = "send"
    FINISH = "finish"
    FINISH_WITH_VARIANCE = "finish with variance"
    SETTLE = "settle the variance"
    CANCEL = "cancel"


_T, _I = TransferState, InboundState
TRANSFER: States[TransferState, Verb] = States(
    name="transfer",
    start=_T.REQUESTED,
    ends=frozenset({_T.RECEIVED, _T.DECLINED, _T.CANCELED}),
    moves={
        (_T.REQUESTED, Verb.APPROVE): _T.APPROVED,
        (_T.REQUESTED, Verb.DECLINE): _T.DECLINED,
        (_T.APPROVED, Verb.PICK): _T.PICKING,
        (_T.PICKING, Verb.SEND): _T.IN_TRANSIT,
        (_T.IN_TRANSIT, Verb.FINISH): _T.RECEIVED,
        (_T.IN_TRANSIT, Verb.FINISH_WITH_VARIANCE): _T.PARTLY_RECEIVED,
        (_T.PARTLY_RECEIVED, Verb.SETTLE): _T.RECEIVED,
        **{(state, Verb.CANCEL): _T.CANCELED for state in (_T.REQUESTED, _T.APPROVED, _T.PICKING)},
    },
    waits={
        _T.REQUESTED: "the place that was asked",
        _T.APPROVED: "a picker of the sending place",
        _T.PICKING: "the picker",
        _T.IN_TRANSIT: "the lead of the receiving place",
        _T.PARTLY_RECEIVED: "the lead who has the variance task",
    },
)
INBOUND: States[InboundState, Verb] = States(
    name="inbound goods",
    start=_I.ANNOUNCED,
    ends=frozenset({_I.RECEIVED, _I.CANCELED}),
    moves={
        (_I.ANNOUNCED, Verb.FINISH): _I.RECEIVED,
        (_I.ANNOUNCED, Verb.FINISH_WITH_VARIANCE): _I.PARTLY_RECEIVED,
        (_I.ANNOUNCED, Verb.CANCEL): _I.CANCELED,
        (_I.PARTLY_RECEIVED, Verb.SETTLE): _I.RECEIVED,
    },
    waits={
        _I.ANNOUNCED: "the lead of the receiving place",
        _I.PARTLY_RECEIVED: "the lead who has the variance task",
    },
)
# what may be scanned in now
ARRIVING = frozenset({_T.IN_TRANSIT.value, _I.ANNOUNCED.value})
# what will still come
COMING = frozenset({_T.APPROVED.value, _T.PICKING.value, *ARRIVING})


class Step(StrEnum):
    """Which scan of a unit it is: into the parcel, or out of it."""

    PICK = "pick"
    RECEIVE = "receive"


class Arrived(StrEnum):
    """How a unit came out of its parcel."""

    SELLABLE = "sellable"
    DAMAGED = "damaged"


class Outcome(StrEnum):
    """What became of a difference."""

    ARRIVED = "arrived"
    NEVER_SENT = "never_sent"
    LOST = "lost"
    SENT_TOO_MANY = "sent_too_many"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of an item that are asked for or announced; for an order also its line, and the hold at the sender."""

    item_id: ItemId
    quantity: int
    order_line: int | None = None
    hold_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """Goods that shall move or will come. `reference`: the supplier's number; a transfer is given its own."""

    kind: DeliveryKind
    purpose: Purpose
    to_id: LocationId
    wanted: tuple[Wanted, ...]
    from_id: LocationId | None = None
    reference: str = ""
    supplier: str = ""
    order_id: OrderId | None = None
    expected_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a delivery. `settled` are units of its variance that a person has explained."""

    line_no: int
    item_id: ItemId
    asked: int
    sent: int = 0
    received: int = 0
    damaged: int = 0
    settled: int = 0
    order_line: int | None = None
    hold_id: UUID | None = None

    @property
    def variance(self) -> int:
        """Units too few (negative) or too many (positive), once it was finished."""
        return self.received + self.damaged - self.sent

    @property
    def open_variance(self) -> int:
        """Units of the difference that nobody has explained yet."""
        return abs(self.variance) - self.settled


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods on their way. `from_id` None: a supplier outside."""

    delivery_id: DeliveryId
    kind: DeliveryKind
    reference: str
    purpose: Purpose
    from_id: LocationId | None
    to_id: LocationId
    supplier: str
    state: TransferState | InboundState
    order_id: OrderId | None
    expected_at: datetime | None
    note: str
    made_by: str
    made_at: datetime
    sent_at: datetime | None
    closed_at: datetime | None
    late_told_at: datetime | None
    version: int
    lines: tuple[Line, ...]
    packages: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return str(self.delivery_id)

    @property
    def is_arriving(self) -> bool:
        """Whether its goods may be scanned in now."""
        return self.state.value in ARRIVING

    def line(self, line_no: int) -> Line | None:
        return next((line for line in self.lines if line.line_no == line_no), None)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A proof with what its barcode names; `arrived` says how a unit came out of its parcel."""

    proof: Proof
    item_id: ItemId | None
    name: str = ""
    counted_scans: bool = False
    arrived: Arrived = Arrived.SELLABLE


@dataclass(frozen=True, slots=True)
class Counted:
    """Units scanned so far in one step, by item and condition."""

    units: Mapping[tuple[ItemId, Arrived], int] = field(default_factory=dict)

    def of(self, item_id: ItemId, *arrived: Arrived) -> int:
        """Units of this item in these conditions, or in all."""
        return sum(self.units.get((item_id, each), 0) for each in arrived or Arrived)


@dataclass(frozen=True, slots=True)
class Coming:
    """Units that will come to a place and belong to nobody yet."""

    item_id: ItemId
    location_id: LocationId
    units: int
    at: datetime
    reference: str
    kind: DeliveryKind
