"""Orders decided together: never dearer than one by one, never more than there is, and each replays from its own snapshot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ambidex.domains.routing.model import Demand, Policy, Shelf, Site, Wanted
from ambidex.domains.routing.rules.joint import Asked
from ambidex.domains.routing.rules.planning import plan
from ambidex.domains.routing.rules.prices import Season, prices
from ambidex.domains.routing.rules.receipt import decide
from ambidex.domains.routing.rules.snapshot import Network, Snapshot
from ambidex.domains.routing.rules.window import Together, decide_window
from tests.domains.routing.shop_floor import NOW, PLAIN, said


def crowd(
    stock: dict[str, dict[str, int]],
    orders: dict[str, tuple[int, str]],
    *,
    capacity: dict[str, int] | None = None,
) -> list[Snapshot]:
    """`stock`: place -> SKU -> units, places at 0, 100, 200 ... km; `orders`: name -> (its kilometre, SKUs)."""
    sites = [
        Site(
            code,
            latitude_e6=0,
            longitude_e6=n * 899_300,
            leaves_at=NOW,
            capacity_left=(capacity or {}).get(code),
        )
        for n, code in enumerate(sorted(stock))
    ]
    network = Network(sites)
    found = []
    for name, (km, skus) in orders.items():
        lines = tuple(Wanted(n, sku, 1) for n, sku in enumerate(skus.split(), 1))
        shelves = {
            (code, line.line_no): Shelf(has.get(line.sku, 0)) for code, has in stock.items() for line in lines
        }
        demand = Demand(name, lines, latitude_e6=0, longitude_e6=km * 8_993)
        found.append(Snapshot.of(NOW, demand, sites=network, shelves=shelves, policy=Policy(1, rates=PLAIN)))
    return found


def test_who_can_go_elsewhere_cheaply_leaves_the_unit_to_who_cannot() -> None:
    """One by one the first order takes the only unit at A, and the second pays a long way."""
    snapshots = crowd({"A": {"mug": 1}, "B": {"mug": 1}}, {"first": (40, "mug"), "second": (-400, "mug")})

    assert said(plan(snapshots[0])) == "A 1x1"
    assert [said(one.decision.plan) for one in decide_window(snapshots)] == ["B 1x1", "A 1x1"]
    assert _total(decide_window(snapshots)) < _one_by_one(snapshots)


def test_two_parcels_fewer_when_the_window_knows_who_needs_both_items() -> None:
    stock = {"A": {"mug": 1, "tea": 1}, "B": {"mug": 1}}
    snapshots = crowd(stock, {"first": (0, "mug"), "second": (0, "mug tea")})

    assert [said(one.decision.plan) for one in decide_window(snapshots)] == ["B 1x1", "A 1x1 2x1"]


def test_orders_that_know_different_places_are_decided_together_too() -> None:
    both = crowd({"A": {"mug": 1}, "B": {"mug": 1}}, {"first": (40, "mug"), "second": (-400, "mug")})
    near = Snapshot.of(
        NOW, both[1].demand, sites=[both[1].network.sites[0]], shelves={("A", 1): Shelf(1)}, policy=both[1].policy
    )  # fmt: skip

    assert [said(one.decision.plan) for one in decide_window([both[0], near])] == ["B 1x1", "A 1x1"]


def test_capacity_is_shared_too() -> None:
    snapshots = crowd(
        {"A": {"mug": 9}, "B": {"mug": 9}},
        {"1": (0, "mug"), "2": (0, "mug"), "3": (0, "mug")},
        capacity={"A": 2},
    )

    assert sorted(said(one.decision.plan) for one in decide_window(snapshots)) == ["A 1x1", "A 1x1", "B 1x1"]


def test_a_made_promise_is_not_broken_for_the_others() -> None:
    snapshots = crowd({"A": {"mug": 1}, "B": {"mug": 2}}, {"first": (-900, "mug"), "told": (0, "mug")})
    network = Network(
        [replace(site, leaves_at=NOW + 86_400 * (site.code == "B")) for site in snapshots[0].network.sites]
    )
    soonest = decide(replace(snapshots[1], network=network)).plan.arrives_at
    told = replace(snapshots[1].demand, promised_by=soonest, is_promised=True)
    window = decide_window(
        [replace(snapshots[0], network=network), replace(snapshots[1], network=network, demand=told)]
    )

    assert [said(one.decision.plan) for one in window] == ["B 1x1", "A 1x1"]
    assert window[1].decision.receipt.out == {"too late for the promise": ("B",)}


@st.composite
def crowds(draw: st.DrawFn) -> list[Snapshot]:
    number = st.integers
    skus = "abcd"
    stock = {code: {sku: draw(number(0, 3)) for sku in skus} for code in "ABC"[: draw(number(1, 3))]}
    orders = {
        f"o{n}": (
            draw(number(-300, 500)),
            " ".join(draw(st.lists(st.sampled_from(skus), min_size=1, max_size=3))),
        )
        for n in range(draw(number(1, 5)))
    }
    return crowd(stock, orders, capacity=draw(st.sampled_from((None, {"A": 2}, {"A": 0, "B": 3}))))


@given(crowds())
@settings(max_examples=15)
def test_never_dearer_never_more_than_there_is_and_replayed_from_its_own_snapshot(
    snapshots: list[Snapshot],
) -> None:
    together = decide_window(snapshots)
    taken: dict[tuple[str, str], int] = {}
    load: dict[str, int] = {}
    for one in together:
        sku = {line.line_no: line.sku for line in one.snapshot.demand.lines}
        for part in one.decision.plan.parts:
            load[part.site] = load.get(part.site, 0) + sum(part.lines.values())
            for line_no, units in part.lines.items():
                taken[part.site, sku[line_no]] = taken.get((part.site, sku[line_no]), 0) + units

    assert _total(together) <= _one_by_one(snapshots)
    for (code, item), units in taken.items():
        assert units <= _stock(snapshots, code, item)
    for site in snapshots[0].network.sites:
        assert site.capacity_left is None or load.get(site.code, 0) <= site.capacity_left
    for one in together:
        assert decide(Snapshot.from_json(one.snapshot.as_json())).receipt == one.decision.receipt


def test_a_scarce_unit_has_a_price_and_a_plentiful_one_has_none() -> None:
    """Two orders to come for one mug at A; whoever comes second pays the way from B. Of tea there is enough."""
    past = crowd({"A": {"mug": 1, "tea": 9}, "B": {"mug": 9, "tea": 9}}, {"1": (0, "mug"), "2": (0, "tea")})
    asked = [Asked.of(one) for one in past]
    stock = {"mug": np.array([1, 9]), "tea": np.array([9, 9])}

    found = prices(Season(asked, to_come=12, cover=1.0), stock, samples=3, seed=1)

    way = plan(crowd({"A": {}, "B": {"mug": 1}}, {"1": (0, "mug")})[0]).cost - plan(past[0]).cost
    assert found["mug"].tolist() == [way, 0]
    assert found["tea"].tolist() == [0, 0]
    assert prices(Season(asked, to_come=12, cover=1.0), stock, samples=3, seed=1)["mug"].tolist() == [
        way,
        0,
    ], "by its seed"


def test_a_unit_that_completes_a_parcel_is_dearer_than_its_way() -> None:
    """Mug and tea are bought together: the last mug beside the tea saves a whole parcel."""
    past = crowd({"A": {"mug": 1, "tea": 9}, "B": {"mug": 9}}, {"1": (0, "mug tea")})
    stock = {"mug": np.array([1, 9]), "tea": np.array([9, 0])}
    found = prices(Season([Asked.of(past[0])], to_come=3, cover=1.0), stock, samples=2, seed=1)

    assert found["mug"][0] >= PLAIN.package


def _total(together: tuple[Together, ...]) -> tuple[int, int]:
    plans = [one.decision.plan for one in together]
    return sum(sum(one.unfilled.values()) for one in plans), sum(one.cost for one in plans)


def _one_by_one(snapshots: list[Snapshot]) -> tuple[int, int]:
    """Each decided in what those before it left, without any window."""
    taken: dict[tuple[str, str], int] = {}
    load: dict[str, int] = {}
    unfilled = cost = 0
    for snapshot in snapshots:
        free = snapshot.free.copy()
        for row, line in enumerate(snapshot.demand.lines):
            for (code, sku), units in taken.items():
                free[row, snapshot.network.index[code]] -= units * (sku == line.sku)
        sites = [
            site
            if site.capacity_left is None
            else replace(site, capacity_left=site.capacity_left - load.get(site.code, 0))
            for site in snapshot.network.sites
        ]
        found = plan(replace(snapshot, free=free, network=Network(sites)))
        sku_of = {line.line_no: line.sku for line in snapshot.demand.lines}
        for part in found.parts:
            load[part.site] = load.get(part.site, 0) + sum(part.lines.values())
            for line_no, units in part.lines.items():
                taken[part.site, sku_of[line_no]] = taken.get((part.site, sku_of[line_no]), 0) + units
        unfilled, cost = unfilled + sum(found.unfilled.values()), cost + found.cost
    return unfilled, cost


def _stock(snapshots: list[Snapshot], code: str, sku: str) -> int:
    return max(
        int(one.free[row, one.network.index[code]])
        for one in snapshots
        for row, line in enumerate(one.demand.lines)
        if line.sku == sku
    )
