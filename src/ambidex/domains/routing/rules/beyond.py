"""Orders of many lines: the same choice as a mixed-integer program, solved by HiGHS within a bound of its steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.rules import many
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Shares
from ambidex.domains.routing.rules.first_plan import first_plan
from ambidex.domains.routing.rules.program import NO_LIMIT, Program, Terms
from ambidex.domains.routing.rules.ranks import MONEY_MAX
from ambidex.domains.routing.rules.rate_card import rounded, times
from ambidex.domains.routing.rules.snapshot import Ints
from ambidex.kernel.values import dataclass, field

NODES_MAX, LOOKS_MAX = 2_000, 48
# A good plan uses places that are among the cheapest for some line, or that have many lines.
PLACES_EACH = 12
PLACES_WIDE = 24


@dataclass
class _Columns:
    """Where the columns of a place stand: by group of equal atoms, and whether it sends at all; of what
    nobody sends, by group; and of the weight bands of a place.
    """

    program: Program = field(default_factory=Program)
    sent: dict[tuple[int, int], int] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)
    paid: dict[int, list[tuple[int, float]]] = field(default_factory=dict)


def best(case: Case) -> tuple[Shares, int]:
    """The cheapest way to share many atoms; first it fills what can be filled, then it keeps the promise. With the money that
    a better one could save at most: 0 unless the search was stopped.
    """
    groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for at, atom in enumerate(case.atoms):
        groups.setdefault(atom.rows, []).append(at)
    members = list(groups.values())
    one = _one_atom(case)
    places = _promising(case, one)
    columns = _program(case, members, places, one)
    start = _values(case, members, columns, _first(case, places, one))
    outcome = columns.program.solve(nodes_max=NODES_MAX, looks_max=LOOKS_MAX, start=start)
    assert outcome.is_found, "to send nothing is always possible"
    unproved = int(max(0, min(MONEY_MAX, np.rint(outcome.cost - outcome.bound))))
    return many.better(case, _shares(members, columns, np.rint(outcome.values).astype(int))), unproved


def _first(case: Case, places: list[int], one: Ints) -> Shares:
    """A plan to begin from; nothing is sent where none is found fast."""
    package = _package(case)
    unfilled, broken = _ranks(case, places, package, one)
    units = np.array([[atom.units] for atom in case.atoms], np.int64)
    sent = one[:, places] + units * broken * case.late[places][None, :]
    each = np.where(case.able[:, places], sent, unfilled * units)
    return first_plan(case, np.array(places), package[places], np.hstack([each, unfilled * units]))


def _values(case: Case, members: list[list[int]], columns: _Columns, shares: Shares) -> NDArray[np.float64]:
    """These shares as values of the columns."""
    found = np.zeros(len(columns.program.cost))
    found[columns.lost] = [len(atoms) for atoms in members]
    for place, part in shares:
        if place not in columns.used:
            return _values(case, members, columns, ())
        found[columns.used[place]] = 1
        for group, atoms in enumerate(members):
            count = sum(part >> at & 1 for at in atoms)
            if count:
                found[columns.sent[group, place]] = count
                found[columns.lost[group]] -= count
        grams = sum(_grams(case, at) for at in range(len(case.atoms)) if part >> at & 1)
        paid = next((at for at, upto in columns.paid.get(place, ()) if grams <= upto), None)
        if paid is not None:
            found[paid] = 1
    return found


def _grams(case: Case, at: int) -> int:
    lines = case.snapshot.demand.lines
    return sum(lines[row].grams * units for row, units in case.atoms[at].rows)


def _package(case: Case) -> Ints:
    """What a package costs from each place, with its split."""
    return sum(case.package.values(), np.zeros(len(case.live), np.int64)) + case.rates.split


def _one_atom(case: Case) -> Ints:
    """[atom, place]: what an atom costs in a package that is sent anyhow."""
    lines = case.snapshot.demand.lines
    grams = np.array([sum(lines[r].grams * n for r, n in a.rows) for a in case.atoms], np.int64)[:, None]
    found = rounded(times(case.rates.per_kg, grams), 1_000)
    far = grams * case.metres[None, :] // 1_000
    found = found + rounded(times(case.rates.per_kg_1000km, far), 1_000_000)
    return sum(case.line.values(), found)


def _promising(case: Case, one: Ints) -> list[int]:
    able, package = case.able, sum(case.package.values(), np.zeros(len(case.live), np.int64))
    chosen = set(np.lexsort((package, -able.sum(axis=0)))[:PLACES_WIDE].tolist())
    for at in range(len(case.atoms)):
        cost = np.where(able[at], one[at] + package + case.late * (1 << 50), 1 << 60)
        chosen.update(int(p) for p in np.argsort(cost, kind="stable")[:PLACES_EACH] if able[at, p])
    return sorted(chosen)


def _program(case: Case, members: list[list[int]], places: list[int], one: Ints) -> _Columns:
    found = _Columns()
    program = found.program
    package = _package(case)
    unfilled, broken = _ranks(case, places, package, one)
    able = case.able
    for place in places:
        found.used[place] = program.whole_column(float(package[place]))
        for group, atoms in enumerate(members):
            if able[atoms[0], place]:
                units = case.atoms[atoms[0]].units
                cost = one[atoms[0], place] + (broken * units if case.late[place] else 0)
                found.sent[group, place] = program.whole_column(float(cost), upper=len(atoms))
        _limits(case, members, found, place)
    for group, atoms in enumerate(members):
        lost = program.whole_column(float(unfilled * case.atoms[atoms[0]].units), upper=len(atoms))
        found.lost.append(lost)
        terms = [(found.sent[group, p], 1.0) for p in places if (group, p) in found.sent]
        program.row(len(atoms), len(atoms), [*terms, (lost, 1.0)])
    if case.snapshot.policy.parts_max:
        program.row(0, case.snapshot.policy.parts_max, [(at, 1.0) for at in found.used.values()])
    return found


def _ranks(case: Case, places: list[int], package: Ints, one: Ints) -> tuple[int, int]:
    """What a unit costs that nobody sends, and one that comes too late: more than all the money of any two plans apart."""
    parts = min(len(places), len(case.atoms), case.snapshot.policy.parts_max or len(places))
    bands = max((mills for _, mills in case.rates.bands), default=0)
    money = parts * (_span(package[places]) + bands) + sum(_span(row) for row in one[:, places])
    broken = money + 1 if case.snapshot.demand.is_promised and case.late[places].any() else 0
    return money + 1 + broken * sum(atom.units for atom in case.atoms), broken


def _span(costs: Ints) -> int:
    """How far two of these can be apart; one of them may not be paid at all."""
    return int(costs.max(initial=0) - costs.min(initial=0))


def _limits(case: Case, members: list[list[int]], found: _Columns, place: int) -> None:
    """Sent only if used; within capacity, shared stock, and the weight band that is paid."""
    program, used = found.program, found.used[place]
    here = [
        (group, found.sent[group, place]) for group in range(len(members)) if (group, place) in found.sent
    ]
    for group, at in here:
        program.row(-NO_LIMIT, 0, [(at, 1.0), (used, -float(len(members[group])))])
    if program.cost[used] < 0 or case.rates.bands:
        # a place that is preferred may cost less than nothing: it counts only if it sends something
        program.row(-NO_LIMIT, 0, [(used, 1.0), *((at, -1.0) for _, at in here)])
    network = case.snapshot.network
    capacity = int(network.capacity_left[case.live[place]])
    if capacity >= 0:
        terms: Terms = [(at, float(case.atoms[members[group][0]].units)) for group, at in here]
        program.row(0, capacity, terms)
    lines = case.snapshot.demand.lines
    by_sku: dict[str, list[tuple[int, float, int]]] = {}
    for group, at in here:
        for row, units in case.atoms[members[group][0]].rows:
            by_sku.setdefault(lines[row].sku, []).append((at, float(units), row))
    for terms_of in by_sku.values():
        free = int(case.snapshot.free[terms_of[0][2], case.live[place]])
        program.row(0, max(0, free), [(at, units) for at, units, _ in terms_of])
    _bands(case, members, found, place)


def _bands(case: Case, members: list[list[int]], found: _Columns, place: int) -> None:
    if not case.rates.bands:
        return
    program = found.program
    total = sum(_grams(case, at) for at in range(len(case.atoms)))
    bands = [(float(grams), float(mills)) for grams, mills in case.rates.bands]
    bands[-1] = (max(bands[-1][0], float(total)), bands[-1][1])
    paid = found.paid[place] = [(program.whole_column(mills), grams) for grams, mills in bands]
    program.row(0, 0, [*((at, 1.0) for at, _ in paid), (found.used[place], -1.0)])
    carried = []
    for group, atoms in enumerate(members):
        if (group, place) in found.sent:
            carried.append((found.sent[group, place], float(_grams(case, atoms[0]))))
    program.row(-NO_LIMIT, 0, [*carried, *((at, -grams) for at, grams in paid)])


def _shares(members: list[list[int]], columns: _Columns, values: Ints) -> Shares:
    left = [list(atoms) for atoms in members]
    parts: dict[int, int] = {}
    for (group, place), at in sorted(columns.sent.items()):
        for _ in range(int(values[at])):
            parts[place] = parts.get(place, 0) | 1 << left[group].pop(0)
    return tuple(sorted(parts.items()))
