"""The made-up retailer of the rig of quotes: its places and goods, its clock and chance, and what a run showed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.domains import inventory
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder
from ambidex.flows import pause_place
from ambidex.flows.place_order import Placed, place_order
from ambidex.flows.quote_words import Basket
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.kernel.problem import Problem
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.shop import Shop

CITIES = (
    ("camden", "NW1", 51.54, -0.14), ("soho", "W1D", 51.513, -0.131), ("leeds", "LS1", 53.8, -1.55),
    ("york", "YO1", 53.96, -1.08), ("leith", "EH6", 55.97, -3.17), ("bath", "BA1", 51.38, -2.36),
    ("cardiff", "CF10", 51.48, -3.18), ("hull", "HU1", 53.74, -0.33),
)  # fmt: skip
DEPOTS = (("dc-rugby", 52.37, -1.26), ("dc-perth", 56.4, -3.43))
SKUS = tuple(f"ITEM-{n:02}" for n in range(1, 13))
# places that take only so many works an hour
NARROW, A_SLOT = (("camden", "pickup"), ("bath", "pickup"), ("leeds", "ship")), 3


@dataclass
class Verdict:
    """What the run showed."""

    seed: int
    baskets: int
    held: int = 0
    held_to_store: int = 0
    held_otherwise: list[str] = field(default_factory=list)
    unheld: int = 0
    unheld_same: int = 0
    unexplained: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    told_anew: Counter[str] = field(default_factory=Counter)
    told_wrongly: list[str] = field(default_factory=list)
    control_tried: int = 0
    control_let_go: int = 0
    control_unexplained: bool = False
    violations: int = -1
    # works in slots, and those that had to go where there was no room: none has to
    slots: int = 0
    slots_over: int = -1

    @property
    def control_unheld(self) -> int:
        """Quotes without a hold that were routed otherwise: the first claim must fail for them."""
        return self.unheld - self.unheld_same

    @property
    def ok(self) -> bool:
        kept = self.held > 0 and not self.held_otherwise and not self.unexplained and not self.told_wrongly
        controls = (
            self.control_unheld > 0
            and 0 < self.control_let_go == self.control_tried
            and self.control_unexplained
        )
        return kept and controls and self.violations == 0 and self.slots > self.slots_over == 0

    def json(self) -> dict[str, Any]:
        return {
            "name": "quote",
            "ok": self.ok,
            **{k: dict(v) if isinstance(v, Counter) else v for k, v in vars(self).items()},
            "control_unheld": self.control_unheld,
        }


@dataclass
class World:
    """The shop, its clock, and chance."""

    shop: Shop
    clock: Clock
    chance: random.Random
    verdict: Verdict
    number: int = 0

    @property
    def run(self) -> Run:
        return self.shop.run

    def basket(self, *, method: Method) -> Basket:
        _, prefix, north, east = self.chance.choice(CITIES)
        skus = self.chance.sample(SKUS, self.chance.choice((1, 1, 2, 3)))
        lines = tuple((sku, self.chance.choice((1, 1, 1, 2, 3))) for sku in skus)
        point = round(north * 1e6), round(east * 1e6)
        return Basket(lines, country="GB", postcode=f"{prefix} 1AA", point=point, methods=(method,))

    def order(self, basket: Basket, *, place: str | None, quote_id: UUID | None = None) -> NewOrder:
        self.number += 1
        price, [method] = Money.parse("19.90", "GBP"), basket.methods
        north, east = basket.point or (0, 0)
        return NewOrder(
            source="web:main",
            reference=f"Q-{self.number}",
            channel="web",
            currency="GBP",
            contact=Contact("Мария Öztürk"),
            lines=tuple(NewLine(sku, units, price, method, place) for sku, units in basket.lines),
            address={
                "country": "GB", "postcode": basket.postcode, "latitude": north / 1e6, "longitude": east / 1e6,
            },
            terms={} if quote_id is None else {"quote": str(quote_id)},
        )  # fmt: skip

    async def place(self, new: NewOrder) -> Placed | Problem:
        try:
            return await self.run.perform(SYSTEM, place_order, new)
        except Problem as refused:
            return refused


async def build(shop: Shop) -> None:
    """Eight stores that collect and send and two depots, each with some of everything."""
    both = frozenset({"pickup", "ship"})
    for code, _, north, east in CITIES:
        await shop.place(code, capabilities=both, latitude=north, longitude=east)
    for code, north, east in DEPOTS:
        await shop.place(
            code,
            kind=LocationKind.WAREHOUSE,
            capabilities=frozenset({"ship"}),
            latitude=north,
            longitude=east,
        )
    for sku in SKUS:
        await shop.item(sku, weight_grams=400)
    for code, method in NARROW:
        limit = pause_place.LimitSaid(works=A_SLOT, method=method)
        await shop.run.perform(SYSTEM, pause_place.add_limit, code=code, limit=limit)


async def restock(world: World, units: int) -> None:
    """Somebody counts, so that there is something to buy: never fewer than is claimed."""
    most = {code: units * 4 if code.startswith("dc-") else units for code in world.shop.places}
    rows = [
        (place.location_id, item.item_id, world.chance.randrange(most[code] + 1))
        for code, place in world.shop.places.items()
        for item in world.shop.items.values()
    ]
    await world.run.perform(SYSTEM, _count_up, rows)


async def _count_up(tx: Any, rows: list[tuple[Any, Any, int]]) -> None:
    claimed = await tx.all(
        text("SELECT item_id, location_id, reserved + held AS claimed FROM inventory.positions")
    )
    there = {(r.item_id, r.location_id): r.claimed for r in claimed}
    counts = [inventory.StockRow(item, at, there.get((item, at), 0) + n) for at, item, n in rows]
    await inventory.count_all(tx, counts, cause="count")
