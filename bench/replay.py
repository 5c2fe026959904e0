"""Replay: real orders of the past loaded through the public import, then their busiest days as one live day at speed.

Five channels at once (marketplace, web, phone and chat through the API, tills through their signed feed) against a
running server and worker, the audit asking beside them. Printed: what import and day ran at, how far publisher,
reactions and feeds were behind, drift of the book, units sold beyond the stock, violations. Without the real orders a
made-up day of the same shape is played. A control: the same counts, told of one order too many, must not agree.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from ambidex.domains import catalogue, channels, identity, inventory, locations
from ambidex.domains.inventory import StockRow
from ambidex.domains.locations import LocationKind, NewLocation
from ambidex.entry.audit import audit
from ambidex.flows.feed_terms import Terms, open_feed
from ambidex.integrations import signed
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from bench.beside import Beside, ask, percentile, watch
from bench.cost import Meter, microseconds_each
from bench.intake import drained_after
from bench.past import DAY, STORES, NotThere, Row, folder_of, items_of, peak_day, read_past, write_lines
from bench.programs import House, house, machine

SAMPLE = Path(__file__).parents[1] / "docs/samples/peak-day.jsonl"
CHANNELS = ("marketplace", "web", "phone", "chat", "pos")
WAREHOUSES = ("dc-1", "dc-2")
TILL, SECRET = "till:past", "a-made-up-secret-of-tills"
JSON = {"content-type": "application/json"}
AT_ONCE = 64
NOT_NOW_MAX = 8
APPLIED_WITHIN_SECONDS = 180
Position = tuple[str, str]


def arguments(parser: argparse.ArgumentParser) -> None:
    """How fast, how much, from where."""
    parser.add_argument("--seconds", type=float, default=30, help="the day lasts this long")
    parser.add_argument("--days", type=int, default=20, help="busiest days of each source laid over one")
    parser.add_argument("--past", type=Path, help="folder of the real orders (or AMBIDEX_SHARED_DATA)")
    parser.add_argument("--history", type=int, default=5_000, help="orders imported before; 0 is all")
    parser.add_argument("--scarce", type=float, default=0.9, help="stock as a share of what the day asks for")
    parser.add_argument("--servers", type=int, default=1, help="server programs")


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures."""
    return asyncio.run(_measure(asked))


@dataclass
class Day:
    """What happens, what lies where before, and what was imported."""

    rows: list[Row]
    history: list[Row]
    real: bool

    @property
    def places(self) -> set[str]:
        """Places that the history names."""
        return {line["location"] for one in self.history for line in one["lines"] if line.get("location")}

    def asked_for(self, *, tills: bool) -> Counter[Position]:
        """Units by item and place; what is to be shipped is asked of the first warehouse."""
        wanted: Counter[Position] = Counter()
        for row in self.rows:
            if "till" in row and tills:
                wanted.update(
                    {(one["item"], row["till"]["place"]): one["quantity"] for one in row["till"]["lines"]}
                )
            for line in row.get("order", {}).get("lines", ()):
                wanted[line["item"], line.get("location", WAREHOUSES[0])] += line["quantity"]
        return wanted


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    day = _day(asked)
    figures: dict[str, Any] = {"name": "replay", "unit": "orders/s", "machine": machine(), "real": day.real}
    async with house() as place:
        token = await place.run.perform(SYSTEM, _build, named=day.places)
        figures["import"] = await _import(place, day)
        stock = {p: math.ceil(n * asked.scarce) for p, n in day.asked_for(tills=True).items()}
        await place.run.perform(SYSTEM, _stock, stock=stock)
        await place.serve(asked.servers)
        meter = Meter(place)
        before = meter.read()
        played, beside = await _play(place, day, token, seconds=asked.seconds)
        figures |= played.figures(seconds=asked.seconds) | beside.figures()
        figures["tills_applied_after_seconds"] = await _applied_after(place)
        figures["drained_after_seconds"] = await drained_after(place.run)
        figures["cpu_microseconds_a_message"] = microseconds_each(
            before, meter.read(), count=sum(played.answers.values())
        )
        figures |= await _truth(place, stock, played)
    return figures


def _day(asked: argparse.Namespace) -> Day:
    try:
        past = read_past(folder_of(asked.past))
    except NotThere as refused:
        print(refused, file=sys.stderr)
        rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
        return Day(rows, _sample_history(), real=False)
    rows = peak_day(past.orders, days=asked.days)
    return Day(rows, past.orders[: asked.history] if asked.history else past.orders, real=True)


def _sample_history() -> list[Row]:
    path = SAMPLE.with_name("orders.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def _build(tx: Tx, *, named: set[str]) -> str:
    places = [NewLocation(code=code, name=code) for code in sorted(named | set(STORES))]
    places += [NewLocation(code=code, name=code, kind=LocationKind.WAREHOUSE) for code in WAREHOUSES]
    await locations.put_locations(tx, places)
    new = channels.NewSource(code=TILL, kind="till", channel="pos", secret=SECRET)
    await channels.register(tx, new)
    for channel in CHANNELS:
        await open_feed(tx, terms=Terms(f"feed-{channel}", f"What {channel} shows", channel))
    secret = secrets.token_urlsafe(24)
    await identity.create_token(tx, identity.NewToken("replay", identity.Role.INTEGRATION), secret=secret)
    return secret


async def _import(place: House, day: Day) -> dict[str, Any]:
    """Items and orders through `ambidex import`, as anybody would."""
    sold = [row["order"] for row in day.rows if "order" in row]
    known = {one["sku"]: one for one in items_of([*day.history, *sold])}
    for row in day.rows:
        for line in row.get("till", {}).get("lines", ()):
            known.setdefault(line["item"], {"sku": line["item"], "name": line["item"], "price": "1.00"})
    write_lines(place.folder / "items.jsonl", known.values())
    write_lines(place.folder / "orders.jsonl", day.history)
    items = await _command(place, "import", "items", str(place.folder / "items.jsonl"), "--json")
    began = time.monotonic()
    orders = await _command(place, "import", "orders", str(place.folder / "orders.jsonl"), "--json")
    seconds = time.monotonic() - began
    again = await _command(place, "import", "orders", str(place.folder / "orders.jsonl"), "--json")
    return {
        "items": items["applied"],
        "orders": orders["applied"],
        "refused": len({fault["line"] for fault in orders["faults"]}),
        "again": {"applied": again["applied"], "already": again["already"]},
        "lines_a_minute": round(orders["lines"] / seconds * 60),
        "lines_of_orders": sum(len(one["lines"]) for one in day.history),
    }


async def _command(place: House, *words: str) -> dict[str, Any]:
    environment = {**os.environ, "AMBIDEX_DATA": str(place.folder), "AMBIDEX_LOG_LEVEL": "warning"}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ambidex.entry.cli", *words, env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await program.communicate()
    report: dict[str, Any] = json.loads(out.splitlines()[-1])
    return report


async def _stock(tx: Tx, *, stock: dict[Position, int]) -> None:
    items = await catalogue.by_skus(tx, {sku for sku, _ in stock})
    places = await locations.by_codes(tx, {code for _, code in stock})
    rows = [
        StockRow(items[sku].item_id, places[code].location_id, units) for (sku, code), units in stock.items()
    ]
    for first in range(0, len(rows), 2_000):
        await inventory.count_all(tx, rows[first : first + 2_000], cause="opening count")


@dataclass
class Played:
    """What the channels were answered, and what they may therefore sell."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    accepted: Counter[Position] = field(default_factory=Counter)
    tills: Counter[Position] = field(default_factory=Counter)
    late_seconds: float = 0.0
    not_now: int = 0
    unanswered: int = 0

    def figures(self, *, seconds: float) -> dict[str, Any]:
        """Rates and times by channel."""
        by_channel = {
            channel: {
                "answers": {str(code): n for (of, code), n in sorted(self.answers.items()) if of == channel},
                "p99_ms": percentile(self.milliseconds.get(channel, []), 0.99),
            }
            for channel in CHANNELS
        }
        total = sum(self.answers.values())
        return {
            "value": round(total / (seconds + self.late_seconds), 1),
            "messages": total,
            "played_late_seconds": round(self.late_seconds, 1),
            "channels": by_channel,
            "asked_again": {"not_now": self.not_now, "no_answer": self.unanswered},
            "server_errors": sum(n for (_, code), n in self.answers.items() if code >= 500),
        }


async def _play(place: House, day: Day, token: str, *, seconds: float) -> tuple[Played, Beside]:
    played, beside = Played(), Beside()
    over = asyncio.Event()
    watching = [
        asyncio.create_task(watch(place, beside, over)),
        asyncio.create_task(ask(place, beside, over)),
    ]
    turn = asyncio.Semaphore(AT_ONCE)
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        began = time.monotonic()
        sending = []
        for number, row in enumerate(day.rows):
            wait = began + row["at"] / DAY * seconds - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            await turn.acquire()
            address = f"http://127.0.0.1:{place.ports[number % len(place.ports)]}"
            task = asyncio.create_task(_send(client, address, token, row, played))
            task.add_done_callback(lambda _: turn.release())
            sending.append(task)
        await asyncio.gather(*sending)
        played.late_seconds = max(0.0, time.monotonic() - began - seconds)
    over.set()
    await asyncio.gather(*watching)
    return played, beside


async def _send(client: httpx.AsyncClient, address: str, token: str, row: Row, played: Played) -> None:
    began = time.monotonic()
    if "till" in row:
        happened_at = datetime.now(UTC) - timedelta(milliseconds=1)
        body = json.dumps(row["till"] | {"happened_at": happened_at.isoformat()}).encode()
        proof = {signed.PLAIN: signed.sign_plain(body, SECRET)}
        answer = await _until_answered(client, f"{address}/api/v1/inbound/{TILL}", body, proof, played)
        if answer is not None and answer.status_code < 300:
            for line in row["till"]["lines"]:
                played.tills[line["item"], row["till"]["place"]] += line["quantity"]
    else:
        body, who = json.dumps(row["order"]).encode(), {"authorization": f"Bearer {token}"}
        answer = await _until_answered(client, f"{address}/api/v1/orders", body, who, played)
        if answer is not None and answer.status_code in {httpx.codes.CREATED, httpx.codes.OK}:
            for line in answer.json()["lines"]:
                played.accepted[line["item"], line["location"]] += line["quantity"]
    played.answers[row["channel"], 0 if answer is None else answer.status_code] += 1
    played.milliseconds.setdefault(row["channel"], []).append((time.monotonic() - began) * 1000)


async def _until_answered(
    client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str], played: Played
) -> httpx.Response | None:
    """As others do: no answer and "not now" are asked again; reference or transaction keep it one however often."""
    for _ in range(NOT_NOW_MAX):
        try:
            answer = await client.post(url, content=body, headers=headers | JSON)
        except httpx.TransportError:
            played.unanswered += 1
            continue
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer
        played.not_now += 1
        await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
    return None


_BOOK = text("""
SELECT i.sku, l.code, p.sellable + p.suspect AS shelf, p.reserved, p.gap FROM inventory.positions p
  JOIN catalogue.items i USING (item_id) JOIN locations.locations l USING (location_id)""")

# what the day's orders hold; open orders of the import may have been given something too
_RESERVED = text(r"""
SELECT coalesce(sum(r.quantity), 0) FROM inventory.reservations r JOIN orders.orders o USING (order_id)
 WHERE o.source_id IN (
       SELECT source_id FROM channels.sources WHERE code LIKE '%\:past')""")


async def _applied_after(place: House) -> float | None:
    """How long the worker needed after the last message until every till's word was in the book."""
    began = time.monotonic()
    while time.monotonic() - began < APPLIED_WITHIN_SECONDS:
        async with place.run.reading() as read:
            if not await read.value(text("SELECT count(*) FROM runtime.inbox WHERE state = 'stored'")):
                return round(time.monotonic() - began, 1)
        await asyncio.sleep(0.5)
    return None


async def _truth(place: House, stock: dict[Position, int], played: Played) -> dict[str, Any]:
    """The book against what the channels were told, counted apart from it."""
    async with place.run.reading() as read:
        book = {(row.sku, row.code): row for row in await read.all(_BOOK)}
        reserved = await read.value(_RESERVED)
        owned = await read.value(text("SELECT count(*) FROM inventory.shorts WHERE closed_at IS NULL"))
        broken = await read.value(text("SELECT count(*) FROM tasks.tasks WHERE title LIKE 'Broken:%'"))
        parked = await read.value(text("SELECT count(*) FROM runtime.inbox WHERE state <> 'applied'"))
    report = await audit(place.run)
    expected = {p: max(0, units - played.tills[p]) for p, units in stock.items()}
    drift = sum(abs(book[p].shelf - units) for p, units in expected.items())
    return {
        "units_sold_beyond_stock": _beyond(played.accepted, stock),
        "control_one_order_too_many": _beyond(_one_more(played.accepted, stock), stock),
        "reserved_as_told": reserved == sum(played.accepted.values()),
        "drift_units": drift,
        "walk_ins_took_promised_units": {"shorts_owned": owned},
        "inbox_not_applied": parked,
        "broken_by_the_workers_own_audit": broken,
        "audit_violations": len(report.violations),
        "audit_says": [f"{one.rule}: {one.subject}: {one.detail}" for one in report.violations[:5]],
    }


def _beyond(sold: Counter[Position], stock: dict[Position, int]) -> int:
    """Units that were promised to customers and never lay there."""
    return sum(max(0, units - stock.get(position, 0)) for position, units in sold.items())


def _one_more(sold: Counter[Position], stock: dict[Position, int]) -> Counter[Position]:
    """The same, with one order that takes all of a shelf and one more."""
    position = next(iter(stock))
    return sold + Counter({position: stock[position] + 1})
