"""What a person does about an order in the parking queue, and what the queue shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from ambidex.domains import capacity
from ambidex.domains.identity import Role
from ambidex.domains.identity.rules import ROLE_PERMISSIONS
from ambidex.domains.watch import WaitsFor
from ambidex.flows.parking_deeds import NothingIsParked, cancel_parked, look_now, tell_day
from ambidex.flows.watch import look_at
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind
from ambidex.kernel.problem import BadInput, NotAllowed
from ambidex.reads.parked_orders import NotInTheQueue, around, parked_count, parked_order, parked_orders
from tests.conftest import Clock
from tests.flows.test_parked import house, landed, parked
from tests.flows.test_route_order import NORTH, causes, clean, lines_of, plan_of, promised, stocked
from tests.reads.house import tell
from tests.shop import Shop

__all__ = ["house"]
AGENT = Actor("agent", ActorKind.PERSON, "Thandiwe Nkosi", ROLE_PERMISSIONS[Role.AGENT], None)
READER = Actor("reader", ActorKind.PERSON, "Søren Ødegård", ROLE_PERMISSIONS[Role.READER], None)


async def tasks_of(house: Shop) -> list[tuple[str, str]]:
    async with house.run.reading() as read:
        rows = await read.all(
            text("SELECT state, title FROM tasks.tasks WHERE key LIKE 'parked%' ORDER BY opened_at, key")
        )
    return [(row.state, row.title) for row in rows]


async def test_the_queue_says_who_waits_for_what_with_whom_and_until_when(house: Shop, clock: Clock) -> None:
    first = await parked(house)
    clock.forward(hours=3)
    await stocked(house, "dc-london:0")
    second = await parked(house, 1, reference="W-2")
    async with house.run.reading() as read:
        found = (await parked_orders(read)).items
        assert await parked_count(read) == 2
    assert [one.order_id for one in found] == [first.order_id, second.order_id]
    [line] = found[0].lines
    assert (line.sku, line.units, found[0].owner_role) == ("MUG-01", 2, "experience")
    assert found[0].told_by is not None
    assert (clock() - found[0].since, found[0].told_by - found[0].since) == (
        timedelta(hours=3),
        timedelta(days=2),
    )
    assert "Nobody who may serve" in found[0].why
    assert found[0].task_id is not None


async def test_the_queue_is_read_page_by_page_with_as_many_questions(house: Shop, clock: Clock) -> None:
    placed = []
    for number in range(3):
        clock.forward(minutes=1)
        placed.append(await parked(house, 1, reference=f"P-{number}"))
        await stocked(house, "dc-london:0")
    async with house.run.reading() as read:
        page = await parked_orders(read, limit=2)
        rest = await parked_orders(read, limit=2, after=page.next)
        with pytest.raises(BadInput):
            await parked_orders(read, after="nonsense")
    seen = [one.order_id for one in (*page.items, *rest.items)]
    assert seen == [one.order_id for one in placed]
    assert rest.next is None


async def test_a_look_by_hand_finds_what_may_serve_again(house: Shop) -> None:
    """A place was paused; nobody tells the queue when the pause is taken out of the way by hand."""
    placed = await parked(house)
    leeds = house.places[NORTH].location_id
    await house.run.perform(SYSTEM, capacity.pause, leeds, method="ship", until=None, reason="no cartons")
    await stocked(house, "dc-leeds:2")
    looked = await house.run.perform(AGENT, look_now, order_id=placed.order_id)
    assert looked.found == {}
    async with house.run.reading() as read:
        order = await parked_order(read, placed.order_id)
        free = (await around(read, order)).free
    [lies] = free.values()
    assert [units for _, units in lies] == [2, 2], "the paused place, and the one that refused"
    await house.run.perform(SYSTEM, capacity.resume, leeds, method="ship")
    looked = await house.run.perform(AGENT, look_now, order_id=placed.order_id)
    assert looked.found == {1: 2}
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    assert (await causes(house, placed.order_id))[-1] == "looked_for"
    with pytest.raises(NothingIsParked):
        await house.run.perform(AGENT, look_now, order_id=placed.order_id)
    async with house.run.reading() as read:
        with pytest.raises(NotInTheQueue):
            await parked_order(read, placed.order_id)
    await clean(house)


async def test_another_day_is_told_once_and_the_task_is_due_then(house: Shop, clock: Clock) -> None:
    placed = await parked(house)
    clock.forward(hours=1)
    day = clock() + timedelta(days=6)
    await house.run.perform(AGENT, tell_day, order_id=placed.order_id, news_by=day)
    assert (await promised(house, placed.order_id))[1:] == [("news_by", "re_promised"), ("news_by", "made")]
    assert [kind for kind, _ in await house.said()] == ["confirmed", "waiting", "waiting"]
    assert [state for state, _ in await tasks_of(house)] == ["done", "pooled"]
    async with house.run.reading() as read:
        owner = await read.one(text("SELECT role, next_deadline FROM watch.ownership"))
        order = await parked_order(read, placed.order_id)
    assert (owner.role, owner.next_deadline, order.told_by) == ("experience", day, day)
    assert order.since == clock() - timedelta(hours=1)
    await clean(house)
    clock.forward(days=6, minutes=1)
    await house.run.perform(SYSTEM, look_at, order_id=placed.order_id, key=(0, WaitsFor.STOCK))
    assert (await promised(house, placed.order_id))[-1] == ("news_by", "broken")


async def test_the_same_day_said_twice_is_told_once(house: Shop, clock: Clock) -> None:
    placed = await parked(house)
    day = clock() + timedelta(days=6)
    for _ in (1, 2):
        await house.run.perform(AGENT, tell_day, order_id=placed.order_id, news_by=day)
        for _ in (1, 2):
            await tell(house)
    assert [state for kind, state in await house.said() if kind == "waiting"] == ["withdrawn", "sent"]
    assert (await promised(house, placed.order_id))[1:] == [("news_by", "re_promised"), ("news_by", "made")]
    assert sorted(state for state, _ in await tasks_of(house)) == ["done", "pooled"]


async def test_a_day_may_be_told_after_the_last_was_broken(house: Shop, clock: Clock) -> None:
    placed = await parked(house)
    for _ in (1, 2):
        clock.forward(days=2, minutes=1)
        await house.run.perform(SYSTEM, look_at, order_id=placed.order_id, key=(0, WaitsFor.STOCK))
    await house.run.perform(AGENT, tell_day, order_id=placed.order_id, news_by=clock() + timedelta(days=3))
    assert (await promised(house, placed.order_id))[-1] == ("news_by", "made")
    assert [state for state, _ in await tasks_of(house)] == ["done", "done", "pooled"]
    await clean(house)
    await landed(house, NORTH, 2)
    assert await plan_of(house, placed.order_id) == "dc-leeds:2"
    assert {state for state, _ in await tasks_of(house)} == {"done"}
    await clean(house)


async def test_a_letter_with_the_day_of_before_is_not_sent_any_more(house: Shop, clock: Clock) -> None:
    placed = await parked(house)
    await house.run.perform(AGENT, tell_day, order_id=placed.order_id, news_by=clock() + timedelta(days=6))
    for _ in (1, 2):
        await tell(house)
    assert [state for kind, state in await house.said() if kind == "waiting"] == ["withdrawn", "sent"]


@pytest.mark.parametrize("days", [0, -1, 22])
async def test_a_day_that_cannot_be_meant_is_refused(house: Shop, clock: Clock, days: int) -> None:
    placed = await parked(house)
    with pytest.raises(BadInput):
        await house.run.perform(
            AGENT, tell_day, order_id=placed.order_id, news_by=clock() + timedelta(days=days)
        )


async def test_only_what_waits_is_canceled(house: Shop) -> None:
    await stocked(house, "dc-leeds:1", "TEE-01")
    placed = await parked(house)
    with pytest.raises(BadInput):
        await house.run.perform(AGENT, cancel_parked, order_id=placed.order_id, reason=" ")
    await house.run.perform(AGENT, cancel_parked, order_id=placed.order_id, reason="the customer has one now")
    assert await lines_of(house, placed.order_id) == [{"canceled": 2}]
    async with house.run.reading() as read:
        assert await parked_count(read) == 0
    await clean(house)


@pytest.mark.parametrize("deed", ["look", "day", "cancel"])
async def test_who_only_reads_does_nothing_about_it(house: Shop, clock: Clock, deed: str) -> None:
    placed = await parked(house)
    asked = {
        "look": (look_now, {}),
        "day": (tell_day, {"news_by": clock() + timedelta(days=3)}),
        "cancel": (cancel_parked, {"reason": "why not"}),
    }
    command, more = asked[deed]
    with pytest.raises(NotAllowed):
        await house.run.perform(READER, command, order_id=placed.order_id, **more)  # type: ignore[arg-type]  # three commands


async def test_another_day_is_for_who_decides_about_the_order_and_not_for_any_store(
    house: Shop, clock: Clock
) -> None:
    order = await parked(house)
    floor = Actor(
        "floor", ActorKind.PERSON, "Kwabena Asante-Boateng", ROLE_PERMISSIONS[Role.ASSOCIATE], frozenset()
    )
    with pytest.raises(NotAllowed):
        await house.run.perform(floor, tell_day, order_id=order.order_id, news_by=clock() + timedelta(days=3))
    assert len(await tasks_of(house)) == 1


async def test_who_was_told_no_day_any_more_stands_where_they_bought(house: Shop, clock: Clock) -> None:
    first = await parked(house)
    clock.forward(hours=1)
    await stocked(house, "dc-london:0")
    second = await parked(house, 1, reference="W-2")
    for _ in (1, 2):
        clock.forward(days=2, minutes=1)
        await house.run.perform(SYSTEM, look_at, order_id=second.order_id, key=(0, WaitsFor.STOCK))
    async with house.run.reading() as read:
        page = await parked_orders(read, limit=1)
        rest = await parked_orders(read, limit=1, after=page.next)
    assert [one.told_by is None for one in (*page.items, *rest.items)] == [True, False]
    assert [one.order_id for one in (*page.items, *rest.items)] == [second.order_id, first.order_id]
    assert rest.next is None
