"""Words of shipping: packages, their labels, and what carriers tell about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import ItemId, LocationId, OrderId, child_id
from ambidex.kernel.ref import Ref
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass, field

# clocks of carriers differ, and so do their time zones; what is dated later than this did not happen
AHEAD_MAX = timedelta(days=1)


class PackageState(StrEnum):
    PACKED = "packed"
    OPENED = "opened"
    DISPATCHED = "dispatched"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"
    CAME_BACK = "came_back"
    LOST = "lost"


class PackageVerb(StrEnum):
    OPEN = "open"
    DISPATCH = "dispatch"
    FAIL_DELIVERY = "fail delivery"
    TRY_AGAIN = "try again"
    DELIVER = "deliver"
    RETURN_TO_SENDER = "return to sender"
    COME_BACK = "come back"
    LOSE = "lose"
    SEND_AGAIN = "send again"


_P, _V = PackageState, PackageVerb
_ON_ITS_WAY = (_P.DISPATCHED, _P.DELIVERY_FAILED)
PACKAGE = States(
    name="package",
    start=_P.PACKED,
    ends=frozenset({_P.OPENED, _P.DELIVERED, _P.CAME_BACK, _P.LOST}),
    moves={
        (_P.PACKED, _V.OPEN): _P.OPENED,
        (_P.PACKED, _V.DISPATCH): _P.DISPATCHED,
        **{(state, _V.DELIVER): _P.DELIVERED for state in _ON_ITS_WAY},
        **{(state, _V.FAIL_DELIVERY): _P.DELIVERY_FAILED for state in _ON_ITS_WAY},
        **{(state, _V.RETURN_TO_SENDER): _P.RETURNED_TO_SENDER for state in _ON_ITS_WAY},
        **{(state, _V.LOSE): _P.LOST for state in (*_ON_ITS_WAY, _P.RETURNED_TO_SENDER)},
        (_P.DELIVERY_FAILED, _V.TRY_AGAIN): _P.DISPATCHED,
        # whoever has its label in hand knows where it is, also when the carrier said that it arrived
        **{
            (state, _V.COME_BACK): _P.CAME_BACK
            for state in (*_ON_ITS_WAY, _P.RETURNED_TO_SENDER, _P.DELIVERED)
        },
        # what was given up for lost may still arrive
        (_P.LOST, _V.DELIVER): _P.DELIVERED,
        # its goods go out in another package; where this one is stays as it is
        **{(state, _V.SEND_AGAIN): state for state in (_P.RETURNED_TO_SENDER, _P.CAME_BACK, _P.LOST)},
    },
    waits={
        _P.PACKED: "an associate hands it to the carrier",
        _P.DISPATCHED: "the carrier",
        _P.DELIVERY_FAILED: "an agent chooses what is done",
        _P.RETURNED_TO_SENDER: "the place scans it back in",
    },
)
# with the carrier: its units lie in the account `package`
UNDER_WAY = frozenset({_P.DISPATCHED, _P.DELIVERY_FAILED, _P.RETURNED_TO_SENDER})


class LabelState(StrEnum):
    WANTED = "wanted"
    MADE = "made"
    REFUSED = "refused"
    UNWANTED = "unwanted"
    VOIDED = "voided"
    NOT_VOIDED = "not_voided"


class LabelVerb(StrEnum):
    MAKE = "make"
    REFUSE = "refuse"
    GIVE_UP = "give up"
    VOID = "void"
    FAIL_TO_VOID = "fail to void"
    TURN_UP = "turn up"


_L, _LV = LabelState, LabelVerb
LABEL = States(
    name="label",
    start=_L.WANTED,
    ends=frozenset({_L.REFUSED, _L.VOIDED, _L.NOT_VOIDED}),
    moves={
        (_L.WANTED, _LV.MAKE): _L.MADE,
        (_L.WANTED, _LV.REFUSE): _L.REFUSED,
        (_L.WANTED, _LV.GIVE_UP): _L.UNWANTED,
        (_L.MADE, _LV.GIVE_UP): _L.UNWANTED,
        (_L.UNWANTED, _LV.VOID): _L.VOIDED,
        (_L.UNWANTED, _LV.FAIL_TO_VOID): _L.NOT_VOIDED,
        # bought although it was settled while the carrier was asked: it is taken back after all
        **{(s, _LV.TURN_UP): _L.UNWANTED for s in (_L.UNWANTED, _L.VOIDED, _L.NOT_VOIDED, _L.REFUSED)},
    },
    waits={_L.WANTED: "the carrier's answer", _L.UNWANTED: "the carrier's answer"},
)


class ScanStatus(StrEnum):
    """What a carrier says of a package. The words are those most carriers and trackers share."""

    UNKNOWN = "unknown"
    PRE_TRANSIT = "pre_transit"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    DELIVERED = "delivered"
    FAILURE = "failure"
    RETURN_TO_SENDER = "return_to_sender"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Size:
    """Outer measures in millimetres."""

    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class Box:
    """A package about to be closed. No `units`: everything that is picked and in no package yet."""

    units: Mapping[int, int]
    grams: int
    proof: Proof
    size: Size | None = None


@dataclass(frozen=True, slots=True)
class Content:
    line_no: int
    item_id: ItemId
    units: int


@dataclass(frozen=True, slots=True)
class Package:
    """What leaves the place as one piece. `label_no` 0: no label is made yet."""

    order_id: OrderId
    package_no: int
    work_no: int
    location_id: LocationId
    state: PackageState
    grams: int
    size: Size | None
    carrier: str
    service: str
    tracking_number: str
    tracking_url: str
    label_no: int
    manifest_id: UUID | None
    packed_at: datetime
    state_since: datetime
    dispatched_at: datetime | None
    delivered_at: datetime | None
    expected_at: datetime | None
    signed_by: str
    contents: tuple[Content, ...]
    sent_again_at: datetime | None = None
    """When its goods were sent anew; then it counts for no line of the order any more."""
    back_at: LocationId | None = None
    """The place where it was scanned in again."""

    @property
    def id(self) -> str:
        """The outside id."""
        return child_id(self.order_id, self.package_no)

    @property
    def ref(self) -> Ref:
        return Ref("package", self.id)

    @property
    def place(self) -> str:
        """How evidence names it."""
        return f"package-{self.package_no}"

    @property
    def paid_back_as(self) -> str:
        """The cause under which its money goes back, once."""
        return f"parcel:{self.package_no}"

    @property
    def units(self) -> dict[int, int]:
        """Units by line."""
        return {content.line_no: content.units for content in self.contents}


@dataclass(frozen=True, slots=True)
class Label:
    """One wish for a label, and what became of it. `key` is what the carrier knows it by, before and after."""

    order_id: OrderId
    package_no: int
    label_no: int
    state: LabelState
    carrier: str
    service: str
    key: str
    carrier_ref: str
    tracking_number: str
    attempts: int
    answer: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Printed:
    """What a carrier gave for a label: who carries it, under which number, and the document (base64) to stick on."""

    carrier: str
    service: str
    carrier_ref: str
    tracking_number: str
    tracking_url: str
    document: str
    media_type: str
    cost_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing that a carrier says happened to a package."""

    status: ScanStatus
    happened_at: datetime
    detail: str = ""
    words: str = ""
    city: str = ""
    region: str = ""
    country: str = ""

    def is_ahead(self, now: datetime) -> bool:
        """Whether it is said of a time to come, further away than clocks differ."""
        return self.happened_at > now + AHEAD_MAX


@dataclass(frozen=True, slots=True)
class Tracked:
    """Everything that a carrier's message says about one tracking number, oldest scan first."""

    tracking_number: str
    carrier: str
    scans: tuple[Scan, ...]
    expected_at: datetime | None = None
    signed_by: str = ""
    tracking_url: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The packages of one place that one carrier takes in one go."""

    manifest_id: UUID
    location_id: LocationId
    carrier: str
    opened_at: datetime
    closed_at: datetime | None
