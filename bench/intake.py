"""Intake: orders a second through the real API, one order a request, and in lists of 100, beside pgbench.

Sign-in checked, two lines, stock reserved, events, promise, watchdogs, owner, message, with a running worker that
consumes every reaction; synchronous_commit on. What an order costs is told in CPU time of each program.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from typing import Any

import uvloop
from sqlalchemy import text

from ambidex.entry.audit import audit
from ambidex.flows.reactions import REACTIONS
from ambidex.runtime.perform import Run
from bench.cost import Meter, microseconds_each
from bench.customers import Customers
from bench.load import Load, Outcome, post
from bench.pgbench import Comparison
from bench.programs import House, house, machine
from bench.shop import PLACES, SKUS, build

LIST = 100
LIST_CLIENTS = 4
DRAINED_WITHIN_SECONDS = 120
# how long letters are watched after the peak
LETTERS_SECONDS = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """How long and how big."""
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement, after a warm-up")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--servers", type=int, default=1, help="server programs")
    parser.add_argument("--scale", type=int, default=100, help="of pgbench; 0 leaves the comparison out")
    parser.add_argument("--seed", type=int, default=1)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures."""
    return uvloop.run(_measure(asked))


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": "intake", "unit": "orders/s", "machine": machine()}
    async with house() as place:
        token = await build(place.run)
        compared = Comparison(place.address.owner, scale=asked.scale)
        await compared.prepare()
        await place.serve(asked.servers)
        orders = Orders(token, random.Random(asked.seed))
        loads = {
            "one": Load(place.ports, asked.clients, orders.one),
            "list": Load(place.ports, LIST_CLIENTS, orders.many),
        }
        costs: dict[str, Any] = {}
        outcomes = {}
        for name, load in loads.items():
            await compared.measure(seconds=max(3, asked.seconds // 2))
            outcomes[name], costs[name] = await _costed(place, load, seconds=asked.seconds)
            costs[name]["letters"] = await _letters(place.run)
        await compared.measure(seconds=max(3, asked.seconds // 2))
        figures["cpu_microseconds_an_order"] = costs
        figures |= _figures(outcomes["one"], outcomes["list"], compared)
        figures |= {"clients": asked.clients, "servers": asked.servers, **await _truth(place)}
    return figures


async def _costed(place: House, load: Load, *, seconds: int) -> tuple[Outcome, dict[str, Any]]:
    """A load until its last event is published and reacted to, and what one order of it cost each program."""
    meter = Meter(place)
    before, stored = meter.read(), await _stored(place.run)
    outcome = await load.run(warm_up_seconds=2, seconds=seconds)
    behind = await _behind(place.run)
    drained = await drained_after(place.run)
    each = microseconds_each(before, meter.read(), count=await _stored(place.run) - stored)
    return outcome, {**each, "events_behind_at_end": behind, "drained_after_seconds": drained}


def _figures(one: Outcome, many: Outcome, compared: Comparison) -> dict[str, Any]:
    value = round(one.answers[201] / one.seconds, 1)
    listed = round(many.answers[200] * LIST / many.seconds, 1)
    tps = compared.median
    return {
        "value": value,
        "p50_ms": one.at(0.5),
        "p99_ms": one.at(0.99),
        "answers": {str(status): n for status, n in sorted(one.answers.items())},
        "batch_value": listed,
        "batch_p99_ms": many.at(0.99),
        "comparison": tps,
        "comparison_of": compared.json(),
        "ratio": round(value / tps, 3) if tps else None,
        "batch_ratio": round(listed / tps, 3) if tps else None,
    }


_ORDER = (
    '{"source":"web:main","reference":"B-%(n)d","currency":"USD","customer":{"name":"%(name)s",'
    '"email":"buyer%(n)d@example.com","phone":"+1206555%(phone)04d"},"lines":[%(lines)s],'
    '"payment":{"status":"authorized","amount":"%(whole)d.%(cents)02d"}}'
)
_LINE = '{"item":"%s","quantity":1,"unit_price":"19.90","method":"pickup","location":"%s"}'
PRICE = 1990


class Orders:
    """Requests, no two alike: two lines of random items at a random store, customers named as in life. Written as text:
    clients are to be cheap.
    """

    def __init__(
        self,
        token: str,
        chance: random.Random,
        *,
        skus: list[str] = SKUS,
        places: list[str] = PLACES,
        lines: int = 2,
    ) -> None:
        self._token = token
        self._chance = chance
        self._skus = skus
        self._places = places
        self._lines = lines
        self._number = 0
        self._customers = Customers(random.Random(chance.random()))

    def one(self, _: int) -> bytes:
        return post("/api/v1/orders", self.order().encode(), token=self._token)

    def many(self, _: int) -> bytes:
        body = '{"orders":[' + ",".join(self.order() for _ in range(LIST)) + "]}"
        return post("/api/v1/orders:batch", body.encode(), token=self._token)

    def order(self) -> str:
        """The next order, as it is sent."""
        self._number += 1
        at = self._places[int(self._chance.random() * len(self._places))]
        first = int(self._chance.random() * len(self._skus))
        # a step that is no multiple of their number: never the same item twice in one order
        lines = [_LINE % (self._skus[(first + 7 * n) % len(self._skus)], at) for n in range(self._lines)]
        whole, cents = divmod(PRICE * self._lines, 100)
        told = {
            "n": self._number,
            "name": self._customers.next(),
            "phone": self._number % 10_000,
            "lines": ",".join(lines),
        }
        return _ORDER % {**told, "whole": whole, "cents": cents}


_BEHIND = text("""
SELECT (SELECT count(*) FROM runtime.events WHERE position IS NULL) + count(*)
  FROM unnest(CAST(:reactions AS text[]), CAST(:names AS text[])) AS r(reaction, name)
  LEFT JOIN runtime.cursors c USING (reaction)
  JOIN runtime.events e ON e.name = r.name AND e.position > coalesce(c.position, 0)""")


async def drained_after(run: Run) -> float | None:
    """How long the worker needed after the last order until every reaction had seen every event."""
    began = time.monotonic()
    while time.monotonic() - began < DRAINED_WITHIN_SECONDS:
        if await _behind(run) == 0:
            return round(time.monotonic() - began, 1)
        await asyncio.sleep(0.2)
    return None


async def _behind(run: Run) -> int:
    """Events that wait to be published, and those that each reaction has not seen yet."""
    pairs = [(one.name, name) for one in REACTIONS for name in sorted(one.events)]
    asked = {"reactions": [pair[0] for pair in pairs], "names": [pair[1] for pair in pairs]}
    async with run.reading() as read:
        return int(await read.value(_BEHIND, asked))


_UNSENT = text("SELECT count(*) FROM messages.messages WHERE state IN ('queued', 'sending')")


async def _letters(run: Run) -> dict[str, float]:
    """How many letters wait when the peak is over, and how fast they are sent from then on."""
    left = []
    for pause in (0, LETTERS_SECONDS):
        await asyncio.sleep(pause)
        async with run.reading() as read:
            left.append(int(await read.value(_UNSENT)))
    return {"waiting": left[0], "sent_per_second": round((left[0] - left[1]) / LETTERS_SECONDS, 1)}


async def _stored(run: Run) -> int:
    async with run.reading() as read:
        return int(await read.value(text("SELECT count(*) FROM orders.orders")))


async def _truth(place: House) -> dict[str, Any]:
    report = await audit(place.run)
    return {"orders_stored": await _stored(place.run), "audit_violations": len(report.violations)}
