"""What runs on the calendar: reminders, last call, back to stock; the customer's answer that does not come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from ambidex.flows import watch
from ambidex.flows.on_the_way import on_the_way
from ambidex.runtime.reactions import Reaction, settle
from tests.conftest import NOON, Clock
from tests.flows.counter import CUSTOMER, Counter, counter
from tests.reads.house import audited, tell
from tests.shop import Shop
from tests.simulation.story import Story

LOOK_AGAIN = Reaction("hours", frozenset({"locations.changed", "locations.closed"}), watch.look_again)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def waiting(shop: Shop, clock: Clock) -> Counter:
    """An order that lies ready and that nobody collects."""
    order = await counter(shop, stock=5, paid="captured")
    await order.until_ready()
    await tell(shop)
    return order


async def test_uncollected_goods_go_back_to_stock_by_themselves(
    shop: Shop, clock: Clock, waiting: Counter
) -> None:
    story = Story(shop, clock)
    await story.until(NOON + 5 * DAY + HOUR, every=6 * HOUR)
    told = [(kind, at - NOON) for kind, at in await story.said(waiting.order_id)]
    assert told[2:] == [("reminder", DAY), ("reminder", 3 * DAY), ("last-call", 5 * DAY)]
    assert (await waiting.work()).state == "ready"

    await story.until(NOON + 6 * DAY, every=6 * HOUR)

    assert (await waiting.work()).state == "canceled"
    assert (await story.said(waiting.order_id))[-1] == ("canceled", NOON + 6 * DAY)
    assert await waiting.money_due() == 3980
    [put_away] = await waiting.rows("SELECT kind, state FROM tasks.tasks")
    assert (put_away.kind, put_away.state) == ("put_away", "pooled")
    await tell(shop)
    assert (await audited(shop)).violations == ()


async def test_who_is_on_the_way_on_the_last_day_is_waited_for(
    shop: Shop, clock: Clock, waiting: Counter
) -> None:
    story = Story(shop, clock)
    await story.until(NOON + 5 * DAY + HOUR, every=6 * HOUR)
    await shop.run.perform(CUSTOMER, on_the_way, order_id=waiting.order_id, work_no=1)
    await story.until(NOON + 6 * DAY + HOUR, every=HOUR)
    assert (await waiting.work()).state == "ready"


async def test_what_was_collected_is_not_reminded_of(shop: Shop, clock: Clock, waiting: Counter) -> None:
    await waiting.hand_over(checked="name", collector="Ama Owusu")
    story = Story(shop, clock)
    await story.until(NOON + 7 * DAY, every=12 * HOUR)
    assert [kind for kind, _ in await story.said(waiting.order_id)] == ["confirmed", "ready", "collected"]


async def test_the_customer_has_the_whole_time_to_answer(shop: Shop, clock: Clock) -> None:
    order = await counter(shop, stock=5)
    await order.accept()
    await order.miss(2)
    story = Story(shop, clock)
    await story.until(NOON + DAY - HOUR, every=5 * HOUR)
    assert (await order.promise("answer_by")).state == "made"
    assert await order.units() == {"short": 2}


async def test_a_place_that_changes_hurries_nobody(shop: Shop, clock: Clock, waiting: Counter) -> None:
    story = Story(shop, clock)
    asked = await counter(shop, stock=5)
    await asked.accept()
    await asked.miss(2)
    late = await counter(shop, stock=5)
    await story.until(NOON + 11 * HOUR / 60, every=11 * HOUR / 60)
    before = await story.said(waiting.order_id), await late.owner(), await late.dogs()
    for n in range(4):
        await shop.place("camden", phone=f"+44 20 7946 000{n}")
        await settle(shop.run, [LOOK_AGAIN])
        await story.sweep()
    assert (await story.said(waiting.order_id), await late.owner(), await late.dogs()) == before
    assert (await waiting.work()).state == "ready"
    assert (await asked.promise("answer_by")).state == "made"


async def test_what_cannot_be_looked_at_does_not_count_as_work(shop: Shop, waiting: Counter) -> None:
    async with shop.run.reading() as read:
        forged = "UPDATE watch.watchdogs SET state = 'notified', next_at = armed_at, waits_for = 'attend'"
        await read.connection.execute(text(forged + " WHERE waits_for = 'collect'"))
    assert await watch.sweep(shop.run) == 0


async def test_no_answer_is_the_answer_we_announced(shop: Shop, clock: Clock) -> None:
    order = await counter(shop, stock=5)
    await order.accept()
    await order.miss(2)
    story = Story(shop, clock)
    owner = await story.owner(order.order_id)
    assert (owner.role, owner.waiting_for) == ("agent", "customer")

    await story.until(NOON + DAY, every=2 * HOUR)

    assert (await order.promise("answer_by")).state != "made"
    assert await order.units() == {"canceled": 2}
    assert (await story.said(order.order_id))[-1][0] in {"canceled", "choice-confirmed"}
    await tell(shop)
    assert (await audited(shop)).violations == ()
