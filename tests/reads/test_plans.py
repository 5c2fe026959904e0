"""Whatever the worker asks again and again, and whatever placing asks, finds its rows by an index, however many there are.

Every statement is recorded as it is really asked, and explained with sequential scans forbidden: what still scans a table
that grows with the orders, or reads all of an index, has no index to use.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from ambidex.domains.inventory import queries
from ambidex.entry.wiring import loops
from ambidex.flows.place_order import place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.shop_port import SYSTEMS
from ambidex.integrations.systems import ConnectedSystems, token_from
from ambidex.kernel.actor import SYSTEM
from ambidex.reads import parked_orders as parked_reads
from ambidex.reads.find import find
from ambidex.reads.other_items import other_items
from ambidex.reads.packing import find_to_pack, leaving, to_pack
from ambidex.reads.parcels import waiting_parcels
from ambidex.reads.parked_orders import around, parked_count, parked_order, parked_orders
from ambidex.reads.waiting import anybody_waits
from ambidex.reads.waves import candidates, open_waves, waiting_works
from ambidex.runtime.db import Database, PinnedDatabase
from ambidex.runtime.house import House
from ambidex.runtime.live import Live
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from ambidex.runtime.settings import Settings
from tests.conftest import Clock
from tests.flows.test_parked import parked
from tests.flows.test_place_order import asked, wanted
from tests.flows.test_route_order import three_warehouses
from tests.servers import TestServer
from tests.shop import Shop

GROWING = frozenset({
    "orders", "lines", "references", "tenders", "facts", "work", "work_lines", "evidence", "pickup_codes", "promises",
    "watchdogs", "messages", "reservations", "ledger", "events", "documents", "codes", "terms", "words", "tellings",
    "idempotency", "inbox", "tasks", "exceptions", "receipts", "packages", "contents", "labels", "scans", "works", "puts",
    "bookings", "quotes",
})  # fmt: skip
Plan = Mapping[str, Any]
READ_ALL = frozenset({"Sort", "Aggregate", "Hash", "HashAggregate", "WindowAgg", "SetOp", "Materialize"})


@dataclass
class Asked:
    """Statements with their values, each once."""

    statements: dict[str, Any] = field(default_factory=dict)

    def note(self, _connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if statement.split(None, 1)[0].upper() in {"SELECT", "WITH", "UPDATE", "DELETE", "INSERT"}:
            self.statements.setdefault(statement, values)


@contextmanager
def recorded(run: Run) -> Iterator[Asked]:
    assert isinstance(run.database, PinnedDatabase)
    engine = run.database.engine.sync_engine
    found = Asked()
    event.listen(engine, "before_cursor_execute", found.note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", found.note)


async def whole_reads(run: Run, found: Asked) -> list[str]:
    """What reads all of a growing table, or of an index of it, with the statement that does."""
    assert isinstance(run.database, PinnedDatabase)
    connection = run.database.pinned
    await connection.execute(text("SET LOCAL enable_seqscan = off"))
    partial = {
        row.indexname
        for row in await connection.execute(
            text("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '% WHERE %'")
        )
    }
    wrong = []
    for statement, values in found.statements.items():
        plan = (await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)).scalar_one()
        [top] = json.loads(plan) if isinstance(plan, str) else plan
        wrong += [f"{reads}: {' '.join(statement.split())[:300]}" for reads in _whole(top["Plan"], partial)]
    await connection.execute(text("SET LOCAL enable_seqscan = on"))
    return wrong


def _whole(node: Plan, partial: set[str], *, limited: bool = False) -> Iterator[str]:
    """`limited`: a LIMIT above ends the walk after so many rows, as every row of it goes on to that LIMIT."""
    index, name = node.get("Index Name", ""), node.get("Relation Name", "")
    limited = (limited or node["Node Type"] == "Limit") and not _drops_rows(node)
    if node["Node Type"] == "Seq Scan" and name in GROWING:
        yield f"all of {name}"
    if index and "Index Cond" not in node and index not in partial and not limited and _grows(index, name):
        yield f"all of index {index}"
    for inner in node.get("Plans", ()):
        yield from _whole(inner, partial, limited=limited)


def _drops_rows(node: Plan) -> bool:
    """Who filters while walking, or looks for partners that may be missing, may walk to the end of all there ever were; who
    sorts or sums up reads all of it.
    """
    is_joined = "Join" in node["Node Type"] or node["Node Type"] == "Nested Loop"
    return (
        any(node.get(word) for word in ("Filter", "Join Filter", "Rows Removed by Filter"))
        or (is_joined and node.get("Join Type") != "Left")
        or node["Node Type"] in READ_ALL
    )


def _grows(index: str, table: str) -> bool:
    return table in GROWING or any(index.startswith((f"ix_{one}_", f"pk_{one}")) for one in GROWING)


@pytest.fixture
async def database(server: TestServer) -> AsyncIterator[Database]:
    """A copy of its own: what earlier tests left in the tables' files would have a say in the plans."""
    url = server.copy()
    apart = Database(url, pool_size=1)
    async with apart.engine.connect() as connection:
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        yield PinnedDatabase(connection)
        await connection.rollback()
    await apart.close()
    server.drop(url)


@pytest.fixture
async def busy(run: Run, shop: Shop, tmp_path: Path) -> House:
    """A shop with an order, and what a worker is made of."""
    await shop.shelf("camden", "MUG-01", 9)
    settings = Settings.load({"AMBIDEX_DATA": str(tmp_path), "AMBIDEX_SMTP_PORT": "9"})
    return House(run, settings, Outside({SYSTEMS: ConnectedSystems(token_from({}))}), Live(run))


async def test_placing_and_what_follows_read_by_index(run: Run, busy: House) -> None:
    with recorded(run) as found:
        await run.perform(SYSTEM, place_order, asked(wanted(), reference="W-1"))
        await settle(run, REACTIONS)
    assert len(found.statements) > 20
    assert await whole_reads(run, found) == []


async def test_every_loop_reads_by_index(run: Run, busy: House, clock: Clock) -> None:
    await run.perform(SYSTEM, place_order, asked(wanted(), reference="W-1"))
    await settle(run, REACTIONS)
    clock.forward(minutes=30)
    with recorded(run) as found:
        for loop in loops(busy):
            await loop.step(run, busy.outside)
    assert len(found.statements) > 10
    assert await whole_reads(run, found) == []


async def test_finding_reads_by_index(run: Run, busy: House) -> None:
    await run.perform(SYSTEM, place_order, asked(wanted(), reference="W-1"))
    await settle(run, REACTIONS)
    with recorded(run) as found:
        async with run.reading() as read:
            for words in ("W-1", "ama owusu", "owsuu", "0100", "mug ow", "B-MUG-01"):
                await find(read, words)
    assert await whole_reads(run, found) == []


async def test_sending_reads_by_index(run: Run, shop: Shop) -> None:
    """What is asked at the packing table and at the door, with every scan."""
    here = (
        shop.places["camden"].location_id
        if "camden" in shop.places
        else (await shop.place("camden")).location_id
    )
    with recorded(run) as found:
        async with run.reading() as read:
            await candidates(read, here, states=["accepted"])
            await open_waves(read, [here])
            await waiting_works(read, [here])
            await to_pack(read, [here])
            await find_to_pack(read, here, "TOTE-7")
            await leaving(read, [here], since=read.now)
            await waiting_parcels(read, [here])
            await waiting_parcels(read, None)
    assert len(found.statements) >= 8
    assert await whole_reads(run, found) == []


async def test_the_parking_queue_reads_by_index(run: Run, shop: Shop) -> None:
    """Who waits is found among those who wait, not among all orders."""
    await three_warehouses(shop)
    placed = await parked(shop)
    with recorded(run) as found:
        async with run.reading() as read:
            assert await parked_count(read) == 1
            page = await parked_orders(read, limit=1)
            await around(read, page.items[0])
            await parked_order(read, placed.order_id)
    assert len(found.statements) >= 5
    assert await whole_reads(run, found) == []


_OTHER_PROMISES = text("""
INSERT INTO promises.promises
SELECT (jsonb_populate_record(p, jsonb_build_object('order_id', gen_random_uuid(), 'kind', 'ready_by'))).*
  FROM promises.promises p CROSS JOIN generate_series(1, 3000) WHERE p.kind = 'news_by'""")


async def test_who_was_told_a_day_is_read_from_its_index(run: Run, shop: Shop) -> None:
    """However many wait, a page of the queue looks at those of the page. In a house without promises any index is as good."""
    assert isinstance(run.database, PinnedDatabase)
    await three_warehouses(shop)
    await parked(shop)
    await run.database.pinned.execute(_OTHER_PROMISES)
    await run.database.pinned.execute(text("ANALYZE promises.promises"))
    await run.database.pinned.execute(text("SET LOCAL enable_seqscan = off"))
    told = {"due_at": "-infinity", "placed_at": "-infinity", "order_id": str(UUID(int=0)), "limit": 51}
    plan = str((await run.database.pinned.execute(text(f"EXPLAIN {parked_reads._PAGE.text}"), told)).all())
    assert "ix_promises_news" in plan
    assert "ix_lines_waiting" in plan, "those without a day are among those that wait"


async def test_what_is_alike_is_read_from_the_catalogue_by_index(run: Run, shop: Shop) -> None:
    """A large category is walked from the price up and down, and no further than needed."""
    assert isinstance(run.database, PinnedDatabase)
    bought = await shop.item("MUG-A", name="Mug", price="20.00", category="mugs")
    with recorded(run) as found:
        async with run.reading() as read:
            await other_items(read, bought.item_id, 1, channel="web", method="ship", to={"country": "GB"})
    [(statement, values)] = found.statements.items()
    await run.database.pinned.execute(text("SET LOCAL enable_seqscan = off"))
    rows = await run.database.pinned.exec_driver_sql(f"EXPLAIN {statement}", values)
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan" not in plan
    assert plan.count("(name = b.name)") == 1, plan
    assert plan.count("ix_items_category") == 2, plan
    for bound in (">=", "<"):
        assert f"(category = b.category) AND (price_minor {bound} b.price_minor)" in plan, plan


@pytest.mark.parametrize(
    ("question", "is_named"),
    [
        ("SELECT order_id FROM orders.orders WHERE contact_name = 'Ama'", True),
        # a LIMIT does not help whoever drops rows on the way: there may be fewer than the LIMIT
        ("SELECT order_id FROM orders.orders WHERE contact_name = 'Ama' ORDER BY order_id LIMIT 5", True),
        (
            "SELECT o.order_id FROM orders.orders o JOIN orders.lines l USING (order_id) ORDER BY o.order_id LIMIT 5",
            True,
        ),
        ("SELECT order_id FROM orders.orders ORDER BY contact_name LIMIT 5", True),
        ("SELECT order_id FROM orders.orders ORDER BY order_id LIMIT 5", False),
        ("SELECT order_id FROM orders.orders WHERE order_id = '00000000000000000000000000000001'", False),
    ],
)
async def test_control_a_question_without_an_index_is_named(
    run: Run, question: str, *, is_named: bool
) -> None:
    with recorded(run) as found:
        async with run.reading() as read:
            await read.all(text(question))
    assert bool(await whole_reads(run, found)) is is_named


async def test_whether_anybody_waits_is_read_by_index_in_a_young_house_too(run: Run) -> None:
    """Asked with each list of orders; without statistics one in three lines is thought to wait."""
    assert isinstance(run.database, PinnedDatabase)
    with recorded(run) as found:
        async with run.reading() as read:
            assert not await anybody_waits(read)
    [(statement, values)] = found.statements.items()
    plan = str((await run.database.pinned.exec_driver_sql(f"EXPLAIN {statement}", values)).all())
    assert "ix_lines_waiting" in plan
    assert "Seq Scan" not in plan


_OLD_HOLDS = text("""
INSERT INTO inventory.holds
       (item_id, hold_id, location_id, quantity, purpose, made_at, expires_at, released_at)
SELECT :item, gen_random_uuid(), :place, 1, 'cart', now(), now(), now() FROM generate_series(1, 3000)""")


async def test_holds_and_claims_of_one_position_are_read_by_index_whatever_its_history(
    run: Run, shop: Shop
) -> None:
    assert isinstance(run.database, PinnedDatabase)
    await shop.shelf("camden", "MUG-01", 9)
    place = (shop.items["MUG-01"].item_id, shop.places["camden"].location_id)
    await run.database.pinned.execute(_OLD_HOLDS, {"item": place[0], "place": place[1]})
    plans = []
    for ask in (queries.newest_holds, queries.bookings):
        with recorded(run) as found:
            async with run.reading() as read:
                await ask(read, place)
        [(statement, values)] = found.statements.items()
        await run.database.pinned.execute(text("SET LOCAL enable_seqscan = off"))
        plans.append(str((await run.database.pinned.exec_driver_sql(f"EXPLAIN {statement}", values)).all()))
    assert "ix_holds_place" in plans[0]
    assert "pk_reservations" in plans[1]
