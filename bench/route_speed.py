"""How fast one decision is: up to 8 lines over 50 places, the same with one item on two lines, other shapes of it
(`route_shapes`), and 3 lines over 1,000 places; all with the whole receipt.
"""

from __future__ import annotations

import random
import sys
import time
from typing import Any

from ambidex.domains.routing import (
    Demand,
    Network,
    Policy,
    Shelf,
    Site,
    Snapshot,
    Wanted,
    decide,
    model,
    plan,
)
from ambidex.kernel.values import replace
from bench.route_shapes import SHAPES, snapshots

NOW = 1_772_000_000
DECISIONS = 400
# of each other shape: its worst is its 99 of 100
OF_A_SHAPE = 200


def measured() -> dict[str, Any]:
    """p99 of a decision in milliseconds (up to 8 lines, 50 places), decisions a second over 1,000 places."""
    small = [
        _snapshot(network, lines, seed)
        for network in [_network(50)]
        for seed in range(DECISIONS)
        for lines in [1 + seed % 8]
    ]
    times = _timed(small)
    shared = _timed([_with_one_item_twice(one) for one in small if len(one.demand.lines) > 1])
    wide_network = _network(1_000)
    wide = [_snapshot(wide_network, 3, seed) for seed in range(DECISIONS)]
    wide_times = _timed(wide)
    began = time.process_time()
    for snapshot in wide:
        plan(snapshot)
    bare = time.process_time() - began
    found = {
        "p99_ms": round(_p99(times) * 1e3, 2),
        "p50_ms": round(sorted(times)[len(times) // 2] * 1e3, 2),
        "one_item_twice_p99_ms": round(_p99(shared) * 1e3, 2),
        "decisions_per_s_1000_places": round(len(wide_times) / sum(wide_times)),
        "plans_per_s_1000_places": round(len(wide) / bare),
    }
    print(f"speed: {found}", file=sys.stderr)
    shapes = {name: _of_shape(name) for name in SHAPES}
    return found | {"shapes_p99_ms": shapes, "worst_shape_p99_ms": max(shapes.values())}


def _of_shape(name: str) -> float:
    """p99 of a decision of this shape, in milliseconds."""
    times = sorted(_timed(snapshots(SHAPES[name], OF_A_SHAPE)))
    median, slow = times[len(times) // 2] * 1e3, _p99(times) * 1e3
    print(f"  {name:44} p50 {median:6.2f} ms, p99 {slow:6.2f} ms", file=sys.stderr)
    return round(slow, 2)


def _timed(snapshots: list[Snapshot]) -> list[float]:
    """Processor time of each, as the machine is shared; the first few warm up."""
    for snapshot in snapshots[:16]:
        decide(snapshot)
    found = []
    for snapshot in snapshots:
        began = time.process_time()
        decide(snapshot)
        found.append(time.process_time() - began)
    return found


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def _network(places: int) -> Network:
    chance = random.Random(places)
    return Network(
        Site(
            f"store-{n:04}", chance.choice(("store", "store", "store", "warehouse")),
            round(chance.uniform(26e6, 48e6)), round(chance.uniform(-123e6, -71e6)),
            leaves_at=NOW + 3_600 * chance.randrange(30), load=chance.randrange(12),
        )
        for n in range(places)
    )  # fmt: skip


def _with_one_item_twice(snapshot: Snapshot) -> Snapshot:
    """The first two lines want the same item, so they share what lies there."""
    first, second, *rest = snapshot.demand.lines
    lines = (first, replace(second, sku=first.sku), *rest)
    free = snapshot.free.copy()
    free[1] = free[0]
    return replace(snapshot, demand=replace(snapshot.demand, lines=lines), free=free)


def _snapshot(network: Network, lines: int, seed: int) -> Snapshot:
    """Each line is at two places of five; the promise leaves out some of them."""
    chance = random.Random(seed)
    wanted = tuple(Wanted(n, f"sku-{n}", 1, chance.randrange(100, 3_000)) for n in range(1, lines + 1))
    demand = Demand(
        f"order-{seed}", wanted, latitude_e6=round(chance.uniform(28e6, 45e6)), longitude_e6=round(chance.uniform(-120e6, -75e6)),
        promised_by=NOW + 4 * 86_400, is_promised=True,
    )  # fmt: skip
    shelves = {
        (site.code, line.line_no): Shelf(
            chance.randrange(1, 6), chance.randrange(700, 1_000), chance.randrange(0, 40_000)
        )
        for line in wanted
        for site in network.sites
        if chance.random() < 0.4
    }
    handling = (model.Handling("store", 80_000, 15_000), model.Handling("warehouse", 30_000, 5_000))
    return Snapshot.of(
        NOW, demand, sites=network, shelves=shelves, policy=Policy(1, rates=model.Rates(handling=handling))
    )
