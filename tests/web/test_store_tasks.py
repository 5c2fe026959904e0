"""Tasks as pages: a count decides, units are put back by scanning, a person's way out is written down."""

from __future__ import annotations

from typing import Any

from ambidex.domains.watch import Cause
from ambidex.flows.cancel import cancel
from ambidex.flows.ownership import About, hand_to_person
from ambidex.kernel.actor import SYSTEM
from tests.flows.counter import Counter, counter
from tests.shop import Shop
from tests.web.floor import on_the_floor


async def task_of(at: Counter, kind: str) -> Any:
    [row] = await at.rows("SELECT * FROM tasks.tasks WHERE kind = :kind", kind=kind)
    return row


async def test_a_count_is_blind_and_decides(shop: Shop) -> None:
    at = await counter(shop, stock=5, mug_01=2)
    await at.accept()
    await at.miss(quantity=2)
    path = f"/tasks/{(await task_of(at, 'count')).task_id}"
    async with on_the_floor(shop) as floor:
        page = await floor.page(path)
        assert "How many lie here" in page
        assert "Counted: a number, 0 or more" in await floor.refused(f"{path}/count", counted="")
        there = await floor.goes(f"{path}/count", counted="4")
        assert "Done. Thank you." in await floor.page(there)
        assert "This is done." in await floor.page(path)
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.suspect) == (4, 0)
    assert (await task_of(at, "count")).proof == {"counted": 4}


async def test_a_task_is_taken_by_one(shop: Shop) -> None:
    at = await counter(shop, stock=5, mug_01=2)
    await at.accept()
    await at.miss()
    path = f"/tasks/{(await task_of(at, 'count')).task_id}"
    async with on_the_floor(shop) as floor:
        await floor.goes(f"{path}/claim")
        await floor.goes(f"{path}/claim")
        assert "I do it" not in await floor.page(path)


async def test_units_are_put_back_by_scanning_each(shop: Shop) -> None:
    at = await counter(shop, stock=2, mug_01=2)
    await at.until_ready()
    await shop.run.perform(SYSTEM, cancel, at.order_id, reason="changed their mind")
    path = f"/tasks/{(await task_of(at, 'put_away')).task_id}"
    async with on_the_floor(shop) as floor:
        assert "2 × Mug 01" in await floor.page(path)
        assert "A typed entry needs a reason" in await floor.refused(f"{path}/put-away", code="B-MUG-01")
        assert await floor.goes(f"{path}/put-away", code="B-MUG-01", code_kind="scan", key="1") == path
        last = await floor.goes(f"{path}/put-away", code="B-MUG-01", code_kind="scan", key="2")
        assert last == "/work?said=done"
    assert (await shop.stock("camden", "MUG-01")).sellable == 2


async def test_a_way_out_is_written_down_and_solves_it(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await shop.run.perform(
        SYSTEM,
        hand_to_person,
        order_id=at.order_id,
        kind="address-odd",
        cause=Cause.CUSTOMER,
        title="Ask Ama which Camden she means",
        detail="There are two.",
        key="odd:1",
        role="associate",
        about=About(location_id=shop.places["camden"].location_id),
    )
    path = f"/tasks/{(await task_of(at, 'solve_exception')).task_id}"
    async with on_the_floor(shop) as floor:
        assert "Ask Ama which Camden she means" in await floor.page("/work")
        assert "Ama Owusu" in await floor.page(path)
        await floor.goes(f"{path}/done", note="called her: this one")
    [row] = await at.rows("SELECT state FROM watch.exceptions")
    assert row.state == "resolved"


async def test_an_unknown_task_is_not_found(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop) as floor:
        missing = "/tasks/019cb391-c200-77e5-ab3d-109f08ea52c5"
        assert (await floor.client.get(missing)).status_code == 404
