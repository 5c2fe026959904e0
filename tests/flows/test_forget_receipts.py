"""Old receipts are forgotten with what was known then; what is needed still stays, whatever the setting says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from ambidex.domains import routing
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.flows import replay_routing, simulate_routing
from ambidex.flows.forget_receipts import Forgetting
from ambidex.flows.place_order import Placed
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, new_id
from ambidex.runtime.db import PinnedDatabase, Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.refusals import RefusedByDatabase
from tests.conftest import NOON, Clock
from tests.domains.routing.test_receipts_kept import kept, receipt_of
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop

DAY = timedelta(days=1)


def order_at(at: datetime) -> OrderId:
    return OrderId(new_id(at))


async def past(run: Run, *days: float) -> list[OrderId]:
    """An order that is over, decided so many days ago; for each."""
    orders = [order_at(NOON - DAY * one) for one in days]
    await kept(run, *(receipt_of(one, at=NOON - DAY * ago) for one, ago in zip(orders, days, strict=True)))
    return orders


async def left(run: Run) -> list[OrderId]:
    async with run.reading() as read:
        rows = await read.all(text("SELECT order_id FROM routing.receipts ORDER BY decided_at, order_id"))
    return [OrderId(row.order_id) for row in rows]


async def emptied(run: Run, days: int, *, at_once: int = 500) -> int:
    """All that is old is looked at; in how many steps."""
    forgetting, steps = Forgetting(DAY * days, at_once=at_once), 1
    while await forgetting.step(run):
        steps += 1
    return steps


async def test_what_is_old_goes_and_what_is_young_stays(run: Run) -> None:
    [_, _, young] = await past(run, 500, 401, 399)
    assert await emptied(run, 400) == 1
    assert await left(run) == [young]


async def test_it_goes_on_behind_what_stays(run: Run, shop: Shop, clock: Clock) -> None:
    bought = await _bought(shop)
    await past(run, 9, 8, 7)
    clock.forward(days=10)
    assert await emptied(run, 5, at_once=1) == 5
    assert await left(run) == [bought.order_id], "its goods are not sent yet"
    async with run.reading() as read:
        assert (await routing.ask.receipt(read, bought.order_id)).cause == "placed"


async def test_yesterday_stays_whatever_the_setting_says_and_replays(run: Run, clock: Clock) -> None:
    """At noon a day is less than all of yesterday: the night that decides it once more comes only then."""
    morning = NOON - DAY * 1.4
    orders = [order_at(morning), order_at(NOON - DAY * 2.1)]
    at: Sequence[datetime] = (morning, NOON - DAY * 2.1)
    await kept(run, *(receipt_of(one, at=when) for one, when in zip(orders, at, strict=True)))
    await emptied(run, 1)
    assert await left(run) == [orders[0]]
    replay = await replay_routing.replay_day(run, morning.date())
    assert replay.total == 1


async def test_what_a_simulation_decides_once_more_stays_until_it_has(run: Run) -> None:
    [order_id] = await past(run, 20)
    period = simulate_routing.Period(NOON - DAY * 21, NOON - DAY)
    trial = await run.perform(SYSTEM, simulate_routing.simulate, "", 1, period=period)
    await emptied(run, 5)
    assert await left(run) == [order_id]
    await run.perform(SYSTEM, routing.change.stop_trial, trial.trial_id)
    await emptied(run, 5)
    assert await left(run) == []


async def test_what_was_noted_beside_it_goes_with_it(run: Run) -> None:
    [order_id] = await past(run, 20)
    assert isinstance(run.database, PinnedDatabase)
    said = {"order_id": order_id, "at": NOON - DAY * 20}
    for noted in (
        "INSERT INTO routing.differences VALUES (:order_id, 1, '2026-02-11', 'x', :at)",
        "INSERT INTO routing.shadows VALUES (:order_id, 1, '', 1, :at, true, 'a', 'b', '[]')",
    ):
        await run.database.pinned.execute(text(noted), said)
    await emptied(run, 5)
    async with run.reading() as read:
        counts = [
            await read.value(text(f"SELECT count(*) FROM routing.{table}"))  # noqa: S608  # constants
            for table in ("receipts", "differences", "shadows")
        ]
    assert counts == [0, 0, 0]


async def test_the_database_lets_nobody_change_a_receipt_or_drop_a_young_one(run: Run) -> None:
    """The clock of the server: its rules do not know ours."""
    async with run.reading() as read:
        now = await read.value(text("SELECT now()"))
    order_id = order_at(now)
    await kept(run, receipt_of(order_id, at=now - DAY))

    async def drop(tx: Tx) -> None:
        await routing.change.forget_receipts(tx, [(order_id, 1)])

    async def change(tx: Tx) -> None:
        await tx.run(text("UPDATE routing.receipts SET cost = 0"))

    for deed in (drop, change):
        with pytest.raises(RefusedByDatabase):
            await run.perform(SYSTEM, deed)
    assert await left(run) == [order_id]


async def _bought(shop: Shop) -> Placed:
    await shop.place(
        "dc-london",
        kind=LocationKind.WAREHOUSE,
        capabilities=frozenset({"ship"}),
        latitude=51.5,
        longitude=-0.1,
    )
    await shop.shelf("dc-london", "MUG-01", 5)
    address = {"line1": "7 Arlington Road", "country": "GB", "latitude": 51.536, "longitude": -0.141}
    line = wanted("MUG-01", 1, place=None, method=Method.SHIP)
    return await place(shop.run, asked(line, address=address))
