"""Words of waves: works of one place picked in one walk, a tote for each order, and the machine of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import ItemId, LocationId, OrderId, child_id
from ambidex.kernel.ref import Ref
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass, field

WaveId = NewType("WaveId", UUID)
WorkKey = tuple[OrderId, int]
ORDERS_MAX = 12
UNITS_MAX = 60


class WaveState(StrEnum):
    PLANNED = "planned"
    RELEASED = "released"
    PICKING = "picking"
    DONE = "done"
    CANCELED = "canceled"


class WaveVerb(StrEnum):
    RELEASE = "release"
    PICK = "pick"
    FINISH = "finish"
    CANCEL = "cancel"


_S, _V = WaveState, WaveVerb

WAVE = States(
    name="wave",
    start=_S.PLANNED,
    ends=frozenset({_S.DONE, _S.CANCELED}),
    moves={
        (_S.PLANNED, _V.RELEASE): _S.RELEASED,
        (_S.RELEASED, _V.PICK): _S.PICKING,
        (_S.PICKING, _V.PICK): _S.PICKING,
        (_S.RELEASED, _V.FINISH): _S.DONE,
        (_S.PICKING, _V.FINISH): _S.DONE,
        (_S.PLANNED, _V.CANCEL): _S.CANCELED,
        (_S.RELEASED, _V.CANCEL): _S.CANCELED,
        (_S.PICKING, _V.CANCEL): _S.CANCELED,
    },
    waits={
        _S.PLANNED: "a lead releases it",
        _S.RELEASED: "a picker begins the walk",
        _S.PICKING: "the pickers on the walk",
    },
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one walk may carry; no weight limit where `grams` is None."""

    orders: int = ORDERS_MAX
    units: int = UNITS_MAX
    grams: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work that may join a wave: when its parcel leaves the place, with whom, how much, and where its units lie."""

    order_id: OrderId
    work_no: int
    leaves_at: datetime | None
    carrier: str
    units: int
    grams: int
    stops: frozenset[str]

    @property
    def key(self) -> WorkKey:
        return self.order_id, self.work_no


@dataclass(frozen=True, slots=True)
class Grouped:
    """Works that go into one wave, in the order of their totes."""

    carrier: str
    leaves_at: datetime | None
    works: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A work in a wave, with its tote: its number on the screen, and the label of a real one once it was scanned."""

    order_id: OrderId
    work_no: int
    tote_no: int
    tote: str = ""
    is_in: bool = True
    why: str = ""

    @property
    def key(self) -> WorkKey:
        return self.order_id, self.work_no

    @property
    def work_id(self) -> str:
        """The outside id of its work."""
        return child_id(self.order_id, self.work_no)


@dataclass(frozen=True, slots=True)
class Wave:
    """One walk through one place."""

    wave_id: WaveId
    number: int
    location_id: LocationId
    state: WaveState
    carrier: str
    leaves_at: datetime | None
    planned_at: datetime
    members: tuple[Member, ...] = field(default_factory=tuple)

    @property
    def ref(self) -> Ref:
        return Ref("wave", str(self.wave_id))

    @property
    def inside(self) -> tuple[Member, ...]:
        """The works that have not left it."""
        return tuple(member for member in self.members if member.is_in)

    def member_of(self, key: WorkKey) -> Member | None:
        return next((member for member in self.members if member.key == key), None)


@dataclass(frozen=True, slots=True)
class Need:
    """Units of one item that one tote still lacks, and the line of its work."""

    order_id: OrderId
    work_no: int
    line_no: int
    item_id: ItemId
    tote_no: int
    units: int


@dataclass(frozen=True, slots=True)
class Put:
    """A unit that went into a tote, with its proof."""

    need: Need
    proof: Proof
