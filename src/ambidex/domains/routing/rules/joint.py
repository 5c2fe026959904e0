"""Many orders that share stock, as one program: what each place would cost each order, and the rows that join them.

Solved in whole numbers it is a window of orders decided together; relaxed, its stock rows have prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.rules import atoms
from ambidex.domains.routing.rules.able import Atom
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.policy import Applied, apply
from ambidex.domains.routing.rules.program import NO_LIMIT, Program, Terms
from ambidex.domains.routing.rules.rate_card import weight
from ambidex.domains.routing.rules.snapshot import Ints, Snapshot, column
from ambidex.kernel.values import dataclass, field

# SKU -> units at each place of the network.
Stock = Mapping[str, Ints]


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """One order as a program sees it: per place what a package costs, per atom and place what the atom adds to it.

    `needs` are the units of each SKU in an atom; `may` says from where it may come at all, stock aside.
    """

    needs: tuple[tuple[tuple[str, int], ...], ...]
    package: Ints
    line: Ints
    may: NDArray[np.bool_]

    @classmethod
    def of(cls, snapshot: Snapshot, applied: Applied | None = None) -> Asked:
        """Places that would break a promise cost more than any that keep it."""
        applied = applied if applied is not None else apply(snapshot)
        whole = atoms.whole(snapshot)
        case = Case(snapshot, applied, whole, np.arange(len(snapshot.network.sites)))
        package = sum(case.package.values(), np.zeros(len(case.live), np.int64)) + case.rates.split
        line = sum(case.line.values(), _weights(case, whole))
        if snapshot.demand.is_promised and case.late.any():
            broken = 4 * int(package.max(initial=0) + line.max(initial=0)) + 1
            units = column([atom.units for atom in whole])
            line = line + np.where(case.late[None, :], units[:, None] * broken, 0)
        free = case.allowed >= 0
        may = np.array([np.logical_and.reduce([free[row] for row, _ in atom.rows]) for atom in whole], bool)
        needs = tuple(_needs(snapshot, atom) for atom in whole)
        return cls(needs, package, line, may.reshape(len(whole), len(case.live)))


def _weights(case: Case, whole: Sequence[Atom]) -> Ints:
    """What each atom's weight costs from each place, alone in its package."""
    lines = case.snapshot.demand.lines
    grams = column([sum(lines[row].grams * units for row, units in atom.rows) for atom in whole])
    return weight(case.rates, case.metres[None, :], grams[:, None])


def _needs(snapshot: Snapshot, atom: Atom) -> tuple[tuple[str, int], ...]:
    wanted: dict[str, int] = {}
    for row, units in atom.rows:
        sku = snapshot.demand.lines[row].sku
        wanted[sku] = wanted.get(sku, 0) + units
    return tuple(sorted(wanted.items()))


@dataclass(frozen=True, slots=True)
class Joined:
    """A program with where its columns and rows stand: (order, atom, place) -> column; (SKU, place) -> row."""

    program: Program
    sent: Mapping[tuple[int, int, int], int]
    used: Mapping[tuple[int, int], int]
    lost: Mapping[tuple[int, int], int]
    rows: Mapping[tuple[str, int], int]


@dataclass(slots=True)
class _Making:
    program: Program = field(default_factory=Program)
    sent: dict[tuple[int, int, int], int] = field(default_factory=dict)
    used: dict[tuple[int, int], int] = field(default_factory=dict)
    lost: dict[tuple[int, int], int] = field(default_factory=dict)
    stock: dict[tuple[str, int], Terms] = field(default_factory=dict)
    load: dict[int, Terms] = field(default_factory=dict)


def join(
    orders: Iterable[Asked], stock: Stock, *, unfilled: float, whole: bool, capacity: Ints | None = None
) -> Joined:
    """The program of these orders. `unfilled`: the cost of an atom that nobody sends; `whole`: in whole numbers."""
    made = _Making()
    for number, asked in enumerate(orders):
        for at, needs in enumerate(asked.needs):
            _atom(made, number, asked, at, stock=stock, whole=whole)
            made.lost[number, at] = made.program.free_column(unfilled * sum(n for _, n in needs), upper=1.0)
            columns = [(made.sent[key], 1.0) for key in _keys(made, number, at, asked)]
            made.program.row(1.0, 1.0, [*columns, (made.lost[number, at], 1.0)])
    rows = {}
    for (sku, place), terms in made.stock.items():
        rows[sku, place] = made.program.row(-NO_LIMIT, float(stock[sku][place]), terms)
    for place, terms in made.load.items():
        if capacity is not None and capacity[place] >= 0:
            made.program.row(-NO_LIMIT, float(capacity[place]), terms)
    return Joined(made.program, made.sent, made.used, made.lost, rows)


def _keys(made: _Making, number: int, at: int, asked: Asked) -> list[tuple[int, int, int]]:
    places = np.flatnonzero(asked.may[at]).tolist()
    return [(number, at, place) for place in places if (number, at, place) in made.sent]


def _atom(made: _Making, number: int, asked: Asked, at: int, *, stock: Stock, whole: bool) -> None:
    """Columns of one atom at each place that has it; an order of one atom needs no column for its package."""
    needs = asked.needs[at]
    able = asked.may[at].copy()
    for sku, units in needs:
        able &= stock[sku] >= units
    new = made.program.whole_column if whole else made.program.free_column
    is_single = len(asked.needs) == 1
    for place in np.flatnonzero(able).tolist():
        cost = float(asked.line[at, place]) + (float(asked.package[place]) if is_single else 0.0)
        sent = new(cost, upper=1.0 if whole else NO_LIMIT)
        made.sent[number, at, place] = sent
        for sku, units in needs:
            made.stock.setdefault((sku, place), []).append((sent, float(units)))
        made.load.setdefault(place, []).append((sent, float(sum(units for _, units in needs))))
        if not is_single:
            if (number, place) not in made.used:
                made.used[number, place] = new(float(asked.package[place]), upper=1.0 if whole else NO_LIMIT)
            made.program.row(-NO_LIMIT, 0.0, [(sent, 1.0), (made.used[number, place], -1.0)])
