"""Tasks: one for a cause, claimed by one person, done with proof."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.domains import tasks
from ambidex.domains.tasks import TaskKind
from ambidex.domains.tasks.model import TASK, TaskState, TaskVerb
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind, Permission
from ambidex.kernel.ids import LocationId, TaskId
from ambidex.kernel.problem import NotAllowed
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import NOON, Clock

PLACE = LocationId(UUID("00000000-0000-7000-8000-0000000000aa"))
OTHER = LocationId(UUID("00000000-0000-7000-8000-0000000000bb"))
AMA = Actor(
    id="00000000-0000-7000-8000-0000000000c1",
    kind=ActorKind.PERSON,
    name="Ama Owusu",
    permissions=frozenset({Permission.TASKS_DO}),
    places=frozenset({PLACE}),
)
BO = replace(AMA, id="00000000-0000-7000-8000-0000000000c2", name="Bo Lindström")


async def opened(run: Run, key: str = "count:1", *, minutes: float = 30, role: str = "associate") -> TaskId:
    return await run.perform(
        SYSTEM,
        tasks.open_task,
        kind=TaskKind.COUNT,
        title="Count mugs",
        key=key,
        role=role,
        location_id=PLACE,
        due_at=NOON + timedelta(minutes=minutes),
    )


async def events(run: Run) -> list[str]:
    async with run.reading() as read:
        return [r.name for r in await read.all(text("SELECT name FROM runtime.events ORDER BY seq"))]


async def test_one_task_for_one_cause(run: Run) -> None:
    assert await opened(run) == await opened(run)
    assert await events(run) == ["tasks.opened"]


async def test_one_person_takes_it_and_proves_it(run: Run) -> None:
    task_id = await opened(run)
    mine = await run.perform(AMA, tasks.claim, task_id)
    assert (mine.state, str(mine.assignee_id)) == (TaskState.ACKNOWLEDGED, AMA.id)
    assert await run.perform(AMA, tasks.claim, task_id) == mine
    with pytest.raises(tasks.TakenByOther):
        await run.perform(BO, tasks.claim, task_id)
    with pytest.raises(tasks.DoneWithoutProof):
        await run.perform(AMA, tasks.finish, task_id, proof={})
    done = await run.perform(AMA, tasks.finish, task_id, proof={"counted": 3})
    assert (done.state, done.done_by, done.proof) == (TaskState.DONE, AMA.id, {"counted": 3})
    assert await run.perform(AMA, tasks.finish, task_id, proof={"counted": 4}) == done
    assert await events(run) == ["tasks.opened", "tasks.claimed", "tasks.done"]


async def test_a_task_that_is_over_is_not_taken(run: Run) -> None:
    task_id = await opened(run)
    assert await run.perform(SYSTEM, tasks.expire_by_key, "count:1", cause="canceled")
    assert not await run.perform(SYSTEM, tasks.finish_by_key, "count:1", proof={"counted": 1})
    with pytest.raises(tasks.TaskIsOver):
        await run.perform(AMA, tasks.claim, task_id)


async def test_it_is_done_at_its_place(run: Run) -> None:
    task_id = await opened(run)
    with pytest.raises(NotAllowed):
        await run.perform(replace(AMA, places=frozenset({OTHER})), tasks.claim, task_id)
    with pytest.raises(tasks.UnknownTask):
        await run.perform(AMA, tasks.claim, TaskId(OTHER))


async def test_not_done_in_time_it_goes_to_another_duty(run: Run, clock: Clock) -> None:
    task_id = await opened(run)
    await run.perform(AMA, tasks.claim, task_id)
    clock.forward(minutes=31)

    async def move(tx: Tx) -> None:
        [overdue] = await tasks.overdue(tx, limit=10)
        task = await tasks.of_id(tx, overdue)
        due_at = tx.now + timedelta(minutes=30)
        await tasks.move_up(tx, task, role="lead", location_id=PLACE, due_at=due_at)

    await run.perform(SYSTEM, move)
    async with run.reading() as read:
        task = await tasks.of_id(read, task_id)
    assert (task.role, task.assignee_id, task.state) == ("lead", None, TaskState.POOLED)


async def test_what_belongs_to_head_office_is_done_by_who_acts_everywhere(run: Run) -> None:
    task_id = await run.perform(
        SYSTEM,
        tasks.open_task,
        kind=TaskKind.SOLVE_EXCEPTION,
        title="Call the customer",
        key="call:1",
        role="experience",
        location_id=None,
        due_at=NOON,
    )
    with pytest.raises(NotAllowed):
        await run.perform(AMA, tasks.claim, task_id)
    assert (
        await run.perform(replace(AMA, places=None), tasks.claim, task_id)
    ).state is TaskState.ACKNOWLEDGED


@pytest.mark.parametrize("state", [s for s in TaskState if s not in TASK.ends])
def test_what_is_open_can_be_finished_and_can_expire(state: TaskState) -> None:
    assert TASK.after(state, TaskVerb.FINISH) is TaskState.DONE
    assert TASK.after(state, TaskVerb.EXPIRE) is TaskState.EXPIRED
