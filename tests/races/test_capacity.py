"""A slot is never overbooked, on any number of processes, and nobody is refused while there is room."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

from sqlalchemy import text

from ambidex.domains import capacity, locations
from ambidex.domains.capacity import Limit
from ambidex.flows.change_hours import change_day
from ambidex.flows.place_order import place_order
from ambidex.kernel.actor import SYSTEM
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
