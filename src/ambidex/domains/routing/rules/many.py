"""Orders of many lines, asked what else could have been: of small tables, in which most lines stay together as they are sent.

Each table has at most as many atoms as are decided exactly: what one place sends is one, but for some lines, a few at a
time. What such a table finds could be done; something even better might be found by parting more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ambidex.domains.routing.rules.able import Atom
from ambidex.domains.routing.rules.cost import TABLE_ATOMS_MAX, Case
from ambidex.domains.routing.rules.exact import Shares
from ambidex.kernel.values import dataclass

# tables asked for one order, lines in pieces beyond which nothing is asked, and times a plan is made better
TABLES_MAX, ATOMS_ASKED_MAX, BETTER_MAX = 4, 200, 8


@dataclass(frozen=True, slots=True)
class Coarse:
    """A table of few atoms, the plan in it, and the atoms of the order in each of its own (as sets)."""

    case: Case
    shares: Shares
    members: tuple[int, ...]

    def finer(self, shares: Shares) -> Shares:
        """These parts in atoms of the order."""
        return tuple((place, self._atoms(part)) for place, part in shares)

    def _atoms(self, part: int) -> int:
        return sum(atoms for at, atoms in enumerate(self.members) if part >> at & 1)


def coarser(case: Case, shares: Shares) -> Iterator[Coarse]:
    """The same plan in tables of a few atoms, each with other lines apart; none if it has too many parts."""
    lost = (case.size - 1) & ~sum(part for _, part in shares)
    fixed = len(shares) + bool(lost)
    room = TABLE_ATOMS_MAX - fixed
    if not shares or room < 0 or len(case.atoms) > ATOMS_ASKED_MAX:
        return
    pieces = [piece for _, part in shares if len(found := _pieces(case, part)) > 1 for piece in found]
    batches = [pieces[at : at + room] for at in range(0, len(pieces), room)] if room else []
    for batch in islice(batches or [[]], TABLES_MAX):
        yield _laid(case, shares, batch, lost)


def better(case: Case, shares: Shares) -> Shares:
    """The plan, or one that a table of a few atoms shows to cost less."""
    for _ in range(BETTER_MAX):
        found = next((finer for one in coarser(case, shares) if (finer := _improved(one)) is not None), None)
        if found is None:
            return shares
        shares = found
    return shares


def _improved(one: Coarse) -> Shares | None:
    cost, shares = one.case.choice.best
    return tuple(sorted(one.finer(shares))) if cost < one.case.total(one.shares) else None


def _pieces(case: Case, part: int) -> list[int]:
    """The lines and kits of a part, as sets of atoms; the units of one line are one piece."""
    found: dict[tuple[int, ...], int] = {}
    for at, atom in enumerate(case.atoms):
        if part >> at & 1:
            rows = tuple(row for row, _ in atom.rows)
            found[rows] = found.get(rows, 0) | 1 << at
    return list(found.values())


def _laid(case: Case, shares: Shares, apart: Sequence[int], lost: int) -> Coarse:
    members: list[int] = []
    parts: list[tuple[int, int]] = []
    for place, part in shares:
        own = [piece for piece in apart if piece & part]
        rest = part & ~sum(own)
        first = len(members)
        members += own + ([rest] if rest else [])
        parts.append((place, (1 << len(members)) - (1 << first)))
    members += [lost] if lost else []
    atoms = [_joined(case, atoms) for atoms in members]
    return Coarse(Case(case.snapshot, case.applied, atoms, case.live), tuple(parts), tuple(members))


def _joined(case: Case, atoms: int) -> Atom:
    return Atom(tuple(pair for at, atom in enumerate(case.atoms) if atoms >> at & 1 for pair in atom.rows))
