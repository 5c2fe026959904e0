"""What the rules of a version say of one snapshot: which line may not come from where, and what is added to the costs.

Rules are conditions on order, line, place and time. What the clock says is asked in the zone of each place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from ambidex.domains.routing.model import Applied, Condition, Demand, Rule, Site, Wanted
from ambidex.domains.routing.rules.snapshot import Snapshot
from ambidex.kernel.postcode import plain_postcode
from ambidex.kernel.values import dataclass

ORDER, ITEM, PLACE, TIME = "order", "item", "place", "time"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Fact = str | int
Facts = Mapping[str, Fact | tuple[str, ...]]
_Pair = tuple[str, int]
_Key = TypeVar("_Key")

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


def apply(snapshot: Snapshot) -> Applied:
    """Every rule whose conditions hold; the first one named leaves a line out, soft ones all add up."""
    found = _Found({}, {}, {})
    demand, lines = snapshot.demand, snapshot.demand.lines
    said = order_facts(demand)
    clocks = _Clocks(snapshot.now)
    for rule in snapshot.policy.rules:
        parts = _split(rule.when)
        if not _all(parts[ORDER], said):
            continue
        wanted = [line for line in lines if _all(parts[ITEM], item_facts(line))]
        if not wanted:
            continue
        places = [
            site.code
            for site in snapshot.network.sites
            if (not parts[TIME] or _all(parts[TIME], clocks.facts(site.zone)))
            and _all(rule.where, place_facts(site))
        ]
        found.take(rule, places, wanted, by_line=bool(parts[ITEM]))
    return Applied(found.out, _frozen(found.part), _frozen(found.unit))


@dataclass(frozen=True, slots=True)
class _Found:
    out: dict[_Pair, str]
    part: dict[str, list[_Pair]]
    unit: dict[_Pair, list[_Pair]]

    def take(self, rule: Rule, places: Iterable[str], lines: Sequence[Wanted], *, by_line: bool) -> None:
        for code in places:
            if rule.add and not by_line:
                self.part.setdefault(code, []).append((rule.name, rule.add))
                continue
            for line in lines:
                if rule.add:
                    self.unit.setdefault((code, line.line_no), []).append((rule.name, rule.add))
                else:
                    self.out.setdefault((code, line.line_no), rule.name)


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


def _frozen(found: Mapping[_Key, list[_Pair]]) -> dict[_Key, tuple[_Pair, ...]]:
    return {key: tuple(named) for key, named in found.items()}
