"""Words of routing: what is wanted, which places there are, the rules, and what was decided with its receipt.

Every number is an integer: costs in mills (thousandths of a minor unit), metres, grams, epoch seconds in UTC, chances
per mille. So the same snapshot gives the same plan, receipt and fingerprint, bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, overload

from ambidex.kernel.values import dataclass, field, replace

# What decides changes by number, and a snapshot keeps the one it was decided with. 1: lateness beyond a promise that nobody
# could keep cost nothing. 2: it costs.
ENGINE, LATE_COSTS = 2, 2
SURE = 1000
# The distance of an address or a place without coordinates: a mark, and what it costs.
FAR_METRES = 1_000_001
# What is collected together comes together to its store: a second parcel costs more than anything.
TOGETHER, NEVER_SPLIT = "*together", 1_000_000_000


class Cost(StrEnum):
    """The parts of a score. A benefit is a negative part."""

    PACKAGE = "package"
    DISTANCE = "distance"
    WEIGHT = "weight"
    HANDLING = "handling"
    SPLIT = "split"
    LATENESS = "lateness"
    CAPACITY = "capacity"
    RISK = "risk"
    SCARCITY = "scarcity"
    MARKDOWN = "markdown"
    RULES = "rules"

    # A part is a key in every plan; that of an enum is hashed by its name, in Python.
    __hash__ = str.__hash__


class Out(StrEnum):
    """Why a place is no candidate, as far as the engine itself finds out. What others know comes as their own words."""

    NO_STOCK = "has none of it"
    NOT_ENOUGH = "has too little of it"
    FULL = "has no capacity left"
    LATE = "too late for the promise"
    NEVER = "does not send before it closes for good"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of one line. `grams` of one unit, `value` of all units (minor); lines of one `kit_no` (not 0) stay together."""

    line_no: int
    sku: str
    units: int
    grams: int = 0
    value: int = 0
    category: str = ""
    kit_no: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """What one order wants sent one way.

    `promised_by`: when it has to be there; `is_promised`: the customer was told so, so it is never broken if somebody
    can keep it; else it is a wish, and being late costs. `value` of all of it in minor units.
    """

    order: str
    lines: tuple[Wanted, ...]
    method: str = "ship"
    brand: str = ""
    channel: str = "web"
    country: str = ""
    postcode: str = ""
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    promised_by: int | None = None
    is_promised: bool = False
    value: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """A place as it stands now. `leaves_at`: when goods leave it if it is given the work now (None: never again);
    `capacity_left` in units (None: no limit); `load`: works that wait there.
    """

    code: str
    kind: str = "store"
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    zone: str = "UTC"
    starts_at: int = 0
    ready_at: int = 0
    cut_off_at: int | None = None
    leaves_at: int | None = 0
    capacity_left: int | None = None
    load: int = 0
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one place has for one line: units, the chance (per mille) that a pick succeeds, and per unit in mills the
    price of its scarcity and the benefit of not having to mark it down.
    """

    free: int
    chance: int = SURE
    price: int = 0
    markdown: int = 0


@dataclass(frozen=True, slots=True)
class Handling:
    """What work costs at a place, by its code or kind (the code goes first); open minutes until it is packed, and the
    minute of the local day at which the carrier comes (None: whenever it is ready).
    """

    where: str
    per_package: int = 0
    per_unit: int = 0
    minutes: int = 90
    cut_off: int | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """The rate card, in mills.

    A package costs `package` + `per_1000km` + its weight by `per_kg` and `per_kg_1000km`, and what its weight band says
    (`bands`: grams up to, mills; heavier than the last: the last). `split`: each package after the first; `late_hour`:
    each begun hour after a wish, of a package; after a promise that is broken, of the whole order (shared by its units); `waiting`: per package and work that waits at the place; `failed_pick`: what a failed
    pick of a line costs. `transit`: kilometres up to, days; farther than the last: the last.
    """

    package: int = 400_000
    per_1000km: int = 200_000
    per_kg: int = 60_000
    per_kg_1000km: int = 30_000
    bands: tuple[tuple[int, int], ...] = ()
    handling: tuple[Handling, ...] = ()
    split: int = 150_000
    late_hour: int = 20_000
    waiting: int = 1_000
    failed_pick: int = 800_000
    transit: tuple[tuple[int, int], ...] = ((300, 1), (800, 2), (2_000, 3), (6_000, 5), (20_000, 8))

    def handling_at(self, code: str, kind: str) -> Handling:
        """What is written for this place, else for its kind, else nothing."""
        found = {one.where: one for one in self.handling}
        return found.get(code) or found.get(kind) or Handling(kind)

    def transit_days(self, metres: int) -> int:
        """How long the carrier takes; the last band where the distance is not known."""
        if metres == FAR_METRES:
            return self.transit[-1][1] if self.transit else 0
        far = (days for upto, days in self.transit if metres <= upto * 1_000)
        return next(far, self.transit[-1][1] if self.transit else 0)


@dataclass(frozen=True, slots=True)
class Speed:
    """A way of being sent that customers choose: what they pay (minor, None: what shipping costs) and its own rates."""

    code: str
    name: str
    price: int | None = None
    free_from: int | None = None
    rates: Rates = field(default_factory=Rates)


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact ("item.category", "order.channel", "place.kind", "time.weekday") that is in, starts with, is at least or
    at most one of these values.
    """

    field: str
    test: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """`when` the order, line and time are so, `where` the place is so: it is left out (add 0) or costs `add` mills."""

    name: str
    when: tuple[Condition, ...] = ()
    where: tuple[Condition, ...] = ()
    add: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the rules of a brand ('': of every brand that has none of its own).

    `parts_max`: places that may share an order (0: any number).
    `cut_offs` (minute of the local day after which goods leave on the next) and `handling_minutes` (open minutes until
    packed) are said for the code or the kind of a place; the code goes first.
    """

    number: int = 0
    name: str = ""
    rules: tuple[Rule, ...] = ()
    rates: Rates = field(default_factory=Rates)
    parts_max: int = 0
    speeds: tuple[Speed, ...] = ()
    cut_offs: tuple[tuple[str, int], ...] = ()
    handling_minutes: tuple[tuple[str, int], ...] = ()
    brand: str = ""
    speed: str = ""

    def at_speed(self, code: str) -> Policy:
        """With the rates of one of its speeds; as it is for one that it has not.

        TOGETHER is no speed that a version names: all comes in one parcel, as a second one costs more than anything.
        """
        if code == TOGETHER:
            return replace(self, rates=replace(self.rates, split=NEVER_SPLIT), speed=code)
        found = next((one for one in self.speeds if one.code == code), None)
        return self if found is None else replace(self, rates=found.rates, speed=code)


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """What one place sends: line number -> units, and its cost by part (what is not named is 0)."""

    site: str
    lines: Mapping[int, int]
    metres: int
    leaves_at: int
    arrives_at: int
    costs: Mapping[Cost, int]

    @property
    def cost(self) -> int:
        return sum(self.costs.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """Who sends what, by code of the place; `unfilled`: line number -> units that nobody can send."""

    parts: tuple[PlannedPart, ...] = ()
    unfilled: Mapping[int, int] = field(default_factory=dict)

    @property
    def cost(self) -> int:
        return sum(part.cost for part in self.parts)

    @property
    def sites(self) -> tuple[str, ...]:
        return tuple(part.site for part in self.parts)

    @property
    def arrives_at(self) -> int | None:
        return max((part.arrives_at for part in self.parts), default=None)


class Change(StrEnum):
    """What would have to be otherwise for the choice to flip."""

    PROMISE = "promised later"
    QUEUE = "more work waiting there"
    CHANCE = "picks there less sure"
    STOCK_LESS = "less stock there"
    STOCK_MORE = "more stock there"


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change of one fact that changes the plan.

    `by`: seconds (promise), works (queue), per mille (chance), units (stock). `saves`: mills that the other plan is
    cheaper than the chosen one is now (negative: it costs more), `fills` units that it sends more, `keeps` units that
    it brings in time and the chosen one does not.
    """

    change: Change
    site: str
    line_no: int
    by: int
    sites: tuple[str, ...]
    saves: int
    fills: int = 0
    keeps: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that can send something: the cost of the best plan in which it does, and its own part of that plan.

    `unfilled` and `late`: units that this plan leaves, and brings after the promise.
    """

    site: str
    plan_cost: int
    lines: tuple[int, ...]
    metres: int
    arrives_at: int
    costs: Mapping[Cost, int]
    unfilled: int = 0
    late: int = 0


class Candidates(Sequence[Candidate]):
    """Candidates in columns, the cheapest first: a thousand of them are one value, and a row is made when it is read."""

    __slots__ = ("columns", "costs")

    def __init__(self, columns: Mapping[str, list[Any]], costs: Mapping[str, list[int]]) -> None:
        self.columns = columns
        self.costs = costs

    def __len__(self) -> int:
        return len(self.columns["site"])

    @overload
    def __getitem__(self, at: int) -> Candidate: ...
    @overload
    def __getitem__(self, at: slice) -> list[Candidate]: ...
    def __getitem__(self, at: int | slice) -> Candidate | list[Candidate]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        row = {name: column[at] for name, column in self.columns.items()}
        costs = {Cost(name): column[at] for name, column in self.costs.items() if column[at]}
        return Candidate(**{**row, "lines": tuple(row["lines"]), "costs": costs})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Candidates) and (self.columns, self.costs) == (other.columns, other.costs)

    def __hash__(self) -> int:
        return hash(tuple(self.columns["site"]))


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why it was decided so. Every place is a candidate or out: `out` has the places of each reason.

    `breaking_saves`: what a plan that breaks the promise would have saved (0: nothing), from `breaking_sites`.
    `is_bounded`: too large to be compared exactly in all respects; candidates then cost at most what they say.
    `unproved`: the search of a long order was stopped; mills that another plan over the places it looked at could be cheaper
    at most (0: none is).
    """

    version: int
    now: int
    chosen: Plan
    runner_up: Plan | None
    candidates: Candidates
    out: Mapping[str, tuple[str, ...]]
    flips: tuple[Flip, ...] = ()
    breaking_saves: int = 0
    breaking_sites: tuple[str, ...] = ()
    is_bounded: bool = False
    unproved: int = 0
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan and its receipt."""

    plan: Plan
    receipt: Receipt
