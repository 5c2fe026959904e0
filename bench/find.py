"""Find: any order among a million or ten by anything people remember, through the real read and over HTTP.

`--orders 10000000` needs about 25 GB of disk and the better part of an hour; 1,000,000 a few minutes. The seed writes
what placing and the index reaction would have written, and says how many of a sample differ.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from ambidex.domains import catalogue, identity
from ambidex.domains.catalogue import NewItem
from ambidex.domains.search.rules import fold, typos_allowed
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.reads.find import Hit, find
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from bench.programs import House, free_port, house, machine, until_up
from bench.seed import differences, make_vocabulary, seed_found, seeding

START_MS = 1_700_000_000_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HARD = "two commonest words"


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many orders and questions."""
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=120, help="of each kind")
    parser.add_argument("--typos", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures."""
    return asyncio.run(_measure(asked))


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    chance = random.Random(asked.seed)
    figures: dict[str, Any] = {"name": "find", "unit": "ms", "machine": machine(), "orders": asked.orders}
    async with house() as place, seeding(place.address.owner) as owner:
        began = time.monotonic()
        await make_vocabulary(owner, chance)
        token = await place.run.perform(SYSTEM, goods, rows=await items_of(owner))
        await seed_found(
            owner, count=asked.orders, start_ms=START_MS, source=f"'{UUID(int=7)}'", places=f"ARRAY['{UUID(int=9)}']",
            place_count="1",
        )  # fmt: skip
        figures["seeded_in_seconds"] = round(time.monotonic() - began)
        figures["gigabytes"] = round(
            await owner.fetchval("SELECT (pg_database_size(current_database()) / 1e9)::float8"), 2
        )
        figures["index_bytes_an_order"] = await owner.fetchval(
            "SELECT (sum(pg_total_relation_size(oid)) / $1)::bigint FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'search'::regnamespace",
            asked.orders,
        )
        figures["differ_from_the_reaction"] = await differences(owner, place.run, count=asked.orders)
        people = await _people(owner, chance, asked)
        figures |= await _answers(place.run, chance, people, asked.questions)
        figures["over_http_p99_ms"] = await _over_http(place, chance, people, token, asked.questions)
        figures |= await _typos(place.run, chance, people, asked.typos)
    return figures


async def items_of(owner: asyncpg.Connection[Any]) -> list[tuple[str, str]]:
    rows = await owner.fetch(
        "SELECT s.shown AS sku, t.shown AS title FROM bench.vocabulary s JOIN bench.vocabulary t USING (script, n)"
        " WHERE s.kind = 'sku' AND t.kind = 'title' ORDER BY n"
    )
    return [(row["sku"], row["title"]) for row in rows]


async def goods(tx: Tx, *, rows: list[tuple[str, str]]) -> str:
    """The items with a barcode each; the token of somebody who reads."""
    price = Money.parse("19.90", "USD")
    news = [NewItem(sku=sku, name=name, price=price, barcodes=(f"B-{sku}",)) for sku, name in rows]
    for first in range(0, len(news), 500):
        await catalogue.put_items(tx, news[first : first + 500])
    secret = "bench-" + "r" * 40
    await identity.create_token(tx, identity.NewToken("bench", identity.Role.READER), secret=secret)
    return secret


@dataclass(frozen=True, slots=True)
class Person:
    """An order of the seed, as somebody remembers it."""

    order_id: UUID
    number: str
    reference: str
    given: str
    family: str
    phone: str
    email: str
    sku: str
    postcode: str


async def _people(
    owner: asyncpg.Connection[Any], chance: random.Random, asked: argparse.Namespace
) -> list[Person]:
    wanted = sorted({chance.randint(1, asked.orders) for _ in range(4_000)})
    rows = await owner.fetch(
        "SELECT o.order_id, o.number, o.reference, o.contact_name, o.contact_phone, o.contact_email, l.sku, o.address"
        "  FROM search.documents d JOIN orders.orders o USING (order_id) JOIN orders.lines l USING (order_id)"
        " WHERE d.seq = ANY($1) AND l.line_no = 1",
        wanted,
    )
    people = []
    for row in rows:
        given, family = row["contact_name"].split(" ")
        place = (row["address"] or "").partition('"postcode": "')[2].partition('"')[0]
        codes = (row["order_id"], row["number"], row["reference"])
        people.append(
            Person(*codes, given, family, row["contact_phone"], row["contact_email"], row["sku"], place)
        )
    chance.shuffle(people)
    return people


Ask = Callable[[Person], str]
KINDS: dict[str, Ask] = {
    "number": lambda one: one.number,
    "number without dash": lambda one: one.number.replace("-", "").lower(),
    "number, last four": lambda one: one.number[-4:],
    "source number": lambda one: one.reference,
    "phone": lambda one: one.phone,
    "phone, national format": lambda one: f"({one.phone[2:5]}) {one.phone[5:8]}-{one.phone[8:]}",
    "phone, last four": lambda one: one.phone[-4:],
    "phone, last four, and name": lambda one: f"{one.phone[-4:]} {one.family}",
    "e-mail": lambda one: one.email,
    "e-mail, beginning": lambda one: one.email.partition("@")[0][:9],
    "family name": lambda one: one.family,
    "name": lambda one: f"{one.given} {one.family}",
    "name, other way round": lambda one: f"{one.family} {one.given}",
    "family name, beginning": lambda one: one.family[:4],
    "name, beginnings": lambda one: f"{one.given[:3]} {one.family[:4]}",
    "item": lambda one: one.sku,
    "item and name": lambda one: f"{one.sku} {one.family}",
    "item, scanned": lambda one: f"B-{one.sku}",
    "postcode": lambda one: one.postcode or "AB1 2CD",
    "postcode and name": lambda one: f"{one.postcode or 'AB1 2CD'} {one.given}",
    "nobody": lambda one: f"{one.family[::-1]}qx",
    HARD: lambda _: "maria smith",
    "two common words, two goods": lambda _: "blue mug",
}


async def _answers(run: Run, chance: random.Random, people: list[Person], each: int) -> dict[str, Any]:
    """Every kind of question, mixed; milliseconds and the share that had its order among the first twenty."""
    asked = [(kind, one) for kind in KINDS for one in chance.sample(people, each)]
    chance.shuffle(asked)
    for kind, one in asked[:200]:
        await _timed(run, KINDS[kind](one))
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    found: dict[str, int] = dict.fromkeys(KINDS, 0)
    for kind, one in asked:
        milliseconds, hits = await _timed(run, KINDS[kind](one))
        took[kind].append(milliseconds)
        found[kind] += any(hit.order_id == one.order_id for hit in hits)
    ordinary = [ms for kind, times in took.items() if kind != HARD for ms in times]
    return {
        "value": _at(ordinary, 0.99),
        "p50_ms": _at(ordinary, 0.5),
        "p99_ms": _at(ordinary, 0.99),
        "two_commonest_p99_ms": _at(took[HARD], 0.99),
        "kinds": {kind: [_at(times, 0.5), _at(times, 0.99)] for kind, times in took.items()},
        "order_among_first_20": {kind: round(n / each, 2) for kind, n in found.items()},
    }


async def _timed(run: Run, query: str) -> tuple[float, list[Hit]]:
    began = time.perf_counter()
    async with run.reading() as read:
        hits = await find(read, query)
    return (time.perf_counter() - began) * 1000, hits


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)


async def _over_http(
    place: House, chance: random.Random, people: list[Person], token: str, each: int
) -> float:
    port = free_port()
    place.start("serve", "--port", str(port))
    await until_up(f"http://127.0.0.1:{port}/readyz")
    kinds = [kind for kind in KINDS if kind != HARD]
    times = []
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        for number in range(each * 4):
            query = KINDS[chance.choice(kinds)](chance.choice(people))
            began = time.perf_counter()
            answer = await client.get("/api/v1/orders", params={"q": query})
            if number >= each:
                times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text
    return _at(times, 0.99)


async def _typos(run: Run, chance: random.Random, people: list[Person], wanted: int) -> dict[str, Any]:
    """One slip in the family name beside the given name: how many orders are found that the right spelling finds."""
    tried = found = 0
    times = []
    for one in people:
        if tried == wanted or not typos_allowed(fold(one.family)) or not one.family.isalpha():
            continue
        _, right = await _timed(run, f"{one.given} {one.family}")
        if not any(hit.order_id == one.order_id for hit in right):
            continue
        milliseconds, hits = await _timed(run, f"{one.given} {slipped(one.family, chance)}")
        tried += 1
        found += any(hit.order_id == one.order_id for hit in hits)
        times.append(milliseconds)
    return {
        "typos_found": round(found / max(1, tried), 4),
        "typos_tried": tried,
        "typo_p50_ms": _at(times, 0.5),
        "typo_p99_ms": _at(times, 0.99),
    }


def slipped(word: str, chance: random.Random) -> str:
    """One slip of the fingers: a letter lost, doubled, wrong, added or swapped with its neighbor; never the same word."""
    letters = LETTERS if word.isascii() else "".join(sorted(set(word.lower())))
    while True:
        at = chance.randrange(len(word))
        made = {
            "lost": word[:at] + word[at + 1 :],
            "doubled": word[: at + 1] + word[at:],
            "wrong": word[:at] + chance.choice(letters) + word[at + 1 :],
            "added": word[:at] + chance.choice(letters) + word[at:],
            "swapped": word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
        }[chance.choice(("lost", "doubled", "wrong", "added", "swapped"))]
        if fold(made) != fold(word):
            return made
