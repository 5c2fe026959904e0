"""Which place has, and may send, what is never parted: a line, a kit, or a unit of a line that no place has whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.model import Wanted
from ambidex.domains.routing.rules.policy import Applied
from ambidex.domains.routing.rules.snapshot import Ints, Snapshot
from ambidex.kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Atom:
    """What is never parted: (row of the line, units) of a whole line, a kit, or single units of a line nobody has whole."""

    rows: tuple[tuple[int, int], ...]

    @property
    def units(self) -> int:
        return sum(units for _, units in self.rows)


def able_places(snapshot: Snapshot, free: Ints, atoms: Sequence[Atom]) -> NDArray[np.bool_]:
    """[atom, place]: whether the place may send this atom and has it, of the units that are allowed."""
    if not atoms:
        return np.zeros((0, len(snapshot.network.sites)), bool)
    shape = (len(atoms), len(snapshot.network.sites))
    lines = snapshot.demand.lines
    each = [
        np.logical_and.reduce([free[row] >= units for row, units in together(atom, lines)]) for atom in atoms
    ]
    found = np.array(each, bool).reshape(shape)
    capacity = snapshot.network.capacity_left
    if snapshot.network.is_limited:
        for at, atom in enumerate(atoms):
            found[at] &= (capacity < 0) | (capacity >= atom.units)
    return found


def together(atom: Atom, lines: Sequence[Wanted]) -> list[tuple[int, int]]:
    """(row, units that the atom wants of its SKU in all)."""
    if len(atom.rows) == 1:
        return list(atom.rows)
    wanted: dict[str, int] = {}
    for row, units in atom.rows:
        wanted[lines[row].sku] = wanted.get(lines[row].sku, 0) + units
    return [(row, wanted[lines[row].sku]) for row, _ in atom.rows]


def allowed(snapshot: Snapshot, applied: Applied) -> NDArray[np.bool_]:
    """[line, place]: whether the place may be used for the line."""
    index, found = snapshot.network.index, np.ones(snapshot.free.shape, bool)
    found[:, snapshot.network.leaves_at < 0] = False
    closed = [index[code] for code in snapshot.out if code in index]
    found[:, closed] = False
    if applied.out is not None:
        found[applied.out >= 0] = False
    return found


def allowed_free(snapshot: Snapshot, applied: Applied) -> Ints:
    """Free units where a place may be used for a line, else -1."""
    return np.where(allowed(snapshot, applied), snapshot.free, -1)
