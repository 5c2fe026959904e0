"""What other open systems do with the same orders: the rules of Magento and HotWax, and the nearest place.

Each rule is a greedy walk, as its source describes it: Magento's two source-selection algorithms (each line from the first
source, by priority or by distance, that has it), a HotWax-like list of routing rules (a whole order from the nearest place
that has all; else group by group, places with most of what is left first, near before far).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ambidex.domains.routing.rules.snapshot import Ints
from bench.route_instances import Chosen, Instance, Order, kilometres

Rule = Callable[[Instance, Order, Ints], Chosen]


def priority(instance: Instance, order: Order, stock: Ints) -> Chosen:
    """Magento, by priority: one list of sources for everybody, those that stock most first."""
    ranked = np.lexsort((np.arange(stock.shape[1]), -instance.stock.sum(axis=0)))
    return _line_by_line(order, stock, [int(place) for place in ranked])


def distance(instance: Instance, order: Order, stock: Ints) -> Chosen:
    """Magento, by distance: for each line the nearest source that has it."""
    return _line_by_line(order, stock, _near(instance, order))


def hotwax(instance: Instance, order: Order, stock: Ints) -> Chosen:
    """A list of rules: all from one place, by nearness; else the place that has most lines, by nearness, and again."""
    left, found, has = list(range(len(order.skus))), Chosen(), stock.copy()
    near = _near(instance, order)
    while left:
        best = max(near, key=lambda place: (len(_fit(order, has, place, left)), -near.index(place)))
        found[best] = _fit(order, has, best, left)
        assert found[best], "the stock of an instance suffices"
        for line in found[best]:
            has[order.skus[line], best] -= 1
        left = [line for line in left if line not in found[best]]
    return found


def nearest(instance: Instance, order: Order, stock: Ints) -> Chosen:
    """The nearest place that has everything, and where there is none the nearest for each line."""
    whole = [
        p
        for p in _near(instance, order)
        if len(_fit(order, stock, p, range(len(order.skus)))) == len(order.skus)
    ]
    return {whole[0]: list(range(len(order.skus)))} if whole else distance(instance, order, stock)


RULES: dict[str, Rule] = {
    "Magento: priority": priority,
    "Magento: distance": distance,
    "nearest place that has all": nearest,
    "HotWax-like rule list": hotwax,
}


def _near(instance: Instance, order: Order) -> list[int]:
    far = [kilometres(node, order.point) for node in instance.told["nodes"]]
    return [int(place) for place in np.argsort(far, kind="stable")]


def _line_by_line(order: Order, stock: Ints, places: list[int]) -> Chosen:
    found, has = Chosen(), stock.copy()
    for line, sku in enumerate(order.skus):
        place = next(place for place in places if has[sku, place] > 0)
        has[sku, place] -= 1
        found.setdefault(place, []).append(line)
    return found


def _fit(order: Order, stock: Ints, place: int, lines: range | list[int]) -> list[int]:
    """Lines that this place has together."""
    left: dict[int, int] = {}
    found = []
    for line in lines:
        sku = order.skus[line]
        if left.setdefault(sku, int(stock[sku, place])) > 0:
            left[sku] -= 1
            found.append(line)
    return found
