"""The best plan if one fact of the chosen one were otherwise: a place that is not there, a line it does not send."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ambidex.domains.routing.rules.cost import BROKEN, INFEASIBLE, UNFILLED, Case
from ambidex.domains.routing.rules.exact import Answer, Shares, best, is_once, least_of
from ambidex.domains.routing.rules.snapshot import Ints

Priced = tuple[int, Shares]


class WhatIf:
    """Questions to one case and the way it was shared."""

    def __init__(self, case: Case, shares: Shares) -> None:
        self.case = case
        self.shares = shares
        self.parts_max = case.snapshot.policy.parts_max
        self._known: dict[tuple[int, bytes], Priced] = {}

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
        return Answer(*self.least, self.case.units, parts_max=self.parts_max)

    @cached_property
    def cost(self) -> int:
        """Of the plan as it was chosen."""
        sent = sum(int(self.case.table[part, place]) for place, part in self.shares)
        lost = self.case.size - 1
        for _, part in self.shares:
            lost &= ~part
        return sent + int(self.case.units[lost]) * UNFILLED

    def without(self, place: int, sets: Ints) -> Priced:
        """If this place could not send these sets as one part."""
        key = place, sets.tobytes()
        if key not in self._known:
            self._known[key] = self._without(place, sets)
        return self._known[key]

    def _without(self, place: int, sets: Ints) -> Priced:
        (least, who), (second, others) = self.least, self.second
        hit = sets[who[sets] == place]
        changed, changed_who = least.copy(), who.copy()
        changed[hit], changed_who[hit] = second[hit], others[hit]
        answer = Answer(changed, changed_who, self.case.units, parts_max=self.parts_max)
        shares = answer.shares()
        if is_once(shares):
            return answer.cost, shares
        table = self.case.table.copy()
        table[sets, place] = INFEASIBLE
        return best(table, self.case.units, parts_max=self.parts_max)

    def without_place(self, place: int) -> Priced:
        return self.without(place, np.arange(1, self.case.size))

    def without_atom(self, place: int, atom: int) -> Priced:
        """If this place could not send this atom."""
        sets = np.arange(1, self.case.size)
        return self.without(place, sets[sets >> atom & 1 == 1])

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
        cost, shares = best(case.money, case.units, parts_max=self.parts_max)
        return (self.cost - cost, case.codes([p for p, _ in shares])) if cost < self.cost else (0, ())
