"""What a few units more would change: held against every place and item tried out one unit at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ambidex.domains.routing.model import Change, Flip
from ambidex.domains.routing.rules.anew import Anew, More
from ambidex.domains.routing.rules.more_stock import FLIPS_MAX, TRIES_MAX, least_within
from ambidex.domains.routing.rules.planning import plan, ruled, solved
from ambidex.domains.routing.rules.receipt import decide
from ambidex.domains.routing.rules.snapshot import Snapshot
from ambidex.domains.routing.rules.what_if import WhatIf
from tests.domains.routing.shop_floor import said, situations, told


def _more(snapshot: Snapshot, site: str, sku: str, by: int) -> Snapshot:
    free = snapshot.free.copy()
    rows = [row for row, line in enumerate(snapshot.demand.lines) if line.sku == sku]
    free[rows, snapshot.network.index[site]] += by
    return replace(snapshot, free=free)


def _total(snapshot: Snapshot) -> int:
    case, shares = solved(snapshot, ruled(snapshot))
    return case.total(shares)


def _by_brute_force(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    """Place and item -> the fewest units more that make a better plan."""
    now, found = _total(snapshot), {}
    wanted = dict.fromkeys(sorted({line.sku for line in snapshot.demand.lines}), 0)
    for line in snapshot.demand.lines:
        wanted[line.sku] += line.units
    for site in snapshot.network.sites:
        for sku, most in wanted.items():
            better = (by for by in range(1, most + 1) if _total(_more(snapshot, site.code, sku, by)) < now)
            if (by := next(better, None)) is not None:
                found[site.code, sku] = by
    return found


def _told(snapshot: Snapshot) -> list[Flip]:
    return [flip for flip in decide(snapshot).receipt.flips if flip.change is Change.STOCK_MORE]


@given(situations(lines_max=2))
@settings(max_examples=60)
def test_the_fewest_units_more_are_those_of_brute_force(snapshot: Snapshot) -> None:
    units = sum(line.units for line in snapshot.demand.lines)
    assume(units * len(snapshot.network.sites) <= TRIES_MAX)
    skus = {line.line_no: line.sku for line in snapshot.demand.lines}
    flips, truth = _told(snapshot), _by_brute_force(snapshot)

    assert {(flip.site, skus[flip.line_no]): flip.by for flip in flips}.items() <= truth.items()
    assert len(flips) == min(FLIPS_MAX, len(truth))
    for flip in flips:
        assert plan(_more(snapshot, flip.site, skus[flip.line_no], flip.by)).sites == flip.sites


@pytest.mark.parametrize(
    ("stock", "wanted", "flips"),
    [
        # two lines of one item, one of them waits: one mug more anywhere fills it
        ("A mug:1, B tea:9", "mug 1, mug 1, tea 1", ["A 1x1 fills 1", "A 3x1 fills 0", "B 1x1 fills 1"]),
        # two lines of one item from far: the near place has one too few for both
        ("A mug:1, B mug:9", "mug 1, mug 1", ["A 1x1 fills 0"]),
        ("A mug:1, B mug:9", "mug 2, mug 3", ["A 1x4 fills 0"]),
        # nobody has three: what is sent in two parcels would be sent in one, and what waits would be sent
        ("A mug:1, B mug:2", "mug 3", ["A 1x2 fills 0", "B 1x1 fills 0"]),
        ("A mug:1, B mug:1", "mug 3", ["A 1x1 fills 1", "B 1x1 fills 1"]),
        ("A mug:6", "mug 8", ["A 1x1 fills 1"]),
        # nobody has anything
        ("A mug:0", "mug 2", ["A 1x1 fills 1"]),
    ],
)
def test_what_one_table_cannot_tell_is_decided_anew(stock: str, wanted: str, flips: list[str]) -> None:
    found = _told(told(stock, wanted))
    assert [f"{one.site} {one.line_no}x{one.by} fills {one.fills}" for one in found] == flips, said(
        plan(told(stock, wanted))
    )


@given(situations(lines_max=3), st.integers(0, 3), st.integers(0, 2), st.integers(1, 3))
@settings(max_examples=60)
def test_an_order_decided_again_over_one_column_is_as_it_would_be_decided(
    snapshot: Snapshot, place: int, row: int, by: int
) -> None:
    case, shares = solved(snapshot, ruled(snapshot))
    anew = Anew(case, WhatIf(case, shares))
    assume(place < len(snapshot.network.sites))
    assume(row < len(snapshot.demand.lines))
    assume(anew.is_whole)
    sku = snapshot.demand.lines[row].sku
    rows = tuple(at for at, line in enumerate(snapshot.demand.lines) if line.sku == sku)
    site, before = snapshot.network.sites[place].code, case.total(shares)
    anew.ask([More(place, rows, by), More(0, rows, by)])
    offer, after = anew.offer(More(place, rows, by)), _total(_more(snapshot, site, sku, by))

    assert (before if offer is None else offer.cost) == min(before, after)


@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=8, max_size=8))
@settings(max_examples=30)
def test_the_least_within_a_set_is_that_of_its_subsets(costs: list[list[int]]) -> None:
    found = least_within(np.array(costs, np.int64)).tolist()
    for whole in range(8):
        subsets = [costs[part] for part in range(8) if part & whole == part]
        assert found[whole] == [min(column) for column in zip(*subsets, strict=True)]
