"""Some open orders decided together: one program shares the stock among them, then each is decided exactly in what the
others leave. It never costs more than deciding them one after the other.

So the plan of each order is what `decide` makes of its own snapshot with the stock that is left for it: a receipt
of a window replays like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from ambidex.domains.routing.model import Decision, Plan
from ambidex.domains.routing.rules.aligned import aligned
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Shares
from ambidex.domains.routing.rules.joint import Asked, join
from ambidex.domains.routing.rules.planning import planned, ruled, solved, units_in
from ambidex.domains.routing.rules.ranks import UNFILLED
from ambidex.domains.routing.rules.receipt import receipt
from ambidex.domains.routing.rules.snapshot import Ints, Network, Snapshot
from ambidex.kernel.values import dataclass, replace

WINDOW_MAX = 60
NODES_MAX = 500
GAP = 1e-4
PASSES_MAX = 8
Taken = dict[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class _Solved:
    case: Case
    shares: Shares

    @property
    def cost(self) -> int:
        """With what is not sent and what breaks a promise above all money."""
        case, sent, found = self.case, 0, 0
        for place, part in self.shares:
            units = sum(case.atoms[at].units for at in range(len(case.atoms)) if part >> at & 1)
            sent += units
            found += case.cost_of(place, part)
        wanted = sum(atom.units for atom in case.atoms)
        return found + (wanted - sent) * UNFILLED

    @property
    def taken(self) -> Taken:
        sku = {line.line_no: line.sku for line in self.case.snapshot.demand.lines}
        found: Taken = {}
        for place, part in self.shares:
            for line_no, units in units_in(self.case, part).items():
                key = sku[line_no], int(self.case.live[place])
                found[key] = found.get(key, 0) + units
        return found


@dataclass(frozen=True, eq=False)
class Together:
    """One order of a window: its snapshot with the stock that the others leave, and what was decided from it."""

    solved: _Solved

    @property
    def snapshot(self) -> Snapshot:
        return self.solved.case.snapshot

    @cached_property
    def plan(self) -> Plan:
        return planned(self.solved.case, self.solved.shares)

    @cached_property
    def decision(self) -> Decision:
        """With its receipt, made when it is first asked for: many orders of a window stay as they are."""
        return Decision(self.plan, receipt(self.solved.case, self.solved.shares, self.plan))


def decide_window(snapshots: Sequence[Snapshot]) -> tuple[Together, ...]:
    """Decided together, in the order given. All are of one moment, and see the same stock of an item at each place."""
    assert len(snapshots) <= WINDOW_MAX, "a window is bounded"
    if not snapshots:
        return ()
    window = _Window(snapshots)
    best = min((window.one_by_one(), window.jointly()), key=_total)
    return tuple(Together(one) for one in window.improved(best))


def _total(found: Sequence[_Solved]) -> int:
    return sum(one.cost for one in found)


class _Window:
    """Orders that compete for the same stock."""

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self.snapshots = aligned(snapshots)
        self.network = self.snapshots[0].network
        self.applied = [ruled(one) for one in self.snapshots]

    def one_by_one(self) -> list[_Solved]:
        """As they would be decided without the window: the control that it is never worse."""
        taken: Taken = {}
        found = []
        for at in range(len(self.snapshots)):
            found.append(self._solve(at, taken))
            _add(taken, found[-1].taken, 1)
        return found

    def jointly(self) -> list[_Solved]:
        """By one program; each order then from the places and only the units that the program gives it."""
        asked = [Asked.of(one, rules) for one, rules in zip(self.snapshots, self.applied, strict=True)]
        stock = self._stock()
        dear = (
            8.0 * max(float(one.package.max(initial=1) + abs(one.line).max(initial=0)) for one in asked) + 1.0
        )
        joined = join(asked, stock, unfilled=dear, whole=True, capacity=self.network.capacity_left)
        outcome = joined.program.solve(nodes_max=NODES_MAX, gap=GAP)
        if not outcome.is_found:
            return self.one_by_one()
        given: list[dict[int, list[int]]] = [{} for _ in asked]
        for (number, atom, place), at in joined.sent.items():
            if outcome.values[at] > 0.5:
                given[number].setdefault(place, []).append(atom)
        return self._as_given(given)

    def _as_given(self, given: Sequence[dict[int, list[int]]]) -> list[_Solved]:
        """What the program left out (lines nobody has whole) is decided from what is left."""
        taken: Taken = {}
        reserved = [self._wanted(at, places) for at, places in enumerate(given)]
        for one in reserved:
            _add(taken, one, 1)
        found = []
        for at, own in enumerate(reserved):
            _add(taken, own, -1)
            found.append(self._solve(at, taken))
            _add(taken, found[-1].taken, 1)
        return found

    def _wanted(self, at: int, places: dict[int, list[int]]) -> Taken:
        whole = Asked.of(self.snapshots[at], self.applied[at]).needs
        found: Taken = {}
        for place, atoms in places.items():
            for atom in atoms:
                for sku, units in whole[atom]:
                    found[sku, place] = found.get((sku, place), 0) + units
        return found

    def improved(self, found: list[_Solved]) -> list[_Solved]:
        """Each decided again in what the others leave, until nothing changes; costs only fall."""
        taken: Taken = {}
        for one in found:
            _add(taken, one.taken, 1)
        for _ in range(PASSES_MAX):
            is_changed = False
            for at, one in enumerate(found):
                _add(taken, one.taken, -1)
                again = self._solve(at, taken)
                is_changed |= again.taken != one.taken
                found[at] = again
                _add(taken, again.taken, 1)
            if not is_changed:
                break
        return found

    def _solve(self, at: int, taken: Taken) -> _Solved:
        return _Solved(*solved(self._left(at, taken), self.applied[at]))

    def _left(self, at: int, taken: Taken) -> Snapshot:
        """The snapshot of one order when the others have taken this."""
        snapshot = self.snapshots[at]
        rows: dict[str, list[int]] = {}
        for row, line in enumerate(snapshot.demand.lines):
            rows.setdefault(line.sku, []).append(row)
        free = snapshot.free.copy()
        used = np.zeros(len(self.network.sites), np.int64)
        for (sku, place), units in taken.items():
            used[place] += units
            if units and sku in rows:
                free[rows[sku], place] -= units
        return replace(snapshot, free=np.maximum(free, 0), network=self._network(used))

    def _network(self, used: Ints) -> Network:
        capacity = self.network.capacity_left
        if not (used[capacity >= 0] > 0).any():
            return self.network
        left = np.maximum(0, capacity - used)
        limited = [
            site if site.capacity_left is None else replace(site, capacity_left=int(left[n]))
            for n, site in enumerate(self.network.sites)
        ]
        return Network(limited)

    def _stock(self) -> dict[str, Ints]:
        found: dict[str, Ints] = {}
        for snapshot in self.snapshots:
            for row, line in enumerate(snapshot.demand.lines):
                known = found.get(line.sku)
                free = np.maximum(snapshot.free[row], 0)
                found[line.sku] = free if known is None else np.maximum(known, free)
        return found


def _add(taken: Taken, more: Taken, times: int) -> None:
    for key, units in more.items():
        taken[key] = taken.get(key, 0) + times * units
