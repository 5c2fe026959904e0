"""Orders from a file: open ones are placed, those that are over are history: found, told to nobody, watched by nobody."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ambidex.entry.import_file import read_file, read_orders
from ambidex.entry.import_orders import ORDERS, understand
from ambidex.flows.import_orders import import_orders
from ambidex.flows.import_places import ITEMS, LOCATIONS
from ambidex.flows.import_rows import Line, Report, import_lines
from ambidex.flows.import_stock import STOCK
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit import audit
from ambidex.reads.find import find
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import settle
from tests.flows.transfers import Road
from tests.shop import Shop

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
PLACED, ENDED = "2025-11-24T10:03:00Z", "2025-12-02T15:30:00Z"


@pytest.fixture(autouse=True)
async def _audited(shop: Shop) -> AsyncIterator[None]:
    """Whatever a test did, the invariants hold at its end."""
    await shop.shelf("camden", "MUG-01", 10)
    yield
    await settle(shop.run, REACTIONS)
    async with shop.run.reading() as read:
        assert (await audit(read)).violations == ()


def an_order(reference: str, **said: Any) -> dict[str, Any]:
    line = {"item": "MUG-01", "quantity": 2, "unit_price": "19.90", "method": "ship", "location": "camden"}
    return {
        "source": "web:main",
        "reference": reference,
        "currency": "GBP",
        "customer": {"name": "Ζωή Παπαδοπούλου", "email": "zoi@example.com"},
        "lines": [line],
        "payment": {"status": "captured", "amount": "39.80"},
        **said,
    }


def past(reference: str, **said: Any) -> dict[str, Any]:
    ended = {"status": "closed", "placed_at": PLACED, "ended_at": ENDED}
    return an_order(reference, **(ended | said))


async def imported(shop: Shop, *orders: object, file: bytes = b"one") -> Report:
    texts = [one if isinstance(one, str) else json.dumps(one) for one in orders]
    lines = [Line(number, {"order": text}) for number, text in enumerate(texts, start=1)]
    return await import_lines(shop.run, SYSTEM, kind=ORDERS, lines=lines, file_hash=file)


async def test_what_is_over_comes_in_with_its_own_times(shop: Shop) -> None:
    report = await imported(shop, past("H-1"), past("H-2", status="canceled"))
    assert (report.applied, report.faults) == (2, [])
    rows = await Road(shop).rows(
        "SELECT reference, state, history, placed_at FROM orders.orders ORDER BY reference"
    )
    assert [(r.reference, r.state, r.history) for r in rows] == [
        ("H-1", "closed", True),
        ("H-2", "canceled", True),
    ]
    assert rows[0].placed_at.isoformat() == "2025-11-24T10:03:00+00:00"
    events = await Road(shop).rows(
        "SELECT name, happened_at FROM runtime.events WHERE cause = 'history' ORDER BY seq"
    )
    assert {e.name for e in events} == {"orders.placed", "orders.closed", "orders.canceled"}
    assert max(e.happened_at for e in events).isoformat() == "2025-12-02T15:30:00+00:00"


async def test_history_claims_nothing_and_tells_nobody(shop: Shop) -> None:
    await imported(shop, past("H-1"))
    await settle(shop.run, REACTIONS)
    assert await shop.said() == []
    assert (await shop.stock("camden", "MUG-01")).reserved == 0
    for table in (
        "watch.watchdogs",
        "watch.ownership",
        "promises.promises",
        "fulfillment.work",
        "tasks.tasks",
    ):
        nothing = f"SELECT 1 FROM {table}"  # noqa: S608  # a constant above
        assert await Road(shop).rows(nothing) == [], table


async def test_history_is_found_by_the_name_of_the_customer(shop: Shop) -> None:
    await imported(shop, past("H-1"))
    await settle(shop.run, REACTIONS)
    async with shop.run.reading() as read:
        found = await find(read, "παπαδοπούλου")
    assert [(hit.name, hit.state) for hit in found] == [("Ζωή Παπαδοπούλου", "closed")]


async def test_parts_that_came_back_and_money_that_went_back(shop: Shop) -> None:
    line = {
        "item": "MUG-01",
        "quantity": 3,
        "unit_price": "10.00",
        "method": "ship",
        "returned": 1,
        "canceled": 1,
    }
    one = past("H-3", lines=[line], payment={"status": "refunded", "amount": "30.00", "reference": "ch_1"})
    assert (await imported(shop, one)).is_clean
    [row] = await Road(shop).rows("SELECT q_handed_over, q_returned, q_canceled FROM orders.lines")
    assert tuple(row) == (1, 1, 1)
    [tender] = await Road(shop).rows("SELECT state, captured_minor, refunded_minor FROM payments.tenders")
    assert tuple(tender) == ("refunded", 3000, 3000)


async def test_open_orders_go_the_way_of_placing(shop: Shop) -> None:
    line = {"item": "MUG-01", "quantity": 1, "unit_price": "19.90", "method": "pickup", "location": "camden"}
    assert (await imported(shop, an_order("O-1", lines=[line]), past("H-1"))).applied == 2
    assert (await shop.stock("camden", "MUG-01")).reserved == 1
    assert [kind for kind, _ in await shop.said()] == ["confirmed"]


async def test_twice_is_nothing_new(shop: Shop) -> None:
    await imported(shop, past("H-1"), an_order("O-1"))
    again = await imported(shop, past("H-1"), an_order("O-1"))
    assert (again.applied, again.already) == (0, 2)
    other_file = await imported(shop, past("H-1"), an_order("O-1"), file=b"two")
    assert (other_file.applied, other_file.faults) == (2, [])
    assert len(await Road(shop).rows("SELECT 1 FROM orders.orders")) == 2


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{not json", ""),
        (an_order("X", status="closed"), "placed_at"),
        (past("X", ended_at="2025-11-01T00:00:00Z"), "ended_at"),
        (
            past("X", lines=[{"item": "NO", "quantity": 1, "unit_price": "1", "method": "ship"}]),
            "lines[0].item",
        ),
        (an_order("X", payment={"status": "voided", "amount": "39.80"}), "payments"),
    ],
)
async def test_a_line_at_fault_is_named_and_the_rest_is_applied(shop: Shop, line: object, field: str) -> None:
    report = await imported(shop, past("H-1"), line, past("H-2"))
    assert report.applied == 2
    assert {fault.line for fault in report.faults} == {2}
    assert not field or {fault.field for fault in report.faults} == {field}


async def test_the_statements_of_history_do_not_grow_with_its_lines(shop: Shop) -> None:
    async def statements(tx: Tx, *, size: int) -> int:
        before = tx.statements
        found = [understand(json.dumps(past(f"S-{size}-{n}"))) for n in range(size)]
        await import_orders(tx, found)
        return tx.statements - before

    await shop.run.perform(SYSTEM, statements, size=1)
    await shop.run.perform(SYSTEM, statements, size=2)
    few = await shop.run.perform(SYSTEM, statements, size=3)
    assert await shop.run.perform(SYSTEM, statements, size=40) == few


async def test_the_sample_of_orders_is_imported_whole(shop: Shop) -> None:
    for kind, name in ((LOCATIONS, "locations.csv"), (ITEMS, "items.jsonl"), (STOCK, "stock.csv")):
        _, lines = read_file(SAMPLES / name)
        await import_lines(shop.run, SYSTEM, kind=kind, lines=lines, file_hash=name.encode())
    found, lines = read_orders(SAMPLES / "orders.jsonl")
    report = await import_lines(shop.run, SYSTEM, kind=ORDERS, lines=lines, file_hash=found)
    assert (report.applied, report.faults) == (7, [])
    rows = await Road(shop).rows(
        "SELECT history, count(*) AS n FROM orders.orders GROUP BY history ORDER BY history"
    )
    assert [(row.history, row.n) for row in rows] == [(False, 2), (True, 5)]
