"""What the rules of a version say of one snapshot: which line may not come from where, and what is added to the costs.

Rules are conditions on order, line, place and time. What the clock says is asked in the zone of each place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.model import Condition, Demand, Site, Wanted
from ambidex.domains.routing.rules.snapshot import Ints, Network, Snapshot
from ambidex.kernel.postcode import plain_postcode
from ambidex.kernel.values import dataclass

ORDER, ITEM, PLACE, TIME = "order", "item", "place", "time"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Fact = str | int
Facts = Mapping[str, Fact | tuple[str, ...]]
Mask = NDArray[np.bool_]

_TESTS: Mapping[str, Callable[[Fact, Sequence[Fact]], bool]] = {
    "in": lambda fact, values: fact in values,
    "not_in": lambda fact, values: fact not in values,
    "starts": lambda fact, values: any(str(fact).startswith(str(value)) for value in values),
    "not_starts": lambda fact, values: not any(str(fact).startswith(str(value)) for value in values),
    "at_least": lambda fact, values: int(fact) >= int(values[0]),
    "below": lambda fact, values: int(fact) < int(values[0]),
    "at_most": lambda fact, values: int(fact) <= int(values[0]),
    "above": lambda fact, values: int(fact) > int(values[0]),
}
OPPOSITE = {
    "in": "not_in", "not_in": "in", "starts": "not_starts", "not_starts": "starts", "at_least": "below",
    "below": "at_least", "at_most": "above", "above": "at_most",
}  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Applied:
    """What the rules of a version say of one snapshot: [line, place] the number of the first rule that leaves it out (-1:
    none) with the rules' names; mills added to each part from a place, and to each unit of a line from a place.

    None where no rule says anything.
    """

    names: tuple[str, ...] = ()
    out: Ints | None = None
    added_part: Ints | None = None
    added_unit: Ints | None = None


def apply(snapshot: Snapshot) -> Applied:
    """Every rule whose conditions hold; the first one named leaves a line out, soft ones all add up."""
    found = _Found(snapshot.free.shape)
    said = order_facts(snapshot.demand)
    items = [item_facts(line) for line in snapshot.demand.lines]
    places = _places(snapshot.network)
    clocks = _Clocks(snapshot.now)
    for number, rule in enumerate(snapshot.policy.rules):
        parts = _split(rule.when)
        if not _all(parts[ORDER], said):
            continue
        wanted = [row for row, facts in enumerate(items) if _all(parts[ITEM], facts)]
        if wanted:
            where = places.where(rule.where)
            where = where & places.at_times(parts[TIME], clocks) if parts[TIME] else where
            found.take(number, rule.add, (wanted if parts[ITEM] else None, where))
    return Applied(tuple(rule.name for rule in snapshot.policy.rules), found.out, found.part, found.unit)


class _Found:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self.out: Ints | None = None
        self.part: Ints | None = None
        self.unit: Ints | None = None

    def take(self, number: int, add: int, concerned: tuple[list[int] | None, Mask]) -> None:
        """`concerned`: rows of lines (None: the whole order), and places."""
        rows, where = concerned
        if not where.any():
            return
        if not add:
            self._leave_out(number, rows, where)
        elif rows is None:
            self.part = np.zeros(self._shape[1], np.int64) if self.part is None else self.part
            self.part += where * np.int64(add)
        else:
            self.unit = np.zeros(self._shape, np.int64) if self.unit is None else self.unit
            self.unit[rows] += where * np.int64(add)

    def _leave_out(self, number: int, rows: list[int] | None, where: Mask) -> None:
        self.out = np.full(self._shape, -1, np.int64) if self.out is None else self.out
        own = self.out if rows is None else self.out[rows]
        first = np.where((own < 0) & where[None, :], number, own)
        self.out[slice(None) if rows is None else rows] = first


class _Places:
    """The places of a network by what conditions ask of them: every value is tested once."""

    def __init__(self, network: Network) -> None:
        facts = [place_facts(site) for site in network.sites]
        names = facts[0] if facts else {}
        self._columns = {name: _Column([one[name] for one in facts]) for name in names}
        self._zones = _Column([site.zone for site in network.sites])
        self._known: dict[tuple[Condition, ...], Mask] = {(): np.ones(len(facts), bool)}

    def where(self, conditions: tuple[Condition, ...]) -> Mask:
        """The places of which they all hold."""
        found = self._known.get(conditions)
        if found is None:
            found = self._known[()]
            for one in conditions if self._columns else ():
                found = found & self._columns[one.field].holds(partial(_holds_of, one))
            self._known[conditions] = found
        return found

    def at_times(self, conditions: tuple[Condition, ...], clocks: _Clocks) -> Mask:
        """The places on whose clocks they hold."""
        return self._zones.holds(lambda zone: _all(conditions, clocks.facts(str(zone))))


def _holds_of(condition: Condition, fact: Fact | tuple[str, ...]) -> bool:
    return holds(condition, {condition.field: fact})


class _Column:
    """The values of all places: those there are, and which of them each place has."""

    def __init__(self, values: Sequence[Fact | tuple[str, ...]]) -> None:
        numbers: dict[Fact | tuple[str, ...], int] = {}
        self._which = np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)
        self._values = list(numbers)

    def holds(self, test: Callable[[Fact | tuple[str, ...]], bool]) -> Mask:
        found: Mask = np.array([test(value) for value in self._values], bool)[self._which]
        return found


@lru_cache(maxsize=64)
def _places(network: Network) -> _Places:
    """Remembered, as a network serves many orders."""
    return _Places(network)


def order_facts(demand: Demand) -> Facts:
    """What a condition may ask of an order."""
    return {
        "order.channel": demand.channel,
        "order.method": demand.method,
        "order.country": demand.country.upper(),
        "order.postcode": plain_postcode(demand.postcode),
        "order.value": demand.value,
        "order.weight": sum(line.grams * line.units for line in demand.lines),
        "order.lines": len(demand.lines),
    }


def item_facts(line: Wanted) -> Facts:
    """What a condition may ask of a line; the weight is of one unit, the value of all."""
    return {
        "item.sku": line.sku,
        "item.category": line.category,
        "item.weight": line.grams,
        "item.value": line.value,
        "item.units": line.units,
    }


def place_facts(site: Site) -> Facts:
    """What a condition may ask of a place."""
    return {
        "place.code": site.code,
        "place.kind": site.kind,
        "place.group": site.groups,
        "place.load": site.load,
    }


def time_facts(at: datetime) -> Facts:
    """What a condition may ask of the moment, on the clock of the place."""
    return {
        "time.weekday": WEEKDAYS[at.weekday()],
        "time.hour": at.hour,
        "time.date": at.year * 10_000 + at.month * 100 + at.day,
    }


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the fact is so. Of several (groups of a place) one that is so is enough; none may be to be not so."""
    fact, test = facts[condition.field], _TESTS[condition.test]
    if isinstance(fact, tuple):
        every = all if condition.test.startswith("not_") else any
        return every(test(one, condition.values) for one in fact)
    return test(fact, condition.values)


def said_for(pairs: Sequence[tuple[str, int]], code: str, kind: str) -> int | None:
    """What is said for a place: by its code, else by its kind."""
    said = dict(pairs)
    return said.get(code, said.get(kind))


class _Clocks:
    """The local time of each zone, asked once."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._known: dict[str, Facts] = {}

    def facts(self, zone: str) -> Facts:
        if zone not in self._known:
            self._known[zone] = time_facts(datetime.fromtimestamp(self._now, ZoneInfo(zone)))
        return self._known[zone]


@lru_cache(maxsize=2_000)
def _split(conditions: tuple[Condition, ...]) -> Mapping[str, tuple[Condition, ...]]:
    """Conditions by what they are about."""
    return {
        about: tuple(c for c in conditions if c.field.startswith(f"{about}."))
        for about in (ORDER, ITEM, TIME)
    }


def _all(conditions: Iterable[Condition], facts: Facts) -> bool:
    return all(holds(condition, facts) for condition in conditions)
