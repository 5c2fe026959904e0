"""The open routing instances: real customers, baskets and places with drawn stock, and a scorer of their own.

Read from a folder (`--past`, or AMBIDEX_SHARED_DATA) that is never shipped; bench/samples has a tiny made-up one of the same
shape. Lower bounds and the cost of an assignment are those that came with the instances.
"""

from __future__ import annotations

import gzip
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ambidex.domains.routing import Demand, Network, Policy, Site, Snapshot, Wanted, model
from ambidex.domains.routing.rules.joint import Asked
from ambidex.domains.routing.rules.snapshot import Ints

FOLDER = "AMBIDEX_SHARED_DATA"
SAMPLE = Path(__file__).parent / "samples" / "routing_sample.json.gz"
EARTH_KM = 6371.0088
MILLS = 100_000
NOW = 1_772_000_000
# Lower bound of the cost of an order: the dual bound of one program over all 600 orders, as it came with the data.
BOUNDS = {
    "routing_olist_2017-08": 15.1386,
    "routing_olist_2017-11_peak": 15.0117,
    "routing_us_basket_w34": 11.3259,
    "routing_us_basket_w40": 11.4910,
}


class NotThere(Exception):
    """The folder of instances is not there."""


@dataclass(frozen=True, slots=True)
class Order:
    """Where it goes, and its SKUs, one unit each."""

    point: tuple[float, float]
    skus: tuple[int, ...]


# What was chosen for an order: place -> indices of its lines.
Chosen = dict[int, list[int]]


@dataclass
class Instance:
    """One instance with everything in the words of the engine too."""

    name: str
    told: dict[str, Any]
    known: dict[tuple[float, float], Ints] = field(default_factory=dict)
    seen: dict[Order, Asked] = field(default_factory=dict)

    @cached_property
    def network(self) -> Network:
        return Network(
            Site(f"{n:04}", latitude_e6=round(lat * 1e6), longitude_e6=round(lng * 1e6), leaves_at=NOW)
            for n, (lat, lng) in enumerate(self.told["nodes"])
        )

    @cached_property
    def policy(self) -> Policy:
        cost = self.told["cost"]
        names = {"package": "base_per_package", "per_1000km": "per_package_1000km"}
        card = {ours: round(cost[theirs] * MILLS) for ours, theirs in names.items()}
        card |= {name: round(cost[name] * MILLS) for name in ("per_kg", "per_kg_1000km")}
        rates = model.Rates(**card, split=0, late_hour=0, waiting=0, failed_pick=0, transit=((20_000, 3),))
        return Policy(1, self.name, rates=rates)

    @cached_property
    def stock(self) -> Ints:
        """[SKU, place]."""
        found = np.zeros((len(self.told["sku_kg"]), len(self.told["nodes"])), np.int64)
        for sku, place, units in self.told["stock"]:
            found[sku, place] = units
        return found

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        return tuple(
            Order((o["lat"], o["lon"]), tuple(sku for sku, _ in o["lines"])) for o in self.told["orders"]
        )

    @cached_property
    def past(self) -> tuple[Order, ...]:
        """Orders of the past: lines that follow one another to one address are one basket."""
        most = max(len(order.skus) for order in self.orders)
        is_baskets = self.told["history_orders"] < len(self.told["history_lines"])
        found: list[tuple[tuple[float, float], list[int]]] = []
        for lat, lng, sku in self.told["history_lines"]:
            last = found[-1] if found else None
            if is_baskets and last and last[0] == (lat, lng) and len(last[1]) < most:
                last[1].append(sku)
            else:
                found.append(((lat, lng), [sku]))
        return tuple(Order(point, tuple(skus)) for point, skus in found)

    def snapshot(self, order: Order, stock: Ints, *, price: Ints | None = None) -> Snapshot:
        """What the engine is told: the order, and what each place has left."""
        lat, lng = (round(part * 1e6) for part in order.point)
        grams = self.told["sku_kg"]
        lines = tuple(
            Wanted(n, f"{sku}", 1, round(grams[sku] * 1_000)) for n, sku in enumerate(order.skus, 1)
        )
        metres = self.known.get(order.point)
        if metres is None:
            metres = self.known[order.point] = self.network.metres_from(lat, lng)
        rows = list(order.skus)
        nothing = np.zeros((len(rows), stock.shape[1]), np.int64)
        return Snapshot(
            now=NOW,
            demand=Demand("order", lines, latitude_e6=lat, longitude_e6=lng),
            network=self.network,
            policy=self.policy,
            metres=metres,
            free=stock[rows],
            chance=nothing + model.SURE,
            price=nothing if price is None else price[rows],
            markdown=nothing,
        )

    def asked(self, orders: Iterable[Order]) -> list[Asked]:
        """As a program sees them; remembered, as it does not depend on what is left."""
        return [self._asked(order) for order in orders]

    def _asked(self, order: Order) -> Asked:
        found = self.seen.get(order)
        if found is None:
            found = self.seen[order] = Asked.of(self.snapshot(order, self.stock))
        return found

    def cost(self, order: Order, chosen: Chosen) -> float:
        """By the definition that came with the data, from scratch: nothing of the engine is used."""
        cost, found = self.told["cost"], 0.0
        for place, lines in chosen.items():
            km = kilometres(self.told["nodes"][place], order.point)
            found += cost["base_per_package"] + cost["per_package_1000km"] * km / 1000
            each = cost["per_kg"] + cost["per_kg_1000km"] * km / 1000
            found += sum(self.told["sku_kg"][order.skus[line]] * each for line in lines)
        return found


def kilometres(one: Sequence[float], other: Sequence[float]) -> float:
    """Great circle."""
    lat, lng, lat2, lng2 = (math.radians(part) for part in (*one, *other))
    h = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lng2 - lng) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(h))


def chosen_of(plan: model.Plan, network: Network) -> Chosen:
    """What a plan of the engine means for an order of an instance."""
    assert not plan.unfilled, "the stock of an instance suffices for every line"
    return {network.index[part.site]: [line_no - 1 for line_no in part.lines] for part in plan.parts}


def folder_of(given: Path | None) -> Path:
    """The folder with the instances. Raises NotThere with what to do."""
    named = given or (Path(os.environ[FOLDER]) if os.environ.get(FOLDER) else None)
    if named is None or not any(named.glob("routing_*.json.gz")):
        raise NotThere(f"No routing instances: name their folder with --past or {FOLDER}.")
    return named


def read(path: Path) -> Instance:
    told = json.loads(gzip.decompress(path.read_bytes()))
    return Instance(told["name"], told)
