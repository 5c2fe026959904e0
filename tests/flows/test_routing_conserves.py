"""Whatever happens to orders that are sent, nothing vanishes: random days of refusals, shorts, pauses, landings, cancels."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from ambidex.domains import fulfillment, orders
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.flows.accept_work import accept_work
from ambidex.flows.cancel import cancel
from ambidex.flows.refuse_work import lapse, refuse_work, take_back
from ambidex.flows.short_pick import short_pick
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import Problem
from ambidex.runtime.perform import Run
from tests.flows.test_parked import landed
from tests.flows.test_place_order import asked, place
from tests.flows.test_route_order import FAR, NEAR, NORTH, TO_CAMDEN, clean, sent, three_warehouses
from tests.shop import Shop, associate

STEPS = 10
SKUS = ("MUG-01", "POT-01")


class Day:
    """One made-up day over a few orders."""

    def __init__(self, house: Shop, seed: int) -> None:
        self.house, self.run, self.chance = house, house.run, random.Random(seed)
        self.placed: list[OrderId] = []

    async def works(self) -> list[Work]:
        async with self.run.reading() as read:
            found = [await fulfillment.works_of(read, order_id) for order_id in self.placed]
        return [work for works in found for work in works if work.is_open]

    async def order(self) -> None:
        lines = [sent(self.chance.randint(1, 4), sku) for sku in SKUS if self.chance.random() < 0.7] or [
            sent()
        ]
        new = asked(*lines, reference=f"W-{len(self.placed)}", **TO_CAMDEN)
        placed = await place(self.run, new, sold_elsewhere=self.chance.random() < 0.3)
        self.placed.append(placed.order_id)

    async def happen(self) -> None:
        works = await self.works()
        if not works or self.chance.random() < 0.3:
            await self.chance.choice([self.order, self.land])()
            return
        work = self.chance.choice(works)
        await self.chance.choice([self.refuse, self.part, self.lapse, self.back, self.short, self.cancel])(
            work
        )

    async def land(self) -> None:
        await landed(self.house, self.chance.choice([NEAR, NORTH, FAR]), self.chance.randint(0, 6))

    async def refuse(self, work: Work) -> None:
        await self.run.perform(SYSTEM, refuse_work, work_id=work.id, reason="no")

    async def part(self, work: Work) -> None:
        units = {work.lines[0].line_no: 1}
        await self.run.perform(SYSTEM, refuse_work, work_id=work.id, reason="one is broken", units=units)

    async def lapse(self, work: Work) -> None:
        await self.run.perform(SYSTEM, lapse, work_id=work.id, cause="nobody")

    async def back(self, work: Work) -> None:
        await self.run.perform(SYSTEM, take_back, work_id=work.id, cause="paused", why="paused")

    async def short(self, work: Work) -> None:
        code = next(c for c, one in self.house.places.items() if one.location_id == work.location_id)
        omar = associate(self.house.places[code], "Omar Haddad")
        if work.state is WorkState.OFFERED:
            await self.run.perform(omar, accept_work, work_id=work.id)
        line = work.lines[0].line_no
        await self.run.perform(omar, short_pick, work_id=work.id, line_no=line, quantity=1, reason="empty")

    async def cancel(self, work: Work) -> None:
        await self.run.perform(SYSTEM, cancel, work.order_id, lines={work.lines[0].line_no: 1}, reason="less")


@pytest.mark.parametrize("seed", range(5))
async def test_nothing_vanishes(run: Run, shop: Shop, seed: int) -> None:
    house = await three_warehouses(shop)
    day = Day(house, seed)
    for sku in SKUS:
        await house.shelf(NEAR, sku, 6)
        await house.shelf(NORTH, sku, 3)
    for _ in range(STEPS):
        try:
            await day.happen()
        except Problem as refused:
            if refused.code not in EXPECTED:
                raise
    await clean(house)
    async with run.reading() as read:
        for order_id in day.placed:
            order = await orders.order(read, order_id)
            assert all(sum(line.counts.values()) == line.quantity for line in order.lines)
        asked_for = await read.value(text("SELECT coalesce(sum(quantity), 0) FROM orders.lines"))
        states = await read.value(
            text(
                "SELECT coalesce(sum(q_reserved + q_allocated + q_backordered + q_canceled), 0) FROM orders.lines"
            )
        )
    assert asked_for == states, "every unit is on its way, waits with a day, or was canceled"


# what the day may be told: sold out at placing, or that a work is past being refused or has fewer units
EXPECTED = {"sold-out", "not-that-many", "nothing-to-cancel", "wrong-state"}
