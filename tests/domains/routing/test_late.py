"""A promise that nobody can keep: how late it comes is money, shared by the units of the order; kept ones cost as ever."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ambidex.domains.routing import decide_window
from ambidex.domains.routing.model import Cost, Demand, Plan, Policy, Rates, Shelf, Site, Wanted
from ambidex.domains.routing.rules import beyond
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.money import money_of, priced
from ambidex.domains.routing.rules.planning import plan, planned, ruled, solved
from ambidex.domains.routing.rules.receipt import decide
from ambidex.domains.routing.rules.snapshot import Network, Snapshot
from ambidex.domains.routing.rules.stored import receipt_json
from tests.domains.routing.shop_floor import DAY, NOW, PLAIN, said, situations, told

HOUR = 3_600
RATES = Rates()


def chicago(*, engine: int = 2, rates: Rates = RATES) -> Snapshot:
    """A lamp that was promised for yesterday: the warehouse would bring it in four days, the dearer store in three."""
    demand = Demand(
        "A-1007", (Wanted(1, "lamp", 1, grams=1_400),), latitude_e6=41_900_000, longitude_e6=-87_650_000,
        promised_by=NOW - DAY, is_promised=True,
    )  # fmt: skip
    sites = [
        Site("dc-joliet", "warehouse", 41_520_000, -88_080_000, leaves_at=NOW + 3 * DAY),
        Site("wicker-park", "store", 41_908_000, -87_677_000, leaves_at=NOW + 2 * DAY, load=140),
    ]
    shelves = {(site.code, 1): Shelf(3) for site in sites}
    snapshot = Snapshot.of(NOW, demand, sites=sites, shelves=shelves, policy=Policy(1, rates=rates))
    return replace(snapshot, engine=engine)


def test_once_a_promise_is_broken_a_day_sooner_is_worth_a_little_money() -> None:
    receipt = decide(chicago()).receipt

    assert receipt.runner_up is not None
    store, warehouse = receipt.chosen.parts[0], receipt.runner_up.parts[0]
    assert (store.site, warehouse.site) == ("wicker-park", "dc-joliet")
    assert (store.costs[Cost.LATENESS], warehouse.costs[Cost.LATENESS]) == (96 * 20_000, 120 * 20_000)
    plain = [part.cost - part.costs[Cost.LATENESS] for part in (store, warehouse)]
    assert 0 < plain[0] - plain[1] < 24 * RATES.late_hour, "dearer, but not by a day"
    assert receipt.breaking_saves == 0
    assert {one.site: one.late for one in receipt.candidates} == {"wicker-park": 1, "dc-joliet": 1}


def test_it_is_for_money_so_a_day_sooner_is_not_worth_any_price() -> None:
    assert plan(chicago(rates=replace(RATES, waiting=10_000))).sites == ("dc-joliet",)
    assert plan(chicago(rates=replace(RATES, late_hour=0))).sites == ("dc-joliet",)


def test_what_an_older_engine_decided_comes_out_as_it_was_decided() -> None:
    """Stored before engines had numbers: nothing says 2, and the fingerprint is the one of then."""
    stored = {name: value for name, value in chicago().as_json().items() if name != "engine"}
    then = Snapshot.from_json(stored)

    assert then.engine == 1
    assert then.fingerprint == "03ce2039ca3dca9de9cd54d71cfe8253"
    receipt = decide(then).receipt
    assert receipt.chosen.sites == ("dc-joliet",)
    assert Cost.LATENESS not in receipt.chosen.parts[0].costs
    assert Snapshot.from_json(chicago().as_json()).fingerprint == chicago().fingerprint != then.fingerprint


@given(situations(lines_max=5))
@settings(max_examples=60)
def test_where_nothing_comes_late_all_is_as_the_older_engine_had_it(snapshot: Snapshot) -> None:
    assume(snapshot.demand.is_promised and snapshot.demand.promised_by is not None)
    found, before = decide(snapshot).receipt, decide(replace(snapshot, engine=1)).receipt
    late = any(part.arrives_at > (snapshot.demand.promised_by or 0) for part in found.chosen.parts)
    assert late or found.chosen == before.chosen
    assert late or found.breaking_saves == before.breaking_saves, "what breaking it saves is plain money"


@given(st.integers(1, 12), st.integers(1, 90), st.integers(1, 90), st.integers(1, 500), st.permutations("AB"))
@settings(max_examples=40)
def test_of_two_that_break_it_and_cost_the_same_the_sooner_one_wins(
    units: int, late: int, more: int, late_hour: int, codes: list[str]
) -> None:
    rates = replace(PLAIN, late_hour=late_hour)
    snapshot = told(
        f"A mug:{units}, B mug:{units}", f"mug {units}", rates=rates, far={"A": 9_000, "B": 9_000}
    )
    sooner = {codes[0]: NOW, codes[1]: NOW + more * HOUR}
    sites = [replace(site, leaves_at=sooner[site.code]) for site in snapshot.network.sites]
    demand = replace(snapshot.demand, promised_by=NOW + DAY - late * HOUR, is_promised=True)
    found = decide(replace(snapshot, network=Network(sites), demand=demand)).receipt

    assert found.chosen.sites == (codes[0],)
    assert found.chosen.parts[0].costs[Cost.LATENESS] == units * late * -(-late_hour // units)
    assert found.runner_up is not None
    assert found.runner_up.cost > found.chosen.cost


@given(situations(lines_max=4), st.integers(1, 40))
@settings(max_examples=60)
def test_how_long_ago_it_was_promised_changes_no_plan(snapshot: Snapshot, days: int) -> None:
    """A second parcel is not dearer for an order that is long late, so nothing is held back to go along with the rest."""
    once = replace(snapshot.demand, promised_by=NOW - 40 * DAY, is_promised=True)
    again = replace(once, promised_by=NOW - 40 * DAY - days * DAY)
    found = [plan(replace(snapshot, demand=demand)) for demand in (once, again)]

    assert said(found[0]) == said(found[1])


def test_what_can_come_sooner_need_not_wait_for_the_rest() -> None:
    """Both lines from B in ten days, or the mug from A tomorrow: half the order nine days sooner is worth a parcel."""
    snapshot = told(
        "A mug:1, B mug:1 tea:1", "mug 1, tea 1", rates=replace(PLAIN, late_hour=100, package=9_000)
    )
    sites = [replace(site, leaves_at=NOW + 9 * DAY * (site.code == "B")) for site in snapshot.network.sites]
    late = replace(snapshot.demand, promised_by=NOW, is_promised=True)
    slow = replace(snapshot, network=Network(sites), demand=late)

    assert said(plan(slow)) == "A 1x1, B 2x1"
    assert said(plan(replace(slow, engine=1))) == "B 1x1 2x1"


@given(situations(lines_max=4))
@settings(max_examples=60)
def test_no_other_way_is_cheaper_where_lateness_is_counted_from_scratch(snapshot: Snapshot) -> None:
    assume(snapshot.demand.promised_by is not None)
    held = replace(snapshot, demand=replace(snapshot.demand, is_promised=True))
    case, shares = solved(held, ruled(held))

    assert _weighed(held, planned(case, shares)) == min(_weighed(held, way) for way in _every_plan(case))
    assert _weighed(held, planned(case, beyond.best(case)[0])) == _weighed(held, planned(case, shares))


@given(situations())
@settings(max_examples=40)
def test_two_versions_are_measured_by_what_lateness_costs_too(snapshot: Snapshot) -> None:
    found = plan(snapshot)
    assert priced(snapshot, found) == money_of(found)


def test_a_window_counts_the_hours_too() -> None:
    """One lamp of the sooner place and two orders: it goes to the one whose rest would come latest."""
    one = chicago()
    free = one.free.copy()
    free[0, one.network.index["wicker-park"]] = 1
    other = replace(one, demand=replace(one.demand, order="A-1008"), free=free)
    together = decide_window([replace(one, free=free), other])

    assert sorted(each.plan.sites for each in together) == [("dc-joliet",), ("wicker-park",)]
    alone = decide_window([one])[0].decision.receipt
    assert receipt_json(alone) == receipt_json(decide(one).receipt)


def test_a_long_order_comes_from_where_it_comes_soonest() -> None:
    skus = [f"s{n}" for n in range(11)]
    everything = " ".join(f"{sku}:1" for sku in skus)
    rates = replace(PLAIN, late_hour=50)
    snapshot = told(f"A {everything}, B {everything}", ", ".join(f"{sku} 1" for sku in skus), rates=rates)
    sites = [replace(site, leaves_at=NOW + 3 * DAY * (site.code == "A")) for site in snapshot.network.sites]
    late = replace(snapshot.demand, promised_by=NOW, is_promised=True)
    slow = replace(snapshot, network=Network(sites), demand=late)

    assert plan(slow).sites == ("B",)
    assert plan(replace(slow, engine=1)).sites == ("A",)


def _weighed(snapshot: Snapshot, found: Plan) -> tuple[int, int, int]:
    """Units not sent, units late, and money with lateness counted here, part by part, from the words of the rule."""
    promised, wanted = snapshot.demand.promised_by or 0, sum(line.units for line in snapshot.demand.lines)
    late, money = 0, 0
    for part in found.parts:
        units = sum(part.lines.values())
        money += part.cost - part.costs.get(Cost.LATENESS, 0)
        if part.arrives_at > promised:
            hours = (part.arrives_at - promised + HOUR - 1) // HOUR
            each = hours * ((snapshot.policy.rates.late_hour + wanted - 1) // wanted)
            late, money = late + units, money + units * each
    return sum(found.unfilled.values()), late, money


def _every_plan(case: Case) -> list[Plan]:
    """Every atom from every place that has it, or from nobody."""
    choices = [
        [None, *(p for p in range(len(case.live)) if case.able[at, p])] for at in range(len(case.atoms))
    ]
    most = case.snapshot.policy.parts_max or len(case.atoms)
    found = []
    for way in product(*choices):
        parts: dict[int, int] = {}
        for at, place in enumerate(way):
            if place is not None:
                parts[place] = parts.get(place, 0) | 1 << at
        if len(parts) <= most and all(case.feasible[part, place] for place, part in parts.items()):
            found.append(planned(case, tuple(parts.items())))
    return found
