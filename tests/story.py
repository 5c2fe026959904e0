"""The main story as tests tell it: an order placed, accepted, picked, staged, through the flows of the house."""

from __future__ import annotations

from dataclasses import dataclass

from ambidex.domains.fulfillment import PickupCodes
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.flows.accept_work import accept_work
from ambidex.flows.make_ready import make_ready
from ambidex.flows.pick import pick
from ambidex.flows.place_order import Placed, place_order
from ambidex.flows.stage import stage
from ambidex.kernel.actor import SYSTEM, Actor
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import OrderId, child_id
from ambidex.kernel.money import Money
from tests.shop import Shop, associate

KEY = b"a key for tests, thirty-two bytes"
CODES = PickupCodes(KEY)
PRICE = Money.parse("19.90", "GBP")


def new_order(
    *,
    reference: str = "W-1001",
    sku: str = "MUG-01",
    quantity: int = 1,
    place: str = "camden",
    **more: object,
) -> NewOrder:
    """The smallest order of the contract."""
    values: dict[str, object] = {
        "source": "web:main",
        "reference": reference,
        "channel": "web",
        "currency": "GBP",
        "contact": Contact("Ama Owusu", "ama@example.com", "+12065550100"),
        "lines": (NewLine(sku, quantity, PRICE, Method.PICKUP, place),),
        "payments": (NewPayment("authorized", PRICE * quantity),),
        **more,
    }
    return NewOrder(**values)  # type: ignore[arg-type]  # fields of NewOrder


@dataclass
class Story:
    """One order and how far it came; each step returns the story, so that tests read in order."""

    shop: Shop
    placed: Placed
    quantity: int
    sku: str
    who: Actor

    @property
    def order_id(self) -> OrderId:
        return OrderId(self.placed.order_id)

    @property
    def work_id(self) -> str:
        return child_id(self.order_id, 1)

    async def accepted(self) -> Story:
        await self.shop.run.perform(self.who, accept_work, work_id=self.work_id)
        return self

    async def picked(self) -> Story:
        await self.accepted()
        proofs = [
            Proof(EvidenceKind.SCAN, barcode=f"B-{self.sku}", key=f"pick-{n}") for n in range(self.quantity)
        ]
        await self.shop.run.perform(self.who, pick, work_id=self.work_id, proofs=proofs)
        return self

    async def staged(self) -> Story:
        await self.picked()
        await self.shop.run.perform(self.who, stage, work_id=self.work_id, place="SHELF-B3", key="stage-1")
        return self

    async def ready(self) -> Story:
        await self.staged()
        await self.shop.run.perform(self.who, make_ready, work_id=self.work_id, codes=CODES)
        return self


async def begin(
    shop: Shop,
    *,
    quantity: int = 1,
    sku: str = "MUG-01",
    place: str = "camden",
    reference: str = "W-1001",
    stocked: int = 50,
) -> Story:
    """An order placed at a place that has enough."""
    if place not in shop.places or sku not in shop.items:
        await shop.shelf(place, sku, stocked)
    new = new_order(reference=reference, sku=sku, quantity=quantity, place=place)
    placed = await shop.run.perform(SYSTEM, place_order, new)
    return Story(shop, placed, quantity, sku, associate(shop.places[place]))
