"""The smallest change of one fact that makes another plan the cheapest, one fact at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ambidex.domains.routing.model import SURE, Change, Flip
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Shares
from ambidex.domains.routing.rules.more_stock import more_stock, more_stock_of_table, plain_atoms
from ambidex.domains.routing.rules.once import Choice
from ambidex.domains.routing.rules.ranks import ranks_of
from ambidex.domains.routing.rules.rate_card import HOUR
from ambidex.domains.routing.rules.snapshot import Ints
from ambidex.domains.routing.rules.what_if import WhatIf
from ambidex.kernel.values import replace

WISHES_MAX = 12


def smallest(case: Case, chosen: WhatIf) -> tuple[Flip, ...]:
    """One flip of each fact that has one, in the order of Change, then of places and lines."""
    return _sorted([*_of_the_plan(case, chosen), *more_stock(case, chosen)])


def smallest_of(asked: Sequence[WhatIf]) -> tuple[Flip, ...]:
    """The same of one plan in several tables, each of which knows other ways: of each fact the smallest change."""
    found: dict[tuple[Change, str, int], Flip] = {}
    for one in asked:
        for flip in (*_of_the_plan(one.case, one), *more_stock_of_table(one.case, one)):
            fact = flip.change, flip.site, flip.line_no
            found[fact] = min(found.get(fact, flip), flip, key=lambda flip: (flip.by, -flip.saves))
    return _sorted(found.values())


def _sorted(found: Iterable[Flip]) -> tuple[Flip, ...]:
    order = list(Change)
    return tuple(sorted(found, key=lambda flip: (order.index(flip.change), flip.site, flip.line_no)))


def _of_the_plan(case: Case, chosen: WhatIf) -> Iterator[Flip]:
    if chosen.shares:
        yield from _promise(case, chosen)
        yield from _queues(case, chosen)
        yield from _lines(case, chosen)


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

    def at(by: int) -> Choice:
        return case.chosen_by(case.with_promise(promised + by))

    if not case.regardless.is_below(chosen.cost):
        return None
    low, high, found = 0, len(steps) - 1, case.regardless
    while low < high:
        middle = (low + high) // 2
        choice = at(int(steps[middle]))
        if choice.is_below(chosen.cost):
            high, found = middle, choice
        else:
            low = middle + 1
    return int(steps[low]), *found.best


def _wished(case: Case, chosen: WhatIf, steps: Ints) -> tuple[int, int, Shares] | None:
    """A wish costs by begun hours: the next moments at which some place has one hour less to pay for."""
    hours = steps[:, None] - np.arange(0, 24)[None, :] * HOUR
    demand = case.snapshot.demand
    for by in np.unique(hours[hours > 0])[:WISHES_MAX].tolist():
        later = replace(demand, promised_by=(demand.promised_by or 0) + by)
        other = Case(replace(case.snapshot, demand=later), case.applied, case.atoms, case.live)
        if other.choice.is_below(chosen.cost):
            return by, *other.choice.best
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
        for at, row in plain_atoms(case):
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
    known = ((SURE - chance) * price + SURE // 2) // SURE
    wanted = (known + difference + 1) * SURE - SURE // 2
    by = -(-wanted // price) - SURE + chance
    return by if by <= chance else None
