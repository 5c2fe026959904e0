"""The words that tests of waves are told in: orders to be sent from Camden, one walk, totes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from ambidex.domains.orders import Method, NewLine
from ambidex.domains.waves import Limits, Wave
from ambidex.flows.accept_work import accept_work
from ambidex.flows.place_order import place_order
from ambidex.flows.walk_wave import Landed, Takes, pick_in_wave, plan_waves, release_wave
from ambidex.kernel.actor import SYSTEM, Actor
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import OrderId, child_id
from ambidex.runtime.perform import Run
from tests.shop import Shop, associate
from tests.story import PRICE, new_order

SENDS = frozenset({"pickup", "ship", "deliver"})


@dataclass
class Floor:
    """Camden sends: `ines` picks there; orders by their reference."""

    shop: Shop
    orders: dict[str, OrderId] = field(default_factory=dict)

    @property
    def run(self) -> Run:
        return self.shop.run

    @property
    def ines(self) -> Actor:
        return associate(self.shop.places["camden"])

    @property
    def here(self) -> Any:
        return self.shop.places["camden"].location_id

    async def order(self, reference: str, *, accepted: bool = True, **lines: int) -> str:
        """An order to be sent from Camden; the outside id of its work."""
        wanted = tuple(
            NewLine(sku.replace("_", "-").upper(), count, PRICE, Method.SHIP, "camden") for sku, count in lines.items()
        )  # fmt: skip
        order = new_order(reference=reference, lines=wanted, payments=())
        placed = await self.run.perform(SYSTEM, place_order, order)
        self.orders[reference] = placed.order_id
        work_id = child_id(placed.order_id, 1)
        if accepted:
            await self.run.perform(self.ines, accept_work, work_id=work_id)
        return work_id

    async def plan(self, takes: Takes = Takes.ACCEPTED) -> list[Wave]:
        return await self.run.perform(
            self.ines, plan_waves, location_id=self.here, limits=Limits(), takes=takes
        )

    async def walk(self) -> Wave:
        """One wave of all that waits, released."""
        [wave] = await self.plan()
        return await self.run.perform(self.ines, release_wave, wave_id=wave.wave_id)

    async def scan(
        self, wave: Wave, sku: str = "MUG-01", *, key: str = "", by: Actor | None = None
    ) -> Landed:
        proof = Proof(EvidenceKind.SCAN, f"B-{sku}", key=key)
        return await self.run.perform(by or self.ines, pick_in_wave, wave_id=wave.wave_id, proof=proof)

    def tote_of(self, wave: Wave, reference: str) -> int:
        """The number of the tote an order goes into."""
        return next(m.tote_no for m in wave.members if m.order_id == self.orders[reference])

    async def states(self) -> dict[str, str]:
        """The state of each order's first work."""
        async with self.run.reading() as read:
            rows = await read.all(text("SELECT order_id, state FROM fulfillment.work WHERE work_no = 1"))
        found = {row.order_id: row.state for row in rows}
        return {reference: found[order_id] for reference, order_id in self.orders.items()}
