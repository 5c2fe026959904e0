"""Two versions over the same decisions: what is counted, by one yardstick, and intervals that are what they say."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from ambidex.domains.routing.model import Demand, Handling, Rates, Shelf, Site, Wanted
from ambidex.domains.routing.rules import trials
from ambidex.domains.routing.rules.document import DEFAULT_DOCUMENT, parse
from ambidex.domains.routing.rules.money import money_of, priced
from ambidex.domains.routing.rules.planning import plan
from ambidex.domains.routing.rules.snapshot import Snapshot
from ambidex.domains.routing.rules.trials import Measure, Pair
from ambidex.kernel.problem import BadInput
from tests.conftest import NOON

NOW = int(NOON.timestamp())
BANDED = Rates(bands=((2_000, 10_000), (9_000, 70_000)), handling=(Handling("store", 90_000, 7_000),))


def _snapshot(chance: random.Random, rates: Rates | None = None) -> Snapshot:
    """Some places in Europe, some lines, a wish that may be hard to keep."""
    sites = [
        Site(
            f"p{n}", chance.choice(["store", "warehouse"]), chance.randrange(48_000_000, 54_000_000),
            chance.randrange(6_000_000, 14_000_000), leaves_at=NOW + chance.randrange(90_000), load=chance.randrange(9),
        )
        for n in range(6)
    ]  # fmt: skip
    lines = tuple(
        Wanted(n, f"S{n}", chance.randrange(1, 4), chance.randrange(100, 9_000)) for n in range(1, 4)
    )
    shelves = {
        (site.code, line.line_no): Shelf(
            chance.choice([0, 5]), chance.randrange(600, 1001), markdown=chance.randrange(2) * 500
        )
        for site in sites
        for line in lines
    }
    demand = Demand(
        "o",
        lines,
        latitude_e6=52_000_000,
        longitude_e6=13_000_000,
        promised_by=NOW + chance.randrange(300_000),
    )
    rules = [{"name": "spared", "avoid": {"place.kind": "store"}, "by": "3.00"}]
    policy = parse({**DEFAULT_DOCUMENT, "rules": rules})
    if rates is not None:
        policy = replace(policy, rates=rates)
    return Snapshot.of(NOW, demand, sites=sites, shelves=shelves, policy=policy)


@pytest.mark.parametrize("seed", range(40))
def test_one_yardstick_gives_a_plan_the_cost_that_its_own_version_gave_it(seed: int) -> None:
    snapshot = _snapshot(random.Random(seed), BANDED if seed % 2 else None)
    found = plan(snapshot)
    assert priced(snapshot, found) == money_of(found)


def test_what_rules_add_is_no_money() -> None:
    snapshot = _snapshot(random.Random(3))
    found = plan(snapshot)
    assert found.cost >= money_of(found)
    measure = trials.measured(snapshot, found)
    assert dict(zip(trials.COUNTED, measure.counts, strict=True))["cost"] == money_of(found)


def _pairs(live: list[int], other: list[int]) -> list[Pair]:
    """Decisions that cost so much with either version, each of one unit from one place."""

    def one(cost: int, site: str) -> Measure:
        return Measure((1, 1, 1, cost, 1, 0, 10, 1, 1), {site: 1})

    both = zip(live, other, strict=True)
    return [Pair(one(a, "north"), one(b, "south"), differs=a != b) for a, b in both]


def test_a_figure_is_its_mean_and_lies_in_its_interval() -> None:
    result = trials.summed_up(_pairs([100, 200, 300, 400], [110, 190, 320, 420]), seed=5)
    cost = result["figures"]["cost"]
    assert (cost["live"][0], cost["other"][0], cost["change"][0]) == (250, 260, 10)
    assert all(low <= value <= high for value, low, high in cost.values())
    assert result["places"]["north"] == {"live": [1, 1, 1], "other": [0, 0, 0], "change": [-1, -1, -1]}
    assert (result["orders"], result["differs"]) == (4, 4)


def test_the_same_decisions_paired_tell_a_small_change_from_a_wide_spread() -> None:
    chance = random.Random(9)
    live = [chance.randrange(100, 9_000) for _ in range(400)]
    change = trials.summed_up(_pairs(live, [cost + 10 for cost in live]), seed=1)["figures"]["cost"]["change"]
    assert change == [10, 10, 10]


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    chance = np.random.default_rng(4)
    held = 0
    for trial in range(60):
        drawn = [int(cost) for cost in chance.normal(1_000, 200, 80)]
        _, low, high = trials.summed_up(_pairs(drawn, drawn), seed=trial, draws=200)["figures"]["cost"][
            "live"
        ]
        held += low <= 1_000 <= high
    assert held >= 52


def test_nothing_to_compare_is_no_figure() -> None:
    assert trials.summed_up([], seed=1) == {"orders": 0, "differs": 0, "figures": {}, "places": {}}


@pytest.mark.parametrize(
    ("begin", "end", "most"),
    [(0, 0, 100), (1, 0, 100), (-400, 0, 100), (1, 2, 100), (-1, 0, 0), (-1, 0, 20_001)],
)
def test_a_span_that_cannot_be_is_refused(begin: int, end: int, most: int) -> None:
    def at(days: int) -> datetime:
        return NOON + timedelta(days=days)

    with pytest.raises(BadInput):
        trials.check_span(at(begin), at(end), decisions_max=most, now=NOON)
