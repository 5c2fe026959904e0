"""The engine over a whole instance: order by order and in windows, with scarcity prices where they proved themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ambidex.domains.routing import decide
from ambidex.domains.routing.rules import prices
from ambidex.domains.routing.rules.prices import BLEND, SAMPLES
from ambidex.domains.routing.rules.snapshot import Ints
from ambidex.domains.routing.rules.trials_of_prices import SEED, TRIAL_SAMPLES, Proof, Shop, Terms, tried
from ambidex.domains.routing.rules.window import WINDOW_MAX, decide_window
from bench.route_controls import Rule
from bench.route_instances import Chosen, Instance, Order, chosen_of

EVERY = 50
# Of a rolling window: orders that leave it at a time, futures sampled each time, and their weight in the prices.
ROLL_STEP, ROLL_SAMPLES, ROLL_BLEND = 10, 8, 0.15
# No item is expected to sell more than so many times the share of its stock that items sell on average.
COVER = 1.2


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


class Pricing:
    """Prices of an instance as time goes by: those of the product, as columns over all SKUs."""

    def __init__(
        self, instance: Instance, orders: Sequence[Order], *, samples: int = SAMPLES, blend: float = BLEND
    ) -> None:
        self.instance = instance
        self.orders = orders
        past = instance.asked(instance.past)
        self.pricing = prices.Pricing(past, SEED, samples=samples, blend=blend, cover=COVER)

    def at(self, number: int, stock: Ints, *, window: int = 0) -> Ints:
        """Mills [SKU, place] before order `number`; `window` orders from there on are in hand."""
        now = self.instance.asked(self.orders[number : number + window])
        left = {f"{sku}": units for sku, units in enumerate(stock)}
        to_come = len(self.orders) - number - window
        found = self.pricing.at(number, left, to_come=to_come, now=now)
        return np.array([found[f"{sku}"] for sku in range(len(stock))])


def order_by_order(instance: Instance, pricing: Pricing | None) -> Outcome:
    """Each decided as it comes, with its receipt; never knows a later one."""
    found, stock, price = Outcome(), instance.stock.copy(), None
    for number, order in enumerate(instance.orders):
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


def proved(instance: Instance, *, seasons: int = 2, samples: int = TRIAL_SAMPLES) -> tuple[bool, float]:
    """Whether prices would have paid in seasons made of the past, and the share they would have saved: the product's own
    trial (`trials_of_prices.py`), with as many orders as the instance has.
    """
    stock = {f"{sku}": units for sku, units in enumerate(instance.stock)}
    shop = Shop([instance.snapshot(order, instance.stock) for order in instance.past], stock)
    pieces = tried(shop, Terms(len(instance.orders), EVERY, seasons, samples, SEED, COVER))
    while True:
        try:
            next(pieces)
        except StopIteration as done:
            proof: Proof = done.value
            return proof.is_proved, proof.saved


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
