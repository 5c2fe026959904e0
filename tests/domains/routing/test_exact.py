"""What the engine decides: situations as a table, brute force as the control of exactness, and what never happens."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import acos, cos, radians, sin
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambidex.domains.routing.model import Demand, Plan, Policy, Rates, Shelf, Site, Wanted
from ambidex.domains.routing.rules import beyond
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Shares
from ambidex.domains.routing.rules.planning import plan, planned, solved
from ambidex.domains.routing.rules.policy import apply
from ambidex.domains.routing.rules.ranks import UNFILLED
from ambidex.domains.routing.rules.snapshot import EARTH_METRES, Network, Snapshot
from tests.domains.routing.shop_floor import NOW, PLAIN, said, shuffled, situations, told

SITUATIONS = [
    # one place has all: one parcel, the nearest of them
    ("A mug:3, B mug:9", "mug 3", {}, "A 1x3"),
    ("A mug:2, B mug:9", "mug 3", {}, "B 1x3"),
    # nobody has the line whole: parted by units
    ("A mug:1, B mug:2", "mug 3", {}, "A 1x1, B 1x2"),
    ("A mug:1, B mug:1", "mug 3", {}, "A 1x1, B 1x1, short 1x1"),
    # two lines: one far parcel beats two near ones, as a parcel costs more than the way
    ("A mug:1, B tea:1, C mug:1 tea:1", "mug 1, tea 1", {}, "C 1x1 2x1"),
    # ... unless the way is dearer
    ("A mug:1, B tea:1, C mug:1 tea:1", "mug 1, tea 1", {"far": {"C": 900_000}}, "A 1x1, B 2x1"),
    # the same SKU on two lines shares one stock
    ("A mug:1, B mug:1", "mug 1, mug 1", {}, "A 1x1, B 2x1"),
    ("A mug:2, B mug:2", "mug 1, mug 1", {}, "A 1x1 2x1"),
    ("A mug:1", "mug 1, mug 1", {}, "A 1x1, short 2x1"),
    # a rule that no order is split: the place that sends most, the rest waits
    ("A mug:1, B tea:2", "mug 1, tea 2", {"parts_max": 1}, "B 2x2, short 1x1"),
    ("A mug:1, B tea:1, C jug:1", "mug 1, tea 1, jug 1", {"parts_max": 2}, "A 1x1, B 2x1, short 3x1"),
    # nobody has it
    ("A mug:0", "mug 1", {}, "short 1x1"),
]


@pytest.mark.parametrize(("stock", "wanted", "more", "planned_so"), SITUATIONS)
def test_a_situation_has_its_plan(stock: str, wanted: str, more: dict[str, Any], planned_so: str) -> None:
    assert said(plan(told(stock, wanted, **more))) == planned_so


def test_a_kit_stays_together_though_parting_it_is_cheaper() -> None:
    snapshot = told("A mug:1, B tea:1, C mug:1 tea:1", "mug 1, tea 1", far={"C": 900_000})
    lines = tuple(replace(line, kit_no=7) for line in snapshot.demand.lines)

    assert said(plan(replace(snapshot, demand=replace(snapshot.demand, lines=lines)))) == "C 1x1 2x1"


def test_a_split_can_be_cheaper_than_one_heavy_parcel() -> None:
    """Fewest parcels is no rule: weight bands make two light parcels cheaper than a heavy one."""
    bands = replace(PLAIN, bands=((4_000, 0), (8_000, 22_000)))
    snapshot = told("A mug:1 tea:1, B tea:1", "mug 1, tea 1", rates=bands)
    lines = tuple(replace(line, grams=3_500) for line in snapshot.demand.lines)

    assert said(plan(replace(snapshot, demand=replace(snapshot.demand, lines=lines)))) == "A 1x1, B 2x1"


def test_capacity_that_is_left_is_not_overdrawn() -> None:
    snapshot = told("A mug:9 tea:9, B mug:9 tea:9", "mug 2, tea 1")
    sites = [replace(site, capacity_left=2 if site.code == "A" else None) for site in snapshot.network.sites]

    assert said(plan(replace(snapshot, network=Network(sites)))) == "B 1x2 2x1"


def test_a_promise_that_was_made_is_kept_at_any_price_and_broken_only_if_nobody_can_keep_it() -> None:
    snapshot = told("A mug:1, B mug:1", "mug 1", far={"B": 9_000_000})
    slow = [replace(site, leaves_at=NOW + 5 * 86_400 * (site.code == "A")) for site in snapshot.network.sites]
    demand = replace(snapshot.demand, promised_by=NOW + 4 * 86_400, is_promised=True)
    late = replace(snapshot, network=Network(slow), demand=demand)

    assert said(plan(late)) == "B 1x1"
    assert said(plan(replace(late, demand=replace(demand, is_promised=False)))) == "A 1x1", (
        "a wish is for money"
    )
    assert said(plan(replace(late, out={"B": ("paused",)}))) == "A 1x1", "late is better than never"


@given(situations())
@settings(max_examples=40)
def test_no_other_way_to_share_the_order_is_cheaper(snapshot: Snapshot) -> None:
    case, shares = solved(snapshot, apply(snapshot))

    assert _cost(case, dict(shares)) == min(_cost(case, way) for way in _every_way(case))


@given(situations(lines_max=5), st.data())
@settings(max_examples=40)
def test_units_are_conserved_and_nothing_is_taken_that_is_not_there(
    snapshot: Snapshot, drawn: st.DataObject
) -> None:
    found = plan(snapshot)
    sent: dict[int, int] = dict(found.unfilled)
    taken: dict[tuple[str, str], int] = {}
    sku = {line.line_no: line.sku for line in snapshot.demand.lines}
    for part in found.parts:
        site = snapshot.network.sites[snapshot.network.index[part.site]]
        assert part.site not in snapshot.out
        assert site.leaves_at is not None
        assert site.capacity_left is None or sum(part.lines.values()) <= site.capacity_left
        for line_no, units in part.lines.items():
            sent[line_no] = sent.get(line_no, 0) + units
            taken[part.site, sku[line_no]] = taken.get((part.site, sku[line_no]), 0) + units
    rows = {line.sku: row for row, line in enumerate(snapshot.demand.lines)}

    assert sent == {line.line_no: line.units for line in snapshot.demand.lines}
    assert all(n <= snapshot.free[rows[s], snapshot.network.index[code]] for (code, s), n in taken.items())
    assert not snapshot.policy.parts_max or len(found.parts) <= snapshot.policy.parts_max
    order = drawn.draw(st.permutations(range(len(snapshot.network.sites))))
    told_otherwise = shuffled(snapshot, order)
    assert told_otherwise.fingerprint == snapshot.fingerprint
    assert plan(told_otherwise) == found


@given(situations(lines_max=4))
@settings(max_examples=15)
def test_the_program_for_many_lines_finds_the_same_cost(snapshot: Snapshot) -> None:
    case, shares = solved(snapshot, apply(snapshot))

    assert _money(case, beyond.best(case)[0]) == _money(case, shares)


def test_twelve_lines_are_sent_from_two_places_in_two_parcels() -> None:
    skus = [f"s{n}" for n in range(12)]
    stock = ", ".join(
        f"{code} " + " ".join(f"{sku}:1" for sku in skus[at::2]) for at, code in enumerate("AB")
    )

    assert [len(part.lines) for part in plan(told(stock, ", ".join(f"{sku} 1" for sku in skus))).parts] == [
        6,
        6,
    ]


def test_distances_are_those_of_the_sphere_to_the_metre() -> None:
    policy = Policy(1, rates=Rates())
    demand = Demand("order", (Wanted(1, "mug", 1, grams=300),), latitude_e6=51_500_000, longitude_e6=-120_000)
    for longitude in range(0, 60_000_000, 7_000_000):
        snapshot = Snapshot.of(
            NOW, demand, sites=[Site("A", latitude_e6=50_000_000, longitude_e6=longitude)], shelves={("A", 1): Shelf(1)}, policy=policy
        )  # fmt: skip
        part = plan(snapshot).parts[0]
        assert abs(part.metres - _metres_between((51_500_000, -120_000), (50_000_000, longitude))) <= 1


def _metres_between(one: tuple[int, int], other: tuple[int, int]) -> float:
    """By the angle between two directions from the middle of the earth (spherical law of cosines)."""
    lat, lng, lat2, lng2 = (radians(part / 1e6) for part in (*one, *other))
    return EARTH_METRES * acos(sin(lat) * sin(lat2) + cos(lat) * cos(lat2) * cos(lng2 - lng))


def _every_way(case: Case) -> list[dict[int, int]]:
    """Every atom from every place that has it, or from nobody."""
    choices = [
        [None, *(p for p in range(len(case.live)) if case.able[at, p])] for at in range(len(case.atoms))
    ]
    found = []
    most = case.snapshot.policy.parts_max or len(case.atoms)
    for way in product(*choices):
        parts: dict[int, int] = {}
        for at, place in enumerate(way):
            if place is not None:
                parts[place] = parts.get(place, 0) | 1 << at
        if len(parts) <= most and all(case.feasible[part, place] for place, part in parts.items()):
            found.append(parts)
    return found


def _cost(case: Case, parts: dict[int, int]) -> int:
    sent = 0
    for part in parts.values():
        sent |= part
    lost = int(case.units[case.size - 1 - sent])
    return sum(int(case.table[part, place]) for place, part in parts.items()) + lost * UNFILLED


def _money(case: Case, shares: Shares) -> tuple[int, int, int]:
    """Units not sent, units late, and the money of the plan."""
    found: Plan = planned(case, shares)
    late = sum(int(case.units[part]) for place, part in shares if case.late[place])
    return sum(found.unfilled.values()), late * case.snapshot.demand.is_promised, found.cost
