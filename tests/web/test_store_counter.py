"""The counter: by code, by name and check, by a collector, in part, and taken back; arrivals with their wait."""

from __future__ import annotations

import json

from ambidex.domains import fulfillment
from ambidex.flows.make_ready import make_ready
from ambidex.flows.on_the_way import here, on_the_way
from tests.conftest import Clock
from tests.flows.counter import CUSTOMER, Counter, counter
from tests.shop import Shop
from tests.web.floor import CODES, HTMX, on_the_floor, words


async def ready(shop: Shop, **lines: int) -> tuple[Counter, str, str]:
    """An order that lies ready, the address of its work, and its code."""
    at = await counter(shop, **lines)
    await at.accept()
    await at.pick()
    await at.stage()
    await at.perform(make_ready, codes=CODES)
    async with shop.run.reading() as read:
        code = await CODES.shown(read, await fulfillment.work(read, at.order_id, 1))
    assert code is not None
    return at, f"/work/{at.work_id()}", code


async def test_the_code_is_looked_at_then_used_once(shop: Shop) -> None:
    at, work, code = await ready(shop, mug_01=2)
    async with on_the_floor(shop) as floor:
        assert "Shelf B3" in await floor.page(f"{work}/hand-over")
        wrong = await floor.post(f"{work}/code", headers=HTMX, code="WRONG123")
        assert "This pickup code is not valid here." in words(wrong.text)
        right = await floor.post(f"{work}/code", headers=HTMX, code=code)
        assert json.loads(right.headers["hx-trigger"])["outcome"]["outcome"] == "right"
        assert "The code matches this order." in words(right.text)
        assert await at.units() == {"ready": 2}
        said = {"code": code, "give_1": "2", "who": "Ama Owusu", "key": "given"}
        there = await floor.goes(f"{work}/hand-over", **said)
        page = await floor.page(there + "/hand-over")
        assert "2 items handed over to Ama Owusu" in page
        assert "Can be undone for 15 more min." in page
    assert await at.units() == {"handed_over": 2}


async def test_without_a_code_a_name_is_checked_and_nothing_is_assumed(shop: Shop) -> None:
    at, work, _ = await ready(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        page = await floor.refused(f"{work}/hand-over", give_1="1", who="Ama Owusu")
        assert "Scan the customer's code, or check the name and say what you checked." in page
        assert await at.units() == {"ready": 1}
        await floor.goes(f"{work}/hand-over", give_1="1", who="Ama Owusu", checked="photo id")
    [row] = await at.rows("SELECT kind, reason FROM fulfillment.evidence WHERE step = 'hand_over'")
    assert (row.kind, "photo id" in row.reason) == ("typed", True)


async def test_another_collector_is_written_down(shop: Shop) -> None:
    at, work, code = await ready(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        await floor.goes(f"{work}/hand-over", code=code, give_1="1", who="other", collector="Karim Haddad")
    assert (await at.work()).collector == "Karim Haddad"


async def test_what_is_not_ticked_stays_or_goes_back(shop: Shop) -> None:
    at, work, code = await ready(shop, mug_01=2, lamp_07=1)
    async with on_the_floor(shop) as floor:
        assert "Nothing is ticked" in await floor.refused(f"{work}/hand-over", code=code)
        await floor.goes(f"{work}/hand-over", code=code, give_1="1", rest="keep")
        page = await floor.page(f"{work}/hand-over")
        assert "1 item collected already" in page
        said = {"who": "Ama Owusu", "checked": "photo id", "give_1": "1", "rest": "refuse"}
        await floor.goes(f"{work}/hand-over", **said)
        assert "Put back on the shelf" in await floor.page("/work")
    assert await at.units(1) == {"handed_over": 2}
    assert await at.units(2) == {"canceled": 1}


async def test_a_refusal_keeps_what_was_ticked(shop: Shop) -> None:
    _, work, _ = await ready(shop, mug_01=2)
    async with on_the_floor(shop) as floor:
        answer = await floor.post(f"{work}/hand-over", give_1="1", who="other", collector="Karim")
    assert answer.text.count('name="give_1" value="1" checked') == 1
    assert 'value="Karim"' in answer.text


async def test_a_hand_over_is_taken_back_within_minutes_with_a_reason(shop: Shop, clock: Clock) -> None:
    at, work, code = await ready(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        await floor.goes(f"{work}/hand-over", code=code, give_1="1")
        assert "A reason is needed" in await floor.refused(f"{work}/undo", reason=" ")
        await floor.goes(f"{work}/undo", reason="it was the wrong customer")
        assert "Say it is ready" in await floor.page(work)
        assert await at.units() == {"staged": 1}
        await floor.goes(f"{work}/ready")
        await floor.goes(f"{work}/hand-over", give_1="1", who="Ama Owusu", checked="photo id")
        clock.forward(minutes=16)
        assert "only within minutes" in await floor.refused(f"{work}/undo", reason="too late")


async def test_who_is_here_stands_first_with_the_time_they_wait(shop: Shop, clock: Clock) -> None:
    at, work, _ = await ready(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        await shop.run.perform(CUSTOMER, on_the_way, order_id=at.order_id, work_no=1)
        assert "On the way" in await floor.page("/arrivals")
        await shop.run.perform(CUSTOMER, here, order_id=at.order_id, work_no=1, note="blue van")
        clock.forward(minutes=1)
        arrivals = await floor.page("/arrivals")
        assert "1 person is waiting." in arrivals
        assert "blue van" in arrivals
        assert "3 min left" in arrivals
        mine = await floor.page("/work")
        assert "1 person is waiting in the store." in mine
        clock.forward(minutes=5)
        assert "Late" in await floor.page("/arrivals?part=list")
        assert f'href="{work}/hand-over"' in await floor.markup("/arrivals")
