"""What waits for a place, and one work in front of a person: right rows, and no more questions for more rows."""

from __future__ import annotations

from sqlalchemy import text

from ambidex.kernel.actor import SYSTEM
from ambidex.reads import fulfillment_orders
from ambidex.reads.my_work import MyWork, my_work
from ambidex.reads.picking import picking
from ambidex.runtime.db import Tx
from tests.conftest import Clock
from tests.flows.counter import counter, scan
from tests.shop import Shop


async def work_of(shop: Shop, *places: str) -> tuple[MyWork, int]:
    at = [shop.places[place].location_id for place in places]
    async with shop.run.reading() as read:
        found = await my_work(read, places=at, roles=["associate"], me="ines")
        return found, read.statements


async def test_my_work_is_by_promise_and_only_of_my_place(shop: Shop, clock: Clock) -> None:
    first = await counter(shop, stock=9, mug_01=1)
    clock.forward(minutes=30)
    second = await counter(shop, stock=9, mug_01=2)
    await shop.place("harbor")
    found, _ = await work_of(shop, "camden")
    assert [row.order_id for row in found.works] == [first.order_id, second.order_id]
    assert [line.wanted for line in found.lines_of(found.works[1])] == [2]
    assert (await work_of(shop, "harbor"))[0].works == []


async def test_tasks_and_open_questions_stand_beside_the_work(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.accept()
    await at.miss()
    found, _ = await work_of(shop, "camden")
    assert [row.kind for row in found.tasks] == ["count"]
    assert [row.order_id for row in found.answers] == [at.order_id]


async def test_closed_work_is_gone(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    await at.hand_over(code=await at.code())
    assert (await work_of(shop, "camden"))[0].works == []


async def test_twenty_rows_take_no_more_questions_than_one(shop: Shop) -> None:
    await counter(shop, stock=90, mug_01=1)
    _, for_one = await work_of(shop, "camden")
    async with shop.run.reading() as read:
        await fulfillment_orders.page(read, SYSTEM)
        list_for_one = read.statements
    for _ in range(19):
        await counter(shop, stock=90, mug_01=1)
    found, for_twenty = await work_of(shop, "camden")
    async with shop.run.reading() as read:
        assert len((await fulfillment_orders.page(read, SYSTEM)).items) == 20
        assert read.statements == list_for_one
    assert len(found.works) == 20
    assert for_twenty == for_one


async def test_the_walk_goes_by_spot_and_says_how_sure_the_stock_is(shop: Shop) -> None:
    at = await counter(shop, mug_01=1, lamp_07=1)

    async def lay_out(tx: Tx) -> None:
        await tx.run(text("UPDATE inventory.positions SET spot = 'A1' WHERE item_id = :i"), {"i": lamp})
        await tx.run(text("UPDATE inventory.positions SET spot = 'Z9' WHERE item_id <> :i"), {"i": lamp})

    lamp = shop.items["LAMP-07"].item_id
    await at.run.perform(SYSTEM, lay_out)
    await at.accept()
    await at.pick(scan("LAMP-07"))
    async with shop.run.reading() as read:
        walk = await picking(read, at.work_id())
    assert [(line.spot, line.picked, line.sellable) for line in walk.lines] == [("A1", 1, 1), ("Z9", 0, 1)]
    assert walk.open_line is not None
    assert walk.open_line.sku == "MUG-01"
    assert (walk.wanted, walk.picked) == (2, 1)
    assert [place.code for place in walk.staging] == ["SHELF-A1", "SHELF-B3"]


async def test_elsewhere_is_only_asked_while_picking(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await shop.shelf("harbor", "MUG-01", 4)
    await at.accept()
    async with shop.run.reading() as read:
        walk = await picking(read, at.work_id())
    assert [(row.place, row.free) for row in walk.elsewhere] == [("Harbor", 4)]
