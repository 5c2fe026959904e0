"""Many open orders decided again: each in what the others leave it, and those that compete for scarce stock in windows.

Made-up orders over 1,000 places, given to places one by one as they came in (not timed); then everything is decided again,
and what moves has its receipt.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ambidex.domains.routing import (
    Demand,
    Network,
    Plan,
    Policy,
    Site,
    Snapshot,
    Wanted,
    decide_window,
    model,
    plan,
)
from ambidex.domains.routing.rules.snapshot import Ints

NOW = 1_772_000_000
PLACES, SKUS, PLACES_OF_A_SKU = 1_000, 2_000, 30
WINDOW = 60


@dataclass
class Batch:
    """Open orders, the stock that nobody has claimed, and the plan of each."""

    network: Network
    stock: Ints
    demands: list[Demand]
    policy: Policy = field(default_factory=lambda: Policy(1, rates=model.Rates(waiting=0)))
    plans: list[Plan] = field(default_factory=list)

    def snapshot(self, demand: Demand) -> Snapshot:
        """What it may have now."""
        rows = [int(line.sku) for line in demand.lines]
        nothing = np.zeros((len(rows), PLACES), np.int64)
        metres = self.network.metres_from(demand.latitude_e6, demand.longitude_e6)
        sure = nothing + model.SURE
        free = self.stock[rows]
        return Snapshot(NOW, demand, self.network, self.policy, metres, free, sure, nothing, nothing)

    def move(self, demand: Demand, found: Plan, *, by: int) -> None:
        """Take (-1) or give back (1) what a plan uses."""
        skus = {line.line_no: int(line.sku) for line in demand.lines}
        for part in found.parts:
            for line_no, units in part.lines.items():
                self.stock[skus[line_no], self.network.index[part.site]] += by * units
                assert self.stock[skus[line_no], self.network.index[part.site]] >= 0

    @property
    def cost(self) -> int:
        return sum(one.cost for one in self.plans)


def measured(orders: int) -> dict[str, Any]:
    """Seconds and processor seconds of deciding all again, and what it saved."""
    batch = _batch(orders)
    for demand in batch.demands:
        batch.plans.append(plan(batch.snapshot(demand)))
        batch.move(demand, batch.plans[-1], by=-1)
    before = batch.cost
    wall, own = time.perf_counter(), time.process_time()
    changed = _again(batch)
    windows = _windows(batch, _contended(batch))
    found = {
        "batch_orders": orders,
        "batch_s": round(time.perf_counter() - wall, 1),
        "batch_cpu_s": round(time.process_time() - own, 1),
        "batch_changed": changed,
        "batch_windows": windows,
        "batch_saved": round(1 - batch.cost / before, 5),
    }
    print(f"batch: {found}", file=sys.stderr)
    return found


def _again(batch: Batch) -> int:
    """Each in what the others leave; how many have another plan now."""
    changed = 0
    for at, demand in enumerate(batch.demands):
        batch.move(demand, batch.plans[at], by=1)
        again = plan(batch.snapshot(demand))
        assert (sum(again.unfilled.values()), again.cost) <= (
            sum(batch.plans[at].unfilled.values()),
            batch.plans[at].cost,
        )
        changed += again != batch.plans[at]
        batch.plans[at] = again
        batch.move(demand, again, by=-1)
    return changed


def _contended(batch: Batch) -> list[list[int]]:
    """Orders by the SKU they compete for: those that want it where it is gone, and those that hold it there."""
    gone = batch.stock.sum(axis=1) * 3 < batch.stock.sum(axis=1).mean()
    groups: dict[int, list[int]] = {}
    for at, demand in enumerate(batch.demands):
        scarce = [int(line.sku) for line in demand.lines if gone[int(line.sku)]]
        if scarce:
            groups.setdefault(min(scarce), []).append(at)
    return [group for _, group in sorted(groups.items())]


def _windows(batch: Batch, groups: Sequence[Sequence[int]]) -> int:
    """Decide those together; how many windows."""
    count = 0
    line = [at for group in groups for at in group]
    for start in range(0, len(line), WINDOW):
        turn = line[start : start + WINDOW]
        for at in turn:
            batch.move(batch.demands[at], batch.plans[at], by=1)
        old = sum(batch.plans[at].cost for at in turn)
        together = decide_window([batch.snapshot(batch.demands[at]) for at in turn])
        new = [one.plan for one in together]
        if sum(one.cost for one in new) < old and not any(one.unfilled for one in new):
            for at, one in zip(turn, together, strict=True):
                batch.plans[at] = one.plan if one.plan == batch.plans[at] else one.decision.plan
        for at in turn:
            batch.move(batch.demands[at], batch.plans[at], by=-1)
        count += 1
    return count


def _batch(orders: int) -> Batch:
    """Demand falls off by rank; most SKUs have more than is wanted, some less."""
    chance, draw = random.Random(orders), np.random.default_rng(orders)
    network = Network(
        Site(
            f"store-{n:04}", latitude_e6=round(chance.uniform(26e6, 48e6)),
            longitude_e6=round(chance.uniform(-123e6, -71e6)), leaves_at=NOW,
        )
        for n in range(PLACES)
    )  # fmt: skip
    share = 1 / (np.arange(SKUS) + 20)
    wanted = orders * 2 * share / share.sum()
    stock = np.zeros((SKUS, PLACES), np.int64)
    for sku in range(SKUS):
        where = draw.choice(PLACES, PLACES_OF_A_SKU, replace=False)
        spread = draw.choice([1.1, 1.5, 3.0])
        np.add.at(stock[sku], draw.choice(where, int(wanted[sku] * spread) + 2), 1)
    popular = share / share.sum()
    demands = []
    for n in range(orders):
        skus = draw.choice(SKUS, chance.choice((1, 1, 2, 2, 3, 4)), replace=False, p=popular)
        lines = tuple(Wanted(no, f"{sku}", 1, 200 + 37 * int(sku) % 2_000) for no, sku in enumerate(skus, 1))
        point = round(chance.uniform(27e6, 47e6)), round(chance.uniform(-122e6, -72e6))
        demands.append(Demand(f"{n}", lines, latitude_e6=point[0], longitude_e6=point[1]))
    return Batch(network, stock, demands)
