"""A Shopify shop beside our retailer, for tests: it sells, sends, and is asked, over its real HTTP shapes."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text

from ambidex.domains import channels, orders
from ambidex.domains.orders import Order
from ambidex.flows import receive, take_in
from ambidex.flows.shop_port import SYSTEMS
from ambidex.integrations.fake.shapes import Visitor, Ware
from ambidex.integrations.fake.shop import FakeShop, Webhook
from ambidex.integrations.fake.shop_http import FakeShopApi
from ambidex.integrations.systems import ConnectedSystems
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.runtime import inbox
from ambidex.runtime.inbox import Message, Stored
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from tests.conftest import Clock

CODE = "shopify:main"
SECRET = "a-made-up-app-secret"
TOKEN = "shpat_made_up"
CAMDEN_THERE = 77001122334455
AMA = Visitor("Ama Owusu", "ama@example.com", "+447911123456")


@dataclass
class Platform:
    """The shop as a double, our connection to it, and the short words of tests."""

    run: Run
    clock: Clock
    fake: FakeShop
    api: FakeShopApi
    outside: Outside
    sent: list[Webhook] = field(default_factory=list)

    @classmethod
    def beside(cls, run: Run, clock: Clock, *, seed: int = 7) -> Platform:
        fake = FakeShop(clock=clock, chance=random.Random(seed), secret=SECRET, token=TOKEN)
        api = FakeShopApi(fake)
        systems = ConnectedSystems(lambda _: TOKEN, transport=httpx.ASGITransport(api))
        return cls(run, clock, fake, api, Outside({SYSTEMS: systems}))

    async def register(self, places: dict[str, str] | None = None) -> None:
        """The source, and what its places are called here."""
        new = channels.NewSource(
            code=CODE, kind="shopify", secret=SECRET, connection={"url": "http://shop.test"}
        )
        source = await self.run.perform(SYSTEM, channels.register, new)
        for external, code in (places or {str(CAMDEN_THERE): "camden"}).items():
            await self.run.perform(
                SYSTEM,
                channels.map_external,
                source.source_id,
                kind="place",
                external=external,
                internal=code,
            )

    def sell(self, *wares: tuple[str, int], visitor: Visitor = AMA, **said: Any) -> dict[str, Any]:
        """Somebody buys: SKU and units; 19.90 each."""
        bought = [Ware(sku, sku.title(), units, Money.parse("19.90", "GBP")) for sku, units in wares]
        return self.fake.sell(visitor, bought or [Ware("MUG-01", "Mug", 2, Money.parse("19.90", "GBP"))],
                              place=said.pop("place", CAMDEN_THERE), **said)  # fmt: skip

    def hooks(self) -> list[Webhook]:
        """What the shop sends now, everything and once."""
        self.fake.moods.withheld = self.fake.moods.doubled = self.fake.moods.overtaken = 0
        return self.fake.deliveries()

    async def send(self, hook: Webhook) -> Stored:
        return await receive.receive(self.run, self.outside, code=CODE, headers=hook.headers, body=hook.body)

    async def deliver(self, hooks: Sequence[Webhook] | None = None) -> list[Message]:
        """Send and apply one after the other; the messages as they stand afterwards."""
        stored = []
        for hook in self.hooks() if hooks is None else hooks:
            stored.append(await self.send(hook))
            await self.apply()
        return [await self.message(one.message_id) for one in stored]

    async def deliver_body(self, topic: str, body: bytes) -> Message:
        """Bytes as they are, signed."""
        [message] = await self.deliver([self.fake.signed(topic, body)])
        return message

    async def apply(self, *, beats: int = 20) -> None:
        """The worker, until nothing is due."""
        for _ in range(beats):
            if not await take_in.apply_waiting(self.run, self.outside):
                return

    async def message(self, message_id: Any) -> Message:
        async with self.run.reading() as read:
            return await inbox.message(read, message_id)

    async def order(self, sold: dict[str, Any]) -> Order | None:
        """Our order of what was sold there."""
        async with self.run.reading() as read:
            source = await channels.source(read, CODE)
            return await orders.ask.by_reference(read, source.source_id, str(sold["id"]))

    async def taken(self, sold: dict[str, Any]) -> Order:
        order = await self.order(sold)
        assert order is not None, "it was not taken in"
        return order

    async def tasks(self, kind: str = "%") -> list[str]:
        """Titles of what people are asked to do."""
        async with self.run.reading() as read:
            rows = await read.all(
                text(
                    "SELECT title FROM tasks.tasks WHERE kind LIKE :kind AND state <> 'done' ORDER BY title"
                ),
                {"kind": kind},
            )
        return [row.title for row in rows]


def body_of(order: dict[str, Any]) -> bytes:
    return json.dumps(order).encode()
