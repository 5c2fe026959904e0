"""Routing: cost over the lower bound on the open instances beside what other systems do, and how fast the engine decides.

`--part cost` the four instances (prices are made by sampling, which takes minutes; `--samples` makes it quicker), `speed` one
decision and 1,000 places, `batch` many open orders at once. Without the instances' folder a tiny made-up one is used and
the ratios say so.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ambidex.domains.routing.rules.prices import SAMPLES
from bench import route_batch, route_speed
from bench.route_controls import RULES
from bench.route_instances import BOUNDS, SAMPLE, Instance, NotThere, folder_of, read
from bench.route_policies import (
    ROLL_BLEND,
    ROLL_SAMPLES,
    Outcome,
    Pricing,
    by_rule,
    order_by_order,
    proved,
    rolling,
    windows,
)

PARTS = ("cost", "speed", "batch")
KINDS = {"baskets": "basket", "olist": "olist"}
ORDERS, TOGETHER = "order by order, with its receipt", "windows of 60"
ROLLING = "rolling window of 60"
PLAIN_ORDERS, PLAIN_TOGETHER = "per-order optimum, no prices", "windows of 60, no prices"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--past", type=Path, default=None, help="folder with routing_*.json.gz")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part (may be repeated)")
    parser.add_argument(
        "--samples", type=int, default=SAMPLES, help="sampled futures for each making of prices"
    )
    parser.add_argument("--open-orders", type=int, default=100_000, help="orders of the batch")


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures; the table of costs goes to the screen."""
    parts = asked.part or PARTS
    found: dict[str, Any] = {"name": "route"}
    if "cost" in parts:
        found |= _costs(_instances(asked.past), samples=asked.samples)
    if "speed" in parts:
        found |= route_speed.measured()
    if "batch" in parts:
        found |= route_batch.measured(asked.open_orders)
    return found


def _instances(past: Path | None) -> list[Instance]:
    try:
        return [read(path) for path in sorted(folder_of(past).glob("routing_*.json.gz"))]
    except NotThere as missing:
        print(
            f"{missing} A tiny made-up instance is used; its ratio is over the clairvoyant optimum.",
            file=sys.stderr,
        )
        return [read(SAMPLE)]


def _costs(instances: list[Instance], *, samples: int) -> dict[str, Any]:
    table: dict[str, dict[str, float]] = {}
    for instance in instances:
        for name, ratio in _instance(instance, samples=samples).items():
            table.setdefault(name, {})[instance.name] = ratio
    _show(table, [instance.name for instance in instances])
    return {"table": table} | _means(table)


def _instance(instance: Instance, *, samples: int) -> dict[str, float]:
    bound = BOUNDS.get(instance.name) or clairvoyant(instance)
    pays, saved = proved(instance)
    _say(
        f"{instance.name}: prices proved on seasons of the past: {saved:+.2%} saved, {'on' if pays else 'off'}"
    )
    pricing: Callable[[], Pricing | None] = lambda: (  # noqa: E731  # each run has its own
        Pricing(instance, instance.orders, samples=samples) if pays else None
    )
    runs: dict[str, Callable[[], Outcome]] = {name: _by_rule(instance, name) for name in RULES}
    runs[PLAIN_ORDERS] = lambda: order_by_order(instance, None)
    runs[ORDERS] = lambda: order_by_order(instance, pricing())
    runs[PLAIN_TOGETHER] = lambda: windows(instance, None)
    runs[TOGETHER] = lambda: windows(instance, pricing())
    runs[ROLLING] = lambda: rolling(instance, _rolling_prices(instance) if pays else None)
    found = {}
    for name, start in runs.items():
        outcome = start()
        found[name] = round(outcome.each / bound, 4)
        longest = f", longest decision {max(outcome.thought):.3f} s" if outcome.thought else ""
        _say(
            f"  {name:34} {found[name]:.4f}  {outcome.each:.4f} an order, {outcome.parts / outcome.orders:.3f} parcels"
            f"{longest}{f', prices {outcome.priced:.0f} s' if outcome.priced else ''}"
        )
    return found


def _rolling_prices(instance: Instance) -> Pricing:
    return Pricing(instance, instance.orders, samples=ROLL_SAMPLES, blend=ROLL_BLEND)


def clairvoyant(instance: Instance) -> float:
    """Of an instance without a bound: all its orders in one window (at most 60)."""
    return windows(instance, None, size=len(instance.orders)).each


def _by_rule(instance: Instance, name: str) -> Callable[[], Outcome]:
    return lambda: by_rule(instance, RULES[name])


def _means(table: dict[str, dict[str, float]]) -> dict[str, float]:
    """The figures of the contract: means of the open instances of each kind."""
    found = {}
    for kind, part in KINDS.items():
        for policy, suffix in ((ORDERS, ""), (ROLLING, "_windows"), (TOGETHER, "_blocks")):
            ratios = [ratio for name, ratio in table[policy].items() if part in name]
            if ratios:
                found[f"ratio_{kind}{suffix}"] = round(sum(ratios) / len(ratios), 4)
    return found


def _show(table: dict[str, dict[str, float]], names: list[str]) -> None:
    _say("\ncost over the lower bound")
    _say(f"| {'policy':34} | " + " | ".join(names) + " |")
    _say(f"|{'-' * 36}|" + "|".join("-" * (len(name) + 2) for name in names) + "|")
    for policy, ratios in table.items():
        _say(f"| {policy:34} | " + " | ".join(f"{ratios[name]:<{len(name)}.4f}" for name in names) + " |")


def _say(line: str) -> None:
    print(
        f"{time.strftime('%H:%M:%S')} {line}" if line and line[0] == " " else line,
        file=sys.stderr,
        flush=True,
    )
