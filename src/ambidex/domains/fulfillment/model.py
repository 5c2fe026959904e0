"""Work for one location: its lines by unit, its states as data, and the evidence that moves it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from ambidex.kernel.actor import Actor
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import ItemId, LocationId, OrderId, child_id
from ambidex.kernel.ref import Ref
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass, field

UNDO_WITHIN = timedelta(minutes=15)


class WorkState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    PICKING = "picking"
    PICKED = "picked"
    STAGED = "staged"
    READY = "ready"
    HANDED_OVER = "handed_over"
    PACKED = "packed"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"
    REFUSED = "refused"
    LAPSED = "lapsed"
    TAKEN_BACK = "taken_back"
    SHORT = "short"
    CANCELED = "canceled"


class WorkVerb(StrEnum):
    """What is done to work. The verbs with `last` and `all` are chosen by the rules from what was found."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    LAPSE = "lapse"
    TAKE_BACK = "take back"
    PICK = "pick"
    PICK_LAST = "pick last"
    MISS = "miss"
    MISS_LAST = "miss last"
    MISS_ALL = "miss all"
    STAGE = "stage"
    MAKE_READY = "make ready"
    HAND_OVER_PART = "hand over part"
    HAND_OVER = "hand over"
    UNDO = "undo"
    PACK = "pack"
    PACK_LAST = "pack last"
    UNPACK = "unpack"
    DISPATCH = "dispatch"
    DISPATCH_LAST = "dispatch last"
    DELIVER = "deliver"
    FAIL_DELIVERY = "fail delivery"
    TRY_AGAIN = "try again"
    RETURN_TO_SENDER = "return to sender"
    LOSE = "lose"
    DROP = "drop"
    DROP_LAST = "drop last"
    CLOSE = "close"
    CANCEL = "cancel"


_S, _V = WorkState, WorkVerb
_OPEN = (_S.OFFERED, _S.ACCEPTED, _S.PICKING, _S.PICKED, _S.STAGED, _S.READY, _S.PACKED)
_PROVEN = (_S.READY, _S.PACKED)

FULFILLMENT = States(
    name="fulfillment order",
    start=_S.OFFERED,
    ends=frozenset(
        {
            _S.HANDED_OVER,
            _S.REFUSED,
            _S.LAPSED,
            _S.TAKEN_BACK,
            _S.SHORT,
            _S.CANCELED,
            _S.DELIVERED,
            _S.RETURNED_TO_SENDER,
            _S.LOST,
        }
    ),
    moves={
        (_S.OFFERED, _V.ACCEPT): _S.ACCEPTED,
        (_S.OFFERED, _V.REFUSE): _S.REFUSED,
        (_S.OFFERED, _V.LAPSE): _S.LAPSED,
        (_S.ACCEPTED, _V.PICK): _S.PICKING,
        (_S.PICKING, _V.PICK): _S.PICKING,
        (_S.ACCEPTED, _V.PICK_LAST): _S.PICKED,
        (_S.PICKING, _V.PICK_LAST): _S.PICKED,
        (_S.ACCEPTED, _V.MISS): _S.PICKING,
        (_S.PICKING, _V.MISS): _S.PICKING,
        (_S.PICKING, _V.MISS_LAST): _S.PICKED,
        (_S.ACCEPTED, _V.MISS_ALL): _S.SHORT,
        (_S.PICKING, _V.MISS_ALL): _S.SHORT,
        (_S.PICKED, _V.STAGE): _S.STAGED,
        (_S.STAGED, _V.STAGE): _S.STAGED,
        (_S.READY, _V.STAGE): _S.READY,
        (_S.STAGED, _V.MAKE_READY): _S.READY,
        (_S.READY, _V.HAND_OVER_PART): _S.READY,
        (_S.READY, _V.HAND_OVER): _S.HANDED_OVER,
        (_S.HANDED_OVER, _V.UNDO): _S.STAGED,
        (_S.READY, _V.UNDO): _S.STAGED,
        (_S.PICKED, _V.PACK): _S.PICKED,
        (_S.PICKED, _V.PACK_LAST): _S.PACKED,
        (_S.PICKED, _V.UNPACK): _S.PICKED,
        (_S.PACKED, _V.UNPACK): _S.PICKED,
        (_S.PACKED, _V.DISPATCH): _S.PACKED,
        (_S.PACKED, _V.DISPATCH_LAST): _S.DISPATCHED,
        **{
            (state, verb): to
            for state in (_S.DISPATCHED, _S.DELIVERY_FAILED)
            for verb, to in (
                (_V.DELIVER, _S.DELIVERED),
                (_V.FAIL_DELIVERY, _S.DELIVERY_FAILED),
                (_V.RETURN_TO_SENDER, _S.RETURNED_TO_SENDER),
                (_V.LOSE, _S.LOST),
            )
        },
        (_S.DELIVERY_FAILED, _V.TRY_AGAIN): _S.DISPATCHED,
        # what was given up for lost may still arrive
        (_S.LOST, _V.DELIVER): _S.DELIVERED,
        **{(state, _V.TAKE_BACK): _S.TAKEN_BACK for state in _OPEN if state not in _PROVEN},
        **{(state, _V.DROP): state for state in _OPEN if state not in _PROVEN},
        (_S.PICKING, _V.DROP_LAST): _S.PICKED,
        (_S.READY, _V.DROP): _S.STAGED,
        (_S.PACKED, _V.DROP): _S.PICKED,
        (_S.READY, _V.CLOSE): _S.HANDED_OVER,
        **{(state, _V.CANCEL): _S.CANCELED for state in _OPEN},
    },
    waits={
        _S.OFFERED: "the place accepts or refuses",
        _S.ACCEPTED: "an associate picks",
        _S.PICKING: "an associate picks the rest",
        _S.PICKED: "an associate stages",
        _S.STAGED: "an associate makes it ready",
        _S.READY: "the customer collects",
        _S.PACKED: "an associate hands the packages to the carrier",
        _S.DISPATCHED: "the carrier",
        _S.DELIVERY_FAILED: "an agent chooses what is done",
    },
)


class CustomerSide(StrEnum):
    """Where the customer stands in a pickup; NOT_TOLD until *ready* was told."""

    NOT_TOLD = ""
    TOLD = "told"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    VERIFIED = "verified"
    HANDED_OVER = "handed_over"
    PARTLY = "partly"
    REFUSED = "refused"


HERE = frozenset({CustomerSide.ARRIVED, CustomerSide.VERIFIED})


class Step(StrEnum):
    """Which deed a piece of evidence proves."""

    PICK = "pick"
    CANNOT_FIND = "cannot_find"
    STAGE = "stage"
    HAND_OVER = "hand_over"
    PUT_AWAY = "put_away"
    UNDO = "undo"
    PACK = "pack"
    UNPACK = "unpack"
    DISPATCH = "dispatch"
    DELIVER = "deliver"
    COME_BACK = "come_back"


@dataclass(frozen=True, slots=True)
class WorkLine:
    """`asked` = `wanted` + `short` + `dropped`; `to_put_away` lie here although nobody wants them any more."""

    line_no: int
    item_id: ItemId
    asked: int
    wanted: int
    picked: int
    handed_over: int
    short: int
    dropped: int
    to_put_away: int

    @property
    def to_pick(self) -> int:
        return self.wanted - self.picked

    @property
    def to_hand_over(self) -> int:
        return self.wanted - self.handed_over


@dataclass(frozen=True, slots=True)
class Work:
    """A fulfillment order: what one location does for one order, with one method."""

    order_id: OrderId
    work_no: int
    location_id: LocationId
    method: str
    state: WorkState
    staging_place: str
    customer_side: CustomerSide
    customer_side_since: datetime | None
    customer_note: str
    assignee_id: str
    assignee_name: str
    offered_at: datetime
    state_since: datetime
    ready_at: datetime | None
    handed_over_at: datetime | None
    collector: str
    cause: str
    lines: tuple[WorkLine, ...]

    @property
    def id(self) -> str:
        """The outside id."""
        return child_id(self.order_id, self.work_no)

    @property
    def ref(self) -> Ref:
        return Ref("fulfillment-order", self.id)

    @property
    def wanted(self) -> int:
        return sum(line.wanted for line in self.lines)

    @property
    def picked(self) -> int:
        return sum(line.picked for line in self.lines)

    @property
    def is_open(self) -> bool:
        return self.state not in FULFILLMENT.ends

    def line(self, line_no: int) -> WorkLine | None:
        return next((line for line in self.lines if line.line_no == line_no), None)


@dataclass(frozen=True, slots=True)
class Delta:
    """By how much the counters of one line change."""

    wanted: int = 0
    picked: int = 0
    handed_over: int = 0
    short: int = 0
    dropped: int = 0
    to_put_away: int = 0


@dataclass(frozen=True, slots=True)
class NewWork:
    """Work to be offered. `units`: (line number, item, quantity) each."""

    order_id: OrderId
    work_no: int
    location_id: LocationId
    units: tuple[tuple[int, ItemId, int], ...]
    method: str = "pickup"
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """A proof with what its barcode names here: nothing (`item_id` None) or an item and its scanning policy."""

    proof: Proof
    item_id: ItemId | None
    name: str = ""
    counted_scans: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """Units of one line that a proof stands for."""

    line_no: int
    item_id: ItemId
    proof: Proof
    counted_scans: bool


@dataclass(frozen=True, slots=True)
class HandOver:
    """Who takes what, and how we know them: a pickup code, or what was checked (its type, never a number).

    `units` is empty for everything that is left; `refused` is what the customer does not want after all.
    """

    collector: str
    code_no: int | None = None
    checked: str = ""
    units: dict[int, int] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    key: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence as stored."""

    evidence_id: UUID
    line_no: int | None
    item_id: ItemId | None
    step: Step
    kind: EvidenceKind
    quantity: int
    place: str
    location_id: LocationId
    key: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a work lost, by line: `waiting` not yet picked, `in_hand` picked, `staged` (these must be put away)."""

    work: Work
    waiting: dict[int, int]
    in_hand: dict[int, int]
    staged: dict[int, int]


@dataclass(frozen=True, slots=True)
class Handed:
    """What left and what stays, by line. `times` counts the hand-overs of this work that were undone before."""

    work: Work
    units: dict[int, int]
    refused: dict[int, int]
    evidence: tuple[str, ...]
    times: int = 0
