"""Whether prices of scarce stock would have paid: seasons drawn from the younger half of the past are decided order by
order, without prices and with prices that are made of the older half only.

Nothing of the season is known to its prices. Who runs it rests where it yields, so that it never holds up what cannot wait.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.model import Cost, Plan, Wanted
from ambidex.domains.routing.rules.joint import Asked, Stock
from ambidex.domains.routing.rules.planning import plan
from ambidex.domains.routing.rules.prices import Prices, Pricing
from ambidex.domains.routing.rules.snapshot import Ints, Snapshot
from ambidex.kernel.values import dataclass, replace

Running = Generator[None, None, "Played"]
SEED = 20260302
SEASONS, TRIAL_SAMPLES = 2, 4
# per mille that prices must save; less than this is noise
SAVES_MIN = 1
# orders that are decided between two rests, and draws for each that a season wants
AT_ONCE, TRIES = 50, 20


@dataclass(frozen=True, eq=False, slots=True)
class Shop:
    """Orders of the past, the oldest first, as the engine would be asked about them now, and SKU -> units at each place."""

    past: Sequence[Snapshot]
    stock: Stock


@dataclass(frozen=True, slots=True)
class Terms:
    """Of a season: how many orders it has, and after how many the prices are made anew."""

    orders: int
    every: int
    seasons: int = SEASONS
    samples: int = TRIAL_SAMPLES
    seed: int = SEED
    cover: float | None = None


@dataclass(slots=True)
class Played:
    """What the orders of some seasons came to. `cost` in mills, without what scarcity was worth."""

    orders: int = 0
    cost: int = 0
    parcels: int = 0
    metres: int = 0
    unfilled: int = 0

    def add(self, found: Plan) -> None:
        self.orders += 1
        self.cost += sum(part.cost - part.costs.get(Cost.SCARCITY, 0) for part in found.parts)
        self.parcels += len(found.parts)
        self.metres += sum(part.metres for part in found.parts)
        self.unfilled += sum(found.unfilled.values())

    def __add__(self, other: Played) -> Played:
        return Played(
            self.orders + other.orders,
            self.cost + other.cost,
            self.parcels + other.parcels,
            self.metres + other.metres,
            self.unfilled + other.unfilled,
        )

    def as_json(self) -> list[int]:
        return [self.orders, self.cost, self.parcels, self.metres, self.unfilled]


@dataclass(frozen=True, slots=True)
class Proof:
    """Each season without prices and with them."""

    seasons: tuple[tuple[Played, Played], ...] = ()

    @property
    def plain(self) -> Played:
        return sum((plain for plain, _ in self.seasons), Played())

    @property
    def priced(self) -> Played:
        return sum((priced for _, priced in self.seasons), Played())

    @property
    def saved(self) -> float:
        """The share of the cost that prices would have saved; below 0 what they would have cost."""
        plain, priced = self.plain, self.priced
        return 1 - priced.cost / plain.cost if plain.cost else 0.0

    @property
    def is_proved(self) -> bool:
        """Cheaper over all seasons by more than noise, and nothing stays unsent for it."""
        plain, priced = self.plain, self.priced
        pays = 1000 * (plain.cost - priced.cost) > SAVES_MIN * plain.cost
        return pays and priced.unfilled <= plain.unfilled

    def as_json(self) -> list[list[list[int]]]:
        return [[plain.as_json(), priced.as_json()] for plain, priced in self.seasons]

    @classmethod
    def from_json(cls, stored: Sequence[Sequence[Sequence[int]]]) -> Proof:
        return cls(tuple((Played(*plain), Played(*priced)) for plain, priced in stored))


def tried(shop: Shop, terms: Terms) -> Generator[None, None, Proof]:
    """Prices on seasons of the past."""
    half = len(shop.past) // 2
    older = [Asked.of(one) for one in shop.past[:half]]
    yield
    found = []
    for number in range(terms.seasons):
        season = drawn(shop, terms.orders, chance=np.random.default_rng((terms.seed, number)))
        pricing = Pricing(older, terms.seed, samples=terms.samples, cover=terms.cover)
        plain = yield from _played(season, shop.stock)
        found.append((plain, (yield from _played(season, shop.stock, (pricing, terms.every)))))
    return Proof(tuple(found))


def _played(season: Sequence[Snapshot], stock: Stock, made: tuple[Pricing, int] | None = None) -> Running:
    """One order after the other, each in what those before it left. `made`: the prices, and after how many orders anew."""
    left = {sku: units.copy() for sku, units in stock.items()}
    found, prices = Played(), None
    for number, order in enumerate(season):
        if made and number % made[1] == 0:
            prices = made[0].at(number, left, to_come=len(season) - number)
            yield
        planned = plan(seen(order, left, prices))
        _take(left, order, planned)
        found.add(planned)
        if number % AT_ONCE == 0:
            yield
    return found


def seen(order: Snapshot, stock: Stock, prices: Prices | None) -> Snapshot:
    """An order over this stock, at these prices."""
    skus = [line.sku for line in order.demand.lines]
    shape = len(skus), len(order.network.sites)
    price = np.zeros(shape, np.int64) if prices is None else np.array([prices[sku] for sku in skus], np.int64)
    free = np.array([stock[sku] for sku in skus], np.int64)
    return replace(order, free=free.reshape(shape), price=price.reshape(shape))


def _take(left: Mapping[str, Ints], order: Snapshot, planned: Plan) -> None:
    sku = {line.line_no: line.sku for line in order.demand.lines}
    for part in planned.parts:
        at = order.network.index[part.site]
        for line_no, units in part.lines.items():
            left[sku[line_no]][at] -= units
            assert left[sku[line_no]][at] >= 0, "no place sends what it does not have"


def drawn(shop: Shop, orders: int, *, chance: np.random.Generator) -> list[Snapshot]:
    """A season: orders of the younger half of the past, each with the lines of which a place that may serve it has some left."""
    past = shop.past[len(shop.past) // 2 :]
    left = {sku: units.copy() for sku, units in shop.stock.items()}
    found: list[Snapshot] = []
    for _ in range(TRIES * orders):
        if len(found) == orders:
            break
        kept = _still_there(past[int(chance.integers(0, len(past)))], left)
        if kept is not None:
            found.append(kept)
    return found


def _still_there(order: Snapshot, left: Mapping[str, Ints]) -> Snapshot | None:
    """Lines of which there are units, kits whole; None when there is nothing. What it keeps is taken."""
    rows: list[int] = []
    may = order.network.leaves_at >= 0
    may[[order.network.index[code] for code in order.out if code in order.network.index]] = False
    lines = order.demand.lines
    for group in _groups(lines):
        wanted: dict[str, int] = {}
        for row in group:
            wanted[lines[row].sku] = wanted.get(lines[row].sku, 0) + lines[row].units
        if all(int(left[sku][may].sum()) >= units for sku, units in wanted.items()):
            rows += group
            for sku, units in wanted.items():
                _take_from_most(left[sku], may, units)
    if len(rows) == len(lines):
        return order
    return only(order, sorted(rows)) if rows else None


def _take_from_most(left: Ints, may: NDArray[np.bool_], units: int) -> None:
    """Any way in which they could be sent will do: it is a proof that they can."""
    for at in np.argsort(-np.where(may, left, 0), kind="stable"):
        taken = min(units, int(left[at])) if may[at] else 0
        left[at] -= taken
        units -= taken


def _groups(lines: Sequence[Wanted]) -> list[list[int]]:
    """Rows that go together: a line, or all lines of a kit."""
    found: dict[Any, list[int]] = {}
    for row, line in enumerate(lines):
        found.setdefault(("kit", line.kit_no) if line.kit_no else row, []).append(row)
    return list(found.values())


def only(order: Snapshot, rows: list[int]) -> Snapshot:
    """With these lines only."""
    demand = replace(order.demand, lines=tuple(order.demand.lines[row] for row in rows))
    grids = {name: getattr(order, name)[rows] for name in ("free", "chance", "price", "markdown")}
    return replace(order, demand=demand, **grids)
