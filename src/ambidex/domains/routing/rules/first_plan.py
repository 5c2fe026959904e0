"""A good plan for an order of many lines, found fast: a program that begins from it has little left to rule out.

Place after place is added as long as one saves more than its package costs; then small tables better it (many.py).
"""

from __future__ import annotations

import numpy as np

from ambidex.domains.routing.rules import many
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Shares
from ambidex.domains.routing.rules.snapshot import Ints


def first_plan(case: Case, places: Ints, package: Ints, each: Ints) -> Shares:
    """Over these places: what a package costs from each, and each atom [atom, place] (what nobody sends in the last column).

    None where atoms compete for stock or room: who takes what is then not decided one by one.
    """
    if _compete(case):
        return ()
    most = case.snapshot.policy.parts_max or len(places)
    cheapest, who = each[:, -1].copy(), np.full(len(case.atoms), -1)
    for _ in range(most):
        saved = np.maximum(0, cheapest[:, None] - each[:, :-1]).sum(axis=0) - package
        place = int(saved.argmax()) if len(places) else -1
        if place < 0 or saved[place] <= 0:
            break
        better = each[:, place] < cheapest
        cheapest, who = np.where(better, each[:, place], cheapest), np.where(better, place, who)
    parts = {int(place): sum(1 << int(at) for at in np.flatnonzero(who == place)) for place in np.unique(who)}
    shares = tuple(sorted((int(places[place]), part) for place, part in parts.items() if place >= 0))
    return many.better(case, shares)


def _compete(case: Case) -> bool:
    lines = case.snapshot.demand.lines
    wanted = [sku for atom in case.atoms for sku in {lines[row].sku for row, _ in atom.rows}]
    return case.snapshot.network.is_limited or len(set(wanted)) < len(wanted)
