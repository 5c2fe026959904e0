"""Which places that nobody has looked at could be part of a cheaper plan.

Places that were looked at cost what they cost. Each other one is priced as if it had all that it ever had and its picks were
as sure as its last count allows: a plan with it costs its parcel and, at the least, what anybody takes for the rest.
"""

from __future__ import annotations

import numpy as np

from ambidex.domains.routing.model import Plan
from ambidex.domains.routing.rules.able import Atom
from ambidex.domains.routing.rules.cost import TABLE_ATOMS_MAX, Case
from ambidex.domains.routing.rules.exact import Answer
from ambidex.domains.routing.rules.planning import NO_RULES, planned, ruled, solved
from ambidex.domains.routing.rules.ranks import INFEASIBLE
from ambidex.domains.routing.rules.snapshot import Ints, Snapshot
from ambidex.kernel.values import dataclass


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """The cheapest plan over the places looked at. `least`: what each set of atoms costs at least as one parcel from one
    of them; None where lines were parted or are too many, as then the sets say nothing of other places.
    """

    plan: Plan
    atoms: tuple[Atom, ...]
    least: Ints | None

    @property
    def parted(self) -> frozenset[int]:
        """Rows of lines that are sent by single units, as nobody looked at has them whole."""
        rows = [row for atom in self.atoms for row, _ in atom.rows]
        return frozenset(row for row in rows if rows.count(row) > 1)


def seen(snapshot: Snapshot) -> Seen:
    """What the places of a snapshot can do."""
    case, shares = solved(snapshot, ruled(snapshot))
    found = Seen(planned(case, shares), case.atoms, None)
    if len(case.atoms) > TABLE_ATOMS_MAX or found.plan.unfilled or found.parted:
        return found
    return Seen(found.plan, case.atoms, case.choice.least[0])


def floors(known: Seen, at_best: Snapshot, places: Ints) -> Ints:
    """What a plan costs at the very least that has a parcel from this place in it, for each of these columns of
    `at_best`: none of them was looked at.
    """
    assert known.least is not None, "sets of whole lines have their least"
    case = Case(at_best, NO_RULES, known.atoms, live=places)
    parcels = case.money + (case.units + 1)[:, None] * _lowered(at_best)
    parcels[~case.feasible] = INFEASIBLE
    least = np.minimum(known.least, parcels.min(axis=1, initial=INFEASIBLE))
    rest = Answer(least, np.zeros_like(least), case.ranks).layers[-1]
    # each parcel carries the price of a split, which the first has not to pay
    found: Ints = (parcels[1:] + rest[-2::-1, None]).min(axis=0) - case.rates.split
    return found


def _lowered(snapshot: Snapshot) -> int:
    """Mills that the rules take at most off a parcel, and off each unit."""
    return sum(min(0, rule.add) for rule in snapshot.policy.rules)
