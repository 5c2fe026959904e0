"""Buyers at the doors of some server programs, all let in at the same moment, and what each of them heard."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any

import httpx
from sqlalchemy import text

from ambidex.domains import inventory
from tests.rigs.oversell_buyer import Buyer, Heard, post
from tests.shop import Shop

PLACE = "camden"
CHANNELS = ("web", "pos", "phone", "marketplace", "chat")
STAFF_CONNECTIONS = 16
TRIES = 2
BELOW_NOTHING = text("""
SELECT count(*) FROM inventory.positions
 WHERE least(sellable, reserved, held, gap) < 0 OR reserved + held > sellable + gap""")


@dataclass(frozen=True)
class Want:
    """One line that a buyer wants: an item, how many, and from where (None: wherever it is sent from)."""

    sku: str
    units: int = 1
    place: str | None = PLACE


Basket = Callable[[int], Sequence[Want]]


@dataclass
class Round:
    """One rush: who asked for what, what everybody heard, and what was left."""

    name: str
    programs: int
    buyers: int
    units: int
    heard: Counter[int] = field(default_factory=Counter)
    sold_units: int = 0
    reserved: int = 0
    left: int = 0
    below_nothing: int = 0
    cut: int = 0
    milliseconds_p50: float = 0.0
    milliseconds_p99: float = 0.0
    seconds: float = 0.0

    @property
    def exact(self) -> bool:
        """As many units were sold as there are, none is left for somebody who heard "sold out", nobody heard else."""
        all_sold = self.sold_units == self.units == self.reserved and self.left == 0
        return all_sold and set(self.heard) <= {201, 409} and self.below_nothing == 0

    @property
    def oversold(self) -> bool:
        return self.sold_units > self.units

    def json(self) -> dict[str, Any]:
        heard = {str(status): n for status, n in sorted(self.heard.items())}
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "heard"}
        return {**plain, "heard": heard}


@dataclass(frozen=True)
class Crowd:
    """How many come, for how much; `tag` keeps the items of rounds apart."""

    tag: str
    buyers: int
    units: int


@dataclass
class Answer:
    """What one buyer heard, and after how long."""

    status: int
    body: dict[str, Any]
    seconds: float


@dataclass
class Rush:
    """The doors, and who stands before them."""

    shop: Shop
    ports: Sequence[int]
    tokens: dict[str, str]
    seed: int

    @asynccontextmanager
    async def open(self, name: str, crowd: Crowd) -> AsyncIterator[tuple[Round, Doors]]:
        """A round: stock is looked at all the while, and its end is written down."""
        result = Round(name, len(self.ports), crowd.buyers, crowd.units)
        # a connection that has rested is let go by us first, or a request meets the server letting it go
        limits = httpx.Limits(max_connections=STAFF_CONNECTIONS, keepalive_expiry=1)
        looking, began = asyncio.create_task(self._look(result)), time.monotonic()
        try:
            async with httpx.AsyncClient(timeout=httpx.Timeout(60, pool=None), limits=limits) as client:
                doors = Doors(self, client)
                yield result, doors
        finally:
            looking.cancel()
        result.seconds = round(time.monotonic() - began, 2)
        result.cut = doors.cut
        result.heard = Counter(answer.status for answer in doors.answers)
        times = sorted(answer.seconds * 1000 for answer in doors.answers)
        result.milliseconds_p50 = round(times[len(times) // 2], 1)
        result.milliseconds_p99 = round(times[int(len(times) * 0.99)], 1)

    async def _look(self, result: Round) -> None:
        while True:
            async with self.shop.run.reading() as read:
                result.below_nothing += int(await read.value(BELOW_NOTHING))
            await asyncio.sleep(0.1)

    async def reserved(self, *where: tuple[str, str]) -> int:
        """Units claimed there that the shelf really has."""
        rows = [await self.shop.stock(place, sku) for sku, place in where]
        return sum(int(row.reserved) - int(row.gap) for row in rows)

    async def left(self, *where: tuple[str, str]) -> int:
        """Units that may still be promised there."""
        items = {self.shop.items[sku].item_id for sku, _ in where}
        async with self.shop.run.reading() as read:
            left = await inventory.available(read, items)
        return sum(left[self.shop.items[s].item_id, self.shop.places[p].location_id] for s, p in where)


@dataclass
class Doors:
    """The servers of one round, and everything they answered to buyers."""

    rush: Rush
    client: httpx.AsyncClient
    answers: list[Answer] = field(default_factory=list)
    cut: int = 0

    async def buyers(self, tag: str, many: int, basket: Basket) -> list[Answer]:
        """So many buyers, each on a connection of their own, let in at one moment; `basket` says what each wants."""
        token = self.rush.tokens["buyer"]
        asked = [
            post("/api/v1/orders", self._order(f"{tag}-{n}", basket(n)), token=token) for n in range(many)
        ]
        crowd = [Buyer() for _ in asked]
        await asyncio.gather(*(buyer.come(self._port(n)) for n, buyer in enumerate(crowd)))
        began = time.monotonic()
        pairs = enumerate(zip(crowd, asked, strict=True))
        answers = await asyncio.gather(*(self._buy(buyer, n, order, began) for n, (buyer, order) in pairs))
        self.answers += answers
        return list(answers)

    def _port(self, n: int) -> int:
        return self.rush.ports[n % len(self.rush.ports)]

    async def last_ones(
        self, tag: str, basket: Basket, *, at_a_time: int = 20, waves: int = 20
    ) -> list[Answer]:
        """More buyers come until one whole group hears "sold out"."""
        sold: list[Answer] = []
        for wave in range(waves):
            answers = await self.buyers(f"{tag}-late-{wave}", at_a_time, basket)
            sold += [answer for answer in answers if answer.status == 201]
            if not any(answer.status == 201 for answer in answers):
                break
        return sold

    async def post(
        self, path: str, body: dict[str, Any], *, who: str = "staff", n: int = 0
    ) -> httpx.Response:
        """Something else that happens meanwhile."""
        headers = {"Authorization": f"Bearer {self.rush.tokens[who]}"}
        return await self.client.post(
            f"http://127.0.0.1:{self._port(n)}/api/v1{path}", json=body, headers=headers
        )

    async def _insist(self, buyer: Buyer, n: int, order: bytes) -> Heard:
        """A connection that is cut is tried again, as every shop does: the same reference is the same order."""
        for _ in range(TRIES):
            try:
                return await buyer.ask(order)
            except ConnectionError:
                self.cut += 1
                await buyer.come(self._port(n))
        return await buyer.ask(order)

    async def _buy(self, buyer: Buyer, n: int, order: bytes, began: float) -> Answer:
        """`began`: everybody waits from the moment in which all were let in."""
        heard = await self._insist(buyer, n, order)
        seconds = time.monotonic() - began
        buyer.go()
        if heard.status == 409:
            assert heard.body["code"] == "sold-out", heard.body
        return Answer(201 if heard.status == 200 else heard.status, heard.body, seconds)

    def _order(self, reference: str, wants: Sequence[Want]) -> dict[str, Any]:
        channel = CHANNELS[zlib.crc32(reference.encode()) % len(CHANNELS)]
        total = sum(want.units for want in wants) * 1990
        return {
            "source": f"{channel}:rush",
            "reference": f"{self.rush.seed}-{reference}",
            "channel": channel,
            "currency": "GBP",
            "customer": {"name": "Ama Owusu", "email": "ama@example.com"},
            "lines": [
                {"item": want.sku, "quantity": want.units, "unit_price": "19.90"}
                | ({"method": "pickup", "location": want.place} if want.place else {"method": "ship"})
                for want in wants
            ],
            "payment": {"status": "authorized", "amount": f"{total / 100:.2f}"},
        }


def units_of(answers: Sequence[Answer], sku: str) -> int:
    """Units of an item in the orders that were placed."""
    return sum(
        line["quantity"]
        for answer in answers
        if answer.status == 201
        for line in answer.body["lines"]
        if line["item"] == sku
    )
