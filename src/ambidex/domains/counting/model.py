"""Words of counting: a count that somebody needs, who entered what, what a place tolerates, and the machine of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass

Place = tuple[ItemId, LocationId]


class CountKind(StrEnum):
    """Why it is counted."""

    DIRECTED = "directed"
    SHORT_PICK = "short_pick"
    DRIFT = "drift"
    OWN = "own"
    NEXT_BEST = "next_best"


class CountState(StrEnum):
    OPEN = "open"
    COUNTING = "counting"
    RECOUNT = "recount"
    TO_APPROVE = "to_approve"
    COUNTED = "counted"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELED = "canceled"


class CountVerb(StrEnum):
    BEGIN = "begin"
    SETTLE = "settle"
    DOUBT = "doubt"
    REFER = "refer"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"


def _moves() -> dict[tuple[CountState, CountVerb], CountState]:
    state, verb = CountState, CountVerb
    moves = {
        (state.OPEN, verb.BEGIN): state.COUNTING,
        (state.COUNTING, verb.BEGIN): state.COUNTING,
        (state.OPEN, verb.DOUBT): state.RECOUNT,
        (state.COUNTING, verb.DOUBT): state.RECOUNT,
        (state.RECOUNT, verb.REFER): state.TO_APPROVE,
        (state.TO_APPROVE, verb.APPROVE): state.APPROVED,
        (state.TO_APPROVE, verb.REJECT): state.REJECTED,
    }
    for origin in (state.OPEN, state.COUNTING, state.RECOUNT, state.TO_APPROVE):
        moves[origin, verb.SETTLE] = state.COUNTED
        moves[origin, verb.CANCEL] = state.CANCELED
    return moves


COUNT = States(
    name="count",
    start=CountState.OPEN,
    ends=frozenset({CountState.COUNTED, CountState.APPROVED, CountState.REJECTED, CountState.CANCELED}),
    moves=_moves(),
    waits={
        CountState.OPEN: "somebody at the place who can count",
        CountState.COUNTING: "who began it; anybody else may go on",
        CountState.RECOUNT: "another person at the place",
        CountState.TO_APPROVE: "a lead who counted none of it",
    },
)
WAITING = tuple(sorted(set(CountState) - COUNT.ends))


@dataclass(frozen=True, slots=True)
class Count:
    """One count of one item at one place. `counters` are those who entered a number, in order."""

    item_id: ItemId
    count_id: UUID
    location_id: LocationId
    kind: CountKind
    cause: str
    state: CountState
    counters: tuple[str, ...]
    counted: int | None
    expected: int | None
    counted_at: datetime | None
    opened_at: datetime

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person counted. `expected` is what the book said for that moment; None: it knew nothing of this item here."""

    counted: int
    expected: int | None
    happened_at: datetime
    counted_by: str
    counted_by_name: str = ""
    device: str = ""
    key: str = ""

    @property
    def difference(self) -> int:
        """Units found above the book; below zero: missing."""
        return 0 if self.expected is None else self.counted - self.expected


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a count may be off, in units and in minor units of money; None: no limit of that kind."""

    units: int | None
    value_minor: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """Above `recount` another person counts; above `approve` a lead decides."""

    recount: Tolerance = Tolerance(units=2, value_minor=5_000)
    approve: Tolerance = Tolerance(units=9, value_minor=20_000)


@dataclass(frozen=True, slots=True)
class Risk:
    """What is known of one shelf when the next best count is looked for.

    Units promised by when they are due; `customers_today` people come for it today. `shown` is what channels may sell.
    """

    days_since_count: float | None = None
    moves_since_count: int = 0
    misses: int = 0
    suspect: int = 0
    has_drift: bool = False
    due_today: int = 0
    customers_today: int = 0
    due_soon: int = 0
    due_later: int = 0
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why this shelf is counted next: a word for programs and its number."""

    code: str
    number: int = 0
