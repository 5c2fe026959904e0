"""Orders of more lines than one table has: their receipts say what else could have been, and what they say is so."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ambidex.domains.routing.model import (
    Change,
    Condition,
    Demand,
    Handling,
    Plan,
    Policy,
    Rates,
    Rule,
    Shelf,
    Site,
    Wanted,
)
from ambidex.domains.routing.rules import beyond, many
from ambidex.domains.routing.rules.cost import TABLE_ATOMS_MAX, Case
from ambidex.domains.routing.rules.planning import plan, ruled, solved
from ambidex.domains.routing.rules.ranks import BROKEN, UNFILLED
from ambidex.domains.routing.rules.receipt import decide
from ambidex.domains.routing.rules.snapshot import Network, Snapshot
from ambidex.domains.routing.rules.stored import receipt_json, receipt_of
from bench.route_shapes import Shape, snapshots
from tests.domains.routing.shop_floor import DAY, NOW, PLAIN, told
from tests.domains.routing.test_receipt import applied


@st.composite
def long_orders(draw: st.DrawFn) -> Snapshot:
    """Nine to twelve lines over a few places, some late, some with little."""
    number = st.integers
    lines = tuple(
        Wanted(n, f"sku-{n}", draw(number(1, 2)), grams=draw(number(0, 3_000)))
        for n in range(1, draw(number(9, 10)) + 1)
    )
    sites = [
        Site(
            f"P{n}", "store", draw(number(-3_000_000, 3_000_000)), 0,
            leaves_at=draw(st.sampled_from((NOW, NOW, NOW + DAY))), load=draw(number(0, 3)),
        )
        for n in range(draw(number(2, 3)))
    ]  # fmt: skip
    shelves = {
        (site.code, line.line_no): Shelf(draw(number(0, 3)), draw(number(500, 1_000)))
        for site in sites
        for line in lines
    }
    rates = Rates(
        package=draw(number(0, 2_000)), per_1000km=draw(number(0, 4_000)), per_kg=draw(number(0, 300)),
        per_kg_1000km=0, split=draw(number(0, 900)), late_hour=0, waiting=draw(number(1, 100)),
        failed_pick=draw(number(0, 3_000)), bands=draw(st.sampled_from(((), ((5_000, 100), (40_000, 900))))),
    )  # fmt: skip
    is_promised = draw(st.booleans())
    demand = Demand(
        "order", lines, latitude_e6=0, longitude_e6=0, promised_by=NOW + DAY if is_promised else None,
        is_promised=is_promised,
    )  # fmt: skip
    policy = Policy(1, rates=rates, parts_max=draw(st.sampled_from((0, 0, 2))))
    return Snapshot.of(NOW, demand, sites=Network(sites), shelves=shelves, policy=policy)


@given(long_orders(), st.data())
@settings(max_examples=8)
def test_what_is_said_to_flip_a_long_order_flips_it(snapshot: Snapshot, drawn: st.DataObject) -> None:
    receipt = decide(snapshot).receipt

    assert receipt.is_bounded
    if receipt.runner_up is not None:
        assert receipt.runner_up.cost >= receipt.chosen.cost
        assert _who(receipt.runner_up) != _who(receipt.chosen)
    for flip in drawn.draw(st.permutations(receipt.flips))[:3]:
        after = applied(snapshot, flip, flip.by)
        assert _who(plan(after)) != _who(receipt.chosen), flip
        if flip.change in {Change.STOCK_MORE, Change.PROMISE}:
            gain = flip.fills * UNFILLED + flip.keeps * BROKEN + flip.saves
            assert _total(snapshot) - _total(after) >= gain, flip


@given(long_orders())
@settings(max_examples=8)
def test_no_small_table_knows_a_better_plan_than_the_chosen_one(snapshot: Snapshot) -> None:
    case, shares = solved(snapshot, ruled(snapshot))
    assert many.better(case, shares) == shares


def test_a_plan_that_a_small_table_can_better_is_bettered() -> None:
    """The control: of a poor plan, one parcel more than needed, the good one is found."""
    snapshot = _everywhere()
    case = Case(snapshot, ruled(snapshot), solved(snapshot, ruled(snapshot))[0].atoms)
    poor = ((0, 0b11111), (1, 0b1111100000))
    assert many.better(case, poor) == ((0, 0b1111111111),) == beyond.best(case)[0]


def test_a_long_order_has_its_runner_up_and_its_flips() -> None:
    receipt = decide(_everywhere()).receipt

    assert len(receipt.chosen.parts[0].lines) > TABLE_ATOMS_MAX
    assert receipt.runner_up is not None
    assert (receipt.chosen.sites, receipt.runner_up.sites) == (("A",), ("B",))
    changes = {(flip.change, flip.site, flip.line_no) for flip in receipt.flips}
    assert (Change.QUEUE, "A", 0) in changes
    assert {(Change.STOCK_LESS, "A", line_no) for line_no in range(1, 11)} <= changes


def test_a_long_order_says_what_breaking_its_promise_would_have_saved() -> None:
    snapshot = _everywhere()
    slow = [replace(site, leaves_at=NOW + DAY * (site.code == "A")) for site in snapshot.network.sites]
    demand = replace(snapshot.demand, promised_by=NOW + DAY, is_promised=True)
    receipt = decide(replace(snapshot, network=Network(slow), demand=demand)).receipt

    assert receipt.chosen.sites == ("B",)
    assert receipt.breaking_sites == ("A",)
    assert receipt.breaking_saves == decide(snapshot).receipt.runner_up.cost - decide(snapshot).plan.cost  # type: ignore[union-attr]  # above
    assert [flip.by for flip in receipt.flips if flip.change is Change.PROMISE] == [DAY]


def test_a_place_that_is_preferred_counts_only_when_it_sends() -> None:
    """A preference above the price of a parcel is no gift to plans in which the place sends nothing."""
    rates = replace(PLAIN, handling=(Handling("B", per_unit=1_000),))
    snapshot = told("A mug:150, B mug:150, C mug:150", "mug 250", rates=rates, far={"B": 2_000_000})
    rule = Rule("near the port", where=(Condition("place.code", "in", ("B",)),), add=-30_000)
    found = plan(replace(snapshot, policy=replace(snapshot.policy, rules=(rule,))))
    assert [part.site for part in found.parts] == ["A", "B", "C"]
    assert found.parts[1].lines == {1: 1}


def _everywhere() -> Snapshot:
    skus = [f"s{n}" for n in range(10)]
    has = " ".join(f"{sku}:1" for sku in skus)
    rates = replace(PLAIN, waiting=10)
    return told(f"A {has}, B {has}", ", ".join(f"{sku} 1" for sku in skus), rates=rates)


def _total(snapshot: Snapshot) -> int:
    case, shares = solved(snapshot, ruled(snapshot))
    return case.total(shares)


def _who(found: Plan) -> list[tuple[str, dict[int, int]]]:
    return [(part.site, dict(part.lines)) for part in found.parts]


@given(long_orders())
@settings(max_examples=8)
def test_the_plan_to_begin_from_is_one_that_the_program_allows(snapshot: Snapshot) -> None:
    case = solved(snapshot, ruled(snapshot))[0]
    one = beyond._one_atom(case)
    places = beyond._promising(case, one)
    members = [[at] for at in range(len(case.atoms))]
    columns = beyond._program(case, members, places, one)
    first = beyond._first(case, places, one)
    values, program = beyond._values(case, members, columns, first), columns.program

    for low, high, begin, end in zip(
        program.lows, program.highs, program.starts, program.starts[1:], strict=False
    ):
        at, by = program.columns[begin:end], program.weights[begin:end]
        assert low <= sum(values[one] * weight for one, weight in zip(at, by, strict=True)) <= high
    assert case.total(first) >= case.total(beyond.best(case)[0])


def test_a_search_that_was_stopped_says_so_and_stops_at_the_same_step_again() -> None:
    """Twelve lines of six scarce items over fifty places: more steps than a decision may take."""
    snapshot = snapshots(Shape(lines=(12, 12), skus=6, free=2), 4)[-1]
    receipt = decide(snapshot).receipt

    assert receipt.unproved > 0
    assert receipt == decide(snapshot).receipt == receipt_of(receipt_json(receipt))
    assert decide(_everywhere()).receipt.unproved == 0
