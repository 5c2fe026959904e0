"""Intake: orders a second through the real API, one order a request, and in lists of 100, beside pgbench.

Sign-in checked, two lines, stock reserved, events, promise, watchdogs, owner, message, with a running worker that
consumes every reaction; synchronous_commit on. The target belongs to a later step; the figures are what they are.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from typing import Any

from sqlalchemy import text

from ambidex.entry.audit import audit
from ambidex.flows.reactions import REACTIONS
from ambidex.runtime.perform import Run
from bench.load import Load, Outcome, post
from bench.pgbench import Comparison, scale_for
from bench.programs import House, house, machine
from bench.shop import PLACES, SKUS, build

LIST = 100
LIST_CLIENTS = 4
DRAINED_WITHIN_SECONDS = 120


def arguments(parser: argparse.ArgumentParser) -> None:
    """How long and how big."""
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement, after a warm-up")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--servers", type=int, default=min(4, os.cpu_count() or 1), help="server programs")
    parser.add_argument("--scale", type=int, default=None, help="of pgbench; 100, or 10 on a small machine")
    parser.add_argument("--seed", type=int, default=1)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures."""
    return asyncio.run(_measure(asked))


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": "intake", "unit": "orders/s", "machine": machine()}
    async with house() as place:
        token = await build(place.run)
        compared = Comparison(place.address.owner, scale=scale_for(asked.scale))
        has_pgbench = await compared.prepare()
        await place.serve(asked.servers)
        orders = _Orders(token, random.Random(asked.seed))
        for number in range(3):
            if has_pgbench:
                await compared.measure(seconds=max(3, asked.seconds // 3))
            if number == 0:
                one = await Load(place.ports, asked.clients, orders.one).run(
                    warm_up_seconds=3, seconds=asked.seconds
                )
            if number == 1:
                many = await Load(place.ports, LIST_CLIENTS, orders.many).run(
                    warm_up_seconds=2, seconds=asked.seconds
                )
        figures["drained_after_seconds"] = await _drained(place.run)
        figures |= _figures(one, many, compared)
        figures |= {"clients": asked.clients, "servers": asked.servers, **await _truth(place)}
    return figures


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


class _Orders:
    """Requests, no two alike: two lines of random items at a random store."""

    def __init__(self, token: str, chance: random.Random) -> None:
        self._token = token
        self._chance = chance
        self._number = 0

    def one(self, _: int) -> bytes:
        return post("/api/v1/orders", json.dumps(self._order()).encode(), token=self._token)

    def many(self, _: int) -> bytes:
        body = {"orders": [self._order() for _ in range(LIST)]}
        return post("/api/v1/orders:batch", json.dumps(body).encode(), token=self._token)

    def _order(self) -> dict[str, Any]:
        self._number += 1
        at = self._chance.choice(PLACES)
        return {
            "source": "web:main",
            "reference": f"B-{self._number}",
            "currency": "USD",
            "customer": {
                "name": f"Ama Owusu {self._number}",
                "email": f"ama{self._number}@example.com",
                "phone": f"+1206555{self._number % 10_000:04}",
            },
            "lines": [
                {"item": sku, "quantity": 1, "unit_price": "19.90", "method": "pickup", "location": at}
                for sku in self._chance.sample(SKUS, 2)
            ],
            "payment": {"status": "authorized", "amount": "39.80"},
        }


_BEHIND = text("""
SELECT (SELECT count(*) FROM runtime.events WHERE position IS NULL) + count(*)
  FROM unnest(CAST(:reactions AS text[]), CAST(:names AS text[])) AS r(reaction, name)
  LEFT JOIN runtime.cursors c USING (reaction)
  JOIN runtime.events e ON e.name = r.name AND e.position > coalesce(c.position, 0)""")


async def _drained(run: Run) -> float | None:
    """How long the worker needed after the last order until every reaction had seen every event."""
    pairs = [(one.name, name) for one in REACTIONS for name in sorted(one.events)]
    reactions, names = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    began = time.monotonic()
    while time.monotonic() - began < DRAINED_WITHIN_SECONDS:
        async with run.reading() as read:
            if int(await read.value(_BEHIND, {"reactions": reactions, "names": names})) == 0:
                return round(time.monotonic() - began, 1)
        await asyncio.sleep(0.2)
    return None


async def _truth(place: House) -> dict[str, Any]:
    async with place.run.reading() as read:
        stored = int(await read.value(text("SELECT count(*) FROM orders.orders")))
    report = await audit(place.run)
    return {"orders_stored": stored, "audit_violations": len(report.violations)}
