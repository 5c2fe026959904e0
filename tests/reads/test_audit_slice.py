"""A slice of the audit says of its orders and items what the whole audit says of them, and costs no more with more rows."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ambidex.flows.live_audit import LiveAudit
from ambidex.flows.place_order import place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId, OrderId
from ambidex.reads.audit import audit
from ambidex.reads.audit_checks import CHECKS
from ambidex.reads.audit_slice import SLICED, Slice, audit_slice
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.flows.test_place_order import asked, wanted
from tests.reads.test_audit import DISARM, FORGERIES, Past, past, past_database
from tests.reads.test_plans import busy, recorded, whole_reads
from tests.shop import Shop

__all__ = ["busy", "past", "past_database"]  # fixtures


async def everything(read: Read) -> Slice:
    orders = await read.all(
        text("SELECT order_id FROM orders.orders UNION SELECT order_id FROM orders.lines")
    )
    items = await read.all(
        text(
            "SELECT item_id FROM inventory.positions UNION SELECT item_id FROM inventory.ledger"
            " UNION SELECT item_id FROM transfers.lines"
        )
    )
    return Slice([OrderId(row.order_id) for row in orders], [ItemId(row.item_id) for row in items])


@pytest.mark.parametrize("forged", FORGERIES, ids=lambda forged: f"{forged[0]}: {forged[1][:40]}")
async def test_a_slice_of_everything_finds_what_the_whole_audit_finds(
    past: Past, forged: tuple[str, ...]
) -> None:
    read = Read(past.connection, past.clock.now)
    before = await everything(read)
    for forgery in (DISARM, *forged[1:]):
        await past.connection.execute(text(forgery))
    after = await everything(read)
    of = Slice(sorted({*before.orders, *after.orders}), sorted({*before.items, *after.items}))
    whole = {
        one for one in (await audit(read)).violations if one.rule in SLICED and one.subject != "event chain"
    }
    sliced = set(await audit_slice(read, of))
    assert sliced <= whole
    assert {one.rule for one in sliced} == {one.rule for one in whole}


def test_every_rule_is_asked_while_the_house_is_open() -> None:
    assert {check.rule for check in CHECKS} == SLICED


async def test_a_slice_reads_by_index(run: Run, busy: object) -> None:
    placed = await run.perform(SYSTEM, place_order, asked(wanted(), reference="W-1"))
    await settle(run, REACTIONS)
    with recorded(run) as found:
        async with run.reading() as read:
            assert await audit_slice(read, Slice([placed.order_id], (await everything(read)).items)) == []
    ours = {s: v for s, v in found.statements.items() if "UNION SELECT" not in s or "ANY" in s}
    found.statements = ours
    assert await whole_reads(run, found) == []


async def test_what_breaks_while_the_house_is_open_becomes_somebodys_task_once(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    guard = LiveAudit()
    assert await guard.look(run) == 0
    placed = await run.perform(SYSTEM, place_order, asked(wanted(), reference="W-1"))
    await settle(run, REACTIONS)
    assert await guard.look(run) == 0
    async with run.reading() as read:
        await read.connection.execute(
            text("DELETE FROM watch.ownership WHERE order_id = :order"), {"order": placed.order_id}
        )
    assert await guard.look(run) > 0, "its turn comes, though nobody announced it"
    assert await guard.look(run) > 0
    async with run.reading() as read:
        open_tasks = await read.value(text("SELECT count(*) FROM tasks.tasks WHERE title LIKE 'Broken:%'"))
        kinds = await read.value(
            text("SELECT count(DISTINCT title) FROM tasks.tasks WHERE title LIKE 'Broken:%'")
        )
    assert open_tasks == kinds > 0
