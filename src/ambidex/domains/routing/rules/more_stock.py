"""Where a few units more would have made another plan the cheapest: the fewest units, then what saves most.

What one table cannot tell (lines that share an item or room, kits, lines in pieces, units that nobody sends) is decided
anew, at a bounded number of places; so what is told is what would happen.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, combinations, islice

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.model import Change, Flip
from ambidex.domains.routing.rules import atoms
from ambidex.domains.routing.rules.able import Atom, allowed_free
from ambidex.domains.routing.rules.anew import Anew, More, Offer, all_that_may
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Shares
from ambidex.domains.routing.rules.planning import lines_lacking
from ambidex.domains.routing.rules.ranks import BROKEN, ranks_of
from ambidex.domains.routing.rules.snapshot import Ints
from ambidex.domains.routing.rules.what_if import WhatIf
from ambidex.kernel.values import dataclass

FLIPS_MAX = 3
# decisions made anew for one receipt: fewer where each takes longer
TRIES_MAX, TRIES_MIN, TRIES_WORK = 4, 2, 20_000


def more_stock(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    """A few places and lines of which some units more would have been used, and how many."""
    plain = _plain(case, chosen)
    anew = Anew(case, chosen)
    guesses = _guesses(case, chosen, plain)
    found = [offer for guess in guesses if (offer := _checked(anew, guess)) is not None]
    tried = _tried(anew, _others(anew, plain.values()))
    yield from _told(chosen, [*found, *islice(tried, FLIPS_MAX)])


def more_stock_of_table(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    """As far as the table tells it with certainty."""
    guesses = _guesses(case, chosen, _plain(case, chosen))
    yield from _told(chosen, [offer for _, offer, is_certain in guesses if is_certain])


def _told(chosen: WhatIf, offers: Sequence[Offer]) -> Iterator[Flip]:
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


_Guess = tuple[More, Offer, bool]


def _guesses(case: Case, chosen: WhatIf, plain: dict[int, int]) -> list[_Guess]:
    """The best by the table of what every set would cost, had the place the one line it lacks; whether that is certain."""
    if not plain:
        return []
    wide = all_that_may(case)
    total = _plans_if_it_had(wide, chosen)
    sets, places = np.nonzero(total < chosen.cost)
    lacking = wide.lacking[places] & sets
    one = np.flatnonzero(_is_one(lacking))
    found: dict[tuple[int, int], tuple[int, int, int]] = {}
    columns = (sets[one].tolist(), places[one].tolist(), lacking[one].tolist())
    for part, place, lacks in zip(*columns, strict=True):
        row = plain.get(lacks.bit_length() - 1)
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
    return More(int(wide.live[place]), (row,), by), Offer(by, cost, site, line_no, sites), is_certain


def _is_one(atoms_of: Ints) -> NDArray[np.bool_]:
    """Which sets are of exactly one atom."""
    found: NDArray[np.bool_] = (atoms_of > 0) & ((atoms_of & (atoms_of - 1)) == 0)
    return found


def _plans_if_it_had(wide: Case, chosen: WhatIf) -> Ints:
    """What a plan costs at least in which a place sends a set, had it all of the set."""
    found: Ints = wide.if_it_could + chosen.answer.rest[wide.size - 1 - np.arange(wide.size)][:, None]
    return found


def _checked(anew: Anew, guess: _Guess) -> Offer | None:
    more, offer, is_certain = guess
    return offer if is_certain else anew.offer(more)


def _others(anew: Anew, told: Collection[int]) -> Iterable[More]:
    """What the table does not tell of, the most hopeful first."""
    of_sku: dict[str, list[int]] = {}
    for row, line in enumerate(anew.case.snapshot.demand.lines):
        of_sku.setdefault(line.sku, []).append(row)
    asked = [tuple(rows) for rows in of_sku.values() if not set(rows) & set(told)]
    if not asked:
        return []
    return _bounded(anew, asked) if anew.is_whole else _near(anew.case, anew.chosen, asked)


def _near(case: Case, chosen: WhatIf, asked: Iterable[tuple[int, ...]]) -> Iterator[More]:
    """The places that send first, then the near ones; of each the fewest units first."""
    allowed = allowed_free(case.snapshot, case.applied)
    lacking = lines_lacking(case, chosen.shares)
    steps = {rows: _amounts(case, rows, lacking) for rows in asked}
    for place in _nearest(case, chosen, allowed):
        for rows, amounts in steps.items():
            free = int(case.snapshot.free[rows[0], place])
            if (allowed[list(rows), place] >= 0).any():
                more = amounts[bisect_right(amounts, free) :]
                yield from (More(place, rows, units - free) for units in more)


def _bounded(anew: Anew, asked: Sequence[tuple[int, ...]]) -> Iterator[More]:
    """All lines are sent, and whole: then the table says what a plan would cost at least; fewest units, then cheapest."""
    wide, chosen = anew.wide, anew.chosen
    ways = _ways_to_have(wide, asked)
    least = least_within(_plans_if_it_had(wide, chosen))[ways.atoms, np.arange(len(wide.live))]
    ways, least = _of_each_amount(ways, least)
    free = wide.snapshot.free[:, wide.live][[rows[0] for rows in asked]][ways.items]
    at, where = np.nonzero((least < chosen.cost) & (free < ways.units[:, None]))
    by, cost, places = ways.units[at] - free[at, where], least[at, where], wide.live[where]
    for n in np.lexsort((ways.items[at], places, cost, by)).tolist():
        yield More(int(places[n]), asked[ways.items[at[n]]], int(by[n]))


@dataclass(frozen=True, slots=True)
class _Ways:
    """To have some atoms of one item: its number, their units, and by place the atoms that it can send then."""

    items: Ints
    units: Ints
    atoms: Ints


def _ways_to_have(wide: Case, asked: Sequence[tuple[int, ...]]) -> _Ways:
    found: list[tuple[int, int, int, int]] = []
    for item, rows in enumerate(asked):
        wanted = {1 << at: n for at, atom in enumerate(wide.atoms) if (n := _of_rows(atom, rows))}
        others = (wide.size - 1) & ~sum(wanted)
        found += [
            (item, sum(wanted[atom] for atom in some), sum(some), others) for some in _some_of(list(wanted))
        ]
    items, units, own, others_of = np.array(found, np.int64).T
    return _Ways(items, units, (others_of[:, None] & ~wide.lacking[None, :]) | own[:, None])


def _of_each_amount(ways: _Ways, least: Ints) -> tuple[_Ways, Ints]:
    """One way for each amount of an item, with the least that it or a smaller amount costs."""
    found, kept = least.copy(), np.ones(len(ways.items), bool)
    for item in np.flatnonzero(np.bincount(ways.items) > 1).tolist():
        own = np.flatnonzero(ways.items == item)
        kept[own] = False
        for units in np.unique(ways.units[own]).tolist():
            first = own[ways.units[own] == units][0]
            kept[first] = True
            found[first] = least[own[ways.units[own] <= units]].min(axis=0)
    return _Ways(ways.items[kept], ways.units[kept], ways.atoms[kept]), found[kept]


def least_within(costs: Ints) -> Ints:
    """Of each set the least cost of its subsets: [set, place], as the costs."""
    found = costs.copy()
    for at in range(len(costs).bit_length() - 1):
        pairs = found.reshape(-1, 2, 1 << at, costs.shape[1])
        np.minimum(pairs[:, 1], pairs[:, 0], out=pairs[:, 1])
    return found


def _amounts(case: Case, rows: tuple[int, ...], lacking: Collection[int]) -> Sequence[int]:
    """How many units of an item a place can need: what its lines want together; any number if some come in pieces."""
    lines = case.snapshot.demand.lines
    pieces = [atom for atom in case.atoms if _of_rows(atom, rows)]
    if len(pieces) > len(rows) or any(lines[row].line_no in lacking for row in rows):
        return range(1, sum(lines[row].units for row in rows) + 1)
    each = [units for atom in atoms.whole(case.snapshot) if (units := _of_rows(atom, rows))]
    return sorted({sum(some) for some in _some_of(each)})


def _of_rows(atom: Atom, rows: Collection[int]) -> int:
    """Units of these lines in the atom."""
    return sum(units for row, units in atom.rows if row in rows)


def _some_of(each: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """One or more of them, in every way."""
    return chain.from_iterable(combinations(each, n) for n in range(1, len(each) + 1))


def _nearest(case: Case, chosen: WhatIf, allowed: Ints) -> list[int]:
    """Places that may send, those of the plan first, then by what a package costs."""
    may = np.flatnonzero((allowed >= 0).any(axis=0))
    wide = Case(case.snapshot, case.applied, case.atoms, may)
    cost = sum(wide.package.values(), np.zeros(len(may), np.int64)) + wide.late * np.int64(BROKEN)
    sending = np.isin(may, case.live[[place for place, _ in chosen.shares]])
    found: list[int] = may[np.lexsort((cost, ~sending))].tolist()
    return found


def _tried(anew: Anew, asked: Iterable[More]) -> Iterator[Offer]:
    """Of each place and item the first amount that makes a better plan, as long as there are tries."""
    tries, done = _tries(anew.case), set[tuple[int, tuple[int, ...]]]()
    asked = iter(asked)
    first = list(islice(asked, tries))
    anew.ask(first)
    for more in chain(first, asked):
        if (more.place, more.rows) in done:
            continue
        if not tries:
            return
        tries -= 1
        offer = anew.offer(more)
        if offer is not None:
            done.add((more.place, more.rows))
            yield offer


def _tries(case: Case) -> int:
    sets: int = 3 ** len(case.atoms)
    return max(TRIES_MIN, min(TRIES_MAX, TRIES_WORK // (sets * max(1, min(len(case.live), case.size)))))
