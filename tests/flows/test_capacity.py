"""Capacity: what is full is promised later, what is paused is refused, nothing is overbooked, a change counts at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from ambidex.domains import capacity
from ambidex.domains.capacity import Fence, Limit, PlacePaused
from ambidex.domains.capacity.rules import slots_between
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.flows.accept_work import accept_work
from ambidex.flows.pause_place import LimitSaid, add_limit, drop_limit, limit_place
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.short_pick import short_pick
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import Problem
from ambidex.reads.capacity import place_capacity
from ambidex.runtime.db import PinnedDatabase, Tx
from ambidex.runtime.perform import Again, Run
from ambidex.runtime.reactions import settle
from bench.writes import counted
from tests.conftest import Clock
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop, associate


async def limit(
    shop: Shop, works: int, *, at: str = "camden", method: str = "pickup", number: int = 0, **more: object
) -> None:
    location_id = shop.places[at].location_id
    one = Limit(UUID(int=number or works + 1), location_id, works, method, slot_minutes=60, **more)  # type: ignore[arg-type]  # fields of Limit
    await shop.run.perform(SYSTEM, capacity.put_limits, location_id, [one])


async def due(run: Run, number: int, **more: object) -> datetime:
    """When an order placed now is promised to be ready."""
    placed = await place(run, asked(wanted(), reference=f"W-{number}", **more))
    [promise] = placed.view.promises
    return promise.at


async def booked(run: Run) -> list[tuple[datetime, int]]:
    async with run.reading() as read:
        rows = await read.all(
            text(
                "SELECT starts_at, count(*) AS works FROM capacity.bookings WHERE released_at IS NULL GROUP BY 1 ORDER BY 1"
            )
        )
    return [(row.starts_at, row.works) for row in rows]


async def test_without_a_limit_nothing_is_written(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    await due(run, 1)
    assert await booked(run) == []


async def test_a_full_slot_promises_the_next_one(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await limit(shop, 2)
    times = [await due(run, n) for n in range(5)]
    hours = [at.replace(minute=0, second=0) for at in times]
    first = hours[0]
    hour = timedelta(hours=1)
    assert hours == [first, first, first + hour, first + hour, first + 2 * hour]
    assert [works for _, works in await booked(run)] == [2, 2, 1]


async def test_work_that_ends_undone_leaves_its_slot(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await limit(shop, 1)
    placed = await place(run, asked(wanted(), reference="W-1"))
    first = placed.view.promises[0].at
    await run.perform(SYSTEM, refuse_work, work_id=placed.view.works[0].id, reason="the press is broken")
    await settle(run, REACTIONS)
    assert await due(run, 2) == first


async def test_work_of_which_nothing_is_found_leaves_its_slot_and_any_other_keeps_it(
    run: Run, shop: Shop
) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await limit(shop, 1)
    placed = await place(run, asked(wanted(quantity=2), reference="W-1"))
    work_id = placed.view.works[0].id
    ama = associate(shop.places["camden"])
    await run.perform(ama, accept_work, work_id=work_id)
    for left in (1, 0):
        await run.perform(
            ama, short_pick, work_id=work_id, line_no=1, quantity=1, reason="bare", key=f"s-{left}"
        )
        await settle(run, REACTIONS)
        assert [works for _, works in await booked(run)] == [1] * left


async def test_work_that_is_offered_anew_takes_its_slot_in_a_transaction_of_its_own(
    run: Run, shop: Shop
) -> None:
    """Limits are locked before stock in every flow: who moved stock locks no limit any more."""
    for code in ("dc-near", "dc-far"):
        await shop.place(code, kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
        await shop.shelf(code, "MUG-01", 5)
        await limit(shop, 3, at=code, method="ship", number=len(code))
    sent = wanted(place=None, method=Method.SHIP)
    placed = await place(run, asked(sent, reference="W-1", address={"country": "GB"}))
    database = run.database
    assert isinstance(database, PinnedDatabase)

    async def refuse_twice(tx: Tx) -> None:
        """Somebody was quicker: it is done once more from the start."""
        await refuse_work(tx, work_id=placed.view.works[0].id, reason="no")
        if not tx.attempt:
            raise Again

    async with counted(database.pinned) as writes:
        await run.perform(SYSTEM, refuse_twice)
    assert any("inventory.positions" in one for one in writes.said)
    assert [one for one in writes.said if "capacity.limits" in one and "FOR" in one] == []

    await settle(run, REACTIONS)
    async with run.reading() as read:
        rows = await read.all(
            text("SELECT work_no, released_at IS NULL AS is_live FROM capacity.bookings ORDER BY work_no")
        )
    assert [(row.work_no, row.is_live) for row in rows] == [(1, False), (2, True)]
    await settle(run, REACTIONS)


async def test_a_ring_fence_is_kept_for_its_channel(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await limit(shop, 2, fences=(Fence(1, channel="marketplace"),))
    web, later = await due(run, 1), await due(run, 2)
    marketplace = await due(run, 3, channel="marketplace")
    assert later > web
    assert marketplace == web


async def test_a_raised_limit_counts_for_the_next_order(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await limit(shop, 1)
    first, second = await due(run, 1), await due(run, 2)
    await limit(shop, 5)
    assert second > first
    assert await due(run, 3) == first


async def test_a_paused_place_takes_no_order_until_it_is_over(run: Run, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    location_id = shop.places["camden"].location_id
    until = clock() + timedelta(hours=1)
    await run.perform(
        SYSTEM, capacity.pause, location_id, method="pickup", until=until, reason="queue to the door"
    )
    with pytest.raises(PlacePaused) as refused:
        await due(run, 1)
    assert refused.value.facts["until"] == until
    clock.forward(minutes=61)
    assert await due(run, 2) is not None


async def test_what_another_system_sold_is_taken_at_a_paused_place(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    location_id = shop.places["camden"].location_id
    await run.perform(SYSTEM, capacity.pause, location_id, method="", until=None, reason="flood")
    placed = await place(run, asked(wanted(), reference="W-1"), sold_elsewhere=True)
    assert placed.created


async def test_what_is_sent_leaves_when_there_is_room_or_from_elsewhere(run: Run, shop: Shop) -> None:
    for code in ("depot", "harbor"):
        await shop.place(code, capabilities=frozenset({"ship"}))
        await shop.shelf(code, "MUG-01", 9)

    async def sent_from(number: int) -> str:
        line = wanted(place=None, method=Method.SHIP)
        address = {"country": "GB", "postcode": "N1 9GU"}
        placed = await place(run, asked(line, reference=f"S-{number}", address=address))
        return placed.view.works[0].location

    usual = await sent_from(1)
    location_id = shop.places[usual].location_id
    await run.perform(SYSTEM, capacity.pause, location_id, method="ship", until=None, reason="no cartons")
    assert await sent_from(2) != usual
    await run.perform(SYSTEM, capacity.resume, location_id, method="ship")
    assert await sent_from(3) == usual


SAID = LimitSaid(works=2, method="pickup", opens=time(9), until=time(21))


async def the_limit(shop: Shop) -> UUID:
    place_id = shop.places["camden"].location_id
    async with shop.run.reading() as read:
        [found] = (await capacity.book_now(read)).limits[place_id]
    return found.limit_id


async def free_now(shop: Shop) -> list[tuple[datetime, int]]:
    """Slots in which something is taken, and what they still take."""
    async with shop.run.reading() as read:
        found = await place_capacity(read, shop.places["camden"])
    return [(slot.starts_at, slot.free) for slot in found.slots if slot.taken]


async def test_other_slots_of_a_limit_keep_what_is_booked(run: Run, shop: Shop) -> None:
    """Two works at 15:00 and one at 16:00, on hours; then on half hours beginning at 9:30, then for two hours."""
    await shop.shelf("camden", "MUG-01", 9)
    await run.perform(SYSTEM, add_limit, code="camden", limit=SAID)
    first, _, later = [await due(run, n) for n in range(3)]
    assert later > first
    same = await the_limit(shop)
    halves = replace(SAID, limit_id=same, opens=time(9, 30), slot_minutes=30)
    await run.perform(SYSTEM, limit_place, code="camden", limits=[halves])
    assert await the_limit(shop) == same
    assert [free for _, free in await free_now(shop)] == [0, 1]
    assert {at for at, _ in await free_now(shop)} == {
        at - timedelta(minutes=at.minute % 30) for at in (first, later)
    }
    await run.perform(SYSTEM, limit_place, code="camden", limits=[replace(halves, slot_minutes=240, works=4)])
    assert [free for _, free in await free_now(shop)] == [1]
    sent = replace(halves, method="ship")
    await run.perform(SYSTEM, limit_place, code="camden", limits=[sent])
    assert await free_now(shop) == [], "nobody sends anything"
    await run.perform(SYSTEM, limit_place, code="camden", limits=[replace(SAID, limit_id=same)])
    assert [free for _, free in await free_now(shop)] == [0, 1]


async def test_other_ring_fences_keep_what_is_booked(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await run.perform(SYSTEM, add_limit, code="camden", limit=SAID)
    first = await due(run, 1, channel="marketplace")
    fenced = replace(SAID, limit_id=await the_limit(shop), fences=[Fence(1, channel="marketplace")])
    await run.perform(SYSTEM, limit_place, code="camden", limits=[fenced])
    assert await due(run, 2) == first, "the fence is full already, so the rest is free for all"
    assert await due(run, 3, channel="marketplace") > first


async def test_a_first_limit_counts_what_was_promised_before_it(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    first = [await due(run, n) for n in range(3)]
    assert len(set(first)) == 1
    await run.perform(SYSTEM, add_limit, code="camden", limit=SAID)
    assert [works for _, works in await booked(run)] == [3]
    assert await due(run, 4) > first[0]


async def test_a_limit_that_is_dropped_leaves_no_booking_behind(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await run.perform(SYSTEM, add_limit, code="camden", limit=SAID)
    await due(run, 1)
    await run.perform(SYSTEM, drop_limit, code="camden", limit_id=await the_limit(shop))
    assert await booked(run) == []
    await run.perform(SYSTEM, drop_limit, code="camden", limit_id=UUID(int=9))


def test_the_hour_that_a_clock_skips_has_no_slot_of_its_own() -> None:
    london = ZoneInfo("Europe/London")
    day = datetime(2026, 3, 29, tzinfo=london)
    night = Limit(UUID(int=1), LocationId(UUID(int=2)), 3, "pickup", closes=240, slot_minutes=60)
    begin = [slot.starts_at.hour for slot in slots_between(night, london, day, day + timedelta(hours=20))]
    assert begin == [0, 1, 2]


async def test_a_sender_that_is_full_for_weeks_leaves_it_to_others(run: Run, shop: Shop) -> None:
    """One departure a day with room for none: beyond the days that are looked at nothing counts as free."""
    await shop.place("depot", capabilities=frozenset({"ship"}))
    await shop.shelf("depot", "MUG-01", 9)
    await limit(shop, 0, at="depot", method="ship")
    line = wanted(place=None, method=Method.SHIP)
    with pytest.raises(Problem):
        await place(run, asked(line, address={"country": "GB", "postcode": "N1 9GU"}))
    assert await booked(run) == []
    await shop.place("harbor", capabilities=frozenset({"ship"}))
    await shop.shelf("harbor", "MUG-01", 9)
    placed = await place(run, asked(line, address={"country": "GB", "postcode": "N1 9GU"}))
    assert placed.view.works[0].location == "harbor"
