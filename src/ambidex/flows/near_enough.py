"""How far one has to look: places in the order of what a plan with them costs at the very least. Pure.

The rate card says it without a look at stock: the package, the distance, the handling and the weight, every pick as sure
as its last count allows. Once a plan costs no more than the least of all places not looked at, none of them can be part of a cheaper
one. So a quote over a thousand places looks at a few dozen and still gives the cheapest plan.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ambidex.domains import routing
from ambidex.domains.locations import Location, LocationKind
from ambidex.domains.routing import Policy
from ambidex.flows.postcodes import Point, Postcodes
from ambidex.flows.snapshots import Goods
from ambidex.kernel.values import dataclass, field, replace

Ints = NDArray[np.int64]
SURE = 1000
ID_BYTES = 16
# dearer than any plan, and still a number that may be added to
NEVER = 1 << 50
# units that a place has at the best
PLENTY = 1 << 40
# points whose distances are remembered; of a postcode everybody has the same
POINTS_MAX = 500


@dataclass(eq=False)
class Map:
    """Places with their points, for distances from anywhere. It never changes, so it may be remembered."""

    places: Sequence[Location]
    index: dict[str, int] = field(init=False)
    by_id: dict[bytes, int] = field(init=False)
    # the same places as the engine has them, by code: the column of each, and each one's place in this map
    network: routing.Network = field(init=False)
    columns: Ints = field(init=False)
    _sorted: Ints = field(init=False)
    _metres: dict[Point | None, Ints] = field(default_factory=dict)
    _kinds: dict[frozenset[LocationKind], frozenset[str]] = field(default_factory=dict)
    _can: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = {place.code: at for at, place in enumerate(self.places)}
        self.by_id = {place.location_id.bytes: at for at, place in enumerate(self.places)}
        self.network = routing.Network(
            routing.Site(place.code, place.kind.value, _e6(place.latitude), _e6(place.longitude))
            for place in self.places
        )
        self.columns = np.array([self.network.index[place.code] for place in self.places], np.int64)
        self._sorted = np.argsort(self.columns, kind="stable")

    def that_can(self, method: str) -> NDArray[np.bool_]:
        """Which of them reach customers this way; whom they serve is another question."""
        found = self._can.get(method)
        if found is None:
            found = self._can[method] = np.array([method in p.capabilities for p in self.places], bool)
        return found

    def of_kinds(self, kinds: frozenset[LocationKind]) -> frozenset[str]:
        """Codes of the places of these kinds."""
        found = self._kinds.get(kinds)
        if found is None:
            found = self._kinds[kinds] = frozenset(one.code for one in self.places if one.kind in kinds)
        return found

    def point_of(self, country: str, postcode: str) -> Point | None:
        """Where a postcode is, as far as these places tell."""
        return self._postcodes.point_of(country, postcode)

    @cached_property
    def _postcodes(self) -> Postcodes:
        return Postcodes(self.places)

    def of_ids(self, ids: bytes) -> Ints:
        """Where in this map places stand whose ids these are, one after another; -1: it is none of them."""
        names = range(0, len(ids), ID_BYTES)
        return np.array([self.by_id.get(ids[n : n + ID_BYTES], -1) for n in names], np.int64)

    def that_are(self, ids: bytes) -> NDArray[np.bool_]:
        """Which of them have one of these ids."""
        found, at = np.zeros(len(self.places), bool), self.of_ids(ids)
        found[at[at >= 0]] = True
        return found

    def place(self, code: str) -> Location:
        return self.places[self.index[code]]

    def metres_from(self, point: Point | None) -> Ints:
        """Great-circle distances as the engine has them; its mark of what is far where a point is not known."""
        found = self._metres.get(point)
        if found is None:
            if len(self._metres) >= POINTS_MAX:
                self._metres.clear()
            north, east = (None, None) if point is None else point
            found = self._metres[point] = self.network.metres_from(north, east)[self.columns]
        return found

    def by_code(self, column: Ints) -> Ints:
        """What is said of each place, in the order in which the engine has them."""
        return column[..., self._sorted]


def _e6(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * 1_000_000)


@dataclass(frozen=True, slots=True)
class Search:
    """`least`: what any plan with a place in it costs at least, by place of the map; `order`: the cheapest first; `chances`:
    per mille by line and place that a pick succeeds at the best, below 0: never had it.
    """

    map: Map
    metres: Ints
    least: Ints
    order: Ints
    chances: Ints

    @classmethod
    def of(
        cls,
        map_: Map,
        goods: Sequence[Goods],
        point: Point | None,
        policy: Policy,
        *,
        method: str,
        chances: Sequence[Ints],
    ) -> Search:
        metres = map_.metres_from(point)
        sure = np.stack(chances)
        least = np.where(map_.that_can(method), _least(map_, goods, metres, policy, chances), NEVER)
        return cls(map_, metres, least, np.argsort(least, kind="stable"), sure)

    def below(self, cost: int | None, known: Collection[str] = ()) -> Ints:
        """Every place that a plan cheaper than this could have in it, the least first; None: every place. Without those of
        the codes that are known.
        """
        least = self.least
        if known:
            least = least.copy()
            least[[self.map.index[code] for code in known]] = NEVER
        return self.order[least[self.order] < (NEVER // 2 if cost is None else cost)]

    def few_know(self, few: int) -> list[int]:
        """Places that know a line which no more than so many know, the nearest first."""
        knows = (self.chances >= 0) & (self.least < NEVER // 2)
        scarce = knows[knows.sum(axis=1) <= few]
        found = np.flatnonzero(scarce.any(axis=0))
        at: list[int] = found[np.argsort(self.metres[found], kind="stable")].tolist()
        return at

    def at_best(self, snapshot: routing.Snapshot, chances: Ints) -> routing.Snapshot:
        """The same demand over all places, as if each had all for which it has a chance."""
        chances = self.map.by_code(chances)
        nothing = np.zeros_like(chances)
        return replace(
            snapshot,
            network=self.map.network,
            metres=self.map.by_code(self.metres),
            free=np.where(chances >= 0, PLENTY, 0),
            chance=chances,
            price=nothing,
            markdown=nothing,
            out={},
        )


def _least(map_: Map, goods: Sequence[Goods], metres: Ints, policy: Policy, chances: Sequence[Ints]) -> Ints:
    """The lesser of: it sends everything alone; it is one of several that share."""
    rates = policy.rates
    units, grams = sum(one.units for one in goods), sum(one.units * one.item.weight_grams for one in goods)
    package, unit = _handling(rates, map_)
    once = rates.package + _rounded(rates.per_1000km * metres, 1_000_000)
    risks = [_rounded((SURE - chance) * rates.failed_pick, SURE) for chance in chances]
    risk = sum(risks, np.zeros_like(metres))
    least_risk = sum(int(one.min(initial=NEVER)) for one in risks)
    knows = [chance >= 0 for chance in chances]
    weight = rates.per_kg * grams // 1_000 - len(goods) + min((mills for _, mills in rates.bands), default=0)
    far = rates.per_kg_1000km * (grams * metres // 1_000) // 1_000_000
    alone = once + package + unit * units + weight + far + risk
    another = rates.package + rates.split + 2 * int(package.min(initial=0))
    shared = once + another + int(unit.min(initial=0)) * units + weight + least_risk
    lowered = sum(min(0, rule.add) for rule in policy.rules)
    alone = np.where(np.logical_and.reduce(knows), alone, NEVER)
    shared = np.where(np.logical_or.reduce(knows), shared, NEVER)
    least: Ints = np.minimum(alone, shared) + lowered * (units + 2)
    return least


@lru_cache(maxsize=64)
def _handling(rates: routing.model.Rates, map_: Map) -> tuple[Ints, Ints]:
    """Per package and per unit, of every place. Remembered, as the same places are asked about again and again."""
    said = {one.where: one for one in rates.handling}
    each = [said.get(place.code) or said.get(place.kind.value) for place in map_.places]
    pairs = [(0, 0) if one is None else (one.per_package, one.per_unit) for one in each]
    columns = np.array(pairs, np.int64).reshape(len(map_.places), 2)
    return columns[:, 0], columns[:, 1]


def _rounded(dividend: Ints, divisor: int) -> Ints:
    return (dividend + divisor // 2) // divisor
