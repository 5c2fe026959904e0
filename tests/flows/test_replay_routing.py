"""Every night yesterday once more: what was stored comes out the same to the bit, and what was tampered with is found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import routing, tasks
from ambidex.flows import replay_routing
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import NOON, Clock
from tests.flows.test_routing_rules import bought, house
from tests.shop import Shop

__all__ = ["house"]
ask = routing.ask


async def forge(run: Run, sql: str, **said: Any) -> None:
    """What nobody may do: past the triggers, as the owner of the tables."""

    async def _forge(tx: Tx) -> None:
        for table in ("receipts", "versions"):
            await tx.run(text(f"ALTER TABLE routing.{table} DISABLE TRIGGER USER"))
        assert await tx.run(text(sql), said) == 1

    await run.perform(SYSTEM, _forge)


async def test_yesterday_is_replayed_and_comes_out_the_same(run: Run, house: Shop, clock: Clock) -> None:
    for n in range(3):
        await bought(house, n)
    clock.forward(days=1)
    while await replay_routing.step(run):
        pass
    async with run.reading() as read:
        [replay] = await ask.replays(read)
    assert (replay.day, replay.total, replay.same, replay.ended_at) == (NOON.date(), 3, 3, clock.now)
    assert await replay_routing.step(run) is False


TAMPERED = [
    (
        "UPDATE routing.receipts SET fingerprint = repeat('0', 32) WHERE order_id = :order",
        "what was known then is not what was stored",
    ),
    ("UPDATE routing.receipts SET version = 7 WHERE order_id = :order", "version 7 is not there"),
    (
        "UPDATE routing.receipts SET receipt = :receipt WHERE order_id = :order",
        "breaking saves came out otherwise",
    ),
    ("UPDATE routing.receipts SET snapshot = :snapshot WHERE order_id = :order", "what was known then"),
]


@pytest.mark.parametrize(("sql", "what"), TAMPERED)
async def test_a_tampered_receipt_is_found_and_owned(
    run: Run, house: Shop, clock: Clock, sql: str, what: str
) -> None:
    placed, _ = await bought(house, 1), await bought(house, 2)
    async with run.reading() as read:
        one = await ask.receipt(read, placed.order_id)
    pack = routing.stored.pack
    receipt = pack({**one.receipt, "breaking_saves": 1})
    snapshot = pack({**one.snapshot, "free": [[units + 1 for units in row] for row in one.snapshot["free"]]})
    said = {"order": placed.order_id, "receipt": receipt, "snapshot": snapshot}
    await forge(run, sql, **{name: value for name, value in said.items() if f":{name}" in sql})
    clock.forward(days=1)

    replay = await replay_routing.replay_day(run, NOON.date())

    assert (replay.total, replay.same) == (2, 1)
    async with run.reading() as read:
        [(order_id, receipt_no, told)] = await ask.differences(read, NOON.date())
        task = await tasks.by_key(read, f"replay:{NOON.date().isoformat()}")
    assert (order_id, receipt_no) == (placed.order_id, 1)
    assert what in told
    assert task is not None
    assert task.title == "1 of 2 routing decisions of 3 March do not replay"


async def test_what_was_mended_is_no_task_any_more_and_what_breaks_again_is_a_new_one(
    run: Run, house: Shop
) -> None:
    placed = await bought(house)
    async with run.reading() as read:
        right = (await ask.receipt(read, placed.order_id)).fingerprint
    tamper, day = "UPDATE routing.receipts SET fingerprint = :said", NOON.date()
    for said in ("forged", right, "forged"):
        await forge(run, tamper, said=said)
        await replay_routing.replay_day(run, day)
    async with run.reading() as read:
        rows = await read.all(text("SELECT state FROM watch.exceptions ORDER BY opened_at, state DESC"))
        assert len(await ask.differences(read, day)) == 1
    assert sorted(row.state for row in rows) == ["open", "resolved"]


async def test_a_document_changed_behind_our_back_is_found(run: Run, house: Shop) -> None:
    await bought(house)
    dearer = (
        "UPDATE routing.versions SET document = replace(document, '\"4.00\"', '\"4.01\"') WHERE number = 1"
    )
    await forge(run, dearer)
    replay = await replay_routing.replay_day(run, NOON.date())
    assert (replay.total, replay.same) == (1, 0)


async def test_a_day_without_decisions_is_replayed_too(run: Run) -> None:
    replay = await replay_routing.replay_day(run, date(2026, 1, 1))
    assert (replay.total, replay.same, replay.ended_at is not None) == (0, 0, True)
