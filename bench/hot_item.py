"""Hot item: everybody after one item at one place, until it is sold out, beside a one-row UPDATE by pgbench.

The same path as `intake`; sold must be the stock exactly, with nobody told "sold out" before, and nothing broken.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections import Counter
from typing import Any

from sqlalchemy import text

from ambidex.domains import catalogue, inventory, locations
from ambidex.domains.inventory import StockRow
from ambidex.entry.audit import audit
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from bench.cost import Meter, microseconds_each
from bench.intake import Orders
from bench.load import Load, Outcome
from bench.pgbench import Comparison, Script
from bench.programs import House, house, machine
from bench.shop import PLACES, SKUS, build

SOLD_OUT = 409
MOST_SECONDS = 60
ONE_ROW = Script(
    "pgbench, one conditional UPDATE of one row, prepared",
    "CREATE TABLE hot (id integer PRIMARY KEY, units bigint NOT NULL); INSERT INTO hot VALUES (1, 1000000000)",
    "UPDATE hot SET units = units - 1 WHERE id = 1 AND units > 0;\n",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """How much of it there is, and who wants it."""
    parser.add_argument("--units", type=int, default=10_000, help="in stock; one is bought by each order")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--servers", type=int, default=1, help="server programs")
    parser.add_argument("--seconds", type=int, default=4, help="of each run of pgbench")
    parser.add_argument("--scale", type=int, default=1, help="0 leaves the comparison out")


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures."""
    return asyncio.run(_measure(asked))


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": "hot_item", "unit": "orders/s", "machine": machine()}
    async with house() as place:
        token = await build(place.run)
        await place.run.perform(SYSTEM, _stock, units=asked.units)
        compared = Comparison(place.address.owner, scale=asked.scale, script=ONE_ROW)
        await compared.prepare()
        await place.serve(asked.servers)
        for _ in range(2):
            await compared.measure(seconds=asked.seconds)
        meter = Meter(place)
        before = meter.read()
        outcome = await _sell(place, token, asked.clients)
        cost = microseconds_each(before, meter.read(), count=asked.units)
        await compared.measure(seconds=asked.seconds)
        figures |= _figures(outcome, compared)
        figures |= {"cpu_microseconds_an_order": cost, **await _truth(place, asked.units)}
    return figures


async def _stock(tx: Tx, *, units: int) -> None:
    item = await catalogue.by_sku(tx, SKUS[0])
    place = await locations.by_code(tx, PLACES[0])
    await inventory.count_all(tx, [StockRow(item.item_id, place.location_id, units)], cause="count")


async def _sell(place: House, token: str, clients: int) -> Outcome:
    orders = Orders(token, random.Random(1), skus=SKUS[:1], places=PLACES[:1], lines=1)
    # everybody has heard twice that it is sold out
    load = Load(
        place.ports, clients, orders.one, is_over=lambda told: told.all_answers[SOLD_OUT] >= 2 * clients
    )
    return await load.run(warm_up_seconds=0, seconds=MOST_SECONDS)


def _figures(outcome: Outcome, compared: Comparison) -> dict[str, Any]:
    sold = outcome.all_answers[201]
    value = round(sold / (outcome.last_at[201] - outcome.began_at), 1)
    tps = compared.median
    return {
        "value": value,
        "p50_ms": outcome.at(0.5),
        "p99_ms": outcome.at(0.99),
        "answers": {str(status): n for status, n in sorted(Counter(outcome.all_answers).items())},
        "comparison": tps,
        "comparison_of": compared.json(),
        "ratio": round(value / tps, 3) if tps else None,
    }


_RESERVED = text("""
SELECT p.sellable, p.reserved FROM inventory.positions p JOIN catalogue.items i USING (item_id)
  JOIN locations.locations l USING (location_id) WHERE i.sku = :sku AND l.code = :code""")


async def _truth(place: House, units: int) -> dict[str, Any]:
    async with place.run.reading() as read:
        row = await read.one(_RESERVED, {"sku": SKUS[0], "code": PLACES[0]})
        stored = int(await read.value(text("SELECT count(*) FROM orders.orders")))
    report = await audit(place.run)
    return {
        "stock": units,
        "sold": stored,
        "sold_is_stock": stored == row.reserved == row.sellable == units,
        "audit_violations": len(report.violations),
    }
