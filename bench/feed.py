"""Feed: a stock change committed until twenty channels have it, at 500 changes a second, one subscriber dead, one slow.

Beside it the same with messages sent in one line, one after another. Changes are counts of single positions, committed in
lists of ten; each (change, channel) is measured from its commit to the first message with that value or a newer one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from typing import Any

from ambidex.domains import catalogue, feeds, inventory, locations
from ambidex.domains.catalogue import NewItem
from ambidex.domains.inventory import StockRow
from ambidex.domains.locations import NewLocation
from ambidex.flows.feed_terms import Terms, open_feed
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.money import Money
from ambidex.runtime.db import Tx
from bench.cost import Meter
from bench.feed_receivers import Manner, Receiver
from bench.programs import House, house, machine

CHANNELS = ("web", "pos", "phone", "marketplace", "social", "chat", "agent", "b2b")
PLACES = [f"store-{n:02}" for n in range(1, 5)]
SKUS = [f"ITEM-{n:03}" for n in range(1, 501)]
BASE, LIST = 1_000, 10
LOOPBACK = {"AMBIDEX_WEBHOOK_NETWORKS": "127.0.0.0/8"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """How long, how much, how many."""
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=500, help="changes a second")
    parser.add_argument("--channels", type=int, default=20)
    parser.add_argument("--drain", type=float, default=8, help="seconds to wait for what is still under way")


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures; `ratio` is how many times longer the line takes (p99)."""
    return asyncio.run(_measure(asked))


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": "feed", "unit": "ms", "machine": machine()}
    async with house() as built:
        stock = await built.run.perform(SYSTEM, _build)
        apart = await _round(built, asked, stock, prefix="apart", program=_worker(built))
        line = await _round(built, asked, stock, prefix="line", program=_line(built))
    figures |= {"value": apart["p99_ms"], "comparison": line["p99_ms"], **apart}
    figures["line"] = line
    figures["ratio"] = round(line["p99_ms"] / max(apart["p99_ms"], 0.1), 1)
    return figures


async def _build(tx: Tx) -> dict[str, tuple[ItemId, LocationId]]:
    """Each item lies at one place, so that its number names its change."""
    places = await locations.put_locations(tx, [NewLocation(code=code, name=code) for code in PLACES])
    price = Money.parse("19.90", "USD")
    items = await catalogue.put_items(tx, [NewItem(sku=sku, name=sku, price=price) for sku in SKUS])
    found = {item.sku: (item.item_id, places[at % len(places)].location_id) for at, item in enumerate(items)}
    await _count(tx, found, dict.fromkeys(found, BASE))
    return found


async def _count(tx: Tx, stock: dict[str, tuple[ItemId, LocationId]], units: dict[str, int]) -> None:
    rows = [StockRow(*stock[sku], number) for sku, number in units.items()]
    await inventory.count_all(tx, rows, cause="count")


def _worker(built: House) -> subprocess.Popen[bytes]:
    return built.start("worker", **LOOPBACK)


def _line(built: House) -> subprocess.Popen[bytes]:
    told = {"AMBIDEX_DATA": str(built.folder), "AMBIDEX_LOG_LEVEL": "warning", **LOOPBACK}
    with (built.folder / "programs.log").open("ab") as log:
        words = [sys.executable, "-m", "bench.feed_line"]
        program = subprocess.Popen(words, env={**os.environ, **told}, stdout=log, stderr=log)
    built.programs.append(program)
    built.names.append("worker")
    return program


async def _round(
    built: House,
    asked: argparse.Namespace,
    stock: dict[str, tuple[ItemId, LocationId]],
    *,
    prefix: str,
    program: subprocess.Popen[bytes],
) -> dict[str, Any]:
    receivers = await _subscribe(built, asked.channels, prefix)
    await _until_filled(receivers)
    meter = Meter(built)
    before = meter.read()
    changes = Changes(built, stock)
    began = time.monotonic()
    await changes.make(asked.rate, asked.seconds)
    took = time.monotonic() - began
    figures = await _result(changes, receivers, drain=asked.drain)
    spent = {name: round(seconds - before[name], 1) for name, seconds in meter.read().items()}
    figures |= {"changes": changes.made, "rate": round(changes.made / took), "cpu_seconds": spent}
    await _end(built, program, receivers)
    return figures


async def _subscribe(built: House, channels: int, prefix: str) -> list[Receiver]:
    manners = [Manner.DEAD, Manner.SLOW, *[Manner.WELL] * (channels - 2)]
    receivers = [Receiver(f"{prefix}-{at:02}", manner) for at, manner in enumerate(manners)]
    for at, receiver in enumerate(receivers):
        await receiver.open()
        channel = CHANNELS[at % len(CHANNELS)]
        terms = Terms(receiver.code, receiver.code, channel, webhook_url=receiver.url)
        await built.run.perform(SYSTEM, open_feed, terms=terms)
    return receivers


async def _until_filled(receivers: list[Receiver]) -> None:
    async with asyncio.timeout(90):
        while any(len(r.learned) < len(SKUS) for r in receivers if r.manner is Manner.WELL):  # noqa: ASYNC110  # many may wake it
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)


class Changes:
    """What is changed, and when each change was committed: for each item its n-th change."""

    def __init__(self, built: House, stock: dict[str, tuple[ItemId, LocationId]]) -> None:
        self._built = built
        self._stock = stock
        self.made = 0
        self.committed: dict[str, list[float]] = {sku: [] for sku in stock}
        self.start = dict.fromkeys(stock, 0)

    async def make(self, rate: int, seconds: float) -> None:
        """Lists of LIST changes at an even pace; what is late is not made up for in a burst."""
        async with self._built.run.reading() as read:
            there = await inventory.available(read, [item_id for item_id, _ in self._stock.values()])
        self.start = {sku: there[place] for sku, place in self._stock.items()}
        skus, begun, turn = list(self._stock), time.monotonic(), 0
        while (now := time.monotonic()) - begun < seconds:
            due = begun + turn * LIST / rate
            if due > now:
                await asyncio.sleep(due - now)
            some = [skus[(turn * LIST + k) % len(skus)] for k in range(LIST)]
            units = {sku: self.start[sku] + len(self.committed[sku]) + 1 for sku in some}
            await self._built.run.perform(SYSTEM, _count, self._stock, units)
            moment = time.monotonic()
            for sku in some:
                self.committed[sku].append(moment)
            self.made += LIST
            turn += 1

    def latencies(self, receiver: Receiver) -> tuple[list[float], int]:
        """Milliseconds of each change at one subscriber, and how many never came."""
        found: list[float] = []
        lost = 0
        for sku, commits in self.committed.items():
            arrived = iter(receiver.learned.get(sku, ()))
            at = next(arrived, None)
            for number, moment in enumerate(commits, 1):
                while at is not None and at[0] - self.start[sku] < number:
                    at = next(arrived, None)
                if at is None:
                    lost += len(commits) - number + 1
                    break
                found.append((at[2] - moment) * 1000)
        return found, lost


async def _result(changes: Changes, receivers: list[Receiver], *, drain: float) -> dict[str, Any]:
    well = [r for r in receivers if r.manner is Manner.WELL]
    end = time.monotonic() + drain
    while time.monotonic() < end and any(changes.latencies(r)[1] for r in well):  # noqa: ASYNC110  # as above
        await asyncio.sleep(0.2)
    times = [changes.latencies(r) for r in well]
    waiting = sum(lost for _, lost in times)
    late = drain * 1000  # what has still not come waits at least so long
    found = sorted([one for found, _ in times for one in found] + [late] * waiting)
    [slow] = [r for r in receivers if r.manner is Manner.SLOW]
    return {
        "p50_ms": _at(found, 0.5),
        "p99_ms": _at(found, 0.99),
        "most_ms": _at(found, 1.0),
        "deliveries": len(found),
        "not_delivered": waiting,
        "went_back": sum(r.went_back for r in receivers),
        "messages": sum(r.messages for r in well),
        "slow_still_missing": changes.latencies(slow)[1],
    }


def _at(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)


async def _end(built: House, program: subprocess.Popen[bytes], receivers: list[Receiver]) -> None:
    for receiver in receivers:
        await built.run.perform(SYSTEM, _close, receiver.code)
        await receiver.close()
    program.terminate()
    await asyncio.to_thread(program.wait, 30)
    built.names.pop(built.programs.index(program))
    built.programs.remove(program)


async def _close(tx: Tx, code: str) -> None:
    await feeds.move(tx, code, feeds.FeedVerb.CLOSE)
