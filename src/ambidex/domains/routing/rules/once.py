"""The cheapest way to share atoms in which every place sends at most one part, exactly.

A place that would send two parts (lines of one item, limits, weight bands) is taken apart from the others: once or not at
all. All others are free to send as often as they like, which is cheaper or as cheap; so when none of them does, it is
the optimum. Few places have to be taken apart, as only those that are cheap for several parts are.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from ambidex.domains.routing.rules.exact import (
    Answer,
    Shares,
    all_pairs,
    fixed_points,
    is_free,
    least_of,
    subsets_of,
    twice,
)
from ambidex.domains.routing.rules.ranks import INFEASIBLE
from ambidex.domains.routing.rules.snapshot import Ints

Least = tuple[Ints, Ints]
# a place that the table does not have
NEW = -1


class Choice:
    """Among the places of a table of costs, [set of atoms, place]. `parts_max` 0: any number of parts."""

    def __init__(self, table: Ints, units: Ints, *, parts_max: int = 0) -> None:
        self.table, self.units, self.parts_max = table, units, parts_max
        self.size = len(units)
        self.is_free = is_free(self.size, parts_max)
        # places that are known to want to send twice
        self.apart: frozenset[int] = frozenset()
        self._others: dict[int, Ways] = {}
        self._rests: dict[frozenset[int], Answer] = {}

    @cached_property
    def least(self) -> Least:
        """The cheapest place of each set."""
        return least_of(self.table)

    @cached_property
    def second(self) -> Least:
        """The least of each set among the places that are not the cheapest for it."""
        others = self.table.copy()
        others[np.arange(len(others)), self.least[1]] = INFEASIBLE
        return least_of(others)

    @cached_property
    def answer(self) -> Answer:
        """As if every place could send as many parts as it likes: no plan costs less."""
        return Answer(*self.least, self.units, parts_max=self.parts_max)

    @cached_property
    def best(self) -> tuple[int, Shares]:
        """The least cost and one way to reach it."""
        shares = self.answer.shares()
        doubled = twice(shares)
        if not doubled:
            return self.answer.cost, shares
        while doubled:
            self.apart |= doubled
            ways = Ways(self, self.apart)
            shares = ways.shares(self.size - 1)
            doubled = twice(shares)
        return ways.cost_of(self.size - 1), shares

    def is_below(self, cost: int) -> bool:
        """Whether the best costs less; often seen without finding it."""
        return self.answer.cost < cost and self.best[0] < cost

    def without(self, place: int, sets: Ints) -> tuple[int, Shares]:
        """The best if this place could not send these sets as one part."""
        column = self.table[:, place].copy()
        column[sets] = INFEASIBLE
        return self.instead(place, column)

    def instead(self, place: int, column: Ints) -> tuple[int, Shares]:
        """The best if these were the costs of this place; NEW: of one more place."""
        while True:
            cost, shares = self._instead(place, column)
            doubled = twice(shares)
            if not doubled:
                return cost, shares
            self._others[place] = Ways(self, self._others[place].apart | doubled, without=place)

    def _instead(self, place: int, column: Ints) -> tuple[int, Shares]:
        """Whatever this place sends comes once on top of what the others do at best."""
        others = self._others.get(place) or self._ways_without(place)
        offers = column[1:] + others.least_of_one_part_less[-2::-1]
        part = int(offers.argmin()) + 1 if len(offers) else 0
        cost = others.cost_of(self.size - 1)
        if not part or cost <= offers[part - 1]:
            return cost, others.shares(self.size - 1)
        found = others.shares(self.size - 1 - part, parts_used=1)
        return int(offers[part - 1]), tuple(sorted(((place, part), *found)))

    def ask_without(self, places: Iterable[int]) -> None:
        """The others of each of these places are asked for soon: all in one go."""
        asked = [
            place for place in dict.fromkeys(places) if place not in self._others and place not in self.apart
        ]
        if not self.is_free or len(asked) < 2:
            return
        least = [self.least_without({place} | self.apart) for place in asked]
        costs = fixed_points(np.stack([one for one, _ in least], axis=1), self.units)
        for at, place in enumerate(asked):
            rest = Answer(*least[at], self.units, fixed=costs[:, at])
            self._others[place] = Ways(self, self.apart, without=place, rest=rest)

    def _ways_without(self, place: int) -> Ways:
        found = self._others[place] = Ways(self, self.apart, without=place)
        return found

    def rest_without(self, gone: frozenset[int]) -> Answer:
        """As if every place but these could send as many parts as it likes."""
        if gone not in self._rests:
            self._rests[gone] = Answer(*self.least_without(gone), self.units, parts_max=self.parts_max)
        return self._rests[gone]

    def least_without(self, places: Iterable[int]) -> Least:
        """The cheapest of each set that is none of these places."""
        gone = sorted(places)
        if len(gone) != 1:
            others = self.table.copy()
            others[:, gone] = INFEASIBLE
            return least_of(others)
        (least, who), (second, others) = self.least, self.second
        is_gone = who == gone[0]
        return np.where(is_gone, second, least), np.where(is_gone, others, who)


class Ways:
    """The least cost of every set of atoms where the places `apart` send once at most, one place not at all, and all
    others as often as they like.
    """

    def __init__(
        self, choice: Choice, apart: frozenset[int], *, without: int = NEW, rest: Answer | None = None
    ) -> None:
        self.apart = apart - {without}
        self._places = sorted(self.apart)
        self._choice = choice
        gone = self.apart if without == NEW else self.apart | {without}
        self._rest = rest or choice.rest_without(gone)
        self._folded = self._fold() if self._places else []
        self._known: dict[int, Ints] = {}

    @property
    def least_of_one_part_less(self) -> Ints:
        """Of every set, when one more part is taken already."""
        return self._least(self._rests - 2 if not self._choice.is_free else 0)

    def cost_of(self, atoms: int) -> int:
        """The least for these atoms."""
        top = 0 if self._choice.is_free else self._rests - 1
        if not self._places or top in self._known:
            return int(self._least(top)[atoms])
        return min(int(costs.min()) for _, costs in self._splits(atoms, top))

    def shares(self, atoms: int, *, parts_used: int = 0) -> Shares:
        """The first of the cheapest ways for these atoms."""
        top = 0 if self._choice.is_free else self._rests - 1 - parts_used
        if not self._places:
            return self._rest.shares(atoms, parts_used=parts_used)
        count, costs = min(self._splits(atoms, top), key=lambda one: int(one[1].min()))
        own = int(subsets_of(atoms)[int(costs.argmin())])
        used = parts_used + count
        return tuple(sorted((*self._unfolded(own, count), *self._rest.shares(atoms ^ own, parts_used=used))))

    @property
    def _rests(self) -> int:
        return len(self._rest.layers)

    def _layer(self, number: int) -> Ints:
        return self._rest.layers[-1] if self._choice.is_free else self._rest.layers[number]

    def _counts(self, top: int) -> range:
        """How many parts the places apart may send: in one row where it does not matter."""
        return range(1) if self._choice.is_free else range(min(top, len(self._places)) + 1)

    def _splits(self, atoms: int, top: int) -> list[tuple[int, Ints]]:
        """Parts of the places apart, and the cost for each subset that these send of the atoms."""
        own = subsets_of(atoms)
        last = self._folded[-1]
        return [
            (count, last[count][own] + self._layer(top - count)[atoms ^ own]) for count in self._counts(top)
        ]

    def _least(self, top: int) -> Ints:
        """Of every set, with at most so many parts."""
        if top not in self._known:
            found = self._layer(top)
            if self._places:
                sets, rests, starts = all_pairs(self._choice.size)
                for count in self._counts(top):
                    rest, own = self._layer(top - count), self._folded[-1][count]
                    offers = np.minimum.reduceat(own[sets] + rest[rests], starts)
                    found = np.minimum(found, np.concatenate([found[:1], offers]))
            self._known[top] = found
        return self._known[top]

    def _fold(self) -> list[Ints]:
        """[parts, set] after each place apart: what exactly these atoms cost from those so far, each once at most."""
        size = self._choice.size
        most = 1 if self._choice.is_free else min(len(self._places), self._choice.parts_max) + 1
        cost = np.full((most, size), INFEASIBLE, np.int64)
        cost[0, 0] = 0
        found = [cost]
        sets, rests, starts = all_pairs(size)
        for place in self._places:
            offers = self._choice.table[sets, place] + self._below(cost)[:, rests]
            least = np.minimum.reduceat(offers, starts, axis=1)
            fresh = cost.copy()
            np.minimum(fresh[:, 1:], least, out=fresh[:, 1:])
            cost = fresh
            found.append(cost)
        return found

    def _below(self, cost: Ints) -> Ints:
        """The costs with one part less."""
        if self._choice.is_free:
            return cost
        return np.concatenate([np.full((1, cost.shape[1]), INFEASIBLE, np.int64), cost[:-1]])

    def _unfolded(self, own: int, count: int) -> list[tuple[int, int]]:
        """The parts of these atoms, from the last place to the first."""
        found = []
        for at in range(len(self._places) - 1, -1, -1):
            cost, before = self._folded[at + 1][count], self._folded[at]
            if not own or before[count][own] == cost[own]:
                continue
            place, below = self._places[at], count if self._choice.is_free else count - 1
            parts = subsets_of(own)[1:]
            part = int(
                parts[(self._choice.table[parts, place] + before[below][own ^ parts] == cost[own]).argmax()]
            )
            found.append((place, part))
            own, count = own ^ part, below
        return found
