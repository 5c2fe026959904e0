"""Publisher: how long after the commit of an event it has its position and is told, at full intake; none lost.

Both moments are PostgreSQL's own commit times (track_commit_timestamp), of every order, so nobody has to watch. Then
what the worker costs: publisher, each reaction and the sending of messages, each alone over the same orders.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
from typing import Any

from sqlalchemy import text

from ambidex.entry.audit import audit
from ambidex.runtime import postgres
from ambidex.runtime.live import head
from ambidex.runtime.perform import Run
from ambidex.runtime.postgres_home import read_home
from ambidex.runtime.publisher import publish_all, verify_chain
from bench.cost import Meter, microseconds_each
from bench.intake import LIST, LIST_CLIENTS, Orders, drained_after
from bench.load import Load
from bench.parts import backend_seconds, worker_parts
from bench.programs import House, house, machine
from bench.shop import build


def arguments(parser: argparse.ArgumentParser) -> None:
    """How long and how big."""
    parser.add_argument("--seconds", type=int, default=10, help="of full intake, after a warm-up")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--servers", type=int, default=1, help="server programs")
    parser.add_argument("--seed", type=int, default=1)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures."""
    return asyncio.run(_measure(asked))


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": "publisher", "unit": "ms", "machine": machine()}
    async with house() as place:
        await tell_commit_times(place)
        token = await build(place.run)
        await place.serve(asked.servers)
        orders = Orders(token, random.Random(asked.seed))
        figures |= await _at_full_intake(place, orders, asked)
        figures |= {"lost": await _lost(place.run)}
        await asyncio.to_thread(end_worker, place)
        before = await _count(place.run)
        await publish_all(place.run.database)
        async with place.run.reading() as read:
            since = await head(read)
        await Load(place.ports, LIST_CLIENTS, orders.many).run(warm_up_seconds=0, seconds=asked.seconds / 4)
        alone = await _count(place.run) - before
        figures["worker_microseconds_an_order"] = await worker_parts(place, orders=alone, since=since)
        figures |= {"parts_over_orders": alone, "lists_of": LIST}
        figures["audit_violations"] = len((await audit(place.run)).violations)
    return figures


async def tell_commit_times(place: House) -> None:
    """Start the server again with commit times kept; nothing has been stored yet."""
    home = read_home(place.folder)
    assert home is not None, "the house has a running server"
    await asyncio.to_thread((home.path / "local.conf").write_text, "track_commit_timestamp = on\n")
    await postgres.stop_server(place.folder)
    await postgres.ensure_server(place.folder)


async def _at_full_intake(place: House, orders: Orders, asked: argparse.Namespace) -> dict[str, Any]:
    meter = Meter(place)
    leader = await _leader(place.run)
    before, used, stored = meter.read(), backend_seconds(leader), await _count(place.run)
    load = Load(place.ports, asked.clients, orders.one)
    outcome = await load.run(warm_up_seconds=2, seconds=asked.seconds)
    drained = await drained_after(place.run)
    count = await _count(place.run) - stored
    costs = microseconds_each(before, meter.read(), count=count)
    publishing = round((backend_seconds(leader) - used) * 1e6 / max(1, count))
    lags = await _lags(place.run)
    return {
        **lags,
        "orders_per_second": round(outcome.answers[201] / outcome.seconds, 1),
        "intake_p99_ms": outcome.at(0.99),
        "cpu_microseconds_an_order": costs,
        "publisher_postgres_microseconds_an_order": publishing,
        "publisher_share_of_cpu": round(publishing / max(1, costs["all"]), 3),
        "drained_after_seconds": drained,
    }


_LEADER = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted ORDER BY pid"
)
_COUNT = text("SELECT count(*) FROM orders.orders")
_LAGS = text("""
SELECT count(*) AS events, percentile_cont(0.5) WITHIN GROUP (ORDER BY lag) AS p50,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY lag) AS p99, max(lag) AS most
  FROM (SELECT extract(epoch FROM pg_xact_commit_timestamp(e.xmin) - pg_xact_commit_timestamp(r.xmin)) * 1000 AS lag
          FROM runtime.events e JOIN orders."references" r USING (order_id) WHERE e.name = 'orders.placed') l""")


async def _leader(run: Run) -> int:
    """The server process of the publisher's connection; it alone holds its lock for long."""
    for _ in range(200):
        async with run.reading() as read:
            held = [{row.pid for row in await read.all(_LEADER)} for _ in range(2)]
        if len(held[0] & held[1]) >= 1:
            return await _publishing(run, held[0])
        await asyncio.sleep(0.05)
    raise TimeoutError("nobody publishes")


async def _publishing(run: Run, among: set[int]) -> int:
    asked = text("""
SELECT pid FROM pg_stat_activity WHERE pid = ANY(CAST(:among AS integer[])) AND query LIKE '%runtime.events%'""")
    for _ in range(200):
        async with run.reading() as read:
            found = [row.pid for row in await read.all(asked, {"among": sorted(among)})]
        if found:
            return int(found[0])
        await asyncio.sleep(0.05)
    raise TimeoutError("nobody publishes")


async def _count(run: Run) -> int:
    async with run.reading() as read:
        return int(await read.value(_COUNT))


async def _lags(run: Run) -> dict[str, Any]:
    async with run.reading() as read:
        row = await read.one(_LAGS)
    named = {"value": row.p99, "p50_ms": row.p50, "p99_ms": row.p99, "most_ms": row.most}
    return {name: round(float(lag), 1) for name, lag in named.items()} | {"orders_measured": row.events}


async def _lost(run: Run) -> int:
    """Orders whose event has no position, and faults of the chain."""
    async with run.reading() as read:
        waiting = await read.value(
            text("SELECT count(*) FROM runtime.events WHERE position IS NULL AND name = 'orders.placed'")
        )
        return int(waiting) + len((await verify_chain(read)).broken)


def end_worker(place: House) -> None:
    """Ask the worker to end, and wait."""
    at = place.names.index("worker")
    worker = place.programs.pop(at)
    place.names.pop(at)
    worker.send_signal(signal.SIGTERM)
    worker.wait(30)
