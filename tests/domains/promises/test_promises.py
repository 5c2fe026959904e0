"""Promises: planned on the clock of the place, versions never overwritten, kept only by proof."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from ambidex.domains import promises
from ambidex.domains.promises import MilestoneKind, NewPromise, PromiseKind
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.clock import Hours
from ambidex.kernel.ids import OrderId, new_id
from ambidex.kernel.problem import MovedOn
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.refusals import RefusedByDatabase
from tests.conftest import NOON

LONDON = ZoneInfo("Europe/London")
DAY = ((time(9), time(21)),)
SHOP = Hours(LONDON, dict.fromkeys(range(6), DAY))  # closed on Sunday
ORDER = OrderId(UUID("00000000-0000-7000-8000-000000000001"))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)  # March before the 29th: London is UTC


@pytest.mark.parametrize(
    ("now", "accepted", "pick_begun", "due"),
    [
        # Tuesday noon: all of it today
        (at(3, 12), at(3, 12, 10), at(3, 12, 20), at(3, 14)),
        # before opening: as if placed at nine
        (at(3, 6), at(3, 9, 10), at(3, 9, 20), at(3, 11)),
        # an hour before closing: the rest tomorrow
        (at(3, 20), at(3, 20, 10), at(3, 20, 20), at(4, 10)),
        # Saturday evening: Sunday is closed, Monday counts on
        (at(7, 20, 30), at(7, 20, 40), at(7, 20, 50), at(9, 10, 30)),
        # in the middle of Sunday
        (at(8, 15), at(9, 9, 10), at(9, 9, 20), at(9, 11)),
    ],
)
def test_a_plan_counts_open_time(
    now: datetime, accepted: datetime, pick_begun: datetime, due: datetime
) -> None:
    plan = promises.plan(SHOP, now=now)

    assert plan.due_at == due
    assert plan.milestones[MilestoneKind.ACCEPTED] == accepted
    assert plan.milestones[MilestoneKind.PICK_BEGUN] == pick_begun
    assert plan.milestones[MilestoneKind.READY] == due
    assert sorted(plan.milestones.values()) == list(plan.milestones.values())


def test_a_place_that_closes_for_good_promises_nothing() -> None:
    closing = Hours(LONDON, SHOP.week, closed_from=date(2026, 3, 4))

    assert promises.plan(closing, now=at(3, 12)).due_at == at(3, 14)
    with pytest.raises(promises.NeverOpensAgain):
        promises.plan(closing, now=at(3, 20))


def test_too_late_is_before_the_deadline_and_nearer_once_picked() -> None:
    assert promises.too_late_after(SHOP, at(3, 14)) == at(3, 13, 50)
    assert promises.too_late_after(SHOP, at(3, 14), reached={MilestoneKind.PICKED}) == at(3, 13, 57)


def a_promise(order_id: OrderId = ORDER, **changes: object) -> NewPromise:
    plan = promises.plan(SHOP, now=NOON)
    wanted = {
        "order_id": order_id, "kind": PromiseKind.READY_BY, "due_at": plan.due_at, "work_no": 1,
        "milestones": plan.milestones, "facts": {"place": "Camden"},
    } | changes  # fmt: skip
    return NewPromise(**wanted)  # type: ignore[arg-type]  # a table of changes


async def events(run: Run) -> list[str]:
    async with run.reading() as read:
        return [r.name for r in await read.all(text("SELECT name FROM runtime.events ORDER BY seq"))]


async def test_a_list_is_made_in_one_statement(run: Run) -> None:
    other = OrderId(new_id(NOON))

    async def make(tx: Tx) -> tuple[list[int], int]:
        new = [a_promise(), a_promise(kind=PromiseKind.ANSWER_BY, milestones={}), a_promise(other)]
        return await promises.make(tx, new), tx.statements

    assert await run.perform(SYSTEM, make) == ([1, 2, 1], 1)
    assert await events(run) == ["promises.made"] * 3


async def test_a_promise_is_kept_only_by_proof(run: Run) -> None:
    await run.perform(SYSTEM, promises.make, [a_promise()])

    with pytest.raises(promises.KeptByNothing):
        await run.perform(SYSTEM, promises.keep, ORDER, kind=PromiseKind.READY_BY, work_no=1, proof=[])
    assert await run.perform(SYSTEM, promises.keep, ORDER, kind=PromiseKind.READY_BY, work_no=1, proof=["e1"])
    assert not await run.perform(
        SYSTEM, promises.keep, ORDER, kind=PromiseKind.READY_BY, work_no=1, proof=["e2"]
    )

    async with run.reading() as read:
        assert await promises.open_promises(read, ORDER) == []
        row = await read.one(text("SELECT state, kept_by FROM promises.promises"))
    assert (row.state, row.kept_by) == ("kept", ["e1"])


async def test_the_database_refuses_kept_by_nothing(run: Run) -> None:
    await run.perform(SYSTEM, promises.make, [a_promise()])

    async def forge(tx: Tx) -> None:
        await tx.run(text("UPDATE promises.promises SET state = 'kept'"))

    with pytest.raises(RefusedByDatabase, match="kept_by_evidence"):
        await run.perform(SYSTEM, forge)


async def test_a_new_time_is_a_new_version_that_remembers_what_was_reached(run: Run) -> None:
    async def story(tx: Tx) -> promises.Promise:
        await promises.make(tx, [a_promise()])
        assert await promises.reach(tx, ORDER, work_no=1, kind=MilestoneKind.ACCEPTED)
        assert not await promises.reach(tx, ORDER, work_no=1, kind=MilestoneKind.ACCEPTED)
        [old] = await promises.open_promises(tx, ORDER)
        later = promises.plan(SHOP, now=NOON + timedelta(hours=2))
        return await promises.re_promise(
            tx, old, due_at=later.due_at, cause="nobody picked", milestones=later.milestones
        )

    new = await run.perform(SYSTEM, story)

    assert (new.promise_no, new.replaces) == (2, 1)
    async with run.reading() as read:
        assert await promises.open_promises(read, ORDER) == [new]
        old = await read.one(text("SELECT state, cause, due_at FROM promises.promises WHERE promise_no = 1"))
        reached = {m.kind for m in await promises.milestones_of(read, [new]) if m.reached_at}
    assert (old.state, old.cause, old.due_at) == ("re_promised", "nobody picked", at(3, 14))
    assert reached == {MilestoneKind.ACCEPTED}
    assert (await events(run))[-1] == "promises.re-promised"


async def test_a_promise_that_moved_on_is_not_broken_again(run: Run) -> None:
    await run.perform(SYSTEM, promises.make, [a_promise()])
    async with run.reading() as read:
        [promise] = await promises.open_promises(read, ORDER)
    await run.perform(SYSTEM, promises.break_, promise, cause="the place closed for good")

    with pytest.raises(MovedOn):
        await run.perform(SYSTEM, promises.break_, promise, cause="again")
    assert await run.perform(SYSTEM, promises.release, ORDER, cause="canceled") == 0


async def test_one_open_promise_for_each_work_and_kind(run: Run) -> None:
    await run.perform(SYSTEM, promises.make, [a_promise()])

    with pytest.raises(RefusedByDatabase, match="one_open"):
        await run.perform(SYSTEM, promises.make, [a_promise()])
