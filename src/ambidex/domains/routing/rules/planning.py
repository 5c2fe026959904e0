"""From a snapshot to a plan: what it may cost, the exact choice, and the plan with its parts in money."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.routing.model import Cost, Plan, PlannedPart
from ambidex.domains.routing.rules import atoms, beyond
from ambidex.domains.routing.rules.able import Atom
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Shares
from ambidex.domains.routing.rules.policy import Applied, apply
from ambidex.domains.routing.rules.rate_card import weight
from ambidex.domains.routing.rules.snapshot import Snapshot, column

Solved = tuple[Case, Shares]
NO_RULES = Applied()


def plan(snapshot: Snapshot) -> Plan:
    """The cheapest plan; first of all it fills what can be filled, then it keeps the promise, then money counts."""
    return planned(*solved(snapshot, ruled(snapshot)))


def ruled(snapshot: Snapshot) -> Applied:
    """What the rules say; nothing where there are none."""
    return apply(snapshot) if snapshot.policy.rules else NO_RULES


def solved(snapshot: Snapshot, applied: Applied) -> Solved:
    """Whole lines first; what nobody can send whole is parted into units."""
    whole = atoms.whole(snapshot)
    broken_up = atoms.nobody_has_whole(snapshot, applied, whole)
    found = _solved(snapshot, applied, atoms.parted(whole, broken_up, snapshot))
    lacking = atoms.rows_to_part(whole, lines_lacking(*found), snapshot) - broken_up
    if not lacking:
        return found
    finer = _solved(snapshot, applied, atoms.parted(whole, broken_up | lacking, snapshot))
    return finer if _units_sent(finer) > _units_sent(found) else found


def _solved(snapshot: Snapshot, applied: Applied, chosen: Sequence[Atom]) -> Solved:
    case = Case(snapshot, applied, chosen)
    if len(chosen) > atoms.ATOMS_MAX:
        shares, case.unproved = beyond.best(case)
        return case, shares
    return case, case.choice.best[1]


def lines_lacking(case: Case, shares: Shares) -> frozenset[int]:
    """Numbers of the lines of which some units are not sent."""
    sent = 0
    for _, part in shares:
        sent |= part
    lines = case.snapshot.demand.lines
    left = [atom for at, atom in enumerate(case.atoms) if not sent >> at & 1]
    return frozenset(lines[row].line_no for atom in left for row, _ in atom.rows)


def _units_sent(found: Solved) -> int:
    case, shares = found
    return sum(case.atoms[at].units for _, part in shares for at in range(len(case.atoms)) if part >> at & 1)


def planned(case: Case, shares: Shares) -> Plan:
    """In the words of places and lines. Each part after the first carries the price of the split."""
    lines = case.snapshot.demand.lines
    left = {line.line_no: line.units for line in lines}
    parts = []
    for n, (place, part) in enumerate(sorted(shares)):
        sent = units_in(case, part)
        for line_no, units in sent.items():
            left[line_no] -= units
        costs = costs_of(case, place, part)
        if n and case.rates.split:
            costs[Cost.SPLIT] = case.rates.split
        site = case.snapshot.network.sites[case.live[place]]
        parts.append(
            PlannedPart(
                site.code, sent, int(case.metres[place]), site.leaves_at or 0, int(case.arrives[place]), costs
            )
        )
    return Plan(tuple(parts), {line_no: units for line_no, units in left.items() if units})


def units_in(case: Case, part: int) -> dict[int, int]:
    """Line number -> units of a set of atoms."""
    found: dict[int, int] = {}
    for at, lines in enumerate(case.lines_of):
        if part >> at & 1:
            for line_no, units in lines:
                found[line_no] = found.get(line_no, 0) + units
    return dict(sorted(found.items()))


def costs_of(case: Case, place: int, part: int) -> dict[Cost, int]:
    """By part, what one place costs for a set of atoms; the split is not in it."""
    members = [at for at in range(len(case.atoms)) if part >> at & 1]
    found = {name: int(costs[place]) for name, costs in case.package.items()}
    for name, costs in case.line.items():
        found[name] = found.get(name, 0) + sum(int(costs[at, place]) for at in members)
    lines = case.snapshot.demand.lines
    grams = sum(lines[row].grams * units for at in members for row, units in case.atoms[at].rows)
    found[Cost.WEIGHT] = int(weight(case.rates, case.metres[place : place + 1], column([grams]))[0])
    return {name: found[name] for name in Cost if found.get(name)}
