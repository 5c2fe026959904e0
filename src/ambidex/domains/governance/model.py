"""Words of governance: who may say what, what a system said line by line, what drifted and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from ambidex.kernel.ids import ItemId, LocationId, SourceId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass, field, fields

Place = tuple[ItemId, LocationId]


class Fact(StrEnum):
    """What can be said of stock."""

    SALES = "sales"
    COUNTS = "counts"
    RECEIPTS = "receipts"
    RETURNS = "returns"
    CLAIMS = "claims"


class LineKind(StrEnum):
    SALE = "sale"
    RETURN = "return"
    VOID = "void"
    RECEIPT = "receipt"
    ADJUST = "adjust"
    COUNT = "count"


class LineState(StrEnum):
    """What became of a line: booked; its document was voided; said without authority; no item of that name yet."""

    BOOKED = "booked"
    VOIDED = "voided"
    OBSERVED = "observed"
    WAITING = "waiting"
    DISMISSED = "dismissed"


class DocumentKind(StrEnum):
    TRANSACTION = "transaction"
    VOID = "void"
    DELTA = "delta"
    FULL = "full"


class DriftCause(StrEnum):
    """Why our book and another's differ."""

    LOST_FILE = "lost_file"
    DOUBLED_DELTA = "doubled_delta"
    LATE_SALE = "late_sale"
    MISSED_MESSAGE = "missed_message"
    DOUBLE_RESTOCK = "double_restock"
    STUCK_CONNECTOR = "stuck_connector"
    NO_AUTHORITY = "no_authority"
    UNKNOWN = "unknown"


class DriftKind(StrEnum):
    STOCK = "stock"
    SHOWN = "shown"
    UNHEARD = "unheard"


class DriftState(StrEnum):
    OPEN = "open"
    REPAIRED = "repaired"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"


class DriftVerb(StrEnum):
    REPAIR = "repair"
    EXPLAIN = "explain"
    DISMISS = "dismiss"


DRIFT = States(
    name="drift",
    start=DriftState.OPEN,
    ends=frozenset({DriftState.REPAIRED, DriftState.EXPLAINED, DriftState.DISMISSED}),
    moves={
        (DriftState.OPEN, DriftVerb.REPAIR): DriftState.REPAIRED,
        (DriftState.OPEN, DriftVerb.EXPLAIN): DriftState.EXPLAINED,
        (DriftState.OPEN, DriftVerb.DISMISS): DriftState.DISMISSED,
    },
    waits={DriftState.OPEN: "its owner, or better evidence"},
)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may say this fact of this place; `given` when somebody decided it, else it follows from the kind of place."""

    location_id: LocationId
    fact: Fact
    holder: str
    given: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands here. `units`: sold, returned, received, changed by (adjust), or counted.

    A line that names a kit stands as one for each component, told apart by `part`.
    """

    document: str
    line_no: int
    kind: LineKind
    item: str
    location_id: LocationId
    units: int
    happened_at: datetime
    item_id: ItemId | None = None
    condition: str = "sellable"
    reference: str = ""
    state: LineState = LineState.BOOKED
    reason: str = ""
    owner: str = ""
    part: int = 0

    @property
    def place(self) -> Place:
        assert self.item_id is not None, "only a line with a known item has a position"
        return self.item_id, self.location_id

    @property
    def change(self) -> int:
        """What it does to the shelf; a count changes nothing by itself."""
        if self.kind is LineKind.SALE:
            return -self.units
        return 0 if self.kind in (LineKind.COUNT, LineKind.VOID) else self.units


@dataclass(frozen=True, slots=True)
class Document:
    """A transaction of a register or a file of a warehouse, under its own number there.

    `complete`: what a full file does not name is not there.
    """

    stream: str
    document: str
    kind: DocumentKind
    location_id: LocationId
    happened_at: datetime
    content: bytes
    number: int | None = None
    voids: str = ""
    lines: tuple[Line, ...] = ()
    message_id: UUID | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """What was new: documents, lines with the state they were given, and lines that a new void undoes."""

    documents: Sequence[Document]
    lines: Sequence[tuple[str, Line]]
    undone: Sequence[tuple[str, Line]]
    conflicting: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Stream:
    """A sequence of numbers of one source: a register, or the files of one place."""

    stream: str
    location_id: LocationId
    heard_at: datetime
    last_number: int | None = None
    last_at: datetime | None = None
    usual: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers low..high were left out; they happened between `after_at` and `before_at`."""

    stream: str
    low: int
    high: int
    after_at: datetime
    before_at: datetime

    @property
    def numbers(self) -> int:
        return self.high - self.low + 1


@dataclass(frozen=True, slots=True)
class Level:
    """A source says that so many units lie there as of a moment. `counts`: it may say so."""

    item_id: ItemId
    location_id: LocationId
    units: int
    as_of: datetime
    document: str
    counts: bool

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Measured:
    """A level beside our book of the same moment. `since` is when the two last agreed."""

    level: Level
    source_id: SourceId
    book: int
    since: datetime | None
    price_minor: int
    currency: str
    owner_role: str

    @property
    def amount(self) -> int:
        return self.level.units - self.book


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence. `predicted` is the drift it would make, None when it cannot say; `proof` names it."""

    cause: DriftCause
    words: str
    predicted: int | None = None
    units_max: int | None = None
    proven: bool = True
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Why, how sure, and in plain words."""

    cause: DriftCause
    certain: bool
    words: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """Our book and what another said differ (said - book = amount)."""

    drift_id: UUID
    item_id: ItemId
    location_id: LocationId
    source_id: SourceId
    kind: DriftKind
    document: str
    since: datetime | None
    as_of: datetime
    said: int
    book: int
    amount: int
    value_minor: int
    currency: str
    cause: DriftCause
    certain: bool
    words: str
    evidence: Sequence[Any]
    authority: bool
    state: DriftState
    owner_role: str
    task_key: str
    opened_at: datetime
    measured_at: datetime
    named_at: datetime | None
    closed_at: datetime | None
    closed_by: str
    outcome: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Drift:
        """From a stored row with the columns of this class."""
        words = {
            "kind": DriftKind(row["kind"]),
            "cause": DriftCause(row["cause"]),
            "state": DriftState(row["state"]),
        }
        return cls(**{**row, **words})

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


DRIFT_COLUMNS = ", ".join(one.name for one in fields(Drift))


@dataclass(frozen=True, slots=True)
class Speaker:
    """A source as authorities see it: its code and the kind of its system."""

    source_id: SourceId
    code: str
    kind: str


@dataclass(frozen=True, slots=True)
class Rights:
    """The authorities of some places, looked up once for a list. `kinds`: kind of each place.

    `shared`: kinds of systems that belong to several partners, so the kind alone says nothing about whose place it is.
    """

    kinds: Mapping[LocationId, str]
    given: Mapping[tuple[LocationId, Fact], str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
