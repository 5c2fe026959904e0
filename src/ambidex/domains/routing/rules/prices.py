"""What a unit of stock is worth to the orders that may still come: the price of taking it now.

Future orders are sampled from the past (chance is an argument), each sample is one linear program over whole orders with
what is left as its stock, and the price of a unit is the mean of what these programs would pay for one more. As the
program knows whole orders, units that complete a parcel have their price from that. Source of the idea: Acimovic and
Graves 2015; the program over orders is ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ambidex.domains.routing.rules.joint import Asked, Stock, join
from ambidex.domains.routing.rules.snapshot import Ints
from ambidex.kernel.values import dataclass

Prices = dict[str, Ints]
SAMPLES = 16
# Of the prices made anew; the rest is those of before, as each making is a sample.
BLEND = 0.5
# Orders that are drawn for each that is wanted, at the most: many have nothing left within the cover.
TRIES = 4


@dataclass(frozen=True, slots=True)
class Season:
    """What is known before a price is made: orders of the past, and how many are still to come.

    `now` are orders that are being decided together; `cover`: of its stock no item is expected to sell more than this share.
    """

    past: Sequence[Asked]
    to_come: int
    now: Sequence[Asked] = ()
    cover: float = 0.6


@dataclass
class Pricing:
    """Prices as time goes by: asked again every so often, from what is known by then and no more.

    `cover`: no item is expected to sell more than so many times the share of its stock that items sell on average (None:
    it may sell out); `before` are the prices of the last making.
    """

    past: Sequence[Asked]
    seed: int
    samples: int = SAMPLES
    blend: float = BLEND
    cover: float | None = None
    before: Prices | None = None

    def at(self, number: int, stock: Stock, *, to_come: int, now: Sequence[Asked] = ()) -> Prices:
        """Mills of each SKU at each place before order `number`; `now` are in hand, `to_come` follow them."""
        season = Season(self.past, to_come, now, self._share(to_come, stock))
        fresh = prices(season, stock, samples=self.samples, seed=self.seed + number)
        if self.before is not None:
            fresh = {sku: _blended(self.blend, mills, self.before.get(sku)) for sku, mills in fresh.items()}
        self.before = fresh
        return fresh

    def _share(self, to_come: int, stock: Stock) -> float:
        if self.cover is None:
            return 1.0
        each = sum(units for one in self.past for needs in one.needs for _, units in needs) / len(self.past)
        there = sum(int(units.sum()) for units in stock.values())
        return min(1.0, self.cover * to_come * each / max(1, there))


def _blended(share: float, fresh: Ints, before: Ints | None) -> Ints:
    if before is None:
        return fresh
    found: Ints = np.rint(share * fresh + (1 - share) * before).astype(np.int64)
    return found


def prices(season: Season, stock: Stock, *, samples: int, seed: int) -> Prices:
    """Mills per unit of each SKU at each place; the mean over so many sampled futures."""
    found = {sku: np.zeros(len(units)) for sku, units in stock.items()}
    for n in range(samples):
        future = sampled(season, stock, chance=np.random.default_rng((seed, n)))
        joined = join([*season.now, *future], stock, unfilled=_unfilled(season), whole=False)
        outcome = joined.program.solve()
        for (sku, place), row in joined.rows.items():
            found[sku][place] -= min(0.0, float(outcome.prices[row]))
    return {sku: np.rint(total / samples).astype(np.int64) for sku, total in found.items()}


def sampled(season: Season, stock: Stock, *, chance: np.random.Generator) -> list[Asked]:
    """A future: orders drawn from the past, without the atoms that are beyond the cover of what the present leaves."""
    left = {sku: float(units.sum()) for sku, units in stock.items()}
    for asked in season.now:
        for needs in asked.needs:
            for sku, units in needs:
                left[sku] -= units
    left = {sku: np.floor(max(0.0, units) * season.cover + chance.random()) for sku, units in left.items()}
    found: list[Asked] = []
    for at in chance.integers(0, max(1, len(season.past)), TRIES * season.to_come):
        if len(found) == season.to_come:
            break
        kept = _kept(season.past[at], left)
        if kept is not None:
            found.append(kept)
    return found


def _kept(asked: Asked, left: dict[str, float]) -> Asked | None:
    """The order with the atoms that are still within the cover."""
    rows = []
    for at, needs in enumerate(asked.needs):
        if all(left.get(sku, 0.0) >= units for sku, units in needs):
            rows.append(at)
            for sku, units in needs:
                left[sku] -= units
    if len(rows) == len(asked.needs):
        return asked
    return (
        Asked(tuple(asked.needs[at] for at in rows), asked.package, asked.line[rows], asked.may[rows])
        if rows
        else None
    )


def _unfilled(season: Season) -> float:
    """Dearer than any way to send an atom."""
    known = season.past[-1] if season.past else season.now[0]
    return 5.0 * float(known.package.max(initial=1))
