"""The engine over a whole instance: order by order and in windows, with scarcity prices where they proved themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ambidex.domains.routing import decide
from ambidex.domains.routing.rules.joint import Asked
from ambidex.domains.routing.rules.prices import Season, prices
from ambidex.domains.routing.rules.snapshot import Ints
from ambidex.domains.routing.rules.window import WINDOW_MAX, decide_window
from bench.route_controls import Rule
from bench.route_instances import Chosen, Instance, Order, chosen_of

EVERY = 50
# Of a rolling window: orders that leave it at a time, futures sampled each time, and their weight in the prices.
ROLL_STEP, ROLL_SAMPLES, ROLL_BLEND = 10, 8, 0.15
SAMPLES = 16
# Of the prices made anew; the rest is those of before, as each making is a sample.
BLEND = 0.5
# No item is expected to sell more than so many times the share of its stock that items sell on average.
COVER = 1.2
SEED = 20260302


@dataclass
class Outcome:
    """What a policy cost, and how long it thought: seconds of each decision, and of all prices."""

    cost: float = 0.0
    orders: int = 0
    parts: int = 0
    thought: list[float] = field(default_factory=list)
    priced: float = 0.0

    @property
    def each(self) -> float:
        return self.cost / self.orders

    def add(self, instance: Instance, order: Order, chosen: Chosen) -> None:
        self.cost += instance.cost(order, chosen)
        self.orders += 1
        self.parts += len(chosen)


def by_rule(instance: Instance, rule: Rule) -> Outcome:
    """A control: one order after the other by a rule."""
    found, stock = Outcome(), instance.stock.copy()
    for order in instance.orders:
        chosen = rule(instance, order, stock)
        _take(stock, order, chosen)
        found.add(instance, order, chosen)
    return found


@dataclass
class Pricing:
    """Prices of an instance as time goes by: asked again every so often, from what is known by then and no more."""

    instance: Instance
    orders: Sequence[Order]
    samples: int = SAMPLES
    blend: float = BLEND
    past: list[Asked] = field(default_factory=list)
    before: Ints | None = None

    def at(self, number: int, stock: Ints, *, window: int = 0) -> Ints:
        """Mills [SKU, place] before order `number`; `window` orders from there on are in hand."""
        self.past = self.past or self.instance.asked(self.instance.past)
        in_hand = self.instance.asked(self.orders[number : number + window])
        to_come = len(self.orders) - number - window
        lines = sum(len(one.needs) for one in self.past) / len(self.past)
        season = Season(
            past=self.past,
            to_come=to_come,
            now=in_hand,
            cover=min(1.0, COVER * to_come * lines / max(1, int(stock.sum()))),
        )
        left = {f"{sku}": units for sku, units in enumerate(stock)}
        found = prices(season, left, samples=self.samples, seed=SEED + number)
        fresh = np.array([found[f"{sku}"] for sku in range(len(stock))])
        if self.before is not None:
            fresh = np.rint(self.blend * fresh + (1 - self.blend) * self.before).astype(np.int64)
        self.before = fresh
        return fresh


def order_by_order(
    instance: Instance, pricing: Pricing | None, *, orders: Sequence[Order] | None = None
) -> Outcome:
    """Each decided as it comes, with its receipt; never knows a later one."""
    found, stock, price = Outcome(), instance.stock.copy(), None
    for number, order in enumerate(orders or instance.orders):
        if pricing and number % EVERY == 0:
            price = _timed(found, lambda at=number: pricing.at(at, stock))  # type: ignore[misc]  # a default binds
        snapshot = instance.snapshot(order, stock, price=price)
        began = time.perf_counter()
        plan = decide(snapshot).plan
        found.thought.append(time.perf_counter() - began)
        chosen = chosen_of(plan, instance.network)
        _take(stock, order, chosen)
        found.add(instance, order, chosen)
    return found


def windows(instance: Instance, pricing: Pricing | None, *, size: int = WINDOW_MAX) -> Outcome:
    """So many decided together; never knows the next window."""
    found, stock, price = Outcome(), instance.stock.copy(), None
    for number in range(0, len(instance.orders), size):
        orders = instance.orders[number : number + size]
        if pricing and number + size < len(instance.orders):
            price = _timed(found, lambda at=number: pricing.at(at, stock, window=size))  # type: ignore[misc]  # a default binds
        elif pricing:
            price = None
        snapshots = [instance.snapshot(order, stock, price=price) for order in orders]
        began = time.perf_counter()
        together = decide_window(snapshots)
        found.thought.append(time.perf_counter() - began)
        for order, one in zip(orders, together, strict=True):
            chosen = chosen_of(one.decision.plan, instance.network)
            _take(stock, order, chosen)
            found.add(instance, order, chosen)
    return found


def rolling(instance: Instance, pricing: Pricing | None, *, size: int = WINDOW_MAX) -> Outcome:
    """At most so many wait; the oldest leave as they were decided with the others, the next come in their place."""
    found, stock, number = Outcome(), instance.stock.copy(), 0
    while number < len(instance.orders):
        waiting = instance.orders[number : number + size]
        is_last = number + size >= len(instance.orders)
        price = None
        if pricing and not is_last:
            price = _timed(found, lambda at=number: pricing.at(at, stock, window=size))  # type: ignore[misc]  # a default binds
        began = time.perf_counter()
        together = decide_window([instance.snapshot(order, stock, price=price) for order in waiting])
        leaving = len(waiting) if is_last else ROLL_STEP
        decisions = [one.decision for one in together[:leaving]]
        found.thought.append(time.perf_counter() - began)
        for order, one in zip(waiting[:leaving], decisions, strict=True):
            chosen = chosen_of(one.plan, instance.network)
            _take(stock, order, chosen)
            found.add(instance, order, chosen)
        number += leaving
    return found


def proved(instance: Instance, *, seasons: int = 2, samples: int = 4) -> tuple[bool, float]:
    """Whether prices would have paid in seasons made of the past, and the share they would have saved.

    The season is drawn from the younger half of the past, prices are made from the older half only.
    """
    half = len(instance.past) // 2
    younger = instance.past[half:]
    told = {**instance.told, "history_lines": [], "history_orders": 1}
    older = replace(instance, told=told)
    older.__dict__["past"] = instance.past[:half]
    plain = priced = 0.0
    for season in range(seasons):
        orders = _season(instance, younger, np.random.default_rng((SEED, season)))
        pricing = Pricing(older, orders, samples=samples)
        plain += order_by_order(older, None, orders=orders).cost
        priced += order_by_order(older, pricing, orders=orders).cost
    return priced < plain, 1 - priced / plain


def _season(instance: Instance, past: Sequence[Order], chance: np.random.Generator) -> list[Order]:
    """As many orders as the instance has, of which the stock suffices for every line."""
    left = instance.stock.sum(axis=1)
    found: list[Order] = []
    while len(found) < len(instance.orders):
        order = past[int(chance.integers(0, len(past)))]
        skus = []
        for sku in order.skus:
            if left[sku] > 0:
                left[sku] -= 1
                skus.append(sku)
        if skus:
            found.append(Order(order.point, tuple(skus)))
    return found


def _timed(found: Outcome, ask: Callable[[], Ints]) -> Ints:
    began = time.perf_counter()
    price = ask()
    found.priced += time.perf_counter() - began
    return price


def _take(stock: Ints, order: Order, chosen: Chosen) -> None:
    for place, lines in chosen.items():
        for line in lines:
            stock[order.skus[line], place] -= 1
            assert stock[order.skus[line], place] >= 0, "no place sends what it does not have"
