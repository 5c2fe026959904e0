"""Oversell: buyers outnumber units, through HTTP, on one server program and on two.

Exactly the units there are get sold, everybody else hears "sold out", nobody a 5xx, and the books balance afterwards.
The control, a shop that reads the stock and then writes it back, must sell more than it has.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import httpx

from ambidex.entry.audit import audit
from ambidex.entry.migrate import migrate
from ambidex.runtime import postgres
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from tests.rigs.kill_programs import Installation, free_port
from tests.rigs.kill_shop import ALWAYS, build
from tests.shop import Shop

PLACE = "camden"
CHANNELS = ("web", "pos", "phone", "marketplace", "chat")
UP_WITHIN_SECONDS = 60
NAIVE = ("-m", "tests.rigs.oversell_naive")


@dataclass
class Round:
    """One rush: who asked for what, and what everybody heard."""

    name: str
    programs: int
    buyers: int
    units: int
    heard: Counter[int] = field(default_factory=Counter)
    sold_units: int = 0
    reserved: int = 0
    milliseconds_p50: float = 0.0
    milliseconds_p99: float = 0.0
    seconds: float = 0.0

    @property
    def exact(self) -> bool:
        """Everything was sold, to as many units as there are, and nobody heard anything else than yes or sold out."""
        return self.sold_units == self.units == self.reserved and set(self.heard) <= {201, 409}

    @property
    def oversold(self) -> bool:
        return self.sold_units > self.units

    def json(self) -> dict[str, Any]:
        heard = {str(status): n for status, n in sorted(self.heard.items())}
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "heard"}
        return {**plain, "heard": heard}


@dataclass
class Verdict:
    """What the run showed."""

    seed: int
    rounds: list[Round] = field(default_factory=list)
    control: Round | None = None
    violations: int = -1

    @property
    def ok(self) -> bool:
        caught = self.control is not None and self.control.oversold
        return bool(self.rounds) and all(r.exact for r in self.rounds) and caught and self.violations == 0

    def json(self) -> dict[str, Any]:
        rounds = [one.json() for one in self.rounds]
        control = None if self.control is None else self.control.json()
        return {
            "name": "oversell",
            "ok": self.ok,
            "seed": self.seed,
            "rounds": rounds,
            "control": control,
            "audit_violations": self.violations,
        }


Basket = Callable[[int], list[tuple[str, int]]]


@dataclass
class Rush:
    """Buyers at the doors of some server programs, all let in at the same moment."""

    shop: Shop
    ports: Sequence[int]
    token: str
    seed: int

    async def at(self, name: str, items: Sequence[str], *, buyers: int, units: int, basket: Basket) -> Round:
        """Let them in; `basket` says what each wants, as (SKU, units)."""
        for sku in items:
            await self.shop.shelf(PLACE, sku, units)
        taken = {sku: int((await self.shop.stock(PLACE, sku)).reserved) for sku in items}
        result = Round(name, len(self.ports), buyers, units)
        answers, result.seconds = await self._all_at_once(
            [self._order(f"{name}-{n}", basket(n)) for n in range(buyers)]
        )
        result.heard = Counter(status for status, _, _ in answers)
        sold = Counter[str]()
        for status, order, _ in answers:
            if status == 201:
                sold.update({line["item"]: line["quantity"] for line in order["lines"]})
        result.sold_units = max(sold[sku] for sku in items)
        result.reserved = max(
            [int((await self.shop.stock(PLACE, sku)).reserved) - taken[sku] for sku in items]
        )
        times = sorted(seconds * 1000 for _, _, seconds in answers)
        result.milliseconds_p50 = round(times[len(times) // 2], 1)
        result.milliseconds_p99 = round(times[int(len(times) * 0.99)], 1)
        return result

    async def _all_at_once(
        self, orders: Sequence[dict[str, Any]]
    ) -> tuple[list[tuple[int, dict[str, Any], float]], float]:
        limits = httpx.Limits(max_connections=64)
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(timeout=60, limits=limits, headers=headers) as client:
            began = time.monotonic()
            answers = await asyncio.gather(*(self._buy(client, n, order) for n, order in enumerate(orders)))
            return list(answers), round(time.monotonic() - began, 2)

    async def _buy(
        self, client: httpx.AsyncClient, n: int, order: dict[str, Any]
    ) -> tuple[int, dict[str, Any], float]:
        port = self.ports[n % len(self.ports)]
        began = time.monotonic()
        answer = await client.post(f"http://127.0.0.1:{port}/api/v1/orders", json=order)
        if answer.status_code == 409:
            assert answer.json()["code"] == "sold-out", answer.text
        return answer.status_code, answer.json(), time.monotonic() - began

    def _order(self, reference: str, lines: list[tuple[str, int]]) -> dict[str, Any]:
        channel = CHANNELS[zlib.crc32(reference.encode()) % len(CHANNELS)]
        total = sum(units for _, units in lines) * 1990
        return {
            "source": f"{channel}:rush",
            "reference": f"{self.seed}-{reference}",
            "channel": channel,
            "currency": "GBP",
            "customer": {"name": "Ama Owusu", "email": "ama@example.com"},
            "lines": [
                {"item": sku, "quantity": n, "unit_price": "19.90", "method": "pickup", "location": PLACE}
                for sku, n in lines
            ],
            "payment": {"status": "authorized", "amount": f"{total / 100:.2f}"},
        }


async def rig(*, seed: int, buyers: int = 200, units: int = 50, rounds: int = 1) -> Verdict:
    """All rounds, the control and the closing audit, on a database of their own."""
    verdict = Verdict(seed)
    chance = random.Random(seed)
    async with _installation() as (installation, shop, token):
        for number in range(rounds):
            for programs in (1, 2):
                rush = Rush(shop, installation.ports[:programs], token, seed)
                crowd = Crowd(f"{number}-{programs}", buyers, units)
                verdict.rounds.append(await _one_item(rush, crowd))
                if programs == 2 or rounds > 1:
                    verdict.rounds.append(await _opposite_baskets(rush, crowd, chance))
        verdict.control = await _control(installation, shop, buyers, units)
        verdict.violations = len((await audit(shop.run)).violations)
    return verdict


@dataclass(frozen=True)
class Crowd:
    """How many come, for how much; `tag` keeps the items of rounds apart."""

    tag: str
    buyers: int
    units: int


async def _one_item(rush: Rush, crowd: Crowd) -> Round:
    sku = f"HOT-{crowd.tag}"
    name = f"one item {crowd.tag}"
    return await rush.at(name, [sku], buyers=crowd.buyers, units=crowd.units, basket=lambda _: [(sku, 1)])


async def _opposite_baskets(rush: Rush, crowd: Crowd, chance: random.Random) -> Round:
    """Two items, in either order: who locks rows as they come would lock in circles."""
    pair = [(f"ONE-{crowd.tag}", 1), (f"TWO-{crowd.tag}", 1)]
    items = [sku for sku, _ in pair]

    def basket(_: int) -> list[tuple[str, int]]:
        return pair if chance.random() < 0.5 else pair[::-1]

    name = f"opposite baskets {crowd.tag}"
    return await rush.at(name, items, buyers=crowd.buyers, units=crowd.units, basket=basket)


async def _control(installation: Installation, shop: Shop, buyers: int, units: int) -> Round:
    """The same rush at a shop that reads the stock and writes it back."""
    installation.add_server(*NAIVE)
    program, port = installation.servers[-1], installation.ports[-1]
    program.environment |= {"NAIVE_DATABASE_URL": shop.run.database.url, "NAIVE_UNITS": str(units)}
    program.begin()
    await _until_up(port)
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=64)) as client:
        answers = await asyncio.gather(*(client.post(f"http://127.0.0.1:{port}/buy") for _ in range(buyers)))
    result = Round("control: read, then write", 1, buyers, units)
    result.heard = Counter(answer.status_code for answer in answers)
    result.sold_units = result.heard[201]
    return result


@asynccontextmanager
async def _installation() -> AsyncIterator[tuple[Installation, Shop, str]]:
    """A durable server of our own with a shop, two server programs and a token; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ambidex-oversell-") as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o755)
        address = await postgres.ensure_server(folder)
        await migrate(address.owner)
        database = Database(address.app, pool_size=2)
        installation = Installation(folder, free_port())
        try:
            shop = Shop(Run(database))
            tokens = await build(shop.run)
            await shop.place(PLACE, week=ALWAYS)
            for _ in range(2):
                installation.add_server()
            for program in installation.servers:
                program.begin()
            await asyncio.gather(*(_until_up(port) for port in installation.ports))
            yield installation, shop, tokens.buyer
        finally:
            installation.end()
            await database.close()
            await postgres.remove_server(folder)


async def _until_up(port: int) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(UP_WITHIN_SECONDS * 10):
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError("the server did not come up")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the long form."""
    parser.add_argument("--buyers", type=int, default=200)
    parser.add_argument("--units", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """The long form; 1 when anything was sold twice or the control was not caught."""
    verdict = asyncio.run(rig(seed=asked.seed, buyers=asked.buyers, units=asked.units, rounds=asked.rounds))
    print(f"{'round':32}{'programs':>9}{'sold':>6}{'of':>5}{'heard':>24}{'p50 ms':>9}{'p99 ms':>9}")
    for one in (*verdict.rounds, *([verdict.control] if verdict.control else [])):
        heard = " ".join(f"{status}:{n}" for status, n in sorted(one.heard.items()))
        print(
            f"{one.name:32}{one.programs:>9}{one.sold_units:>6}{one.units:>5}{heard:>24}"
            f"{one.milliseconds_p50:>9}{one.milliseconds_p99:>9}"
        )
    print(f"audit violations: {verdict.violations}; seed {verdict.seed}; ok: {verdict.ok}")
    if asked.json:
        print(json.dumps(verdict.json()))
    return 0 if verdict.ok else 1
