"""Ownership climbs when nobody picks, comes to a customer who is here, or does a task; and somebody always has it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ambidex.domains import people, tasks, watch
from ambidex.domains.people import Duty, Staff
from ambidex.domains.tasks import TaskKind
from ambidex.flows import ownership
from ambidex.flows.accept_work import accept_work
from ambidex.flows.climb import next_rung
from ambidex.flows.on_the_way import here
from ambidex.flows.watch import look_at, sweep
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId, OrderId, StaffId, new_id
from tests.conftest import NOON, Clock
from tests.flows.counter import CUSTOMER, counter
from tests.reads.house import audited
from tests.shop import Shop, associate
from tests.simulation.story import Story, work_id

MINUTE = timedelta(minutes=1)
PLACE = LocationId(new_id(NOON))
SOMEBODY = Staff(StaffId(new_id(NOON)), "Ada Obi", "ada")


@pytest.fixture
async def story(shop: Shop, clock: Clock) -> Story:
    await shop.place("camden")
    await shop.shelf("camden", "MUG-01", 50)
    return Story(shop, clock)


def chain(*staffed: str) -> list[Duty]:
    roles = (("associate", PLACE), ("lead", PLACE), ("district", None), ("experience", None))
    return [Duty(role, place, SOMEBODY if role in staffed else None) for role, place in roles]


@pytest.mark.parametrize(
    ("staffed", "start", "floor", "level", "passed"),
    [
        # the assignee did not: another one on the floor
        (("associate", "lead"), 1, [SOMEBODY], 1, ()),
        # nobody else is on the floor
        (("lead",), 1, [], 2, ("associate",)),
        (("district",), 2, [], 3, ("lead",)),
        # nobody anywhere: the last rung answers all the same
        ((), 1, [], 4, ("associate", "lead", "district")),
        # already at the top
        (("experience",), 5, [], 4, ()),
    ],
)
def test_the_next_rung(
    staffed: tuple[str, ...], start: int, floor: list[Staff], level: int, passed: tuple[str, ...]
) -> None:
    hop = next_rung(chain(*staffed), start=start, floor=floor)
    assert (hop.level, hop.passed_over) == (level, passed)


async def test_who_accepted_and_does_not_pick_gives_it_to_the_floor_then_to_the_lead(story: Story) -> None:
    shop, start = story.shop, NOON - timedelta(hours=1)
    ines = await shop.on_shift("Inès Caron", role="associate", place="camden", start=start)
    await shop.on_shift("Wen Li", role="associate", place="camden", start=start)
    await shop.on_shift("Bo Lindström", role="lead", place="camden", start=start)
    order_id = await story.order()
    actor = associate(shop.places["camden"], actor_id=str(ines.staff_id))
    await shop.run.perform(actor, accept_work, work_id=work_id(order_id))
    owner = await story.owner(order_id)
    assert (owner.staff_id, owner.level) == (ines.staff_id, 0)

    await story.until(NOON + 26 * MINUTE)

    assert await story.hops(order_id) == [
        (NOON + 20 * MINUTE, "associate", ""),
        (NOON + 25 * MINUTE, "lead", "Bo Lindström"),
    ]
    assert (await audited(shop)).violations == ()


async def test_an_assignee_who_went_home_leaves_it_to_the_floor(story: Story) -> None:
    shop = story.shop
    ines = await shop.on_shift(
        "Inès Caron", role="associate", place="camden", start=NOON - timedelta(hours=1), hours=1.1
    )
    await shop.on_shift("Wen Li", role="associate", place="camden", start=NOON - timedelta(hours=1))
    order_id = await story.order()
    actor = associate(shop.places["camden"], actor_id=str(ines.staff_id))
    await shop.run.perform(actor, accept_work, work_id=work_id(order_id))
    await story.until(NOON + 7 * MINUTE)
    [hop] = await story.hop_rows(order_id)
    assert (hop.happened_at, hop.role, hop.cause) == (NOON + 6 * MINUTE, "associate", "nobody on shift")


async def test_a_customer_who_is_here_is_attended_within_minutes(story: Story) -> None:
    shop = story.shop
    await shop.on_shift("Inès Caron", role="associate", place="camden", start=NOON - timedelta(hours=1))
    await shop.on_shift("Bo Lindström", role="lead", place="camden", start=NOON - timedelta(hours=1))
    order = await counter(shop, stock=5)
    await order.until_ready()
    await shop.run.perform(CUSTOMER, here, order_id=order.order_id, work_no=1, note="bay 3")
    owner = await story.owner(order.order_id)
    assert (owner.next_step, owner.next_deadline) == ("Go to the customer who is here", NOON + 4 * MINUTE)

    await story.until(NOON + 5 * MINUTE)

    assert (await story.hops(order.order_id))[0] == (NOON + 4 * MINUTE, "lead", "Bo Lindström")


async def test_a_task_that_nobody_does_climbs_on_the_clock_of_its_place(shop: Shop, clock: Clock) -> None:
    camden = await shop.place("camden")
    clock.now = datetime(2026, 3, 3, 20, 50, tzinfo=UTC)
    await shop.on_shift("Mei Tanaka", role="district", place=None, start=clock.now, hours=24)
    task_id = await shop.run.perform(
        SYSTEM,
        tasks.open_task,
        kind=TaskKind.COUNT,
        title="Count mugs",
        key="count:1",
        role="associate",
        location_id=camden.location_id,
        due_at=clock.now + 15 * MINUTE,
    )
    story = Story(shop, clock)
    await story.until(datetime(2026, 3, 4, 8, 50, tzinfo=UTC), every=30 * MINUTE)
    assert (await task(shop, task_id)).role == "associate"
    await story.until(datetime(2026, 3, 4, 9, tzinfo=UTC))
    moved = await task(shop, task_id)
    assert (moved.role, moved.location_id) == ("district", None)
    await story.until(datetime(2026, 3, 4, 9, 31, tzinfo=UTC))
    assert (await task(shop, task_id)).role == "experience"
    before = await shop.happened()
    await story.until(datetime(2026, 3, 4, 12, tzinfo=UTC), every=30 * MINUTE)
    assert await shop.happened() == before


async def task(shop: Shop, task_id: tasks.TaskId) -> tasks.Task:
    async with shop.run.reading() as read:
        return await tasks.of_id(read, task_id)


async def test_the_exception_at_the_top_is_solved_by_its_task(story: Story) -> None:
    order_id = await story.order()
    await story.until(NOON + 12 * MINUTE)
    assert await story.troubles(order_id) == [("no-accept", "place", "experience")]
    async with story.shop.run.reading() as read:
        [trouble] = await watch.open_exceptions(read, order_id)
        work = await tasks.by_key(read, trouble.facts["key"])
    assert work is not None
    await story.shop.run.perform(SYSTEM, ownership.solve, work.task_id, proof={"outcome": "called the store"})
    assert await story.troubles(order_id) == []
    assert (await story.owner(order_id)).role == "experience"
    assert (await audited(story.shop)).violations == ()


async def test_what_happens_after_all_needs_nobody_any_more(story: Story) -> None:
    order_id = await story.order()
    await story.until(NOON + 12 * MINUTE)
    assert (await story.owner(order_id)).role == "experience"

    await story.shop.on_shift("Inès Caron", role="associate", place="camden", start=story.clock.now)
    ines = associate(story.shop.places["camden"])
    await story.shop.run.perform(ines, accept_work, work_id=work_id(order_id))

    assert await story.troubles(order_id) == []
    owner = await story.owner(order_id)
    assert (owner.role, owner.next_step) == ("associate", "Begin picking")
    assert (await audited(story.shop)).violations == ()


async def test_one_order_that_cannot_be_looked_at_does_not_stop_the_others(story: Story) -> None:
    lost = watch.NewWatchdog(OrderId(new_id(NOON)), watch.WaitsFor.ACCEPT, NOON - MINUTE)
    await story.shop.run.perform(SYSTEM, watch.arm, [lost])
    order_id = await story.order()
    await story.shop.on_shift("Mei Tanaka", role="district", place=None, start=NOON)
    story.clock.forward(minutes=10)
    await sweep(story.shop.run)
    assert (await story.owner(order_id)).role == "district"


async def test_two_workers_sweep_at_once_and_every_hop_happens_once(own_shop: Shop, clock: Clock) -> None:
    await own_shop.place("camden")
    await own_shop.shelf("camden", "MUG-01", 50)
    story = Story(own_shop, clock)
    await own_shop.on_shift("Inès Caron", role="associate", place="camden", start=NOON - timedelta(hours=1))
    await own_shop.on_shift("Bo Lindström", role="lead", place="camden", start=NOON - timedelta(hours=1))
    orders = [await story.order() for _ in range(6)]
    clock.forward(minutes=10)

    await asyncio.gather(*(sweep(own_shop.run) for _ in range(4)))

    for order_id in orders:
        assert await story.hops(order_id) == [(clock.now, "lead", "Bo Lindström")]
        assert len(await story.events(order_id, "watch.fired")) == 1
    assert (await audited(own_shop)).violations == ()


async def test_a_look_that_is_not_due_changes_nothing(story: Story) -> None:
    order_id = await story.order()
    before = await story.shop.happened()
    await story.shop.run.perform(SYSTEM, look_at, order_id=order_id, key=(1, watch.WaitsFor.ACCEPT))
    await story.shop.run.perform(SYSTEM, look_at, order_id=order_id, key=(99, watch.WaitsFor.ACCEPT))
    assert await story.shop.happened() == before


def test_a_warehouse_has_its_own_floor() -> None:
    class Warehouse:
        location_id, kind, district = PLACE, "warehouse", ""

    assert [role for role, _ in people.rungs(Warehouse())] == [
        "picker",
        "supervisor",
        "district",
        "experience",
    ]
