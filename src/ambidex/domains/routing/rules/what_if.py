"""The best plan if one fact of the chosen one were otherwise: a place that is not there, a line it does not send."""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Answer, Shares
from ambidex.domains.routing.rules.ranks import BROKEN
from ambidex.domains.routing.rules.snapshot import Ints

Priced = tuple[int, Shares]


class WhatIf:
    """Questions to one case and the way it was shared."""

    def __init__(self, case: Case, shares: Shares) -> None:
        self.case = case
        self.shares = shares
        self._known: dict[tuple[int, int | str], Priced] = {}

    @property
    def answer(self) -> Answer:
        """As if every place could send as many parts as it likes."""
        return self.case.choice.answer

    @cached_property
    def cost(self) -> int:
        """Of the plan as it was chosen."""
        return self.case.total(self.shares)

    def _without(self, place: int, what: int | str, sets: Ints) -> Priced:
        """If this place could not send these sets as one part; `what` names them."""
        if not self._known:
            self.case.choice.ask_without(place for place, _ in self.shares)
        key = place, what
        if key not in self._known:
            self._known[key] = self.case.choice.without(place, sets)
        return self._known[key]

    def without_place(self, place: int) -> Priced:
        return self._without(place, "any", _sets(self.case.size))

    def without_atom(self, place: int, atom: int) -> Priced:
        """If this place could not send this atom."""
        return self._without(place, atom, _sets_with(self.case.size, atom))

    def others(self) -> list[Shares]:
        """The cheapest plans that lack one part of the chosen one, cheapest first; the first is the next best of all."""
        found = {self._without(place, "as it is", np.array([part])) for place, part in self.shares}
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
        if not case.regardless.is_below(self.cost):
            return 0, ()
        cost, shares = case.regardless.best
        return self.cost - cost, case.codes([p for p, _ in shares])


@lru_cache(maxsize=16)
def _sets(size: int) -> Ints:
    """Every set but the empty one."""
    return np.arange(1, size)


@lru_cache(maxsize=128)
def _sets_with(size: int, atom: int) -> Ints:
    sets = _sets(size)
    found: Ints = sets[sets >> atom & 1 == 1]
    return found
