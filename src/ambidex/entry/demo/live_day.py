"""A day that keeps happening, through the public API only: orders come in, people work on them, some go wrong."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from typing import Any

import httpx

from ambidex.entry.demo import customers
from ambidex.entry.demo.carrier import OnTheRoad
from ambidex.entry.demo.customers import Offer
from ambidex.entry.demo.floor import LEFT_FOR_YOU, Floor
from ambidex.entry.demo.web_shop import place_number
from ambidex.integrations.fake.shapes import Ware
from ambidex.integrations.fake.shop import FakeShop
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass, field

MORNING_RUSH = 30
FIRST_TRIES = 20
ORDER_SECONDS = 7.0
STEP_SECONDS = 0.6
# Now and then the web shop sells what nobody has mapped, and customers change their minds.
UNMAPPED, CHANGES_MIND = 0.03, 0.05
SENT, STORES = 0.4, "store-"
STALE = 0.04
SHOWN_AT_ONCE, PLENTY = 24, 3
UNKNOWN_WARE = Ware("SPRING-SAMPLER", "Spring sampler box", 1, Money(2500, "USD"))


@dataclass(frozen=True)
class Tokens:
    """What the people of the day carry: one per store, the desk, the web shop, and one to give away."""

    floor: dict[str, str]
    desk: str
    shop: str
    admin: str


@dataclass
class LiveDay:
    """Everything that happens; `chance` decides all of it."""

    client: httpx.AsyncClient
    web_shop: FakeShop
    tokens: Tokens
    chance: random.Random
    road: OnTheRoad
    offers: list[Offer] = field(default_factory=list)
    orders: int = 0

    async def play(self) -> None:
        """Until canceled."""
        self.offers = await self._range()
        await self._somebody_collects_where_you_are()
        await asyncio.gather(self._customers(), self._people())

    async def _customers(self) -> None:
        while True:
            with suppress(httpx.HTTPError):
                await self._somebody_buys()
            rush = self.orders < MORNING_RUSH
            await asyncio.sleep(0.4 if rush else self.chance.uniform(0.5, 1.5) * ORDER_SECONDS)

    async def _somebody_collects_where_you_are(self) -> None:
        """The first order of the day is a pickup that you can accept: the story begins at once."""
        for _ in range(FIRST_TRIES):
            with suppress(httpx.HTTPError):
                wares = customers.basket(await self._on_display(LEFT_FOR_YOU), self.chance)
                if wares and await self._orders(wares, {"method": "pickup", "location": LEFT_FOR_YOU}):
                    return

    async def _somebody_buys(self) -> None:
        self.orders += 1
        store = self.chance.choice([code for code in self.tokens.floor if code.startswith(STORES)])
        wares = customers.basket(await self._on_display(store), self.chance)
        if not wares:
            return
        if self.chance.random() < 0.5:
            await self._buys_over_api(wares, store)
            return
        if self.chance.random() < UNMAPPED:
            wares = [*wares, UNKNOWN_WARE]
        sold = self.web_shop.sell(customers.visitor(self.chance), wares, place=place_number(store))
        if self.chance.random() < CHANGES_MIND:
            asyncio.get_running_loop().call_later(45, self.web_shop.cancel, sold["id"])

    async def _on_display(self, store: str) -> list[Offer]:
        """What the web shop shows as available at this store; its knowledge is now and then a moment old."""
        shown = self.chance.sample(self.offers, SHOWN_AT_ONCE)
        if self.chance.random() < STALE:
            return shown
        asked = httpx.QueryParams([("location", store), *(("item", one.sku) for one in shown)])
        answer = await self.client.get(
            "/api/v1/availability", params=asked, headers=_bearer(self.tokens.shop)
        )
        left = {row["item"]: row["available"] for row in answer.raise_for_status().json()["items"]}
        return [one for one in shown if left.get(one.sku, 0) >= PLENTY]

    async def _buys_over_api(self, wares: list[Ware], store: str) -> None:
        """An order of our own checkout, which one in twenty cancels a little later."""
        is_sent = self.chance.random() < SENT
        how = {"method": "ship"} if is_sent else {"method": "pickup", "location": store}
        order_id = await self._orders(wares, how)
        if order_id and self.chance.random() < CHANGES_MIND:
            await asyncio.sleep(self.chance.uniform(20, 60))
            said = {"reason": "changed my mind"}
            await self._post(f"/orders/{order_id}/cancel", said, token=self.tokens.desk, key=f"{order_id}-c")

    async def _orders(self, wares: list[Ware], how: dict[str, str]) -> str:
        """The id of the order; none when it was refused: sold out is an answer, too."""
        who = customers.visitor(self.chance)
        total = sum((ware.price * ware.quantity for ware in wares), Money(0, "USD"))
        reference = f"W-{int(time.time() * 1000) % 10**9}-{self.chance.randrange(1000)}"
        order: dict[str, Any] = {
            "source": "web:main",
            "reference": reference,
            "channel": "web",
            "currency": "USD",
            "language": who.language,
            "customer": {"name": who.name, "email": who.email, "phone": who.phone},
            "lines": [
                {
                    "item": ware.sku,
                    "quantity": ware.quantity,
                    "unit_price": ware.price.decimal,
                    **how,
                }
                for ware in wares
            ],
            "payment": {"status": "captured", "amount": total.decimal},
            **({"address": customers.home(self.chance)} if how["method"] == "ship" else {}),
        }
        answer = await self._post("/orders", order, token=self.tokens.shop, key=reference)
        return str(answer.json()["id"]) if answer.status_code == 201 else ""

    async def _people(self) -> None:
        floors = [
            Floor(
                self.client,
                store,
                token,
                self.chance,
                {one.sku: one.barcode for one in self.offers},
                self.road.left,
            )
            for store, token in self.tokens.floor.items()
        ]
        while True:
            for floor in floors:
                with suppress(httpx.HTTPError):
                    await floor.one_step()
                await asyncio.sleep(STEP_SECONDS)

    async def _range(self) -> list[Offer]:
        """What can be bought, from the API's own list."""
        offers: list[Offer] = []
        after: str | None = None
        while True:
            asked = {"limit": "200", **({"after": after} if after else {})}
            answer = await self.client.get("/api/v1/items", params=asked, headers=_bearer(self.tokens.shop))
            page = answer.raise_for_status().json()
            offers += [_offer(item) for item in page["items"] if item["barcodes"]]
            after = page["next"]
            if after is None:
                return offers

    async def _post(self, path: str, said: dict[str, Any], *, token: str, key: str) -> httpx.Response:
        headers = {**_bearer(token), "Idempotency-Key": key}
        return await self.client.post(f"/api/v1{path}", json=said, headers=headers)


def _offer(item: dict[str, Any]) -> Offer:
    price = Money.parse(item["price"]["amount"], item["price"]["currency"])
    title = f"{item['name']}, {item['variant']}" if item["variant"] else item["name"]
    return Offer(item["sku"], title, price, item["barcodes"][0])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
