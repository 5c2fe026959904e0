"""The best plan if one fact of the chosen one were otherwise: a place that is not there, a line it does not send."""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

from ambidex.domains.routing.rules.cost import BROKEN, INFEASIBLE, Case
from ambidex.domains.routing.rules.exact import (
    Answer,
    Shares,
    best,
    fixed_points,
    is_free,
    is_once,
    least_of,
)
from ambidex.domains.routing.rules.snapshot import Ints

Priced = tuple[int, Shares]


class WhatIf:
    """Questions to one case and the way it was shared."""

    def __init__(self, case: Case, shares: Shares) -> None:
        self.case = case
        self.shares = shares
        self.parts_max = case.snapshot.policy.parts_max
        self._known: dict[tuple[int, bytes], Priced] = {}
        self._answers: dict[tuple[int, bytes], Answer] = {}

    @cached_property
    def least(self) -> tuple[Ints, Ints]:
        return least_of(self.case.table)

    @cached_property
    def second(self) -> tuple[Ints, Ints]:
        """The least of each set among the places that are not the cheapest for it."""
        others = self.case.table.copy()
        others[np.arange(len(others)), self.least[1]] = INFEASIBLE
        return least_of(others)

    @cached_property
    def answer(self) -> Answer:
        return Answer(*self.least, self.case.ranks, parts_max=self.parts_max)

    @cached_property
    def cost(self) -> int:
        """Of the plan as it was chosen."""
        return self.case.total(self.shares)

    def without(self, place: int, sets: Ints) -> Priced:
        """If this place could not send these sets as one part."""
        key = place, sets.tobytes()
        if key not in self._known:
            self._known[key] = self._without(place, sets)
        return self._known[key]

    def _without(self, place: int, sets: Ints) -> Priced:
        hit = self._hit(place, sets)
        if not self._answers:
            self._answer_the_usual()
        key = place, hit.tobytes()
        if key not in self._answers:
            self._answers[key] = Answer(*self._changed(hit), self.case.ranks, parts_max=self.parts_max)
        answer = self._answers[key]
        shares = answer.shares()
        if is_once(shares):
            return answer.cost, shares
        table = self.case.table.copy()
        table[sets, place] = INFEASIBLE
        return best(table, self.case.ranks, parts_max=self.parts_max)

    def _hit(self, place: int, sets: Ints) -> Ints:
        """Those of these sets for which this place is the cheapest: nothing else changes without it."""
        hit: Ints = sets[self.least[1][sets] == place]
        return hit

    def _changed(self, hit: Ints) -> tuple[Ints, Ints]:
        (least, who), (second, others) = self.least, self.second
        changed, changed_who = least.copy(), who.copy()
        changed[hit], changed_who[hit] = second[hit], others[hit]
        return changed, changed_who

    def _answer_the_usual(self) -> None:
        """All that is asked of every plan, in one go: without a part, a place, or a line of a place."""
        case = self.case
        if not is_free(case.size, self.parts_max):
            return
        asked = [(place, sets) for place, part in self.shares for sets in self._usual(part)]
        hits = {(place, hit.tobytes()): hit for place, hit in ((p, self._hit(p, sets)) for p, sets in asked)}
        changed = [self._changed(hit) for hit in hits.values()]
        costs = fixed_points(np.stack([least for least, _ in changed], axis=1), case.ranks)
        for at, (key, (least, who)) in enumerate(zip(hits, changed, strict=True)):
            self._answers[key] = Answer(least, who, case.ranks, fixed=costs[:, at])

    def _usual(self, part: int) -> list[Ints]:
        atoms = [at for at in range(len(self.case.atoms)) if part >> at & 1]
        return [np.array([part]), _sets(self.case.size), *(_sets_with(self.case.size, at) for at in atoms)]

    def without_place(self, place: int) -> Priced:
        return self.without(place, _sets(self.case.size))

    def without_atom(self, place: int, atom: int) -> Priced:
        """If this place could not send this atom."""
        return self.without(place, _sets_with(self.case.size, atom))

    def others(self) -> list[Shares]:
        """The cheapest plans that lack one part of the chosen one, cheapest first; the first is the next best of all."""
        found = {self.without(place, np.array([part])) for place, part in self.shares}
        return [shares for cost, shares in sorted(found) if shares and self.is_as_good(cost)]

    def is_as_good(self, cost: int) -> bool:
        """Whether a plan differs in money only: it sends as much and breaks no promise more."""
        return cost - self.cost < BROKEN // 2

    def breaking(self) -> tuple[int, tuple[str, ...]]:
        """What the plan would save that does not care for the promise, and its places."""
        case = self.case
        is_held = case.snapshot.demand.is_promised and case.late.any()
        if not is_held or any(case.late[place] for place, _ in self.shares):
            return 0, ()
        cost, shares = best(case.money, case.ranks, parts_max=self.parts_max)
        return (self.cost - cost, case.codes([p for p, _ in shares])) if cost < self.cost else (0, ())


@lru_cache(maxsize=16)
def _sets(size: int) -> Ints:
    """Every set but the empty one."""
    return np.arange(1, size)


@lru_cache(maxsize=128)
def _sets_with(size: int, atom: int) -> Ints:
    sets = _sets(size)
    found: Ints = sets[sets >> atom & 1 == 1]
    return found
