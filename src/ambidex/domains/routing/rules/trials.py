"""How one version does beside another over the same decisions: figures with intervals, drawn again and again (bootstrap).

Efron and Tibshirani, An Introduction to the Bootstrap (1993), the percentile interval: decisions are drawn with
replacement, so a figure's spread is that of the days and orders it was measured on. The draw has a seed: the same trial
always has the same intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.model import Plan
from ambidex.domains.routing.problems import BadRules
from ambidex.domains.routing.rules.money import arrival, priced
from ambidex.domains.routing.rules.snapshot import Snapshot
from ambidex.kernel.problem import BadInput, FieldError
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass

Floats = NDArray[np.float64]
DRAWS, DRAWN_AT_ONCE = 400, 20
SPAN_MAX, DECISIONS_MAX = timedelta(days=366), 20_000
# a version or a stored decision that cannot be read or planned; a database that is away is none of these
BROKEN = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError, AssertionError, BadRules)
LOW, HIGH = 2.5, 97.5
PLACES_SHOWN = 40
# name -> what is counted, over what
FIGURES: Mapping[str, tuple[str, str]] = {
    "fill_rate": ("sent", "units"),
    "cost": ("cost", "orders"),
    "parcels": ("parts", "orders"),
    "split": ("split", "orders"),
    "meters": ("meters", "orders"),
    "on_time": ("on_time", "promised"),
}
COUNTED = ("orders", "units", "sent", "cost", "parts", "split", "meters", "promised", "on_time")


class TrialState(StrEnum):
    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class TrialVerb(StrEnum):
    BEGIN = "begin"
    FINISH = "finish"
    STOP = "stop"


TRIAL: States[TrialState, TrialVerb] = States(
    name="routing trial",
    start=TrialState.ASKED,
    ends=frozenset({TrialState.DONE, TrialState.STOPPED}),
    moves={
        (TrialState.ASKED, TrialVerb.BEGIN): TrialState.RUNNING,
        (TrialState.RUNNING, TrialVerb.FINISH): TrialState.DONE,
        (TrialState.ASKED, TrialVerb.STOP): TrialState.STOPPED,
        (TrialState.RUNNING, TrialVerb.STOP): TrialState.STOPPED,
    },
    waits={TrialState.ASKED: "the worker", TrialState.RUNNING: "the worker"},
)


@dataclass(frozen=True, slots=True)
class After:
    """The last decision that was looked at, in the order in which they were made."""

    decided_at: datetime
    order_id: UUID
    receipt_no: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A version beside the live one over the decisions of a span; at most `decisions_max` of them, drawn evenly.

    `against` is the version that decided when it was asked for, with its brand: the brand may have one of its own since.
    `done` decisions of `total` were looked at, up to `after`.
    """

    trial_id: UUID
    brand: str
    number: int
    against_brand: str
    against: int
    from_at: datetime
    until_at: datetime
    decisions_max: int
    state: TrialState = TrialState.ASKED
    total: int = 0
    done: int = 0
    after: After | None = None
    result: Mapping[str, Any] | None = None
    asked_at: datetime | None = None
    asked_by_name: str = ""
    ended_at: datetime | None = None

    @property
    def share(self) -> int:
        """Of a thousand decisions, how many are drawn."""
        return 1000 if self.total <= self.decisions_max else max(1, 1000 * self.decisions_max // self.total)


def check_span(from_at: datetime, until_at: datetime, *, decisions_max: int, now: datetime) -> None:
    """Raise BadInput unless it is a span of the past of at most a year."""
    errors: list[FieldError] = []
    if not from_at < until_at or until_at - from_at > SPAN_MAX:
        errors.append({"field": "until", "expected": "later than from, by a year at most"})
    if from_at >= now:
        errors.append({"field": "from", "expected": "a time of the past"})
    if not 1 <= decisions_max <= DECISIONS_MAX:
        errors.append({"field": "decisions_max", "expected": f"1 to {DECISIONS_MAX}"})
    if errors:
        raise BadInput("the span", errors=errors)


@dataclass(frozen=True, slots=True)
class Replay:
    """The decisions of a day made once more: how many so far, and how many came out the same."""

    day: date
    total: int
    same: int
    after: After | None
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted of one plan, in the order of COUNTED, and the units that each place sends."""

    counts: tuple[int, ...]
    sites: Mapping[str, int]

    def as_json(self) -> list[Any]:
        return [list(self.counts), dict(self.sites)]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> Measure:
        return cls(tuple(stored[0]), stored[1])


@dataclass(frozen=True, slots=True)
class Pair:
    """One decision as live would make it, and as the other version would."""

    live: Measure
    other: Measure
    differs: bool

    def as_json(self) -> list[Any]:
        return [self.live.as_json(), self.other.as_json(), self.differs]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> Pair:
        return cls(Measure.from_json(stored[0]), Measure.from_json(stored[1]), bool(stored[2]))


@dataclass(frozen=True, slots=True)
class Shadow:
    """What version `number` would have decided beside one decision; places by code."""

    order_id: UUID
    receipt_no: int
    brand: str
    number: int
    decided_at: datetime
    sent_from: str
    sent_from_live: str
    pair: Pair


def measured(snapshot: Snapshot, plan: Plan) -> Measure:
    """By the rate card and the transit days of the snapshot's policy. Lateness is counted where something was promised
    or wished.
    """
    demand = snapshot.demand
    units = sum(line.units for line in demand.lines)
    sites = {part.site: sum(part.lines.values()) for part in plan.parts}
    promised = int(demand.promised_by is not None)
    comes = max((arrival(snapshot, part) for part in plan.parts), default=0)
    is_late = demand.promised_by is not None and comes > demand.promised_by
    meters = sum(part.metres for part in plan.parts)
    return Measure(
        (1, units, sum(sites.values()), priced(snapshot, plan), len(sites), int(len(sites) > 1), meters, promised,
         promised and int(not is_late)),
        sites,
    )  # fmt: skip


def pair(snapshot: Snapshot, live: Plan, other: Plan) -> Pair:
    """The same facts, decided by both; measured as live sees them (`snapshot` is live's)."""
    return Pair(measured(snapshot, live), measured(snapshot, other), sent(live) != sent(other))


def sent(plan: Plan) -> dict[str, dict[int, int]]:
    """Who sends which units; what it costs is another question."""
    return {part.site: dict(part.lines) for part in plan.parts}


def summed_up(pairs: Sequence[Pair], *, seed: int, draws: int = DRAWS) -> dict[str, Any]:
    """Each figure of both versions and its change, as [value, low, high] with 95 % between; shares of units by place."""
    if not pairs:
        return {"orders": 0, "differs": 0, "figures": {}, "places": {}}
    names = _places(pairs)
    rows = np.array([_row(one, names) for one in pairs], np.float64)
    drawn = _drawn(rows, seed=seed, draws=draws)
    whole = rows.sum(axis=0)[None, :]
    at = _Columns(len(names))
    figures = {
        name: _both(whole, drawn, at.figure(of), at.figure(over)) for name, (of, over) in FIGURES.items()
    }
    places = {name: _both(whole, drawn, at.place(n), at.figure("sent")) for n, name in enumerate(names)}
    return {
        "orders": len(pairs),
        "differs": sum(one.differs for one in pairs),
        "figures": {name: said for name, said in figures.items() if said},
        "places": {name: said for name, said in places.items() if said},
        "draws": draws,
    }


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a count stands in a row: live's counts, the other's, live's places, the other's."""

    places: int

    def figure(self, name: str) -> tuple[int, int]:
        at = COUNTED.index(name)
        return at, len(COUNTED) + at

    def place(self, n: int) -> tuple[int, int]:
        first = 2 * len(COUNTED)
        return first + n, first + self.places + n


def _row(one: Pair, names: Sequence[str]) -> list[int]:
    live, other = one.live, one.other
    return [
        *live.counts,
        *other.counts,
        *(live.sites.get(n, 0) for n in names),
        *(other.sites.get(n, 0) for n in names),
    ]


def _places(pairs: Sequence[Pair]) -> list[str]:
    """Those that send most, by either version."""
    units: dict[str, int] = {}
    for site, count in (item for one in pairs for arm in (one.live, one.other) for item in arm.sites.items()):
        units[site] = units.get(site, 0) + count
    return sorted(units, key=lambda site: (-units[site], site))[:PLACES_SHOWN]


def _drawn(rows: Floats, *, seed: int, draws: int) -> Floats:
    """Sums of each column over as many decisions as there are, drawn with replacement; a row a draw."""
    chance = np.random.default_rng(seed)
    found = []
    for begin in range(0, draws, DRAWN_AT_ONCE):
        many = min(DRAWN_AT_ONCE, draws - begin)
        chosen = chance.integers(0, len(rows), (many, len(rows)))
        times = np.stack([np.bincount(one, minlength=len(rows)) for one in chosen])
        found.append(times @ rows)
    return np.concatenate(found)


def _both(whole: Floats, drawn: Floats, of: tuple[int, int], over: tuple[int, int]) -> dict[str, list[float]]:
    """For live, for the other, and by how much it changes; nothing where nothing was counted."""
    if not (whole[0, over[0]] and whole[0, over[1]]):
        return {}
    value = [_share(whole, of[arm], over[arm])[0] for arm in (0, 1)]
    spread = [_share(drawn, of[arm], over[arm]) for arm in (0, 1)]
    return {
        "live": _interval(value[0], spread[0]),
        "other": _interval(value[1], spread[1]),
        "change": _interval(value[1] - value[0], spread[1] - spread[0]),
    }


def _share(sums: Floats, of: int, over: int) -> Floats:
    return np.divide(sums[:, of], sums[:, over], out=np.zeros(len(sums)), where=sums[:, over] != 0)


def _interval(value: float, spread: Floats) -> list[float]:
    low, high = np.percentile(spread, [LOW, HIGH])
    return [round(float(one), 6) for one in (value, low, high)]
