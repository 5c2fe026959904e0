"""Growth: what one order costs with ten thousand stored orders and with a million (or ten, by `--orders`), in one house.

CPU time of each program, buffers and write-ahead log for one order through the API with a running worker, and which large
tables anybody read from end to end meanwhile: none may be. The stored orders are whole ones that are over.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from datetime import UTC, datetime
from typing import Any

import asyncpg
from sqlalchemy import text

from ambidex.domains import catalogue, inventory, locations
from ambidex.domains.inventory import StockRow
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit import ask
from ambidex.reads.audit_checks import CHECKS
from ambidex.runtime.db import Tx
from bench.cost import Meter, microseconds_each
from bench.find import START_MS, goods, items_of
from bench.intake import Orders, drained_after
from bench.load import Load
from bench.programs import House, house, machine
from bench.publisher import end_worker
from bench.seed import begin_beyond, differences, make_vocabulary, seed_found, seeding
from bench.seed_closed import STATEMENTS, disarm, tidy
from bench.shop import PLACES, UNITS, build

ITEMS = 400
# the shelves were counted before the first seeded sale
_BEFORE = datetime.fromtimestamp(START_MS / 1000 - 86_400, UTC)
SMALL = 10_000
LARGE_TABLE = 20_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many orders are stored, and how long is measured."""
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=8, help="of each measurement")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures."""
    return asyncio.run(_measure(asked))


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": "growth", "unit": "CPU of an order, times", "machine": machine()}
    chance = random.Random(asked.seed)
    async with house() as place, seeding(place.address.owner) as owner:
        token = await build(place.run)
        await make_vocabulary(owner, chance, items=ITEMS)
        rows = await items_of(owner)
        await place.run.perform(SYSTEM, goods, rows=rows)
        places = await place.run.perform(SYSTEM, _stock, skus=[sku for sku, _ in rows])
        orders = Orders(token, chance, skus=[sku for sku, _ in rows])
        await begin_beyond(owner)
        await place.serve(1)
        await Load(place.ports, 1, orders.one).run(warm_up_seconds=0, seconds=0.3)
        named = {**places, "source": await owner.fetchval(_SOURCE)}
        found = []
        for first, count in ((1, SMALL), (SMALL + 1, asked.orders)):
            began = time.monotonic()
            # nobody numbers events while the seed does
            await asyncio.to_thread(end_worker, place)
            await _seed(owner, first=first, count=count, named=named)
            await tidy(owner, place.folder)
            place.start("worker")
            seconds = round(time.monotonic() - began)
            found.append(
                {"stored": count, "seeded_in_seconds": seconds, **await _cost(place, owner, orders, asked)}
            )
        figures |= _compared(*found)
        figures["differ_from_the_reaction"] = await differences(owner, place.run, count=asked.orders)
        figures |= await _audited(place)
        figures["gigabytes"] = round(
            await owner.fetchval("SELECT (pg_database_size(current_database()) / 1e9)::float8"), 2
        )
    return figures


async def _stock(tx: Tx, *, skus: list[str]) -> dict[str, str]:
    """Enough of everything everywhere; how SQL names the places."""
    places = await locations.by_codes(tx, PLACES)
    items = await catalogue.by_skus(tx, skus)
    for at in places.values():
        stock = [StockRow(item.item_id, at.location_id, UNITS, spot="A-1") for item in items.values()]
        await inventory.count_all(tx, stock, cause="opening count", happened_at=_BEFORE)
    ids = ", ".join(f"'{place.location_id}'" for place in places.values())
    return {"places": f"ARRAY[{ids}]", "place_count": str(len(places))}


async def _seed(owner: asyncpg.Connection[Any], *, first: int, count: int, named: dict[str, str]) -> None:
    await disarm(owner, armed=False)
    await seed_found(
        owner, first=first, count=count, start_ms=START_MS, with_rows=STATEMENTS, method="'pickup'", **named
    )
    await disarm(owner, armed=True)


_SOURCE = "SELECT quote_literal(source_id) FROM channels.sources WHERE code = 'web:main'"
_WORK = """
SELECT (SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database())::float8 AS buffers,
  (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::float8 AS transactions,
  (pg_current_wal_lsn() - '0/0')::float8 / 1024 AS wal_kilobytes"""
_SCANS = """
SELECT s.schemaname || '.' || s.relname AS name, s.seq_scan FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
 WHERE c.reltuples > $1"""


async def _cost(
    place: House, owner: asyncpg.Connection[Any], orders: Orders, asked: argparse.Namespace
) -> dict[str, Any]:
    load = Load(place.ports, asked.clients, orders.one)
    await load.run(warm_up_seconds=0, seconds=2)
    await drained_after(place.run)
    meter, count = Meter(place), await _count(place)
    used, work, scans = (
        meter.read(),
        await owner.fetchrow(_WORK),
        dict(await owner.fetch(_SCANS, LARGE_TABLE)),
    )
    outcome = await load.run(warm_up_seconds=0, seconds=asked.seconds)
    await asyncio.sleep(3)  # the server tells its counters once a second
    # before the bench itself asks who lags behind
    after, later = await owner.fetchrow(_WORK), dict(await owner.fetch(_SCANS, LARGE_TABLE))
    drained = await drained_after(place.run)
    placed = await _count(place) - count
    assert work is not None
    assert after is not None
    return {
        "orders": placed,
        "cpu_microseconds_an_order": microseconds_each(used, meter.read(), count=placed),
        "p50_ms": outcome.at(0.5),
        "drained_after_seconds": drained,
        **{name: round((after[name] - work[name]) / placed, 1) for name in work.keys()},  # noqa: SIM118  # a Record
        "read_from_end_to_end": {
            name: n - scans.get(name, 0) for name, n in later.items() if n > scans.get(name, 0)
        },
    }


async def _count(place: House) -> int:
    async with place.run.reading() as read:
        return int(await read.value(text("SELECT last_value FROM search.documents_seq_seq")))


def _compared(small: dict[str, Any], large: dict[str, Any]) -> dict[str, Any]:
    def times(name: str) -> float:
        return round(float(large[name]) / max(0.001, float(small[name])), 2)

    ours = [sum(cost for name, cost in one["cpu_microseconds_an_order"].items() if name not in {"clients", "all"})
            for one in (small, large)]  # fmt: skip
    ratio = round(ours[1] / ours[0], 2)
    return {
        "value": ratio,
        "ratio": ratio,
        "buffers_ratio": times("buffers"),
        "wal_ratio": times("wal_kilobytes"),
        "p50_ratio": times("p50_ms"),
        "small": small,
        "large": large,
    }


async def _audited(place: House) -> dict[str, Any]:
    """The audit but for the walk of the chain, whose seeded links are made up: what it takes, and what it finds."""
    async with place.run.reading() as read:
        await read.value(text("SELECT set_config('statement_timeout', '600000', true)"))
        took, violations = {}, []
        for check in CHECKS:
            began = time.monotonic()
            violations += await ask(read, check)
            took[check.rule] = round(time.monotonic() - began, 2)
    slowest = dict(sorted(took.items(), key=lambda one: -one[1])[:8])
    return {
        "audit_violations": [f"{v.rule}: {v.subject} {v.detail}" for v in violations][:5],
        "audit_seconds": round(sum(took.values()), 1),
        "audit_slowest": slowest,
    }
