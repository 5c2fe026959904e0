"""The receipt: complete, the same however the facts come in, and each flip really flips and no smaller change does."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ambidex.domains.routing.model import Change, Flip, Plan, Receipt
from ambidex.domains.routing.rules import stored
from ambidex.domains.routing.rules.planning import plan
from ambidex.domains.routing.rules.receipt import decide
from ambidex.domains.routing.rules.snapshot import Network, Snapshot
from tests.domains.routing.shop_floor import NOW, PLAIN, said, shuffled, situations, told

DAY = 86_400


@given(situations(), st.data())
@settings(max_examples=25)
def test_every_place_is_a_candidate_or_out_and_a_replay_is_the_same(
    snapshot: Snapshot, drawn: st.DataObject
) -> None:
    receipt = decide(snapshot).receipt

    inside = {one.site for one in receipt.candidates}
    outside = {code for codes in receipt.out.values() for code in codes}
    assert inside | outside == {site.code for site in snapshot.network.sites}
    assert not inside & outside
    assert set(receipt.chosen.sites) <= inside
    order = drawn.draw(st.permutations(range(len(snapshot.network.sites))))
    again = Snapshot.from_json(shuffled(snapshot, order).as_json())
    assert decide(again).receipt == receipt
    assert stored.receipt_of(stored.receipt_json(receipt)) == receipt


@given(situations())
@settings(max_examples=25)
def test_no_candidate_is_cheaper_than_the_chosen_plan_and_the_runner_up_is_next(snapshot: Snapshot) -> None:
    receipt = decide(snapshot).receipt
    as_good = [
        c for c in receipt.candidates if c.unfilled == sum(receipt.chosen.unfilled.values()) and not c.late
    ]

    if not receipt.is_bounded and not snapshot.demand.is_promised:
        assert min((one.plan_cost for one in as_good), default=receipt.chosen.cost) == receipt.chosen.cost
    if receipt.runner_up:
        assert receipt.runner_up.cost >= receipt.chosen.cost
        assert _who(receipt.runner_up) != _who(receipt.chosen)


@given(situations())
@settings(max_examples=50)
def test_each_flip_flips_and_a_smaller_one_does_not(snapshot: Snapshot) -> None:
    receipt = decide(snapshot).receipt
    for flip in receipt.flips:
        after = plan(applied(snapshot, flip, flip.by))
        assert _who(after) != _who(receipt.chosen), flip
        if flip.change in {Change.STOCK_MORE, Change.PROMISE}:
            assert receipt.chosen.cost - after.cost == flip.saves, flip
            assert sum(receipt.chosen.unfilled.values()) - sum(after.unfilled.values()) == flip.fills, flip
            assert (flip.fills, flip.keeps, flip.saves) > (0, 0, 0), flip
        if flip.by > 1:
            smaller = applied(snapshot, flip, flip.by - 1)
            assert plan(smaller).cost == _cost_now(smaller, receipt), flip


def test_a_promise_half_an_hour_later_lets_the_cheaper_place_win() -> None:
    snapshot = told("York mug:1, Leeds mug:1", "mug 1", far={"York": 2_000_000, "Leeds": 1_000_000})
    slow = [replace(site, leaves_at=NOW + 1_800 * (site.code == "Leeds")) for site in snapshot.network.sites]
    arrives = plan(replace(snapshot, out={"Leeds": ("paused",)})).parts[0].arrives_at
    demand = replace(snapshot.demand, promised_by=arrives, is_promised=True)
    receipt = decide(replace(snapshot, network=Network(slow), demand=demand)).receipt

    assert said(receipt.chosen) == "York 1x1"
    assert receipt.out == {"too late for the promise": ("Leeds",)}
    assert [flip for flip in receipt.flips if flip.change is Change.PROMISE] == [
        Flip(Change.PROMISE, "Leeds", 0, 1_800, ("Leeds",), receipt.breaking_saves)
    ]
    assert receipt.breaking_sites == ("Leeds",)
    assert receipt.breaking_saves > 0


def test_a_longer_queue_and_picks_less_sure_are_told_with_who_wins_then() -> None:
    rates = replace(PLAIN, waiting=100, failed_pick=10_000)
    snapshot = told("A mug:2, B mug:1", "mug 1", rates=rates)
    receipt = decide(snapshot).receipt
    more = receipt.runner_up.cost - receipt.chosen.cost if receipt.runner_up else 0

    assert [(flip.change, flip.by, flip.sites, flip.saves) for flip in receipt.flips] == [
        (Change.QUEUE, more // 100 + 1, ("B",), -more),
        (Change.CHANCE, more // 10 + 1, ("B",), -more),
        (Change.STOCK_LESS, 2, ("B",), -more),
    ]


def test_one_unit_more_at_the_near_place_would_have_won() -> None:
    receipt = decide(told("A mug:2, B mug:9", "mug 3")).receipt

    assert said(receipt.chosen) == "B 1x3"
    assert [(flip.change, flip.site, flip.by) for flip in receipt.flips] == [(Change.STOCK_MORE, "A", 1)]


def test_who_is_out_is_told_why() -> None:
    snapshot = told("A mug:0, B mug:2, C mug:9, D mug:9, E mug:9", "mug 3")
    sites = [
        replace(
            site, capacity_left=0 if site.code == "C" else None, leaves_at=None if site.code == "D" else NOW
        )
        for site in snapshot.network.sites
    ]
    receipt = decide(
        replace(snapshot, network=Network(sites), out={"E": ("paused", "refused this order")})
    ).receipt

    assert receipt.out == {
        "paused": ("E",),
        "refused this order": ("E",),
        "does not send before it closes for good": ("D",),
        "has none of it": ("A",),
        "has no capacity left": ("C",),
    }
    assert [one.site for one in receipt.candidates] == ["B"]


def test_an_order_of_many_lines_has_its_receipt_too() -> None:
    skus = [f"s{n}" for n in range(10)]
    wanted = ", ".join(f"{sku} 1" for sku in skus)
    everything = " ".join(f"{sku}:1" for sku in skus)
    receipt = decide(told(f"A {everything}, B {everything}, C s0:1, D tea:1", wanted)).receipt

    assert receipt.chosen.sites == ("A",)
    assert [one.site for one in receipt.candidates] == ["A", "B", "C"]
    assert receipt.candidates[0].plan_cost == receipt.chosen.cost
    assert receipt.is_bounded


def applied(snapshot: Snapshot, flip: Flip, by: int) -> Snapshot:
    """The snapshot with this one fact changed by so much."""
    demand, network = snapshot.demand, snapshot.network
    if flip.change is Change.PROMISE:
        return replace(snapshot, demand=replace(demand, promised_by=(demand.promised_by or 0) + by))
    at = network.index[flip.site]
    if flip.change is Change.QUEUE:
        sites = list(network.sites)
        sites[at] = replace(sites[at], load=sites[at].load + by)
        return replace(snapshot, network=Network(sites))
    row = next(row for row, line in enumerate(demand.lines) if line.line_no == flip.line_no)
    free, chance = snapshot.free.copy(), snapshot.chance.copy()
    if flip.change is Change.CHANCE:
        chance[row, at] -= by
        return replace(snapshot, chance=chance)
    alike = [n for n, line in enumerate(demand.lines) if line.sku == demand.lines[row].sku]
    free[alike, at] += by if flip.change is Change.STOCK_MORE else -by
    return replace(snapshot, free=free)


def _cost_now(snapshot: Snapshot, receipt: Receipt) -> int:
    """What the chosen plan costs in this snapshot, all other ways shut."""
    demand = snapshot.demand
    free = snapshot.free.copy() * 0
    for part in receipt.chosen.parts:
        for row, line in enumerate(demand.lines):
            free[row, snapshot.network.index[part.site]] = part.lines.get(line.line_no, 0)
    skus = tuple(replace(line, sku=f"only {line.line_no}") for line in demand.lines)
    return plan(replace(snapshot, free=free, demand=replace(demand, lines=skus))).cost


def _who(found: Plan) -> list[tuple[str, dict[int, int]]]:
    return [(part.site, dict(part.lines)) for part in found.parts]
