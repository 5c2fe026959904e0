"""A letter that does not leave is asked after, and a person calls in time; a mail that stands still is one trouble."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from ambidex.domains.messages import Outcome
from ambidex.flows import untold
from ambidex.flows.on_the_way import here
from ambidex.flows.untold import MANY, watch_letters
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import NOON, Clock
from tests.flows.counter import CUSTOMER, Counter, counter
from tests.flows.test_tell_customer import Answering, calls, telling
from tests.reads.house import audited
from tests.shop import Shop
from tests.simulation.story import Story

MINUTE = timedelta(minutes=1)


async def beat(shop: Shop) -> None:
    """What the worker does: late letters, then what is due."""
    await watch_letters(shop.run)
    story = Story(shop, shop.run.clock)  # type: ignore[arg-type]  # the clock of the tests
    await story.sweep()


async def change(shop: Shop, statement: str) -> None:
    async def changed(tx: Tx) -> None:
        await tx.run(text(statement))

    await shop.run.perform(SYSTEM, changed)


async def tells(at: Counter) -> list[tuple[str, object]]:
    found = await at.rows("SELECT state, due_at FROM watch.watchdogs WHERE waits_for = 'tell'")
    return [(row.state, row.due_at) for row in found]


async def test_a_letter_that_does_not_leave_becomes_a_call(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, stock=5)
    await at.accept()
    await at.pick()
    await at.stage()
    clock.forward(minutes=5)
    await beat(shop)
    assert await tells(at) == [], "it has five minutes"

    clock.forward(minutes=1)
    await beat(shop)
    await beat(shop)
    assert await tells(at) == [("armed", NOON + 15 * MINUTE)], "due from when it was queued"
    assert (await audited(shop)).violations == ()

    clock.now = NOON + 15 * MINUTE
    await beat(shop)
    assert await calls(shop.run) == [("agent", "The customer was not told")]
    owner = await at.owner()
    assert (owner.role, owner.next_step) == ("agent", "The customer was not told")
    clock.forward(minutes=20)
    await beat(shop)
    assert len(await calls(shop.run)) == 1, "asked once"
    assert (await audited(shop)).violations == ()


async def test_once_it_left_nobody_is_asked_any_more(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, stock=5)
    await at.accept()
    clock.forward(minutes=16)
    await beat(shop)
    assert await tells(at) == [("notified", NOON + 15 * MINUTE)]

    await telling(shop.run, Answering(Outcome.TAKEN)).send_due()
    clock.forward(minutes=5)
    await beat(shop)

    assert [state for state, _ in await tells(at)] == ["resolved"]
    rows = await at.rows("SELECT outcome FROM watch.exceptions WHERE kind = 'no-tell'")
    assert [row.outcome for row in rows] == ["it happened after all"]
    assert (await at.owner()).role != "agent"
    assert (await audited(shop)).violations == ()


async def test_a_letter_that_waits_keeps_no_other_watchdog_quiet(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, stock=5)
    await at.until_ready()
    await telling(shop.run, Answering(Outcome.TAKEN)).send_due()
    clock.forward(minutes=16)
    await beat(shop)
    assert [state for state, _ in await tells(at)] == ["notified"], "ready was not told"
    await shop.run.perform(CUSTOMER, here, order_id=at.order_id, work_no=1)
    clock.forward(minutes=10)
    await beat(shop)
    [dog] = await at.rows("SELECT state FROM watch.watchdogs WHERE waits_for = 'attend'")
    assert dog.state != "armed", "a customer waits, and somebody above hears of it"


async def test_a_letter_that_leaves_in_time_is_watched_by_nobody(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, stock=5)
    await telling(shop.run, Answering(Outcome.TAKEN)).send_due()
    clock.forward(minutes=9)
    await watch_letters(shop.run)
    assert await tells(at) == []


async def test_a_carrier_that_is_always_busy_is_not_the_end_of_it(run: Run, shop: Shop, clock: Clock) -> None:
    await counter(shop, stock=9, mug_01=1)
    for _ in range(8):
        assert await telling(run, Answering(Outcome.TRY_AGAIN)).send_due() == 1
        clock.forward(hours=1)
    assert await shop.said() == [("confirmed", "failed")]
    assert await calls(run) == [("agent", "Tell the customer: confirmed")]


async def test_many_late_letters_are_one_trouble_of_the_mail(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untold, "MANY", 2)
    assert MANY > 2
    _, _, at = [await counter(shop, stock=9, mug_01=1) for _ in range(3)]
    clock.forward(minutes=6)
    for _ in range(3):
        await watch_letters(shop.run)
        clock.forward(minutes=1)
    assert await tells(at) == []
    assert await calls(shop.run) == [("experience", "Letters to customers do not leave")]
    assert (await audited(shop)).violations == ()

    await telling(shop.run, Answering(Outcome.TAKEN)).send_due()
    await watch_letters(shop.run)
    rows = await at.rows("SELECT outcome FROM watch.exceptions WHERE kind = 'letters-wait'")
    assert [row.outcome for row in rows] == ["letters leave again"]


async def test_orders_are_counted_not_letters(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each order has two letters that wait: three orders are more than two, also when only three rows are asked for."""
    monkeypatch.setattr(untold, "MANY", 2)
    made = []
    for _ in range(3):
        made.append(await counter(shop, stock=9, mug_01=1))
        await made[-1].until_ready()
    clock.forward(minutes=6)
    await watch_letters(shop.run)
    assert await tells(made[0]) == []
    assert await calls(shop.run) == [("experience", "Letters to customers do not leave")]


async def test_one_letter_that_cannot_be_watched_keeps_no_other_waiting(shop: Shop, clock: Clock) -> None:
    first, second = [await counter(shop, stock=9, mug_01=1) for _ in range(2)]
    # a bad row: its watchdog would be refused by the database
    await change(shop, f"ALTER TABLE watch.watchdogs ADD CHECK (order_id <> '{first.order_id}') NOT VALID")
    clock.forward(minutes=6)
    await watch_letters(shop.run)
    rows = await first.rows("SELECT order_id FROM watch.watchdogs WHERE waits_for = 'tell'")
    assert [row.order_id for row in rows] == [second.order_id]
