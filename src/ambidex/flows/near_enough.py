"""How far one has to look: places in the order of what a plan with them costs at the very least. Pure.

The rate card says it without a look at stock: the package, the distance, the handling and the weight, every pick as sure
as it can be. Once a plan costs no more than the least of all places not looked at, none of them can be part of a cheaper
one. So a quote over a thousand places looks at a few dozen and still gives the cheapest plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.locations import Location
from ambidex.domains.routing import Policy
from ambidex.domains.routing.model import Rates
from ambidex.flows.snapshots import Goods
from ambidex.reads.confidence import BEST

Ints = NDArray[np.int64]
Point = tuple[int, int]
EARTH_METRES = 6_371_008.8
FAR_METRES = 20_000_000
SURE = 1000


@dataclass(eq=False)
class Map:
    """Places with their points, for distances from anywhere. It never changes, so it may be remembered."""

    places: Sequence[Location]
    index: dict[str, int] = field(init=False)
    _north: NDArray[np.float64] = field(init=False)
    _east: NDArray[np.float64] = field(init=False)
    _known: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.index = {place.code: at for at, place in enumerate(self.places)}
        self._north = np.radians(np.array([place.latitude or 0.0 for place in self.places]))
        self._east = np.radians(np.array([place.longitude or 0.0 for place in self.places]))
        self._known = np.array([None not in (p.latitude, p.longitude) for p in self.places], bool)

    def metres_from(self, point: Point | None) -> Ints:
        """Great-circle distances (haversine formula); as far as can be where a point is not known."""
        if point is None:
            return np.full(len(self.places), FAR_METRES, np.int64)
        north, east = np.radians(point[0] / 1e6), np.radians(point[1] / 1e6)
        h = np.sin((self._north - north) / 2) ** 2
        h += np.cos(self._north) * np.cos(north) * np.sin((self._east - east) / 2) ** 2
        far = np.rint(2 * EARTH_METRES * np.arcsin(np.sqrt(np.minimum(1.0, h)))).astype(np.int64)
        return np.where(self._known, far, FAR_METRES)


@dataclass(frozen=True, slots=True)
class Search:
    """`least`: what any plan with a place in it costs at least, by place of the map; `order`: the cheapest first."""

    map: Map
    metres: Ints
    least: Ints
    order: Ints

    @classmethod
    def of(cls, map_: Map, goods: Sequence[Goods], point: Point | None, policy: Policy) -> Search:
        metres = map_.metres_from(point)
        least = _least(map_, goods, metres, policy)
        return cls(map_, metres, least, np.argsort(least, kind="stable"))

    def cheaper_than(self, cost: int | None) -> list[Location]:
        """Every place that a plan cheaper than this could have in it, the least first; None: every place."""
        found = self.order if cost is None else self.order[self.least[self.order] < cost]
        return [self.map.places[at] for at in found]


def _least(map_: Map, goods: Sequence[Goods], metres: Ints, policy: Policy) -> Ints:
    """The lesser of: it sends everything alone; it is one of several that share."""
    rates = policy.rates
    units, grams = sum(one.units for one in goods), sum(one.units * one.item.weight_grams for one in goods)
    package, unit = _handling(rates, map_)
    once = rates.package + _rounded(rates.per_1000km * metres, 1_000_000)
    risk = len(goods) * int(_rounded(np.array((SURE - BEST) * rates.failed_pick), SURE))
    weight = rates.per_kg * grams // 1_000 - len(goods) + min((mills for _, mills in rates.bands), default=0)
    far = rates.per_kg_1000km * (grams * metres // 1_000) // 1_000_000
    alone = once + package + unit * units + weight + far + risk
    another = rates.package + rates.split + 2 * int(package.min(initial=0))
    shared = once + another + int(unit.min(initial=0)) * units + weight + risk
    lowered = sum(min(0, rule.add) for rule in policy.rules)
    return np.minimum(alone, shared) + lowered * (units + 2)


@lru_cache(maxsize=64)
def _handling(rates: Rates, map_: Map) -> tuple[Ints, Ints]:
    """Per package and per unit, of every place. Remembered, as the same places are asked about again and again."""
    said = {one.where: one for one in rates.handling}
    each = [said.get(place.code) or said.get(place.kind.value) for place in map_.places]
    pairs = [(0, 0) if one is None else (one.per_package, one.per_unit) for one in each]
    columns = np.array(pairs, np.int64).reshape(len(map_.places), 2)
    return columns[:, 0], columns[:, 1]


def _rounded(dividend: Ints, divisor: int) -> Ints:
    return (dividend + divisor // 2) // divisor
