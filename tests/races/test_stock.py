"""Races for units, with real commits on real connections: one winner each, and books that balance afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import inventory
from ambidex.flows.cancel import cancel
from ambidex.flows.count_stock import count_stock
from ambidex.flows.place_order import Placed, place_order, place_orders
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import Problem
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.domains.inventory.shelf import balanced
from tests.flows.counter import counter
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop


async def outcome(call: Coroutine[Any, Any, object]) -> str:
    """What one of several heard: "done" or the code of the refusal."""
    try:
        await call
    except Problem as refused:
        return refused.code
    return "done"


async def together(*calls: Coroutine[Any, Any, object]) -> Counter[str]:
    return Counter(await asyncio.gather(*(outcome(call) for call in calls)))


async def books_of(shop: Shop, sku: str = "MUG-01", place: str = "camden") -> tuple[int, ...]:
    async with shop.run.reading() as read:
        return await balanced(read, shop.items[sku].item_id, shop.places[place].location_id)


async def test_two_orders_for_the_last_unit(own_run: Run, own_shop: Shop) -> None:
    for number in range(5):
        sku = f"LAST-{number}"
        await own_shop.shelf("camden", sku, 1)
        heard = await together(
            *(
                own_run.perform(SYSTEM, place_order, asked(wanted(sku), reference=f"{sku}-{n}"))
                for n in range(2)
            )
        )
        assert heard == {"done": 1, "sold-out": 1}
        assert (await books_of(own_shop, sku))[:4] == (1, 0, 0, 1)


async def test_many_lists_after_few_units_in_opposite_order(own_run: Run, own_shop: Shop) -> None:
    for sku in ("MUG-01", "LAMP-02"):
        await own_shop.shelf("camden", sku, 30)
    pair = (wanted("MUG-01"), wanted("LAMP-02"))

    async def list_of(number: int) -> list[Placed | Problem]:
        lines = pair if number % 2 else pair[::-1]
        news = [asked(*lines, reference=f"L{number}-{n}") for n in range(10)]

        async def command(tx: Tx) -> list[Placed | Problem]:
            return await place_orders(tx, [Asked(SYSTEM, None, new) for new in news])

        return await own_run.perform(SYSTEM, command)

    answers = [a for some in await asyncio.gather(*(list_of(n) for n in range(8))) for a in some]
    heard = Counter("done" if isinstance(a, Placed) else a.code for a in answers)
    assert heard == {"done": 30, "sold-out": 50}
    assert (await books_of(own_shop, "LAMP-02"))[3] == 30
    async with own_run.reading() as read:
        assert await read.value(text('SELECT count(*) FROM orders."references"')) == 30


async def test_the_same_reference_at_once_is_one_order(own_run: Run, own_shop: Shop) -> None:
    await own_shop.shelf("camden", "MUG-01", 50)
    placed = await asyncio.gather(*(own_run.perform(SYSTEM, place_order, asked()) for _ in range(8)))
    assert len({one.order_id for one in placed}) == 1
    assert Counter(one.created for one in placed) == {True: 1, False: 7}
    assert (await books_of(own_shop))[3] == 1


@pytest.mark.parametrize("number", range(4))
async def test_canceling_races_staging(own_run: Run, own_shop: Shop, number: int) -> None:
    at = await counter(own_shop, mug_01=1)
    await at.accept()
    await at.pick()
    heard = await together(at.stage(), own_run.perform(SYSTEM, cancel, at.order_id, reason=f"race {number}"))
    assert heard["done"] >= 1
    work = await at.work()
    _, _, staged, reserved, _, gap = await books_of(own_shop)
    assert work.state.value == "canceled"
    assert (reserved, gap, staged) == (0, 0, sum(line.to_put_away for line in work.lines))


async def test_canceling_twice_at_once_pays_back_once(own_run: Run, own_shop: Shop) -> None:
    at = await counter(own_shop, mug_01=2)
    heard = await together(
        *(own_run.perform(SYSTEM, cancel, at.order_id, reason="double tap") for _ in range(4))
    )
    assert heard == {"done": 1, "nothing-to-cancel": 3}
    assert await at.money_due() == 3980


async def test_a_count_races_a_sale(own_run: Run, own_shop: Shop) -> None:
    for number in range(5):
        sku = f"RACE-{number}"
        await own_shop.shelf("camden", sku, 3)
        sales = [
            own_run.perform(SYSTEM, place_order, asked(wanted(sku), reference=f"{sku}-{n}")) for n in range(4)
        ]
        count = own_run.perform(SYSTEM, count_stock, location="camden", item=sku, counted=1)
        heard = await together(*sales, count)
        sellable, _, _, reserved, _, gap = await books_of(own_shop, sku)
        assert (sellable, reserved, gap) == (1, heard["done"] - 1, max(0, heard["done"] - 2))
        async with own_run.reading() as read:
            owned = await read.value(text("SELECT count(*) FROM watch.exceptions WHERE state = 'open'"))
            short = await read.value(text("SELECT count(*) FROM inventory.shorts WHERE closed_at IS NULL"))
        assert owned == short


async def test_holds_that_expire_race_a_sale(own_run: Run, own_shop: Shop) -> None:
    await own_shop.shelf("camden", "MUG-01", 10)
    place, item = own_shop.places["camden"].location_id, own_shop.items["MUG-01"].item_id

    async def keep(tx: Tx) -> None:
        await inventory.hold(
            tx,
            item_id=item,
            location_id=place,
            quantity=1,
            order_id=None,
            line_no=None,
            purpose="checkout",
            expires_at=tx.now + timedelta(minutes=1),
        )

    for _ in range(10):
        await own_run.perform(SYSTEM, keep)
    own_run.clock.forward(minutes=1)  # type: ignore[attr-defined]  # the clock of tests
    heard = await together(
        *(own_run.perform(SYSTEM, place_order, asked(reference=f"H-{n}")) for n in range(12))
    )
    assert heard == {"done": 10, "sold-out": 2}
    assert (await books_of(own_shop))[3:5] == (10, 0)


async def test_control_without_the_guard_the_database_still_refuses(own_run: Run, own_shop: Shop) -> None:
    """The guarded update is not alone: what reads and then writes is stopped by the CHECK, or it would oversell."""
    await own_shop.shelf("camden", "MUG-01", 1)
    position = {"item": own_shop.items["MUG-01"].item_id}
    all_have_read = asyncio.Barrier(4)

    async def naive(tx: Tx) -> None:
        left = await tx.value(
            text("SELECT sellable - reserved FROM inventory.positions WHERE item_id = :item"), position
        )
        await all_have_read.wait()
        if left > 0:
            add = text("UPDATE inventory.positions SET reserved = reserved + 1 WHERE item_id = :item")
            await tx.run(add, position)

    heard = await together(*(own_run.perform(SYSTEM, naive) for _ in range(4)))
    assert heard == {"done": 1, "never-oversold": 3}


@pytest.mark.parametrize("buyers", [12])
async def test_a_list_that_changed_its_mind_is_begun_again_with_the_stock_locked(
    own_run: Run, own_shop: Shop, buyers: int
) -> None:
    await own_shop.shelf("camden", "MUG-01", 6)
    attempts: list[int] = []

    async def buy(number: int) -> str:
        async def command(tx: Tx) -> Placed:
            attempts.append(tx.attempt)
            return await place_order(tx, asked(reference=f"A-{number}"))

        return await outcome(own_run.perform(SYSTEM, command))

    heard = Counter(await asyncio.gather(*(buy(n) for n in range(buyers))))
    assert heard == {"done": 6, "sold-out": 6}
    assert max(attempts) <= 1, "with the stock locked first nothing changes its mind a second time"
