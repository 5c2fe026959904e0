"""A slot is never overbooked, on any number of processes, and nobody is refused while there is room."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, time
from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.domains import capacity, locations
from ambidex.domains.capacity import Limit
from ambidex.flows.change_hours import change_day
from ambidex.flows.pause_place import LimitSaid, add_limit, limit_place
from ambidex.flows.place_order import Placed, place_order
from ambidex.flows.slots import catch_up
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop

ORDERS, PER_SLOT = 24, 4


async def test_orders_at_once_fill_slot_after_slot(own_run: Run) -> None:
    shop = Shop(own_run)
    await shop.shelf("camden", "MUG-01", ORDERS)
    place = shop.places["camden"].location_id
    limit = Limit(UUID(int=1), place, PER_SLOT, "pickup")
    await own_run.perform(SYSTEM, capacity.put_limits, place, [limit])

    placed = await asyncio.gather(
        *(own_run.perform(SYSTEM, place_order, asked(wanted(), reference=f"W-{n}")) for n in range(ORDERS))
    )

    assert all(one.created for one in placed)
    async with own_run.reading() as read:
        rows = await read.all(
            text(
                "SELECT starts_at, count(*) AS works, bool_or(over) AS over FROM capacity.bookings"
                " GROUP BY starts_at ORDER BY starts_at"
            )
        )
    assert [(row.works, row.over) for row in rows] == [(PER_SLOT, False)] * (ORDERS // PER_SLOT)


async def test_days_that_are_changed_at_once_are_all_kept(own_run: Run) -> None:
    await Shop(own_run).place("camden")
    days = [date(2026, 12, day) for day in range(20, 28)]
    await asyncio.gather(
        *(
            own_run.perform(SYSTEM, change_day, code="camden", day=day, spans=[("10:00", "14:00")])
            for day in days
        )
    )
    async with own_run.reading() as read:
        place = await locations.by_code(read, "camden")
    assert sorted(place.hours.exceptions) == days


async def test_limits_that_are_put_at_once_leave_those_of_one(own_run: Run) -> None:
    await Shop(own_run).place("camden")
    for _ in range(3):
        await asyncio.gather(
            *(
                own_run.perform(
                    SYSTEM,
                    limit_place,
                    code="camden",
                    limits=[LimitSaid(works=n + 1), LimitSaid(works=n + 1)],
                )
                for n in range(6)
            )
        )
        async with own_run.reading() as read:
            [found] = (await capacity.book_now(read)).limits.values()
        assert len(found) == 2
        assert len({limit.works for limit in found}) == 1
        await own_run.perform(SYSTEM, limit_place, code="camden", limits=[])


async def test_limits_that_are_added_at_once_are_all_kept(own_run: Run) -> None:
    await Shop(own_run).place("camden")
    await asyncio.gather(
        *(own_run.perform(SYSTEM, add_limit, code="camden", limit=LimitSaid(works=n)) for n in range(8))
    )
    async with own_run.reading() as read:
        [found] = (await capacity.book_now(read)).limits.values()
    assert sorted(limit.works for limit in found) == list(range(8))


@pytest.mark.parametrize("change", ["drop", "other slots"])
async def test_a_limit_that_changes_while_orders_are_booked_keeps_no_stray_booking(
    own_run: Run, change: str
) -> None:
    """Whoever waited for the lock of a limit looks at it again: each booking stands in a slot that there is."""
    shop = Shop(own_run)
    await shop.shelf("camden", "MUG-01", ORDERS)
    said = LimitSaid(works=PER_SLOT, method="pickup")
    await own_run.perform(SYSTEM, add_limit, code="camden", limit=said)
    async with own_run.reading() as read:
        [[limit]] = (await capacity.book_now(read)).limits.values()
    halves = replace(said, limit_id=limit.limit_id, opens=time(0, 15), slot_minutes=30)

    async def changes() -> None:
        for turn in range(6):
            await asyncio.sleep(0.02)
            if change == "drop":
                await own_run.perform(SYSTEM, limit_place, code="camden", limits=[said] if turn % 2 else [])
            else:
                back = replace(said, limit_id=limit.limit_id)
                await own_run.perform(
                    SYSTEM, limit_place, code="camden", limits=[back if turn % 2 else halves]
                )

    await asyncio.gather(
        changes(),
        *(own_run.perform(SYSTEM, place_order, asked(wanted(), reference=f"W-{n}")) for n in range(ORDERS)),
    )
    strays, count = await strays_at(shop)
    assert strays == []
    # who looked while there was no limit, and was placed after it was written, has no slot (ADR 0022)
    assert count == ORDERS or change == "drop"


async def strays_at(shop: Shop) -> tuple[list[object], int]:
    """Live bookings that stand in no slot of a limit that there is, and how many live ones there are."""
    async with shop.run.reading() as read:
        rows = await read.all(
            text("SELECT limit_id, starts_at, done_by FROM capacity.bookings WHERE released_at IS NULL")
        )
        limits = (await capacity.book_now(read)).limits.get(shop.places["camden"].location_id, ())
    known, zone = {one.limit_id: one for one in limits}, shop.places["camden"].zone
    strays: list[object] = [
        row
        for row in rows
        if row.limit_id not in known
        or capacity.slot_of(known[row.limit_id], zone, row.done_by)
        != capacity.Slot(row.limit_id, row.starts_at)
    ]
    return strays, len(rows)


async def test_an_order_that_looked_before_the_first_limit_counts_in_it(own_run: Run) -> None:
    """It saw no limit, and whoever wrote the limit did not see it: neither waits for the other."""
    shop = Shop(own_run)
    await shop.shelf("camden", "MUG-01", 9)
    looked, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly(tx: Tx) -> Placed:
        placed = await place_order(tx, asked(wanted(), reference="slow"))
        looked.set()
        await may_go_on.wait()
        return placed

    await own_run.perform(SYSTEM, place_order, asked(wanted(), reference="before"))
    order = asyncio.create_task(own_run.perform(SYSTEM, slowly))
    await looked.wait()
    await own_run.perform(SYSTEM, limit_place, code="camden", limits=[LimitSaid(works=2, method="pickup")])
    may_go_on.set()
    slow = await order

    async def booked() -> list[int]:
        async with own_run.reading() as read:
            rows = await read.all(text("SELECT order_id FROM capacity.bookings WHERE released_at IS NULL"))
        return [row.order_id for row in rows]

    assert len(await booked()) == 1, "what was committed before counts at once"
    for _ in range(2):
        assert not await catch_up(own_run)
        assert len(await booked()) == 2
    assert slow.order_id in await booked()
    late = await own_run.perform(SYSTEM, place_order, asked(wanted(), reference="after"))
    [first, second] = sorted([slow.view.promises[0].at, late.view.promises[0].at])
    assert first < second, "the slot of the two is full, so the third is promised later"
