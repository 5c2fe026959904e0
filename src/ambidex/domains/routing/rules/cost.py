"""What each set of lines would cost from each place, in exact integers, with its parts apart.

Hard and soft stand apart: what a place may not or cannot do is not priced, it is infeasible. Two things come before
money and are ranked by prices no cost can reach: a unit that nobody sends, and a unit that breaks a promise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.model import LATE_COSTS, SURE, Cost, Rates
from ambidex.domains.routing.rules.able import Atom, able_places, allowed
from ambidex.domains.routing.rules.once import Choice
from ambidex.domains.routing.rules.policy import Applied
from ambidex.domains.routing.rules.ranks import BROKEN, INFEASIBLE, MONEY_MAX, RANKED_MAX, UNFILLED
from ambidex.domains.routing.rules.rate_card import (
    DAY,
    HOUR,
    handling,
    late_share,
    rounded,
    transit_days,
    weight,
)
from ambidex.domains.routing.rules.snapshot import Ints, Snapshot

# Up to so many atoms every set of them has a row in the table.
TABLE_ATOMS_MAX = 8
NO_COSTS: Ints = np.zeros(0, np.int64)


class Case:
    """A snapshot as a table of costs: `table[set of atoms, place]`, over the places that can send at least one atom."""

    def __init__(
        self, snapshot: Snapshot, applied: Applied, atoms: Sequence[Atom], live: Ints | None = None
    ) -> None:
        self.snapshot = snapshot
        self.applied = applied
        self.atoms = tuple(atoms)
        self.may = allowed(snapshot, applied)
        self.allowed = np.where(self.may, snapshot.free, -1)
        able = able_places(snapshot, self.allowed, self.atoms)
        self.live = np.flatnonzero(able.any(axis=0)) if live is None else live
        self.able = able[:, self.live]
        self.size = 1 << len(self.atoms)
        # mills that a plan which was not found could cost less at most
        self.unproved = 0

    @property
    def rates(self) -> Rates:
        return self.snapshot.policy.rates

    @property
    def is_shared(self) -> bool:
        """Whether atoms compete for stock or capacity, so that a part of a plan cannot be judged alone."""
        return bool(self.shared) or self.snapshot.network.is_limited

    @cached_property
    def metres(self) -> Ints:
        return self.snapshot.metres[self.live]

    @cached_property
    def arrives(self) -> Ints:
        days = transit_days(self.rates, self.metres)
        return self.snapshot.network.leaves_at[self.live] + days * DAY

    @cached_property
    def late(self) -> NDArray[np.bool_]:
        """Places from which it comes after the promise."""
        promised = self.snapshot.demand.promised_by
        return self.arrives > promised if promised is not None else np.zeros(len(self.live), bool)

    @cached_property
    def units(self) -> Ints:
        """Units of each set of atoms."""
        return sums(self._counted)

    @cached_property
    def ranks(self) -> Ints:
        """Units of each set of atoms as they are ranked."""
        return self.units if self._rank == self._counted else sums(self._rank)

    @cached_property
    def lines_of(self) -> list[list[tuple[int, int]]]:
        """(line number, units) of each atom."""
        lines = self.snapshot.demand.lines
        return [[(lines[row].line_no, units) for row, units in atom.rows] for atom in self.atoms]

    @cached_property
    def _counted(self) -> list[int]:
        return [atom.units for atom in self.atoms]

    @cached_property
    def _rank(self) -> list[int]:
        total = sum(self._counted)
        if total <= RANKED_MAX:
            return self._counted
        return [max(1, units * RANKED_MAX // total) for units in self._counted]

    @cached_property
    def grams(self) -> Ints:
        lines = self.snapshot.demand.lines
        return sums([sum(lines[row].grams * units for row, units in atom.rows) for atom in self.atoms])

    @cached_property
    def package(self) -> dict[Cost, Ints]:
        """By part, what one package costs from each place whatever is in it."""
        rates, network = self.rates, self.snapshot.network
        ones = np.ones(len(self.live), np.int64)
        found = {
            Cost.PACKAGE: ones * rates.package,
            Cost.DISTANCE: rounded(rates.per_1000km * self.metres, 1_000_000),
            Cost.HANDLING: handling(rates, network)[0][self.live],
            Cost.CAPACITY: rates.waiting * network.load[self.live],
            Cost.RULES: self._added_part(),
        }
        if self.late.any() and not self.snapshot.demand.is_promised:
            found[Cost.LATENESS] = self._late_hours(self.snapshot.demand.promised_by or 0) * rates.late_hour
        return {part: costs for part, costs in found.items() if costs.any()}

    @cached_property
    def line(self) -> dict[Cost, Ints]:
        """By part, what each atom costs from each place: [atom, place]."""
        rates, snapshot = self.rates, self.snapshot
        found = {
            Cost.HANDLING: self._handling(),
            Cost.RISK: self._of_lines(rounded((SURE - snapshot.chance) * rates.failed_pick, SURE)),
            Cost.SCARCITY: self._of_units(snapshot.price),
            Cost.MARKDOWN: self._of_units(-snapshot.markdown),
            Cost.RULES: self._added_unit(),
            Cost.LATENESS: self._late_atoms(),
        }
        return {part: costs for part, costs in found.items() if costs.any()}

    def late_each(self, promised: int) -> Ints:
        """What each unit costs from each place for the hours it comes after this promise, if it is one that was made.

        An order that is late costs its hours once, shared by its units: so nothing waits for the rest to save a second lateness.
        """
        if not self.snapshot.demand.is_promised or self.snapshot.engine < LATE_COSTS:
            return NO_COSTS
        return late_share(self.rates, self._late_hours(promised), self.snapshot.demand.lines)

    def _late_hours(self, promised: int) -> Ints:
        """Begun hours that it comes after this moment, from each place."""
        return -np.minimum(0, (promised - self.arrives) // HOUR)

    @cached_property
    def weight(self) -> Ints:
        """What each set of atoms costs from each place for its weight: [set, place]."""
        return weight(self.rates, self.metres[None, :], self.grams[:, None])

    @cached_property
    def feasible(self) -> NDArray[np.bool_]:
        """Whether a place can send a set of atoms: all of them, of shared stock enough, and within its capacity."""
        found: NDArray[np.bool_] = (self.lacking[None, :] & np.arange(self.size)[:, None]) == 0
        for rows, needed in self.shared:
            found &= needed[:, None] <= self.snapshot.free[rows[0], self.live][None, :]
        if self.snapshot.network.is_limited:
            found &= self.within_capacity
        found[0] = False
        return found

    @cached_property
    def lacking(self) -> Ints:
        """The set of atoms that each place cannot send."""
        found: Ints = (~self.able * (1 << np.arange(len(self.atoms)))[:, None]).sum(axis=0)
        return found

    @cached_property
    def within_capacity(self) -> NDArray[np.bool_]:
        capacity = self.snapshot.network.capacity_left[self.live]
        found: NDArray[np.bool_] = (capacity[None, :] < 0) | (self.units[:, None] <= capacity[None, :])
        return found

    @cached_property
    def shared(self) -> list[tuple[list[int], Ints]]:
        """Rows of one SKU that several atoms want, with the units each set of atoms wants of it."""
        lines, rows = self.snapshot.demand.lines, dict[str, list[int]]()
        for row, line in enumerate(lines):
            rows.setdefault(line.sku, []).append(row)
        wanted: dict[str, dict[int, int]] = {sku: {} for sku in rows}
        for at, atom in enumerate(self.atoms):
            for row, units in atom.rows:
                of_each = wanted[lines[row].sku]
                of_each[at] = of_each.get(at, 0) + units
        return [
            (rows[sku], sums([of_each.get(at, 0) for at in range(len(self.atoms))]))
            for sku, of_each in wanted.items()
            if len(of_each) > 1
        ]

    @cached_property
    def _plain(self) -> Ints:
        """Costs of every set from every place, promises aside, whether or not it has them; with the price of a split."""
        package = sum(self.package.values(), np.zeros(len(self.live), np.int64)) + self.rates.split
        found = package[None, :] + self.weight
        line = [costs for part, costs in self.line.items() if part is not Cost.LATENESS]
        return found + sums(sum(line, np.zeros(self.able.shape, np.int64))) if line else found

    @cached_property
    def money(self) -> Ints:
        """Promises aside; what cannot be is INFEASIBLE."""
        return np.where(self.feasible, self._bounded(self._plain), INFEASIBLE)

    @cached_property
    def if_it_could(self) -> Ints:
        """Costs of every set from every place, whether or not it has them."""
        promised = self.snapshot.demand.promised_by
        if promised is None or not self._is_late_somewhere(promised):
            return self._bounded(self._plain)
        return self._with_lateness(promised)

    @cached_property
    def table(self) -> Ints:
        """Costs with broken promises above all money."""
        promised = self.snapshot.demand.promised_by
        if promised is None or not self._is_late_somewhere(promised):
            return self.money
        return np.where(self.feasible, self.if_it_could, INFEASIBLE)

    @cached_property
    def regardless(self) -> Choice:
        """Among the places as if nothing had been promised."""
        return self.chosen_by(self.money)

    @cached_property
    def choice(self) -> Choice:
        """Among the places, by this table."""
        return self.chosen_by(self.table)

    def chosen_by(self, table: Ints) -> Choice:
        """Among the places, by another table of costs."""
        return Choice(table, self.ranks, parts_max=self.snapshot.policy.parts_max)

    def with_promise(self, promised: int) -> Ints:
        """The costs if it had been promised by then."""
        if not self._is_late_somewhere(promised):
            return self.money
        return np.where(self.feasible, self._with_lateness(promised), INFEASIBLE)

    def _with_lateness(self, promised: int) -> Ints:
        """Each unit that comes after this promise costs more than all money, and its hours are money."""
        found, each, more = self._plain, self.late_each(promised), 0
        if len(each):
            found, more = found + self.units[:, None] * each[None, :], int(self.units[-1] * each.max())
        broken = (self.arrives > promised) * np.int64(BROKEN)
        return self._bounded(found, more=more) + self.ranks[:, None] * broken[None, :]

    def _bounded(self, costs: Ints, *, more: int = 0) -> Ints:
        """Money of parcels, below any rank. `more`: how far these are above the plain ones."""
        if self._most + more <= MONEY_MAX:
            return costs
        return np.maximum(np.minimum(costs, MONEY_MAX), -MONEY_MAX)

    @cached_property
    def _most(self) -> int:
        return max(int(self._plain.max(initial=0)), -int(self._plain.min(initial=0)))

    def _is_late_somewhere(self, promised: int) -> bool:
        return self.snapshot.demand.is_promised and bool((self.arrives > promised).any())

    def cost_of(self, place: int, part: int) -> int:
        """What one place costs for a set of atoms, broken promises above all money; of any number of atoms."""
        if len(self.atoms) <= TABLE_ATOMS_MAX:
            return int(self.table[part, place])
        members = [at for at in range(len(self.atoms)) if part >> at & 1]
        lines = self.snapshot.demand.lines
        grams = sum(lines[row].grams * units for at in members for row, units in self.atoms[at].rows)
        fixed = sum(int(costs[place]) for costs in self.package.values()) + self.rates.split
        each = sum(int(costs[at, place]) for costs in self.line.values() for at in members)
        broken = sum(self._rank[at] for at in members) * int(self.late[place])
        far = self.metres[place : place + 1]
        weighed = int(weight(self.rates, far, np.array([grams], np.int64))[0])
        money = max(-MONEY_MAX, min(MONEY_MAX, fixed + each + weighed))
        return money + broken * BROKEN * int(self.snapshot.demand.is_promised)

    def total(self, shares: Sequence[tuple[int, int]]) -> int:
        """What it costs to share the atoms so; units that nobody sends above all."""
        sent = sum(part for _, part in shares)
        left = sum(rank for at, rank in enumerate(self._rank) if not sent >> at & 1)
        return sum(self.cost_of(place, part) for place, part in shares) + left * UNFILLED

    def codes(self, places: Sequence[int]) -> tuple[str, ...]:
        found: list[str] = self.snapshot.network.codes[self.live[list(places)]].tolist()
        return tuple(found)

    def _of_units(self, grid: Ints) -> Ints:
        return self._of_rows(grid, counted=True)

    def _of_lines(self, grid: Ints) -> Ints:
        return self._of_rows(grid, counted=False)

    def _of_rows(self, grid: Ints, *, counted: bool) -> Ints:
        if not grid.any():
            return NO_COSTS
        grid = grid[:, self.live]
        if all(len(atom.rows) == 1 for atom in self.atoms):
            rows, units = zip(*(atom.rows[0] for atom in self.atoms), strict=True)
            found: Ints = grid if rows == tuple(range(len(grid))) else grid[list(rows)]
            return found if not counted or set(units) == {1} else found * np.array(units, np.int64)[:, None]
        each = [sum(grid[row] * (units if counted else 1) for row, units in atom.rows) for atom in self.atoms]
        return np.array(each, np.int64).reshape(len(self.atoms), len(self.live))

    def _handling(self) -> Ints:
        return self._each_unit(handling(self.rates, self.snapshot.network)[1][self.live])

    def _late_atoms(self) -> Ints:
        promised = self.snapshot.demand.promised_by
        return NO_COSTS if promised is None else self._each_unit(self.late_each(promised))

    def _each_unit(self, each: Ints) -> Ints:
        """[atom, place] of what every unit costs from a place."""
        if not each.any():
            return NO_COSTS
        return np.array(self._counted, np.int64)[:, None] * each[None, :]

    def _added_part(self) -> Ints:
        added = self.applied.added_part
        return NO_COSTS if added is None else added[self.live]

    def _added_unit(self) -> Ints:
        added = self.applied.added_unit
        return NO_COSTS if added is None else self._of_units(added)


def line_rows(snapshot: Snapshot) -> Mapping[int, int]:
    return {line.line_no: row for row, line in enumerate(snapshot.demand.lines)}


def sums(of_each: Sequence[int] | Ints) -> Ints:
    """The sum over every set of these numbers, or of these rows; sets are the bits of the index."""
    numbers = np.asarray(of_each, np.int64)
    found = np.empty((1 << len(numbers), *numbers.shape[1:]), np.int64)
    found[0] = 0
    for at, number in enumerate(numbers):
        np.add(found[: 1 << at], number, out=found[1 << at : 2 << at])
    return found
