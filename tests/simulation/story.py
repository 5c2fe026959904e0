"""A store on a clock that we move: orders come, nobody or somebody acts, and the sweep does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from ambidex.domains import orders, watch
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.flows.place_order import place_order
from ambidex.flows.watch import sweep
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, child_id
from ambidex.kernel.money import Money
from tests.conftest import Clock
from tests.shop import Shop

PRICE = Money.parse("19.90", "GBP")
NAMES = ("Ama Owusu", "Łucja Żak", "佐藤 葵", "Óscar Núñez", "नेहा शर्मा")
_OWNERS = text("""
SELECT happened_at, payload->>'to_role' AS role, payload->>'to_staff_name' AS who, payload->>'passed_over' AS passed,
       payload->>'from_role' AS from_role, cause
  FROM runtime.events WHERE name = 'watch.moved-up' AND order_id = :order ORDER BY seq
""")


@dataclass
class Story:
    """One store, one order at a time, and the minutes that pass."""

    shop: Shop
    clock: Clock
    placed: int = 0

    async def order(self, place: str = "camden", units: int = 1) -> OrderId:
        """A paid pickup order for mugs, placed now."""
        self.placed += 1
        name = NAMES[self.placed % len(NAMES)]
        line = NewLine("MUG-01", units, PRICE, Method.PICKUP, place)
        new = NewOrder(
            source="web:main",
            reference=f"W-{1000 + self.placed}",
            channel="web",
            currency="GBP",
            contact=Contact(name, "customer@example.com", "+442079460000"),
            lines=(line,),
            payments=(NewPayment("authorized", PRICE * units),),
        )
        placed = await self.shop.run.perform(SYSTEM, place_order, new, sold_elsewhere=False)
        return OrderId(placed.view.order_id)

    async def until(self, end: datetime, *, every: timedelta = timedelta(minutes=1)) -> None:
        """Let time pass in steps, with a sweep at each."""
        while self.clock.now < end:
            self.clock.now = min(self.clock.now + every, end)
            await self.sweep()

    async def sweep(self) -> None:
        """Everything that is due now is looked at."""
        while await sweep(self.shop.run):
            pass

    async def owner(self, order_id: OrderId) -> watch.Owner:
        async with self.shop.run.reading() as read:
            owner = await watch.owner(read, order_id)
        assert owner is not None
        return owner

    async def hops(self, order_id: OrderId) -> list[tuple[datetime, str, str]]:
        """Each hop of ownership: when, to which duty, to whom."""
        return [(row.happened_at, row.role, row.who) for row in await self.hop_rows(order_id)]

    async def hop_rows(self, order_id: OrderId) -> list[Any]:
        async with self.shop.run.reading() as read:
            return list(await read.all(_OWNERS, {"order": order_id}))

    async def events(self, order_id: OrderId, name: str) -> list[datetime]:
        """When events of this name happened to the order."""
        async with self.shop.run.reading() as read:
            rows = await read.all(
                text(
                    "SELECT happened_at FROM runtime.events WHERE name = :name AND order_id = :o ORDER BY seq"
                ),
                {"name": name, "o": order_id},
            )
        return [row.happened_at for row in rows]

    async def said(self, order_id: OrderId) -> list[tuple[str, datetime]]:
        """What the customer is told: kind and when it was queued."""
        async with self.shop.run.reading() as read:
            rows = await read.all(
                text("SELECT kind, queued_at FROM messages.messages WHERE order_id = :o ORDER BY message_no"),
                {"o": order_id},
            )
        return [(row.kind, row.queued_at) for row in rows]

    async def promises(self, order_id: OrderId) -> list[tuple[str, str, datetime]]:
        """Every version: kind, state, due."""
        async with self.shop.run.reading() as read:
            rows = await read.all(
                text(
                    "SELECT kind, state, due_at FROM promises.promises WHERE order_id = :o ORDER BY promise_no"
                ),
                {"o": order_id},
            )
        return [(row.kind, row.state, row.due_at) for row in rows]

    async def troubles(self, order_id: OrderId) -> list[tuple[str, str, str]]:
        """Open exceptions: kind, cause, who owns it."""
        async with self.shop.run.reading() as read:
            found = await watch.open_exceptions(read, order_id)
        return [(t.kind, t.cause.value, t.owner_role) for t in found]

    async def lock(self, order_id: OrderId) -> orders.Order:
        async with self.shop.run.reading() as read:
            return await orders.order(read, order_id)


def work_id(order_id: OrderId, work_no: int = 1) -> str:
    return child_id(order_id, work_no)
