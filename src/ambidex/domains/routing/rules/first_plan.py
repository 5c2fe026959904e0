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

    Where atoms compete for stock or room, each place takes in its turn what it saves most with.
    """
    most = case.snapshot.policy.parts_max or len(places)
    if _compete(case):
        return many.better(case, _in_turn(case, places, package, each))
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


def _in_turn(case: Case, places: Ints, package: Ints, each: Ints) -> Shares:
    """Place after place: the one that saves most with what it has of the atoms that are left."""
    saves = (each[:, -1][:, None] - each[:, :-1]).tolist()
    most = case.snapshot.policy.parts_max or len(places)
    left, found, free = list(range(len(case.atoms))), dict[int, int](), set(range(len(places)))
    while left and len(found) < most:
        best: tuple[int, int, list[int]] = (0, 0, [])
        for at in sorted(free):
            own = _fits(case, int(places[at]), sorted(left, key=lambda atom, at=at: -saves[atom][at]))  # type: ignore[misc]  # a default binds
            gain = sum(saves[atom][at] for atom in own) - int(package[at])
            best = max(best, (gain, -at, own))
        gain, minus, own = best
        if not own:
            break
        free.discard(-minus)
        found[int(places[-minus])] = sum(1 << atom for atom in own)
        left = [atom for atom in left if atom not in own]
    return tuple(sorted(found.items()))


def _fits(case: Case, place: int, atoms: list[int]) -> list[int]:
    """Of these atoms, in their order, those that the place has together."""
    snapshot, where = case.snapshot, int(case.live[place])
    room, taken, found = int(snapshot.network.capacity_left[where]), dict[str, int](), list[int]()
    for atom in atoms:
        if not case.able[atom, place] or 0 <= room < case.atoms[atom].units:
            continue
        wants = [(snapshot.demand.lines[row].sku, row, units) for row, units in case.atoms[atom].rows]
        after = {**taken}
        for sku, _, units in wants:
            after[sku] = after.get(sku, 0) + units
        if all(after[sku] <= snapshot.free[row, where] for sku, row, _ in wants):
            taken, room = after, room - case.atoms[atom].units if room >= 0 else room
            found.append(atom)
    return found


def _compete(case: Case) -> bool:
    lines = case.snapshot.demand.lines
    wanted = [sku for atom in case.atoms for sku in {lines[row].sku for row, _ in atom.rows}]
    return case.snapshot.network.is_limited or len(set(wanted)) < len(wanted)
