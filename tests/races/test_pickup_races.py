"""Two people, one pickup, the same moment: real connections, real commits, one winner."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ambidex.flows.cancel import cancel
from ambidex.flows.choose_option import choose
from ambidex.kernel.actor import SYSTEM, Actor
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Database
from tests.domains.fulfillment import bench_of_work as bench
from tests.flows.counter import CUSTOMER, Counter, counter, scan
from tests.shop import Shop, associate

AT_ONCE = 6


async def at_once(*deeds: Awaitable[object]) -> tuple[int, list[str]]:
    """How many succeeded, and the codes of the others' refusals."""
    outcomes = await asyncio.gather(*deeds, return_exceptions=True)
    refusals = [o for o in outcomes if isinstance(o, BaseException)]
    assert all(isinstance(r, Problem) for r in refusals), refusals
    return len(outcomes) - len(refusals), sorted(r.code for r in refusals if isinstance(r, Problem))


def colleagues(at: Counter) -> list[Actor]:
    place = at.shop.places["camden"]
    return [associate(place, f"Colleague {n}", actor_id=f"colleague-{n}") for n in range(AT_ONCE)]


async def test_one_of_many_accepts(own_shop: Shop) -> None:
    at = await counter(own_shop, mug_01=1)
    won, lost = await at_once(*(at.accept(by=each) for each in colleagues(at)))
    assert (won, lost) == (1, ["taken-by-other"] * (AT_ONCE - 1))
    assert await at.units() == {"allocated": 1}
    assert await own_shop.happened("fulfillment.accepted") == ["fulfillment.accepted"]


async def test_the_last_unit_is_picked_by_one(own_shop: Shop) -> None:
    at = await counter(own_shop, mug_01=2)
    await at.accept()
    await at.pick(scan())
    won, lost = await at_once(*(at.pick(scan(), by=each) for each in colleagues(at)))
    assert (won, len(lost)) == (1, AT_ONCE - 1)
    assert set(lost) <= {"wrong-state", "over-scan"}
    assert await at.units() == {"picked": 2}


async def test_one_scan_sent_by_two_devices_counts_once(own_shop: Shop) -> None:
    at = await counter(own_shop, mug_01=3)
    await at.accept()
    won, _ = await at_once(*(at.pick(scan(key="handheld-7:41")) for _ in range(AT_ONCE)))
    assert won == AT_ONCE
    assert await at.units() == {"allocated": 2, "picked": 1}


async def test_a_code_opens_once(own_shop: Shop) -> None:
    at = await counter(own_shop, mug_01=1)
    await at.until_ready()
    code = await at.code()
    won, lost = await at_once(*(at.hand_over(code=code) for _ in range(AT_ONCE)))
    assert (won, set(lost)) == (1, {"pickup-code-used"})
    assert (await own_shop.stock("camden", "MUG-01")).staged == 0
    assert await own_shop.happened("fulfillment.handed-over") == ["fulfillment.handed-over"]


@pytest.mark.parametrize("round_no", range(6))
async def test_cancel_and_ready_agree(own_shop: Shop, round_no: int) -> None:
    """Whoever comes first, what was said and what is true are the same in the end."""
    at = await counter(own_shop, mug_01=1)
    await at.accept()
    await at.pick()
    await at.stage()

    async def give_up() -> object:
        return await at.run.perform(SYSTEM, cancel, at.order_id, reason="changed my mind")

    first, second = (give_up, at.ready) if round_no % 2 else (at.ready, give_up)
    await at_once(first(), second())
    assert (await at.work()).state.value == "canceled"
    assert await at.units() == {"canceled": 1}
    said = dict(await own_shop.said())
    assert said.get("ready") in {None, "withdrawn"}
    assert said["canceled"] == "queued"
    assert await at.dogs() == []


async def test_a_question_is_answered_once(own_shop: Shop) -> None:
    at = await counter(own_shop, mug_01=2)
    await own_shop.shelf("harbor", "MUG-01", 5)
    await at.accept()
    await at.miss(2)
    no = (await at.promise("answer_by")).promise_no
    answers = ["place:harbor", "cancel", "wait"] * 2
    won, lost = await at_once(
        *(at.run.perform(CUSTOMER, choose, order_id=at.order_id, promise_no=no, option=o) for o in answers)
    )
    assert (won, set(lost)) == (1, {"nothing-to-choose"})
    stock = await own_shop.stock("harbor", "MUG-01")
    assert stock.held == 0


async def test_two_shorts_hold_what_is_elsewhere_once(own_shop: Shop) -> None:
    """Two orders ask for the last two mugs of the other place: only one of them is offered it, there or sent here."""
    orders = [await counter(own_shop, mug_01=2, stock=4) for _ in range(2)]
    await own_shop.shelf("harbor", "MUG-01", 2)
    await asyncio.gather(*(at.accept() for at in orders))
    await asyncio.gather(*(at.miss(2) for at in orders))
    assert (await own_shop.stock("harbor", "MUG-01")).held == 2
    rows = await orders[0].rows("SELECT facts FROM promises.promises WHERE kind = 'answer_by'")
    assert sorted(len(row.facts["options"]) for row in rows) == [2, 4]


async def test_lines_cannot_change_under_a_work_that_becomes_ready(own_shop: Shop) -> None:
    """Without the lock in the guard of lines both would commit: ready, with a line that nobody picked."""
    run = own_shop.run
    await run.perform(bench.AMA, bench.staged)
    database: Database = run.database
    async with database.connection() as one, database.connection() as other:
        await one.begin()
        await other.begin()
        await one.execute(
            text(
                "INSERT INTO fulfillment.work_lines (order_id, work_no, line_no, item_id, asked, wanted)"
                " SELECT order_id, 1, 9, item_id, 1, 1 FROM fulfillment.work_lines LIMIT 1"
            )
        )
        ready = asyncio.create_task(other.execute(text("UPDATE fulfillment.work SET state = 'ready'")))
        await asyncio.sleep(0.2)
        assert not ready.done(), "it waits for the change of lines"
        await one.commit()
        with pytest.raises(DBAPIError, match="physical evidence"):
            await ready


async def test_an_old_snapshot_decides_nothing(own_shop: Shop) -> None:
    run = own_shop.run
    await run.perform(bench.AMA, bench.staged)
    async with run.database.connection() as connection, connection.begin():
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        with pytest.raises(DBAPIError, match="read committed"):
            await connection.execute(text("UPDATE fulfillment.work SET state = 'ready'"))
