"""Inbox: one made-up day at a shop, told calmly once; then again and again with every message repeated, shuffled, cut
short, forged, or signed with a rotated secret. The end must be the calm one, and every rejected message visible.

Two controls must be caught: a taker that believes whatever came last, and a day in which one message is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ambidex.domains import channels
from ambidex.flows.receive import WronglySigned
from ambidex.integrations.fake.shapes import Visitor
from ambidex.integrations.fake.shop import Webhook
from ambidex.integrations.shopify import signature
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.runtime.db import Database, PinnedDatabase
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.inbound.platform import CODE, SECRET, Platform
from tests.inbound.state import state_hash
from tests.reads.house import audited
from tests.rigs.inbox_stock import StockVerdict, stock_rig
from tests.rigs.undone import undone
from tests.servers import running_server
from tests.shop import Shop

NEW_SECRET = "the-secret-after-rotation"
NAMES = ("Ama Owusu", "Zoë Achterberg", "佐藤 さくら", "Łukasz Wójcik", "مريم حداد", "Nikoloz Beridze")


@dataclass(frozen=True)
class Arrival:
    """One request at the door, and whether it must be let in."""

    hook: Webhook
    good: bool = True


@dataclass
class Verdict:
    """What the days showed."""

    seed: int
    orders: int
    messages: int
    days: int = 0
    sent: int = 0
    rejected: int = 0
    visible: int = 0
    let_in_wrongly: int = 0
    kept_out_wrongly: int = 0
    different: list[int] = field(default_factory=list)
    naive_differs: bool = False
    missing_differs: bool = False
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        doors = not self.let_in_wrongly and not self.kept_out_wrongly
        honest = doors and not self.different and not self.violations
        return honest and self.visible == self.rejected and self.naive_differs and self.missing_differs


class Day:
    """A shop's day, the same for the same seed. `hooks` are what it sent, in its own order."""

    def __init__(self, platform: Platform, clock: Clock, *, orders: int, seed: int) -> None:
        self.platform = platform
        self.clock = clock
        self.chance = random.Random(seed)
        self.orders = orders

    def tell(self) -> list[Webhook]:
        """Everything that happens, as webhooks."""
        hooks: list[Webhook] = []
        for _ in range(self.orders):
            hooks += self._story()
        return hooks

    def _story(self) -> list[Webhook]:
        name = self.chance.choice(NAMES)
        buyer = Visitor(name, f"customer.{self.chance.randrange(10_000)}@mail.example")
        units = self.chance.randint(1, 3)
        sold = self.platform.sell(("MUG-01", units), ("BOWL-02", 1), visitor=buyer)
        hooks = self._minute()
        for _ in range(self.chance.randint(0, 3)):
            self._change(sold)
            hooks += self._minute()
        return hooks

    def _change(self, sold: dict[str, Any]) -> None:
        if sold["cancelled_at"]:
            return
        kind = self.chance.choice(("mail", "refund", "cancel", "fulfill"))
        if kind == "mail":
            sold["email"] = f"new.{self.chance.randrange(10_000)}@mail.example"
            self.platform.fake.tag(sold["id"], f"t{self.chance.randrange(99)}")
        elif kind == "refund" and (line := self._open_line(sold)):
            self.platform.fake.refund(sold["id"], {line["id"]: 1}, amount=Money.parse("5.00", "GBP"))
        elif kind == "cancel" and not sold["fulfillments"]:
            self.platform.fake.cancel(sold["id"])
        elif kind == "fulfill" and self._open_line(sold):
            self.platform.fake.fulfill(sold["id"])

    def _open_line(self, sold: dict[str, Any]) -> dict[str, Any] | None:
        return next((one for one in sold["line_items"] if one["fulfillable_quantity"] > 0), None)

    def _minute(self) -> list[Webhook]:
        self.clock.forward(minutes=1)
        return self.platform.hooks()


def disturbed(hooks: Sequence[Webhook], chance: random.Random) -> list[Arrival]:
    """Each one to five times, in any order, and beside it what must be refused."""
    arrivals = [Arrival(hook) for hook in hooks for _ in range(chance.randint(1, 5))]
    arrivals += [Arrival(_resigned(hook, NEW_SECRET)) for hook in hooks if chance.random() < 0.2]
    for hook in hooks:
        if chance.random() < 0.2:
            arrivals.append(Arrival(_cut(hook, chance), good=False))
        if chance.random() < 0.2:
            arrivals.append(Arrival(_resigned(hook, "somebody-elses-secret"), good=False))
    chance.shuffle(arrivals)
    return arrivals


def _cut(hook: Webhook, chance: random.Random) -> Webhook:
    """The connection broke in the middle of the body."""
    return Webhook(hook.topic, hook.headers, hook.body[: chance.randrange(len(hook.body))])


def _resigned(hook: Webhook, secret: str) -> Webhook:
    return Webhook(
        hook.topic, hook.headers | {signature.HEADER: signature.sign(hook.body, secret)}, hook.body
    )


async def rig(run: Run, clock: Clock, *, orders: int, days: int, seed: int) -> Verdict:
    """The calm day, then the disturbed ones; each is undone before the next begins. `run` is on one connection."""
    platform = await _beside(run, clock, seed)
    hooks = Day(platform, clock, orders=orders, seed=seed).tell()
    await _rotate(run)
    verdict = Verdict(seed, orders, len(hooks))
    began = time.monotonic()
    async with undone(run):
        await platform.deliver(hooks)
        calm = await state_hash(run)
    async with undone(run):
        await platform.deliver(_without_one_story(hooks))
        verdict.missing_differs = await state_hash(run) != calm
    for day in range(days):
        chance = random.Random(seed * 10_000 + day)
        arrivals = disturbed(hooks, chance)
        verdict.naive_differs |= naive([one.hook for one in arrivals if one.good]) != naive(hooks)
        async with undone(run):
            await _one_day(platform, arrivals, verdict)
            if await state_hash(run) != calm:
                verdict.different.append(day)
            verdict.violations += [str(one) for one in (await audited(Shop(run))).violations]
        verdict.days += 1
    verdict.seconds = round(time.monotonic() - began, 1)
    return verdict


async def _one_day(platform: Platform, arrivals: Sequence[Arrival], verdict: Verdict) -> None:
    refused = set()
    for arrival in arrivals:
        verdict.sent += 1
        try:
            await platform.send(arrival.hook)
            verdict.let_in_wrongly += not arrival.good
        except WronglySigned:
            verdict.kept_out_wrongly += arrival.good
            refused.add((arrival.hook.body, arrival.hook.headers["x-shopify-webhook-id"]))
    await platform.apply(beats=len(arrivals))
    verdict.rejected += len(refused)
    async with platform.run.reading() as read:
        verdict.visible += await read.value(
            text("SELECT count(*) FROM runtime.inbox WHERE state = 'refused'")
        )
        left = await read.all(
            text("SELECT topic, state, reason FROM runtime.inbox WHERE state in ('stored','parked') LIMIT 5")
        )
    assert not left, f"neither applied nor refused: {left}"


def naive(hooks: Sequence[Webhook]) -> str:
    """The control: the last message about an order is believed, every refund counts, whenever it comes."""
    orders: dict[str, Any] = {}
    back: dict[str, float] = {}
    for hook in hooks:
        said = json.loads(hook.body)
        if hook.topic.startswith("orders/"):
            orders[said["name"]] = (said["email"], said["cancelled_at"], said["fulfillment_status"])
        if hook.topic == "refunds/create":
            paid = sum(float(one["amount"]) for one in said["transactions"])
            back[str(said["order_id"])] = back.get(str(said["order_id"]), 0) + paid
    state = json.dumps([sorted(orders.items()), sorted(back.items())], default=str)
    return hashlib.sha256(state.encode()).hexdigest()


def _without_one_story(hooks: Sequence[Webhook]) -> list[Webhook]:
    """The day without everything about its first order."""
    first = json.loads(hooks[0].body)["id"]
    return [hook for hook in hooks if first not in _orders_in(hook)]


def _orders_in(hook: Webhook) -> set[int]:
    said = json.loads(hook.body)
    return {said.get("order_id", said["id"])}


async def _beside(run: Run, clock: Clock, seed: int) -> Platform:
    shop = Shop(run)
    for sku in ("MUG-01", "BOWL-02"):
        await shop.shelf("camden", sku, 100_000)
    platform = Platform.beside(run, clock, seed=seed)
    await platform.register()
    return platform


async def _rotate(run: Run) -> None:
    """From here on the old secret has one hour left; the clock stands, so both are good."""
    async with run.reading() as read:
        source = await channels.source(read, CODE)
        assert await channels.secrets(read, source.source_id, at=read.now) == [SECRET]
    await run.perform(SYSTEM, channels.rotate_secret, source, NEW_SECRET)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the long form."""
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--orders", type=int, default=12)
    parser.add_argument("--stock-days", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """The long form."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        given = os.environ.get("AMBIDEX_TEST_DATABASE_URL")
        server = stack.enter_context(running_server(given, Path(folder)))
        verdict = asyncio.run(_alone(server.copy("inbox"), asked))
        stock = asyncio.run(_stock_alone(server.copy("inbox-stock"), asked))
    shown = asdict(verdict) | {"name": "inbox", "different": len(verdict.different)}
    shown |= {"stock": asdict(stock), "ok": verdict.ok and stock.ok}
    for name, value in shown.items():
        print(f"{name:18} {value}")
    if asked.json:
        print(json.dumps(shown))
    return 0 if shown["ok"] else 1


async def _alone(url: str, asked: argparse.Namespace) -> Verdict:
    async with _pinned(url) as (run, clock):
        return await rig(run, clock, orders=asked.orders, days=asked.days, seed=asked.seed)


async def _stock_alone(url: str, asked: argparse.Namespace) -> StockVerdict:
    async with _pinned(url) as (run, clock):
        return await stock_rig(run, clock, days=asked.stock_days, seed=asked.seed, ticks=36)


@asynccontextmanager
async def _pinned(url: str) -> AsyncIterator[tuple[Run, Clock]]:
    """One connection whose work is never committed."""
    database, clock = Database(url, pool_size=1), Clock()
    try:
        async with database.engine.connect() as connection:
            await connection.begin()
            await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            yield Run(PinnedDatabase(connection), clock), clock
    finally:
        await database.close()
