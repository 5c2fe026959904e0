"""The words that tests of goods on their way are told in: two places, a parcel, and the scans on both ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from ambidex.domains.transfers import Arrived, Delivery
from ambidex.flows.deliveries import Asked, Found
from ambidex.flows.late_deliveries import redate
from ambidex.flows.receive_goods import finish_receiving, receive_goods
from ambidex.flows.transfer_goods import (
    NewTransfer,
    approve_transfer,
    pick_transfer,
    request_transfer,
    send_transfer,
)
from ambidex.kernel.actor import Actor
from ambidex.kernel.evidence import EvidenceKind, Proof
from tests.shop import Shop, associate


def unit(sku: str = "MUG-01", *, key: str = "", damaged: str = "", **said: Any) -> Found:
    """One unit by its barcode."""
    proof = Proof(EvidenceKind.SCAN, f"B-{sku}", key=key or uuid4().hex, reason=damaged, **said)
    return Found(proof, Arrived.DAMAGED if damaged else Arrived.SELLABLE)


def units(count: int, sku: str = "MUG-01", *, damaged: str = "") -> list[Found]:
    return [unit(sku, damaged=damaged) for _ in range(count)]


@dataclass
class Road:
    """From one place to another; `sender` and `receiver` are people there."""

    shop: Shop
    origin: str = "harbor"
    to: str = "camden"

    @property
    def sender(self) -> Actor:
        return associate(self.shop.places[self.origin], "Tomás Ruiz", actor_id="tomas")

    @property
    def receiver(self) -> Actor:
        return associate(self.shop.places[self.to])

    async def ask(self, **lines: int) -> Delivery:
        asked = [Asked(sku.replace("_", "-").upper(), count) for sku, count in lines.items()]
        new = NewTransfer(self.to, self.origin, asked)
        return await self.shop.run.perform(self.receiver, request_transfer, new)

    async def approve(self, delivery: Delivery) -> Delivery:
        return await self.shop.run.perform(self.sender, approve_transfer, delivery=delivery.id)

    async def pick(self, delivery: Delivery, *found: Found) -> Delivery:
        return await self.shop.run.perform(
            self.sender, pick_transfer, delivery=delivery.id, found=list(found)
        )

    async def send(self, delivery: Delivery, *, packages: int = 1) -> Delivery:
        return await self.shop.run.perform(
            self.sender, send_transfer, delivery=delivery.id, packages=packages
        )

    async def on_the_road(self, count: int, sku: str = "MUG-01") -> Delivery:
        """Asked for, approved, picked and sent."""
        asked = await self.ask(**{sku.lower().replace("-", "_"): count})
        await self.approve(asked)
        await self.pick(asked, *units(count, sku))
        return await self.send(asked)

    async def receive(self, delivery: Delivery, *found: Found, by: Actor | None = None) -> None:
        await self.shop.run.perform(
            by or self.receiver, receive_goods, delivery=delivery.id, found=list(found)
        )

    async def finish(self, delivery: Delivery) -> Delivery:
        return await self.shop.run.perform(self.receiver, finish_receiving, delivery=delivery.id)

    async def redate(self, delivery: Delivery, at: datetime) -> None:
        await self.shop.run.perform(
            self.receiver, redate, delivery=delivery.id, expected_at=at, reason="the van broke down"
        )

    async def rows(self, sql: str, **values: object) -> list[Any]:
        async with self.shop.run.reading() as read:
            return list(await read.all(text(sql), values))

    async def open_tasks(self) -> list[str]:
        rows = await self.rows(
            "SELECT title FROM tasks.tasks WHERE state NOT IN ('done','expired') ORDER BY task_id"
        )
        return [row.title for row in rows]

    async def in_transit(self, reference: str) -> int:
        """What the ledger says went into transit and did not come out, by its reference."""
        [row] = await self.rows(
            "SELECT coalesce(sum(CASE WHEN to_account = 'in_transit' THEN quantity ELSE -quantity END), 0) AS units "
            "FROM inventory.ledger WHERE reference = :reference "
            "AND 'in_transit' IN (from_account, to_account)",
            reference=reference,
        )
        return int(row.units)
