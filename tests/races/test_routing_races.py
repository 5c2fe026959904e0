"""Orders that nobody chose a place for race for units, with real commits: planned again, bounded, nothing twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text

from ambidex.domains import fulfillment
from ambidex.domains.orders import Method
from ambidex.flows.accept_work import accept_work
from ambidex.flows.count_stock import count_stock
from ambidex.flows.pause_place import route_paused
from ambidex.flows.place_order import Placed, place_order
from ambidex.flows.refuse_work import refuse_work
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import child_id
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.flows.test_place_order import asked, wanted
from tests.flows.test_route_order import TO_CAMDEN, clean, plan_of, stocked, three_warehouses
from tests.shop import Shop, associate


async def each(run: Run, count: int, *, sku: str, units: int = 1) -> list[Placed | Problem]:
    async def one(number: int) -> Placed | Problem:
        line = wanted(sku, units, place=None, method=Method.SHIP)
        try:
            return await run.perform(
                SYSTEM, place_order, asked(line, reference=f"{sku}-{number}", **TO_CAMDEN)
            )
        except Problem as refused:
            return refused

    return list(await asyncio.gather(*(one(number) for number in range(count))))


def heard(answers: list[Placed | Problem]) -> Counter[str]:
    return Counter("done" if isinstance(one, Placed) else one.code for one in answers)


async def where_from(shop: Shop, answers: list[Placed | Problem]) -> Counter[str]:
    plans = [await plan_of(shop, one.order_id) for one in answers if isinstance(one, Placed)]
    return Counter(plans)


async def test_two_orders_after_the_last_unit_at_the_best_place(own_run: Run, own_shop: Shop) -> None:
    await three_warehouses(own_shop)
    for number in range(4):
        sku = f"LAST-{number}"
        await stocked(own_shop, "dc-london:1 dc-leeds:1", sku)
        answers = await each(own_run, 2, sku=sku)
        assert heard(answers) == {"done": 2}
        assert await where_from(own_shop, answers) == {"dc-london:1": 1, "dc-leeds:1": 1}
    await clean(own_shop)


async def test_more_orders_than_units_at_all_places(own_run: Run, own_shop: Shop) -> None:
    await three_warehouses(own_shop)
    await stocked(own_shop, "dc-london:3 dc-leeds:2 dc-cork:1")
    answers = await each(own_run, 12, sku="MUG-01")
    assert heard(answers) == {"done": 6, "sold-out": 6}
    assert await where_from(own_shop, answers) == {"dc-london:1": 3, "dc-leeds:1": 2, "dc-cork:1": 1}
    async with own_run.reading() as read:
        receipts = await read.value(text("SELECT count(*) FROM routing.receipts"))
    assert receipts == 6, (
        "a receipt for each order that was placed, of what was done and not of what was tried"
    )
    await clean(own_shop)


async def test_stock_that_goes_between_decision_and_claim_is_planned_again(
    own_run: Run, own_shop: Shop
) -> None:
    """A count empties the best place while orders are decided."""
    await three_warehouses(own_shop)
    for number in range(4):
        sku = f"RACE-{number}"
        await stocked(own_shop, "dc-london:2 dc-leeds:9", sku)
        count = own_run.perform(SYSTEM, count_stock, location="dc-london", item=sku, counted=0)
        answers, _ = await asyncio.gather(each(own_run, 4, sku=sku), count)
        assert heard(answers) == {"done": 4}
    await clean(own_shop)


async def test_refusals_race_new_orders_for_what_is_left(own_run: Run, own_shop: Shop) -> None:
    await three_warehouses(own_shop)
    await stocked(own_shop, "dc-london:4 dc-leeds:2")
    placed: list[Any] = [one for one in await each(own_run, 4, sku="MUG-01") if isinstance(one, Placed)]
    assert await where_from(own_shop, placed) == {"dc-london:1": 4}

    async def refuse(one: Placed) -> None:
        await own_run.perform(SYSTEM, refuse_work, work_id=child_id(one.order_id, 1), reason="flooded")

    await asyncio.gather(*(refuse(one) for one in placed))
    plans = [await plan_of(own_shop, one.order_id) for one in placed]
    assert Counter(plans) == {"dc-leeds:1": 2, "": 2}, "two go on from Leeds, two wait"
    async with own_run.reading() as read:
        works = [await fulfillment.works_of(read, one.order_id) for one in placed]
    assert sum(len(each_of) for each_of in works) == 6
    await clean(own_shop)


async def test_work_accepted_while_its_place_pauses_stays_there(own_run: Run, own_shop: Shop) -> None:
    """The pause has seen it as offered; then it waits for the order, which somebody accepts at that moment."""
    await three_warehouses(own_shop)
    await stocked(own_shop, "dc-london:2 dc-leeds:9")
    placed = [one for one in await each(own_run, 2, sku="MUG-01") if isinstance(one, Placed)]
    mine, other = sorted(one.order_id for one in placed)
    london = own_shop.places["dc-london"]
    paused: Any = SimpleNamespace(location_id=london.location_id, payload={"method": "", "reason": "flood"})
    held, pausing = asyncio.Event(), asyncio.Event()

    async def accept(tx: Tx) -> None:
        await accept_work(tx, work_id=child_id(mine, 1))
        held.set()
        await pausing.wait()
        await asyncio.sleep(0.2)

    async def pause(tx: Tx) -> None:
        await held.wait()
        pausing.set()
        await route_paused(tx, [paused])

    lena = associate(london, "Lena Brandt")
    await asyncio.gather(own_run.perform(lena, accept), own_run.perform(SYSTEM, pause))
    assert await plan_of(own_shop, mine) == "dc-london:1"
    assert await plan_of(own_shop, other) == "dc-leeds:1"
    await clean(own_shop)
