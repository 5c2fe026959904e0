"""What is never parted: whole lines, kits, and single units of a line that no place has whole."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from ambidex.domains.routing.rules.able import Atom, able_places, allowed_free
from ambidex.domains.routing.rules.cost import TABLE_ATOMS_MAX
from ambidex.domains.routing.rules.policy import Applied
from ambidex.domains.routing.rules.snapshot import Snapshot

ATOMS_MAX = TABLE_ATOMS_MAX
SINGLE_MAX = 1_000


def whole(snapshot: Snapshot) -> tuple[Atom, ...]:
    """A kit is one atom, every other line another."""
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row, line in enumerate(snapshot.demand.lines):
        groups.setdefault((line.kit_no, 0 if line.kit_no else line.line_no), []).append((row, line.units))
    return tuple(sorted((Atom(tuple(rows)) for rows in groups.values()), key=lambda atom: atom.rows))


def one_place_could(snapshot: Snapshot, applied: Applied) -> bool:
    """Whether any place that may send has every unit of every line."""
    everything = Atom(tuple((row, line.units) for row, line in enumerate(snapshot.demand.lines)))
    return bool(able_places(snapshot, allowed_free(snapshot, applied), [everything]).any())


def parted(atoms: Iterable[Atom], rows: frozenset[int], snapshot: Snapshot) -> tuple[Atom, ...]:
    """These lines by single units; of very many, those beyond what all places have together stay one piece."""
    found: list[Atom] = []
    for atom in atoms:
        row, units = atom.rows[0]
        is_parted = len(atom.rows) == 1 and row in rows
        if is_parted and units > SINGLE_MAX:
            single = min(units, max(SINGLE_MAX, int(snapshot.free[row].clip(0).sum())))
            found += [Atom(((row, 1),))] * single + [Atom(((row, units - single),))] * (units > single)
        else:
            found += [Atom(((row, 1),))] * units if is_parted else [atom]
    return tuple(found)


def nobody_has_whole(snapshot: Snapshot, applied: Applied, atoms: Sequence[Atom]) -> frozenset[int]:
    """Rows of lines of several units that no place has whole but some place has in part."""
    if all(line.units == 1 for line in snapshot.demand.lines):
        return frozenset()
    free = allowed_free(snapshot, applied)
    able = able_places(snapshot, free, atoms)
    single = [(atom.rows[0], bool(able[at].any())) for at, atom in enumerate(atoms) if len(atom.rows) == 1]
    return frozenset(
        row for (row, units), could in single if units > 1 and not could and free[row].max(initial=0) > 0
    )


def rows_to_part(atoms: Iterable[Atom], lacking: Container[int], snapshot: Snapshot) -> frozenset[int]:
    """Rows of whole lines of several units that were not sent."""
    lines = snapshot.demand.lines
    single = [atom.rows[0] for atom in atoms if len(atom.rows) == 1]
    return frozenset(row for row, units in single if units > 1 and lines[row].line_no in lacking)
