"""The cheapest way to share a few atoms among places: exact, by dynamic programming over sets of atoms.

Sets are the bits of an index; a table is [set, place]. Each place sends at most one part; a set that nobody takes costs UNFILLED a unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ambidex.domains.routing.rules.ranks import INFEASIBLE, UNFILLED
from ambidex.domains.routing.rules.snapshot import Ints

# (place, set of atoms); the place is the column of the table.
Share = tuple[int, int]
Shares = tuple[Share, ...]


class Answer:
    """The least cost of every set of atoms, and how to share it.

    `least` and `who`: the cheapest place for each set as one part. `parts_max` 0: any number of parts.
    """

    def __init__(
        self, least: Ints, who: Ints, units: Ints, *, parts_max: int = 0, fixed: Ints | None = None
    ) -> None:
        self.least, self.who = least, who
        self.size = len(units)
        nobody = units * UNFILLED
        self._is_fixed = is_free(len(units), parts_max)
        self.layers = [nobody]
        if self._is_fixed:
            self.layers.append(_fixed_point(least, nobody) if fixed is None else fixed)
        else:
            for _ in range(parts_max):
                self.layers.append(_one_more(least, self.layers[-1]))

    @property
    def cost(self) -> int:
        return int(self.layers[-1][-1])

    @property
    def rest(self) -> Ints:
        """The least cost of every set when one more part is taken already."""
        return self.layers[-1] if self._is_fixed else self.layers[-2]

    def shares(self, atoms: int | None = None, *, parts_used: int = 0) -> Shares:
        """The first of the cheapest ways for these atoms (all), in the order of sets and places.

        `parts_used`: parts that count already towards the most there may be.
        """
        left = self.size - 1 if atoms is None else atoms
        found, layer = [], len(self.layers) - 1 - (0 if self._is_fixed else parts_used)
        while left and layer:
            cost = self.layers[layer]
            below = cost if self._is_fixed else self.layers[layer - 1]
            sets, rests = _pairs_of(left)
            is_best = self.least[sets] + below[rests] == cost[left]
            at = int(is_best.argmax())
            if not self._is_fixed and below[left] == cost[left]:
                layer -= 1
            elif is_best[at]:
                found.append((int(self.who[sets[at]]), int(sets[at])))
                left, layer = int(rests[at]), layer - (0 if self._is_fixed else 1)
            else:
                # nobody sends its first atom
                left &= left - 1
        return tuple(sorted(found))


def is_free(size: int, parts_max: int) -> bool:
    """Whether there may be as many parts as there are atoms, for so many sets."""
    return not parts_max or parts_max >= size.bit_length() - 1


def fixed_points(least: Ints, units: Ints) -> Ints:
    """The least cost of every set for many tables at once: [set, table]."""
    return _fixed_point(least, (units * UNFILLED)[:, None])


def least_of(table: Ints) -> tuple[Ints, Ints]:
    """The least cost of each set as one part, and the first place that has it."""
    if not table.shape[1]:
        return np.full(len(table), INFEASIBLE, np.int64), np.zeros(len(table), np.int64)
    who = table.argmin(axis=1)
    return table[np.arange(len(table)), who], who


def twice(shares: Shares) -> set[int]:
    """Places that send two parts or more."""
    if len(dict(shares)) == len(shares):
        return set()
    places = [place for place, _ in shares]
    return {place for place in places if places.count(place) > 1}


def _fixed_point(least: Ints, nobody: Ints) -> Ints:
    """cost[set] = least over the subsets that hold its first atom; smaller sets first."""
    cost = np.zeros(least.shape, np.int64)
    for masks, sets, rests, starts in _levels(len(least)):
        offers = least[sets] + cost[rests]
        lowest = masks & -masks
        skipped = nobody[lowest] + cost[masks ^ lowest]
        cost[masks] = np.minimum(np.minimum.reduceat(offers, starts), skipped)
    return cost


def _one_more(least: Ints, below: Ints) -> Ints:
    """With at most one part more than `below`."""
    sets, rests, starts = all_pairs(len(least))
    offers = np.minimum.reduceat(least[sets] + below[rests], starts)
    found: Ints = np.minimum(below, np.concatenate([below[:1], offers]))
    return found


@lru_cache(maxsize=16)
def _levels(size: int) -> Sequence[tuple[Ints, Ints, Ints, Ints]]:
    """For each number of atoms: the sets of so many, their subsets with the first atom, what is left, where each begins."""
    found = []
    for count in range(1, size.bit_length()):
        masks = [mask for mask in range(1, size) if mask.bit_count() == count]
        pairs = [_pairs_of(mask) for mask in masks]
        starts = np.cumsum([0] + [len(sets) for sets, _ in pairs[:-1]])
        sets, rests = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
        found.append((np.array(masks, np.int64), sets, rests, starts))
    return found


@lru_cache(maxsize=16)
def all_pairs(size: int) -> tuple[Ints, Ints, Ints]:
    """Every set but the empty one with all its subsets but the empty one: these, what they leave, where each set begins."""
    subsets = [subsets_of(mask)[1:] for mask in range(1, size)]
    sets = np.concatenate(subsets) if subsets else np.zeros(0, np.int64)
    masks = np.repeat(np.arange(1, size), [len(found) for found in subsets])
    starts = np.cumsum([0] + [len(found) for found in subsets[:-1]])
    return sets, masks ^ sets, starts


@lru_cache(maxsize=1_024)
def subsets_of(mask: int) -> Ints:
    """All subsets of a set, the empty one first."""
    found, subset = [], mask
    while True:
        found.append(subset)
        if not subset:
            return np.array(found[::-1], np.int64)
        subset = (subset - 1) & mask


@lru_cache(maxsize=1_024)
def _pairs_of(mask: int) -> tuple[Ints, Ints]:
    """Subsets of a set that hold its first atom, larger ones first, and what they leave."""
    first = mask & -mask
    others = mask ^ first
    found, subset = [], others
    while True:
        found.append(subset | first)
        if not subset:
            break
        subset = (subset - 1) & others
    sets = np.array(found, np.int64)
    return sets, mask ^ sets
