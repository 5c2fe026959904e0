"""The smallest change of one fact that makes another plan the cheapest, one fact at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ambidex.domains.routing.model import SURE, Change, Flip
from ambidex.domains.routing.rules.cost import BROKEN, HOUR, Case, ranks_of, rounded
from ambidex.domains.routing.rules.exact import Shares, best
from ambidex.domains.routing.rules.snapshot import Ints, column
from ambidex.domains.routing.rules.what_if import WhatIf

# A table of what places would cost that have nothing yet is made up to this size; beyond it, of those that have something.
TABLE_MAX = 4_096
WISHES_MAX = 12
STOCK_FLIPS_MAX = 3


def smallest(case: Case, chosen: WhatIf) -> tuple[Flip, ...]:
    """One flip of each fact that has one, in the order of Change, then of places and lines."""
    if not chosen.shares:
        return ()
    found = [
        *_promise(case, chosen),
        *_queues(case, chosen),
        *_lines(case, chosen),
        *_more_stock(case, chosen),
    ]
    order = list(Change)
    return tuple(sorted(found, key=lambda flip: (order.index(flip.change), flip.site, flip.line_no)))


def _promise(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    promised = case.snapshot.demand.promised_by
    if promised is None or not case.late.any() or any(case.late[place] for place, _ in chosen.shares):
        return
    steps = np.unique(case.arrives[case.late]) - promised
    found = _told(case, chosen, steps) if case.snapshot.demand.is_promised else _wished(case, chosen, steps)
    if found:
        by, cost, shares = found
        first = max(shares, key=lambda share: (case.arrives[share[0]], -share[0]))[0]
        fills, keeps, saves = ranks_of(chosen.cost - cost)
        sites = case.codes([p for p, _ in shares])
        yield Flip(Change.PROMISE, case.codes([first])[0], 0, by, sites, saves, fills, keeps)


def _told(case: Case, chosen: WhatIf, steps: Ints) -> tuple[int, int, Shares] | None:
    """A promise that was made holds back places; each step lets in those that arrive by then, so costs only fall."""
    promised = case.snapshot.demand.promised_by or 0

    def at(by: int) -> tuple[int, Shares]:
        return best(case.with_late(case.arrives > promised + by), case.units, parts_max=chosen.parts_max)

    low, high = 0, len(steps) - 1
    if at(int(steps[high]))[0] >= chosen.cost:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if at(int(steps[middle]))[0] < chosen.cost else (middle + 1, high)
    return int(steps[low]), *at(int(steps[low]))


def _wished(case: Case, chosen: WhatIf, steps: Ints) -> tuple[int, int, Shares] | None:
    """A wish costs by begun hours: the next moments at which some place has one hour less to pay for."""
    hours = steps[:, None] - np.arange(0, 24)[None, :] * HOUR
    demand = case.snapshot.demand
    for by in np.unique(hours[hours > 0])[:WISHES_MAX].tolist():
        later = replace(demand, promised_by=(demand.promised_by or 0) + by)
        other = Case(replace(case.snapshot, demand=later), case.applied, case.atoms, case.live)
        cost, shares = best(other.table, other.units, parts_max=chosen.parts_max)
        if cost < chosen.cost:
            return by, cost, shares
    return None


def _queues(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    waiting = case.rates.waiting
    if waiting <= 0:
        return
    for place, _ in chosen.shares:
        cost, shares = chosen.without_place(place)
        if chosen.is_as_good(cost):
            by = (cost - chosen.cost) // waiting + 1
            site = case.codes([place])[0]
            yield Flip(Change.QUEUE, site, 0, by, case.codes([p for p, _ in shares]), chosen.cost - cost)


def _lines(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    """What would take one line from the place that sends it: too little stock, or picks that fail too often."""
    for place, part in chosen.shares:
        site = case.codes([place])[0]
        for at, row in _plain_atoms(case):
            if not part >> at & 1:
                continue
            cost, shares = chosen.without_atom(place, at)
            if not chosen.is_as_good(cost):
                continue
            line, where = case.snapshot.demand.lines[row], int(case.live[place])
            sites, saves = case.codes([p for p, _ in shares]), chosen.cost - cost
            free = int(case.snapshot.free[row, where])
            yield Flip(Change.STOCK_LESS, site, line.line_no, free - line.units + 1, sites, saves)
            by = _less_sure(case, int(case.snapshot.chance[row, where]), cost - chosen.cost)
            if by is not None:
                yield Flip(Change.CHANCE, site, line.line_no, by, sites, saves)


def _less_sure(case: Case, chance: int, difference: int) -> int | None:
    """The least fall of a chance that costs more than this difference."""
    price = case.rates.failed_pick
    if price <= 0:
        return None
    known = int(rounded(column([(SURE - chance) * price]), SURE)[0])
    wanted = (known + difference + 1) * SURE - SURE // 2
    by = -(-wanted // price) - SURE + chance
    return by if by <= chance else None


def _more_stock(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    """Where some units of one line more would have made another plan cheaper: the fewest units, then what saves most."""
    wide = _all_that_may(case)
    plain = {at: row for at, row in _plain_atoms(case) if not _would_be_parted(case, chosen, at)}
    if not plain or (case.is_shared and _lacks_something(case, chosen)):
        return
    lacking = wide.lacking[None, :] & np.arange(wide.size)[:, None]
    one = (lacking > 0) & ((lacking & (lacking - 1)) == 0)
    if wide.snapshot.network.is_limited:
        one &= wide.within_capacity
    raw = wide.if_it_could
    if case.snapshot.demand.is_promised and wide.late.any():
        raw = raw + np.where(wide.late[None, :], wide.units[:, None] * BROKEN, 0)
    for rows, needed in wide.shared:
        one &= needed[:, None] <= wide.snapshot.free[rows[0], wide.live][None, :]
    total = raw + chosen.answer.rest[wide.size - 1 - np.arange(wide.size)][:, None]
    sets, places = np.nonzero(one & (total < chosen.cost))
    found: dict[tuple[int, int], tuple[int, int, int]] = {}
    for part, place in zip(sets.tolist(), places.tolist(), strict=True):
        row = plain.get(int(lacking[part, place]).bit_length() - 1)
        if row is not None:
            by = case.snapshot.demand.lines[row].units - int(case.snapshot.free[row, wide.live[place]])
            offer = (by, int(total[part, place]), part)
            found[place, row] = min(found.get((place, row), offer), offer)
    ranked = sorted(found.items(), key=lambda item: (item[1], item[0]))[:STOCK_FLIPS_MAX]
    for (place, row), (by, guessed, part) in ranked:
        line_no, site = case.snapshot.demand.lines[row].line_no, wide.codes([place])[0]
        cost, sites = guessed, _with_rest(wide, chosen, place, part)
        if case.is_shared:
            cost, shares = _with_units(wide, row, place, by)
            sites = wide.codes([p for p, _ in shares])
        if cost < chosen.cost:
            fills, keeps, saves = ranks_of(chosen.cost - cost)
            yield Flip(Change.STOCK_MORE, site, line_no, by, sites, saves, fills, keeps)


def _lacks_something(case: Case, chosen: WhatIf) -> bool:
    """Whether units are sent by nobody: with stock that lines share, one unit more moves others in ways not told here."""
    return any(not any(part >> at & 1 for _, part in chosen.shares) for at in range(len(case.atoms)))


def _would_be_parted(case: Case, chosen: WhatIf, at: int) -> bool:
    """Whether nobody sends this line of several units: then one unit more somewhere fills a part of it already."""
    return case.atoms[at].units > 1 and not any(part >> at & 1 for _, part in chosen.shares)


def _with_units(wide: Case, row: int, place: int, by: int) -> tuple[int, Shares]:
    """Decided anew with so many units more: where stock or capacity is shared, costs alone do not tell."""
    free = wide.snapshot.free.copy()
    free[row, wide.live[place]] += by
    other = Case(replace(wide.snapshot, free=free), wide.applied, wide.atoms, wide.live)
    return best(other.table, other.units, parts_max=wide.snapshot.policy.parts_max)


def _with_rest(wide: Case, chosen: WhatIf, place: int, part: int) -> tuple[str, ...]:
    """The places of the plan in which this one sends this part."""
    rest = chosen.answer.shares(wide.size - 1 - part, parts_used=1)
    return tuple(sorted({*wide.codes([place]), *chosen.case.codes([p for p, _ in rest])}))


def _plain_atoms(case: Case) -> list[tuple[int, int]]:
    """(atom, row) of whole lines that share their stock with no other."""
    shared = {row for rows, _ in case.shared for row in rows}
    single = [(at, atom.rows[0]) for at, atom in enumerate(case.atoms) if len(atom.rows) == 1]
    lines = case.snapshot.demand.lines
    return [(at, row) for at, (row, units) in single if row not in shared and units == lines[row].units]


def _all_that_may(case: Case) -> Case:
    """The case over the places that have nothing yet too, if they are not too many."""
    may = np.flatnonzero((case.allowed >= 0).all(axis=0))
    if len(may) * case.size > TABLE_MAX:
        return case
    return Case(case.snapshot, case.applied, case.atoms, np.union1d(may, case.live))
