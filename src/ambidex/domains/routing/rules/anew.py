"""An order decided again with some units more at one place: exact in what it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.rules import atoms
from ambidex.domains.routing.rules.able import together
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.once import NEW
from ambidex.domains.routing.rules.planning import lines_lacking, solved
from ambidex.domains.routing.rules.ranks import INFEASIBLE
from ambidex.domains.routing.rules.snapshot import Ints, Snapshot
from ambidex.domains.routing.rules.what_if import WhatIf
from ambidex.kernel.values import dataclass, replace

# A table of what places would cost that have nothing yet is made up to this size; beyond it, of those that have something.
TABLE_MAX = 4_096


@dataclass(frozen=True, slots=True)
class More:
    """So many units more of the lines of one item at a place, by its number in the network."""

    place: int
    rows: tuple[int, ...]
    by: int


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """What the plan costs with so many units of a line more at a place, and its places."""

    by: int
    cost: int
    site: str
    line_no: int
    sites: tuple[str, ...]


class Anew:
    """Decisions with more units somewhere. `wide`: the case over the places that have nothing yet too."""

    def __init__(self, case: Case, chosen: WhatIf) -> None:
        self.case = case
        self.chosen = chosen

    @cached_property
    def is_whole(self) -> bool:
        """Whether all lines are sent, none in pieces."""
        case = self.case
        return not lines_lacking(case, self.chosen.shares) and case.atoms == atoms.whole(case.snapshot)

    def ask(self, asked: Iterable[More]) -> None:
        """These are asked for soon: what all other places would cost is found in one go."""
        known = [at for more in asked if (at := _at(self.case, more.place)) is not None]
        if self.is_whole and known:
            self.case.choice.ask_without(known)

    def offer(self, more: More) -> Offer | None:
        """The plan with these units, if it is better."""
        snapshot = self.case.snapshot
        cost, sites = self._as_one_place_changes(more) if self.is_whole else self._all(more)
        if cost >= self.chosen.cost:
            return None
        site = snapshot.network.sites[more.place].code
        return Offer(more.by, cost, site, snapshot.demand.lines[more.rows[0]].line_no, sites)

    def _all(self, more: More) -> tuple[int, tuple[str, ...]]:
        case, shares = solved(_with_more(self.case.snapshot, more), self.case.applied)
        return case.total(shares), case.codes([place for place, _ in shares])

    def _as_one_place_changes(self, more: More) -> tuple[int, tuple[str, ...]]:
        """The same as anew where all lines are sent whole: only what this place can send is otherwise."""
        case, place = self.case, more.place
        known = _at(case, place)
        cost, shares = case.choice.instead(NEW if known is None else known, self._column(more))
        numbers = sorted(place if at == NEW else int(case.live[at]) for at, _ in shares)
        return cost, tuple(case.snapshot.network.codes[numbers].tolist())

    def _column(self, more: More) -> Ints:
        """What each set costs from the place then."""
        case, at = self.case, _at(self.wide, more.place)
        if at is None:
            then = _with_more(case.snapshot, more)
            return Case(then, case.applied, case.atoms, np.array([more.place])).table[:, 0]
        free = case.snapshot.free[:, more.place].tolist()
        for row in more.rows:
            free[row] += more.by
        return np.where(sendable(case, free, more.place), self.wide.if_it_could[:, at], INFEASIBLE)

    @cached_property
    def wide(self) -> Case:
        return all_that_may(self.case)


def _with_more(snapshot: Snapshot, more: More) -> Snapshot:
    free = snapshot.free.copy()
    free[list(more.rows), more.place] += more.by
    return replace(snapshot, free=free)


def _at(case: Case, place: int) -> int | None:
    """Where a place of the network stands in the case."""
    at = int(np.searchsorted(case.live, place))
    return at if at < len(case.live) and case.live[at] == place else None


def sendable(case: Case, free: Sequence[int], place: int) -> NDArray[np.bool_]:
    """Whether one place (its number in the network) can send each set of atoms of the case, if it had so many units of each line."""
    capacity = int(case.snapshot.network.capacity_left[place])
    has = [units if may else -1 for units, may in zip(free, case.may[:, place].tolist(), strict=True)]
    lines = case.snapshot.demand.lines
    lacking = sum(
        1 << at
        for at, atom in enumerate(case.atoms)
        if any(has[row] < units for row, units in together(atom, lines))
    )
    found: NDArray[np.bool_] = np.arange(case.size) & lacking == 0
    for rows, needed in case.shared:
        found &= needed <= free[rows[0]]
    if capacity >= 0:
        found &= case.units <= capacity
    found[0] = False
    return found


def all_that_may(case: Case) -> Case:
    """The case over the places that have nothing yet too, if they are not too many."""
    may = np.flatnonzero((case.allowed >= 0).all(axis=0))
    if len(may) * case.size > TABLE_MAX:
        return case
    live = np.union1d(may, case.live)
    return case if len(live) == len(case.live) else Case(case.snapshot, case.applied, case.atoms, live)
