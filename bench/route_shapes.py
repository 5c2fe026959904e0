"""Shapes of decisions up to 8 lines x 50 places that are not the usual one: each as hard as it can be made, not as it is met.

A shape is a few words of what is otherwise than in `route_speed`: how many places have a line, whether lines share an
item, come as kits or in pieces, which rules and limits there are, and whether everything costs the same.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from ambidex.domains.routing import Demand, Network, Policy, Shelf, Site, Snapshot, Wanted, model
from ambidex.kernel.values import dataclass

NOW = 1_772_000_000
DAY = 86_400
HANDLING = (model.Handling("store", 80_000, 15_000), model.Handling("warehouse", 30_000, 5_000))
BANDS = ((500, 20_000), (1_000, 60_000), (3_000, 150_000), (8_000, 300_000), (30_000, 900_000))


@dataclass(frozen=True, slots=True)
class Shape:
    """What is special. `share`: of the places that have a line (per cent); `skus`: different items of its lines (0: all);
    `units` of a line at the most; `free` at a place at the most; `kits`: lines of one kit; `same`: all places alike.
    """

    lines: tuple[int, int] = (8, 8)
    places: int = 50
    share: int = 40
    skus: int = 0
    units: int = 1
    free: int = 5
    kits: int = 0
    rules: int = 0
    parts_max: int = 0
    capacity: bool = False
    same: bool = False
    promise: str = "kept"
    bands: bool = False


SHAPES: Mapping[str, Shape] = {
    "8 lines": Shape(),
    "everything everywhere": Shape(share=100),
    "each line at few places": Shape(share=4, free=1),
    "all places alike": Shape(share=60, same=True),
    "one item on two lines": Shape(skus=7),
    "one item on four lines": Shape(skus=5, free=4),
    "two items on eight lines": Shape(skus=2, free=4),
    "one item on eight lines": Shape(skus=1, free=3),
    "lines of several units": Shape(units=3, free=4),
    "lines in pieces": Shape(lines=(2, 2), units=4, free=2),
    "many lines in pieces": Shape(lines=(4, 8), units=3, free=2, share=30),
    "kits": Shape(kits=2),
    "kits that share items": Shape(kits=2, skus=5),
    "12 soft rules": Shape(rules=12),
    "60 soft rules": Shape(rules=60),
    "at most 2 parcels": Shape(parts_max=2),
    "at most 4 parcels, few places": Shape(parts_max=4, share=10),
    "at most 3 parcels, an item on two lines": Shape(parts_max=3, skus=7, free=1),
    "places with limits": Shape(capacity=True),
    "limits, an item on two lines": Shape(capacity=True, skus=7, units=2),
    "all are late": Shape(promise="broken"),
    "a wish": Shape(promise="wished"),
    "no promise": Shape(promise="none"),
    "weight bands": Shape(bands=True),
    "bands, rules, an item on two lines": Shape(bands=True, rules=12, skus=7, free=2),
    "nobody has two of the lines": Shape(share=3, free=1, promise="none"),
}  # fmt: skip


def snapshots(shape: Shape, count: int) -> list[Snapshot]:
    """So many of a shape."""
    rates = model.Rates(handling=HANDLING, bands=BANDS if shape.bands else ())
    rules = _rules(shape, random.Random(shape.rules))
    stands = _network(shape), Policy(1, rates=rates, rules=rules, parts_max=shape.parts_max)
    return [_snapshot(shape, stands, random.Random(seed)) for seed in range(count)]


def _network(shape: Shape) -> Network:
    chance = random.Random(shape.places)
    return Network(
        Site(
            f"store-{n:04}", "store" if shape.same else chance.choice(("store", "store", "store", "warehouse")),
            40_000_000 if shape.same else round(chance.uniform(26e6, 48e6)),
            -95_000_000 if shape.same else round(chance.uniform(-123e6, -71e6)),
            leaves_at=NOW if shape.same else NOW + 3_600 * chance.randrange(30),
            capacity_left=chance.choice((None, 1, 2, 3, 5)) if shape.capacity else None,
            load=0 if shape.same else chance.randrange(12), groups=("city",) if chance.random() < 0.5 else (),
        )
        for n in range(shape.places)
    )  # fmt: skip


def _snapshot(shape: Shape, stands: tuple[Network, Policy], chance: random.Random) -> Snapshot:
    network, policy = stands
    lines = _lines(shape, chance)
    hours = {"kept": 96, "wished": 60, "broken": 1}
    demand = Demand(
        f"order-{chance.random()}", lines, latitude_e6=round(chance.uniform(28e6, 45e6)),
        longitude_e6=round(chance.uniform(-120e6, -75e6)), is_promised=shape.promise in ("kept", "broken"),
        promised_by=NOW + 3_600 * hours[shape.promise] if shape.promise in hours else None,
    )  # fmt: skip
    shelves: dict[tuple[str, int], Shelf] = {}
    for site in network.sites:
        of_item: dict[str, Shelf] = {}
        for line in lines:
            shelf = of_item.setdefault(line.sku, _shelf(shape, chance))
            if shelf.free:
                shelves[site.code, line.line_no] = shelf
    return Snapshot.of(NOW, demand, sites=network, shelves=shelves, policy=policy)


def _lines(shape: Shape, chance: random.Random) -> tuple[Wanted, ...]:
    count = chance.randint(*shape.lines)
    return tuple(
        Wanted(
            n, f"sku-{(n - 1) % (shape.skus or count)}", chance.randint(min(2, shape.units), shape.units),
            chance.randrange(100, 3_000), value=chance.randrange(500, 20_000), category=chance.choice("abc"),
            kit_no=(n + 1) // 2 if n <= 2 * shape.kits else 0,
        )
        for n in range(1, count + 1)
    )  # fmt: skip


def _shelf(shape: Shape, chance: random.Random) -> Shelf:
    if chance.random() * 100 >= shape.share:
        return Shelf(0)
    if shape.same:
        return Shelf(shape.free)
    return Shelf(chance.randint(1, shape.free), chance.randrange(700, 1_000), chance.randrange(0, 40_000))


def _rules(shape: Shape, chance: random.Random) -> tuple[model.Rule, ...]:
    """About orders, lines, places and the hour, each with an amount of its own."""
    return tuple(_rule(n, chance) for n in range(shape.rules))


def _rule(number: int, chance: random.Random) -> model.Rule:
    when = chance.choice(
        (
            (),
            (model.Condition("item.category", "in", (chance.choice("abc"),)),),
            (model.Condition("item.weight", "at_least", (chance.randrange(2_000),)),),
            (model.Condition("time.hour", "at_least", (chance.randrange(10),)),),
        )
    )
    where = chance.choice(
        (
            (model.Condition("place.kind", "in", (chance.choice(("store", "warehouse")),)),),
            (model.Condition("place.group", "in", ("city",)),),
            (model.Condition("place.load", "at_least", (chance.randrange(10),)),),
            (
                model.Condition(
                    "place.code", "in", tuple(f"store-{chance.randrange(50):04}" for _ in range(5))
                ),
            ),
        )
    )
    return model.Rule(
        f"rule {number}", when, where, chance.randrange(1_000, 90_000) * chance.choice((1, 1, -1))
    )
