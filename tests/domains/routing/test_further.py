"""Places that are left out, as no cheaper plan could have them in it, would not have bettered the plan: seen on random stock."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ambidex.domains import routing
from ambidex.domains.routing import Demand, Policy, Snapshot, Wanted
from ambidex.domains.routing.model import TOGETHER, Condition, Handling, Rates, Rule
from ambidex.domains.routing.rules.snapshot import Network
from ambidex.kernel.values import replace

PLACES = 24
CASES = 30
KINDS = ("store", "warehouse")


def _policy(chance: random.Random) -> Policy:
    rates = Rates(
        per_kg=chance.choice((0, 60_000)),
        bands=chance.choice(((), ((500, 10_000), (4_000, 90_000)))),
        handling=chance.choice(((), (Handling("store", 9_000, 4_000), Handling("place-03", 0, 30_000)))),
        split=chance.choice((0, 150_000)),
    )
    rules = (
        Rule("cheaper from warehouses", (), (Condition("place.kind", "in", ("warehouse",)),), -40_000),
        Rule("dear", (Condition("item.sku", "in", ("B",)),), (Condition("place.kind", "in", ("store",)),), 70_000),
        Rule("never", (), (Condition("place.code", "in", ("place-01",)),)),
        Rule("B is cheaper", (Condition("item.sku", "in", ("B",)),), (Condition("place.code", "in", ("place-05",)),), -90_000),
    )  # fmt: skip
    some = tuple(rule for rule in rules if chance.random() < 0.4)
    found = Policy(rules=some, rates=rates, parts_max=chance.choice((0, 0, 1, 2)))
    return found.at_speed(TOGETHER) if chance.random() < 0.1 else found


def _demand(chance: random.Random) -> Demand:
    skus = chance.choices("ABCDEF", k=chance.choice((1, 2, 3, 3, 4)))
    kit = chance.choice((0, 0, 0, 1))
    lines = tuple(
        Wanted(n, sku, chance.choice((1, 1, 2, 3)), 200 + 700 * ord(sku) % 3_000, kit_no=kit if n < 3 else 0)
        for n, sku in enumerate(skus, start=1)
    )
    return Demand(
        "o", lines, latitude_e6=chance.randrange(50, 58) * 10**6, longitude_e6=chance.randrange(-5, 1) * 10**6
    )


def _stock(chance: random.Random, demand: Demand) -> tuple[Snapshot, Snapshot]:
    """What lies everywhere; and as if every place had what it ever had. Some lines lie at few places."""
    sites = [
        routing.Site(
            f"place-{n:02}",
            KINDS[n % 5 == 0],
            round(chance.uniform(50, 58) * 1e6),
            round(chance.uniform(-5, 1) * 1e6),
            load=chance.choice((0, 0, 9)),
        )
        for n in range(PLACES)
    ]
    network, shape = Network(sites), (len(demand.lines), PLACES)
    dice = np.random.default_rng(chance.randrange(1 << 30))
    rows = {sku: dice.random(PLACES) < chance.choice((0.15, 0.6, 0.9)) for sku in "ABCDEF"}
    ever = np.array([rows[line.sku] for line in demand.lines])
    lies = {sku: dice.choice((0, 1, 2, 5), PLACES) for sku in "ABCDEF"}
    free = np.where(ever, np.array([lies[line.sku] for line in demand.lines]), 0)
    sure = dice.integers(800, 996, shape)
    metres = network.metres_from(demand.latitude_e6, demand.longitude_e6)
    price = np.where(free == 1, dice.choice((0, 50_000), shape), 0)
    nothing = np.zeros(shape, np.int64)
    known = np.where(free > 0, sure - 60 * (free <= 1), 1000)
    policy = _policy(chance)
    real = Snapshot(0, demand, network, policy, metres, free, known, price, nothing)
    return real, replace(real, free=np.where(ever, 1 << 40, 0), chance=np.where(ever, sure, 0), price=nothing)


def _at(real: Snapshot, places: list[int]) -> Snapshot:
    """The same where only these places were looked at."""
    network = Network([real.network.sites[at] for at in places])
    grids = {
        name: getattr(real, name)[..., places] for name in ("metres", "free", "chance", "price", "markdown")
    }
    return replace(real, network=network, **grids)


def _searched(real: Snapshot, at_best: Snapshot, chance: random.Random) -> tuple[routing.Plan, int]:
    """The plan of who looks further only where it could be cheaper, and how many places that took."""
    places = sorted(chance.sample(range(PLACES), 4))
    while True:
        found = routing.further.seen(_at(real, places))
        others = np.array([at for at in range(PLACES) if at not in places], np.int64)
        if found.plan.unfilled and len(others):
            places = sorted([*places, *chance.sample(others.tolist(), min(3, len(others)))])
            continue
        if found.least is None:
            return routing.plan(real), PLACES
        floors = routing.further.floors(found, at_best, others) if len(others) else others
        better = others[np.argsort(floors, kind="stable")][np.sort(floors) < found.plan.cost]
        if not len(better):
            return found.plan, len(places)
        places = sorted([*places, *better[:2].tolist()])


@pytest.mark.parametrize("seed", range(4))
def test_no_place_that_was_left_out_would_have_made_it_cheaper(seed: int) -> None:
    chance, looked = random.Random(seed), []
    for case in range(CASES):
        real, at_best = _stock(chance, _demand(chance))
        plan, places = _searched(real, at_best, chance)
        assert plan.cost == routing.plan(real).cost, (seed, case)
        looked.append(places)
    assert sum(places < PLACES for places in looked) > CASES // 2, "not all have to be looked at"
