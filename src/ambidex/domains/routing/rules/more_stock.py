"""Where a few units more would have made another plan the cheapest: the fewest units, then what saves most.

What one table cannot tell (lines that share an item or room, kits, lines in pieces, units that nobody sends) is decided
anew, at a bounded number of places; so what is told is what would happen.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations, islice

import numpy as np

from ambidex.domains.routing.model import Change, Flip
from ambidex.domains.routing.rules import atoms
from ambidex.domains.routing.rules.cost import Case, allowed_free, sums
from ambidex.domains.routing.rules.exact import Shares
from ambidex.domains.routing.rules.once import NEW
from ambidex.domains.routing.rules.planning import lines_lacking, solved
from ambidex.domains.routing.rules.ranks import BROKEN, INFEASIBLE, ranks_of
from ambidex.domains.routing.rules.snapshot import Ints, Snapshot
from ambidex.domains.routing.rules.what_if import WhatIf
from ambidex.kernel.values import dataclass, replace

# A table of what places would cost that have nothing yet is made up to this size; beyond it, of those that have something.
TABLE_MAX = 4_096
FLIPS_MAX = 3
# decisions made anew for one receipt: fewer where each takes longer
TRIES_MAX, TRIES_MIN, TRIES_WORK = 4, 2, 20_000


@dataclass(frozen=True, slots=True)
class _More:
    """So many units more of the lines of one item at a place, by its number in the network."""

    place: int
    rows: tuple[int, ...]
    by: int


@dataclass(frozen=True, slots=True, order=True)
class _Offer:
    """What the plan costs with so many units of a line more at a place, and its places."""

    by: int
    cost: int
    site: str
    line_no: int
    sites: tuple[str, ...]


def more_stock(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    """A few places and lines of which some units more would have been used, and how many."""
    plain = _plain(case, chosen)
    guesses = _guesses(case, chosen, plain)
    found = [offer for guess in guesses if (offer := _checked(case, chosen, guess)) is not None]
    tried = _tried(case, chosen, _others(case, chosen, plain.values()))
    yield from _told(chosen, [*found, *islice(tried, FLIPS_MAX)])


def more_stock_of_table(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    """As far as the table tells it with certainty."""
    guesses = _guesses(case, chosen, _plain(case, chosen))
    yield from _told(chosen, [offer for _, offer, is_certain in guesses if is_certain])


def _told(chosen: WhatIf, offers: Sequence[_Offer]) -> Iterator[Flip]:
    # the first part of a plan pays no split; where nothing is sent there is no first part to compare with
    first = 0 if chosen.shares else chosen.case.rates.split
    for offer in sorted(offers)[:FLIPS_MAX]:
        fills, keeps, saves = ranks_of(chosen.cost - offer.cost + first)
        facts = offer.site, offer.line_no, offer.by, offer.sites
        yield Flip(Change.STOCK_MORE, *facts, saves, fills, keeps)


def plain_atoms(case: Case) -> list[tuple[int, int]]:
    """(atom, row) of whole lines that share their stock with no other."""
    shared = {row for rows, _ in case.shared for row in rows}
    single = [(at, atom.rows[0]) for at, atom in enumerate(case.atoms) if len(atom.rows) == 1]
    lines = case.snapshot.demand.lines
    return [(at, row) for at, (row, units) in single if row not in shared and units == lines[row].units]


def _plain(case: Case, chosen: WhatIf) -> dict[int, int]:
    """Atom -> row of the lines that a table can tell of; none where atoms compete, as a part cannot be judged alone."""
    if case.is_shared:
        return {}
    sent = _sent(chosen.shares)
    return {at: row for at, row in plain_atoms(case) if sent >> at & 1 or case.atoms[at].units == 1}


def _sent(shares: Shares) -> int:
    """The set of atoms that somebody sends."""
    return sum(part for _, part in shares)


_Guess = tuple[_More, _Offer, bool]


def _guesses(case: Case, chosen: WhatIf, plain: dict[int, int]) -> list[_Guess]:
    """The best by the table of what every set would cost, had the place the one line it lacks; whether that is certain."""
    if not plain:
        return []
    wide = _all_that_may(case)
    lacking = wide.lacking[None, :] & np.arange(wide.size)[:, None]
    total = _plans_if_it_had(wide, chosen)
    sets, places = np.nonzero(_lacks_one(lacking) & (total < chosen.cost))
    found: dict[tuple[int, int], tuple[int, int, int]] = {}
    for part, place in zip(sets.tolist(), places.tolist(), strict=True):
        row = plain.get(int(lacking[part, place]).bit_length() - 1)
        if row is not None:
            by = case.snapshot.demand.lines[row].units - int(case.snapshot.free[row, wide.live[place]])
            offer = (by, int(total[part, place]), part)
            found[place, row] = min(found.get((place, row), offer), offer)
    ranked = sorted(found.items(), key=lambda item: (item[1], item[0]))[:FLIPS_MAX]
    return [_guess(wide, chosen, *at, offer) for at, offer in ranked]


def _guess(wide: Case, chosen: WhatIf, place: int, row: int, offer: tuple[int, int, int]) -> _Guess:
    by, cost, part = offer
    rest = chosen.answer.shares(wide.size - 1 - part, parts_used=1)
    site = wide.codes([place])[0]
    others = chosen.case.codes([at for at, _ in rest])
    line_no = wide.snapshot.demand.lines[row].line_no
    sites = tuple(sorted({site, *others}))
    is_certain = site not in others
    return _More(int(wide.live[place]), (row,), by), _Offer(by, cost, site, line_no, sites), is_certain


def _lacks_one(lacking: Ints) -> Ints:
    """Whether each place lacks exactly one atom of each set."""
    found: Ints = (lacking > 0) & ((lacking & (lacking - 1)) == 0)
    return found


def _plans_if_it_had(wide: Case, chosen: WhatIf) -> Ints:
    """What a plan costs at least in which a place sends a set, had it all of the set."""
    found: Ints = wide.if_it_could + chosen.answer.rest[wide.size - 1 - np.arange(wide.size)][:, None]
    return found


def _checked(case: Case, chosen: WhatIf, guess: _Guess) -> _Offer | None:
    more, offer, is_certain = guess
    return offer if is_certain else _decided_anew(case, chosen, more)


def _others(case: Case, chosen: WhatIf, told: Collection[int]) -> Iterable[_More]:
    """What the table does not tell of, the most hopeful first."""
    of_sku: dict[str, list[int]] = {}
    for row, line in enumerate(case.snapshot.demand.lines):
        of_sku.setdefault(line.sku, []).append(row)
    asked = [tuple(rows) for rows in of_sku.values() if not set(rows) & set(told)]
    if not asked:
        return []
    return _bounded(case, chosen, asked) if _is_whole(case, chosen) else _near(case, chosen, asked)


def _near(case: Case, chosen: WhatIf, asked: Iterable[tuple[int, ...]]) -> Iterator[_More]:
    """The places that send first, then the near ones; of each the fewest units first."""
    allowed = allowed_free(case.snapshot, case.applied)
    steps = {rows: _amounts(case, chosen, rows) for rows in asked}
    for place in _nearest(case, chosen, allowed):
        for rows, amounts in steps.items():
            free = int(case.snapshot.free[rows[0], place])
            if (allowed[list(rows), place] >= 0).any():
                more = amounts[bisect_right(amounts, free) :]
                yield from (_More(place, rows, units - free) for units in more)


def _bounded(case: Case, chosen: WhatIf, asked: Iterable[tuple[int, ...]]) -> list[_More]:
    """All lines are sent, and whole: then the table says what a plan would cost at least; fewest units, then cheapest."""
    wide = _all_that_may(case)
    total, every = _plans_if_it_had(wide, chosen), np.arange(wide.size)[:, None]
    found: list[tuple[int, int, _More]] = []
    for rows in asked:
        own = sum(1 << at for at, atom in enumerate(wide.atoms) if any(row in rows for row, _ in atom.rows))
        wanted = sums([sum(n for row, n in atom.rows if row in rows) for atom in wide.atoms])
        cost = np.where(wide.lacking[None, :] & every & ~own == 0, total, INFEASIBLE)
        free = case.snapshot.free[rows[0], wide.live]
        for units in _amounts(case, chosen, rows):
            least = cost[wanted <= units].min(axis=0)
            for at in np.flatnonzero((least < chosen.cost) & (free < units)).tolist():
                more = _More(int(wide.live[at]), rows, units - int(free[at]))
                found.append((more.by, int(least[at]), more))
    return [more for _, _, more in sorted(found, key=lambda one: (one[:2], one[2].place, one[2].rows))]


def _amounts(case: Case, chosen: WhatIf, rows: tuple[int, ...]) -> Sequence[int]:
    """How many units of an item a place can need: what its lines want together; any number if some come in pieces."""
    lines = case.snapshot.demand.lines
    wanted = sum(lines[row].units for row in rows)
    pieces = [atom for at, atom in enumerate(case.atoms) if any(row in rows for row, _ in atom.rows)]
    lacking = lines_lacking(case, chosen.shares)
    if len(pieces) > len(rows) or any(lines[row].line_no in lacking for row in rows):
        return range(1, wanted + 1)
    of_each = [sum(units for row, units in atom.rows if row in rows) for atom in atoms.whole(case.snapshot)]
    each = [units for units in of_each if units]
    return sorted({sum(some) for n in range(1, len(each) + 1) for some in combinations(each, n)})


def _nearest(case: Case, chosen: WhatIf, allowed: Ints) -> list[int]:
    """Places that may send, those of the plan first, then by what a package costs."""
    may = np.flatnonzero((allowed >= 0).any(axis=0))
    wide = Case(case.snapshot, case.applied, case.atoms, may)
    cost = sum(wide.package.values(), np.zeros(len(may), np.int64)) + wide.late * np.int64(BROKEN)
    sending = np.isin(may, case.live[[place for place, _ in chosen.shares]])
    found: list[int] = may[np.lexsort((cost, ~sending))].tolist()
    return found


def _tried(case: Case, chosen: WhatIf, asked: Iterable[_More]) -> Iterator[_Offer]:
    """Of each place and item the first amount that makes a better plan, as long as there are tries."""
    tries, done = _tries(case), set[tuple[int, tuple[int, ...]]]()
    for more in asked:
        if (more.place, more.rows) in done:
            continue
        if not tries:
            return
        tries -= 1
        offer = _decided_anew(case, chosen, more)
        if offer is not None:
            done.add((more.place, more.rows))
            yield offer


def _tries(case: Case) -> int:
    sets: int = 3 ** len(case.atoms)
    return max(TRIES_MIN, min(TRIES_MAX, TRIES_WORK // (sets * max(1, min(len(case.live), case.size)))))


def _decided_anew(case: Case, chosen: WhatIf, more: _More) -> _Offer | None:
    """The plan with these units, if it is better."""
    snapshot = case.snapshot
    free = snapshot.free.copy()
    free[list(more.rows), more.place] += more.by
    then = replace(snapshot, free=free)
    cost, sites = (
        _as_one_place_changes(case, then, more.place) if _is_whole(case, chosen) else _anew(case, then)
    )
    if cost >= chosen.cost:
        return None
    site = snapshot.network.sites[more.place].code
    return _Offer(more.by, cost, site, snapshot.demand.lines[more.rows[0]].line_no, sites)


def _anew(case: Case, then: Snapshot) -> tuple[int, tuple[str, ...]]:
    other, shares = solved(then, case.applied)
    return other.total(shares), other.codes([place for place, _ in shares])


def _as_one_place_changes(case: Case, then: Snapshot, place: int) -> tuple[int, tuple[str, ...]]:
    """The same as anew where all lines are sent whole: only the costs of this place are others."""
    own = Case(then, case.applied, case.atoms, np.array([place]))
    at = int(np.searchsorted(case.live, place))
    is_known = at < len(case.live) and case.live[at] == place
    cost, shares = case.choice.instead(at if is_known else NEW, own.table[:, 0])
    numbers = sorted(place if at == NEW else int(case.live[at]) for at, _ in shares)
    return cost, tuple(case.snapshot.network.codes[numbers].tolist())


def _is_whole(case: Case, chosen: WhatIf) -> bool:
    """Whether all lines are sent, none in pieces."""
    return not lines_lacking(case, chosen.shares) and case.atoms == atoms.whole(case.snapshot)


def _all_that_may(case: Case) -> Case:
    """The case over the places that have nothing yet too, if they are not too many."""
    may = np.flatnonzero((case.allowed >= 0).all(axis=0))
    if len(may) * case.size > TABLE_MAX:
        return case
    return Case(case.snapshot, case.applied, case.atoms, np.union1d(may, case.live))
