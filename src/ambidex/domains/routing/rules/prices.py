"""What a unit of stock is worth to the orders that may still come: the price of taking it now.

Future orders are sampled from the past (chance is an argument), each sample is one linear program over whole orders with
what is left as its stock, and the price of a unit is the mean of what these programs would pay for one more. As the
program knows whole orders, units that complete a parcel have their price from that. Source of the idea: Acimovic and
Graves 2015; the program over orders is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ambidex.domains.routing.rules.joint import Asked, Stock, join
from ambidex.domains.routing.rules.snapshot import Ints

Prices = dict[str, Ints]


@dataclass(frozen=True, slots=True)
class Season:
    """What is known before a price is made: orders of the past, oldest first, and how many are still to come.

    `now` are orders that are being decided together; `cover`: of its stock no item is expected to sell more than this share;
    `recent`: how many orders back count for about a third; `fresh` orders at the end are of this season and count as
    much as `weight` of the older ones.
    """

    past: Sequence[Asked]
    to_come: int
    fresh: int = 0
    now: Sequence[Asked] = ()
    cover: float = 0.6
    recent: int = 4_000
    weight: int = 700


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
    """A future: orders drawn from the past, the younger ones more often; atoms beyond the cover are left out."""
    left = {sku: float(units.sum()) * season.cover for sku, units in stock.items()}
    for asked in season.now:
        for needs in asked.needs:
            for sku, units in needs:
                left[sku] -= units * season.cover
    old = len(season.past) - season.fresh
    share = season.fresh / (season.fresh + season.weight) if old else 1.0
    found: list[Asked] = []
    tries = 4 * season.to_come
    ages = np.minimum(chance.exponential(season.recent, tries), max(0, old - 1)).astype(int)
    fresh, picks = chance.random(tries) < share, chance.integers(0, max(1, season.fresh), tries)
    for n in range(tries):
        if len(found) == season.to_come:
            break
        at = old + picks[n] if fresh[n] else old - 1 - ages[n]
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
