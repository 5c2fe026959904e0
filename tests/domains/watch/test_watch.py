"""Watchdogs: when they are looked at, what they do then, and the one owner of an order."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from ambidex.domains import watch
from ambidex.domains.watch import Cause, NewOwner, NewWatchdog, Step, WaitsFor
from ambidex.domains.watch.model import WATCHDOG, WatchdogState, WatchdogVerb
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.clock import Hours
from ambidex.kernel.ids import LocationId, OrderId, new_id
from ambidex.kernel.problem import MovedOn, NotFound
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import NOON, Clock

SHOP = Hours(ZoneInfo("Europe/London"), dict.fromkeys(range(6), ((time(9), time(21)),)))
ORDER = OrderId(UUID("00000000-0000-7000-8000-000000000001"))
PLACE = LocationId(UUID("00000000-0000-7000-8000-0000000000aa"))


def accept_by(due_at: datetime, order_id: OrderId = ORDER) -> NewWatchdog:
    return NewWatchdog(order_id, WaitsFor.ACCEPT, due_at, work_no=1, location_id=PLACE, hours=SHOP)


async def only_dog(run: Run) -> watch.Watchdog:
    async with run.reading() as read:
        [dog] = await watch.open_watchdogs(read, ORDER)
    return dog


async def step_now(run: Run) -> Step:
    return watch.look(await only_dog(run), hours=SHOP, now=run.clock()).step


async def test_it_warns_at_half_and_at_four_fifths_and_fires(run: Run, clock: Clock) -> None:
    await run.perform(SYSTEM, watch.arm, [accept_by(NOON + timedelta(minutes=10))])
    steps = []
    for _ in range(11):
        dog = await only_dog(run)
        look = watch.look(dog, hours=SHOP, now=clock.now)
        if look.step is not Step.REST:
            steps.append((int((clock.now - NOON).total_seconds() / 60), look.step))
            await run.perform(SYSTEM, watch.advance, dog, look.step, next_at=look.next_at)
        clock.forward(minutes=1)
    assert steps == [(5, Step.WARN), (8, Step.WARN), (10, Step.FIRE)]


async def test_it_stands_still_while_the_place_is_closed(run: Run, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 7, 20, 55, tzinfo=UTC)  # a Saturday; Sunday is closed
    monday = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)
    assert SHOP.after_open_time(clock.now, timedelta(minutes=10)) == monday
    await run.perform(SYSTEM, watch.arm, [accept_by(monday)])

    looked = []
    for hours in range(37):
        clock.now = datetime(2026, 3, 7, 21, tzinfo=UTC) + timedelta(hours=hours)
        looked.append((await step_now(run)).value)
    assert set(looked[:36]) == {"rest"}
    assert looked[36] == "warn"  # Monday nine o'clock: half of the open time is gone


async def test_a_list_is_armed_in_one_statement_and_one_event_an_order(run: Run) -> None:
    other = OrderId(new_id(NOON))

    async def arm(tx: Tx) -> int:
        ready = NewWatchdog(ORDER, WaitsFor.READY, NOON + timedelta(hours=2), work_no=1, hours=SHOP)
        await watch.arm(tx, [accept_by(NOON + timedelta(minutes=10)), ready, accept_by(NOON, other)])
        return tx.statements

    assert await run.perform(SYSTEM, arm) == 1
    async with run.reading() as read:
        assert [d.waits_for for d in await watch.open_watchdogs(read, ORDER)] == ["accept", "ready"]
        assert await read.value(text("SELECT count(*) FROM runtime.events WHERE name = 'watch.armed'")) == 2


async def test_arming_again_arms_the_same_one_anew(run: Run, clock: Clock) -> None:
    await run.perform(SYSTEM, watch.arm, [accept_by(NOON)])
    clock.forward(minutes=1)
    await run.perform(SYSTEM, watch.advance, await only_dog(run), Step.FIRE, next_at=clock.now)
    await run.perform(SYSTEM, watch.arm, [accept_by(NOON + timedelta(minutes=30))])
    dog = await only_dog(run)
    assert (dog.state, dog.due_at, dog.level) == (WatchdogState.ARMED, NOON + timedelta(minutes=30), 0)


async def test_what_happened_is_no_longer_waited_for(run: Run) -> None:
    await run.perform(SYSTEM, watch.arm, [accept_by(NOON)])
    assert await run.perform(SYSTEM, watch.resolve, ORDER, waits_for=WaitsFor.ACCEPT, work_no=1) == 1
    assert await run.perform(SYSTEM, watch.resolve, ORDER, waits_for=WaitsFor.ACCEPT, work_no=1) == 0
    async with run.reading() as read:
        assert await watch.due(read, limit=10) == []


async def test_two_workers_take_a_step_once(run: Run) -> None:
    await run.perform(SYSTEM, watch.arm, [accept_by(NOON)])
    dog = await only_dog(run)
    await run.perform(SYSTEM, watch.advance, dog, Step.FIRE, next_at=NOON)
    with pytest.raises(MovedOn):
        await run.perform(SYSTEM, watch.advance, dog, Step.FIRE, next_at=NOON)


async def test_one_owner_an_order_and_since_stays_while_the_owner_stays(run: Run, clock: Clock) -> None:
    row = NewOwner(ORDER, "associate", "Accept or refuse", NOON + timedelta(minutes=10), PLACE)
    await run.perform(SYSTEM, watch.own, [row])
    clock.forward(minutes=3)
    later = NewOwner(ORDER, "associate", "Begin picking", NOON + timedelta(minutes=20), PLACE)
    await run.perform(SYSTEM, watch.own, [later])
    async with run.reading() as read:
        owner = await watch.owner(read, ORDER)
    assert owner is not None
    assert (owner.since, owner.next_step) == (NOON, "Begin picking")

    await run.perform(SYSTEM, watch.own, [NewOwner(ORDER, "lead", "Begin picking", NOON, PLACE, level=2)])
    async with run.reading() as read:
        owner = await watch.owner(read, ORDER)
    assert owner is not None
    assert (owner.role, owner.since) == ("lead", clock.now)
    await run.perform(SYSTEM, watch.let_go, ORDER)
    async with run.reading() as read:
        assert await watch.owner(read, ORDER) is None


async def test_an_exception_is_resolved_once(run: Run) -> None:
    exception_id = await run.perform(
        SYSTEM,
        watch.open_exception,
        kind="nobody-accepts",
        cause=Cause.PEOPLE,
        detail="",
        owner_role="experience",
        due_at=NOON,
        order_id=ORDER,
    )
    await run.perform(SYSTEM, watch.resolve_exception, exception_id, outcome="called the store")
    with pytest.raises(NotFound):
        await run.perform(SYSTEM, watch.resolve_exception, exception_id, outcome="again")


@pytest.mark.parametrize("state", [s for s in WatchdogState if s not in WATCHDOG.ends])
def test_every_open_state_can_be_resolved_and_canceled(state: WatchdogState) -> None:
    assert WATCHDOG.after(state, WatchdogVerb.RESOLVE) is WatchdogState.RESOLVED
    assert WATCHDOG.after(state, WatchdogVerb.CANCEL) is WatchdogState.CANCELED
