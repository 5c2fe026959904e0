"""The cheapest way to share a few atoms among places: exact, by dynamic programming over sets of atoms.

Sets are the bits of an index; a table is [set, place]. Each place sends at most one part; a set that nobody takes costs UNFILLED a unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ambidex.domains.routing.rules.cost import INFEASIBLE, UNFILLED
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


def best(table: Ints, units: Ints, *, parts_max: int = 0) -> tuple[int, Shares]:
    """The least cost and one way to reach it, in which every place sends at most one part."""
    answer = Answer(*least_of(table), units, parts_max=parts_max)
    shares = answer.shares()
    if is_once(shares):
        return answer.cost, shares
    return place_by_place(table, units, parts_max=parts_max)


def is_once(shares: Shares) -> bool:
    """Whether no place sends two parts."""
    return len({place for place, _ in shares}) == len(shares)


def place_by_place(table: Ints, units: Ints, *, parts_max: int = 0) -> tuple[int, Shares]:
    """The same where a place would otherwise send twice (shared stock, capacity): each place once, in turn."""
    size = len(units)
    most = min(parts_max or size, size.bit_length() - 1)
    places = _useful(table, most)
    cost = [units * UNFILLED] + [np.full(size, INFEASIBLE, np.int64) for _ in range(most)]
    taken: list[list[Ints]] = []
    masks, sets, rests, starts = _all_pairs(size)
    for place in places:
        row = table[:, place]
        chosen = [np.zeros(size, np.int64)]
        fresh = [cost[0]]
        for count in range(1, most + 1):
            offers = np.minimum(row[sets] + np.minimum(cost[count - 1][rests], INFEASIBLE), INFEASIBLE)
            least = np.minimum.reduceat(offers, starts)
            at = np.full(size, 0, np.int64)
            better = least < cost[count][1:]
            if better.any():
                first = _first_equal(offers, least, masks)
                at[1:][better] = sets[first][better]
            fresh.append(np.minimum(cost[count], np.concatenate([[INFEASIBLE], least])))
            chosen.append(at)
        cost = fresh
        taken.append(chosen)
    count = min(range(most + 1), key=lambda n: int(cost[n][-1]))
    total, left, found = int(cost[count][-1]), size - 1, []
    for place, chosen in zip(reversed(places), reversed(taken), strict=True):
        if count and chosen[count][left]:
            part = int(chosen[count][left])
            found.append((place, part))
            left, count = left ^ part, count - 1
    return total, tuple(sorted(found))


def _useful(table: Ints, most: int) -> list[int]:
    """Places that can send anything; of very many those that are among the cheapest for some set.

    A plan has `most` places: for a part of it one of as many cheapest is not used by the others.
    """
    places = np.flatnonzero((table < INFEASIBLE).any(axis=0))
    if len(places) > 2 * most * len(table):
        cheapest = np.argsort(table[1:, places], axis=1, kind="stable")[:, :most]
        places = places[np.unique(cheapest)]
    return [int(place) for place in places]


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
    _, sets, rests, starts = _all_pairs(len(least))
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
def _all_pairs(size: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Every set but the empty one with all its subsets but the empty one, those of early atoms first."""
    masks: list[int] = []
    sets: list[int] = []
    starts: list[int] = []
    for mask in range(1, size):
        starts.append(len(sets))
        within = [subset for subset in range(1, mask + 1) if subset & ~mask == 0]
        masks += [mask] * len(within)
        sets += within
    mask_column, set_column = np.array(masks, np.int64), np.array(sets, np.int64)
    return mask_column, set_column, mask_column ^ set_column, np.array(starts, np.int64)


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


def _first_equal(offers: Ints, least: Ints, masks: Ints) -> Ints:
    """The first offer of each set that is the least."""
    equal = np.flatnonzero(offers == least[masks - 1])
    _, first = np.unique(masks[equal], return_index=True)
    return equal[first]
