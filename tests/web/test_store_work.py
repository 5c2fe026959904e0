"""My work, accept, refuse, pick, cannot find, stage, ready: through the pages, as forms send it."""

from __future__ import annotations

import json

import pytest

from ambidex.domains.identity import Role
from tests.conftest import Clock
from tests.flows.counter import counter
from tests.shop import Shop
from tests.web.floor import HTMX, on_the_floor, words


async def test_new_work_stands_first_with_its_clock_and_one_primary_button(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, stock=9, mug_01=2)
    async with on_the_floor(shop) as floor:
        page = await floor.page("/work")
        assert "Ama Owusu" in page
        assert "New: pick 2 items" in page
        assert "Accept by" in page
        assert "10 min left" in page
        clock.forward(minutes=9)
        assert "At risk" in await floor.page("/work?part=lanes")
        markup = await floor.markup("/work")
    assert f'action="/work/{at.work_id()}/accept"' in markup
    assert markup.count("btn primary") == 1


async def test_an_empty_place_says_what_will_appear(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop) as floor:
        assert "New orders appear here by themselves." in await floor.page("/work")
        assert "Who taps “I’m here”" in await floor.page("/arrivals")


async def test_a_place_keeps_what_it_can_do_and_refuses_the_rest(shop: Shop) -> None:
    at = await counter(shop, stock=9, mug_01=3, bowl_02=1)
    refuse = f"/work/{at.work_id()}/refuse"
    async with on_the_floor(shop) as floor:
        assert "You can do a part of it?" in await floor.page(f"/work/{at.work_id()}")
        assert "a whole number" in await floor.refused(refuse, reason="not in stock", can_1="one")
        for _tap in range(2):
            there = await floor.goes(refuse, reason="not in stock", can_1="1", can_2="1")
        page = await floor.page(there)
        assert "Pick 2 items" in page
        assert "Accept" in page
        assert (await at.promise("answer_by")).state == "made", "the customer is asked about the other mugs"
        page = await floor.page(await floor.goes(refuse, reason="not in stock", can_1="1"))
        assert "bowl" not in page.lower(), "what is asked no more is not shown"
        page = await floor.page(f"/orders/{at.order_id}")
        assert "{'" not in page, "no value of a program in what happened"
    work = await at.work()
    assert (work.state, [line.wanted for line in work.lines]) == ("offered", [1, 0])


async def test_one_unit_is_refused_whole(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        assert "a part of it" not in await floor.page(f"/work/{at.work_id()}")


async def test_the_filter_lives_in_the_address(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        assert "Ama Owusu" in await floor.page("/work?show=pick")
        assert "Ama Owusu" not in await floor.page("/work?show=mine")
        await floor.goes(f"/work/{at.work_id()}/accept")
        assert "Ama Owusu" in await floor.page("/work?show=mine")
        assert (await floor.client.get("/work?show=nonsense")).status_code == 422


async def test_accept_twice_is_once_and_leads_to_the_walk(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        assert "Refuse" in await floor.page(f"/work/{at.work_id()}")
        first = await floor.goes(f"/work/{at.work_id()}/accept")
        assert await floor.goes(f"/work/{at.work_id()}/accept") == first
        assert "Scan the item" in await floor.page(first)
    assert await shop.happened("fulfillment.accepted") == ["fulfillment.accepted"]


async def test_refusing_says_why_and_the_customer_is_asked(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await shop.shelf("harbor", "MUG-01", 3)
    async with on_the_floor(shop) as floor:
        offer = await floor.markup(f"/work/{at.work_id()}")
        assert 'name="reason" value="not in stock" required' in offer, "nothing is chosen before"
        assert "A reason is needed" in await floor.refused(f"/work/{at.work_id()}/refuse", reason="")
        there = await floor.goes(f"/work/{at.work_id()}/refuse", reason="too busy")
        assert "The customer is asked what to do instead." in await floor.page(there)
        closed = await floor.page(f"/work/{at.work_id()}")
    assert "This place refused it. too busy" in closed
    assert (await at.promise("answer_by")).state == "made"


async def test_each_unit_is_scanned_and_a_wrong_one_is_said_where_the_finger_is(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await shop.item("LAMP-07")
    walk = f"/work/{at.work_id()}/pick"
    async with on_the_floor(shop) as floor:
        await floor.goes(f"/work/{at.work_id()}/accept")
        assert "does not belong to this order" in await floor.refused(
            walk, code="B-LAMP-07", code_kind="scan"
        )
        assert "Nobody here knows this barcode" in await floor.refused(walk, code="404", code_kind="scan")
        await floor.goes(walk, code="B-MUG-01", code_kind="scan", key="one")
        await floor.goes(walk, code="B-MUG-01", code_kind="scan", key="one")
        page = await floor.page(walk)
        assert "1 of 2 to scan" in page
        there = await floor.goes(walk, code="B-MUG-01", code_kind="scan", key="two")
        assert "Bring it to a pickup shelf" in await floor.page(there)
        moved_on = await floor.client.get(walk)
    assert moved_on.headers["location"].endswith("/stage")
    assert await at.units() == {"picked": 2}


async def test_htmx_gets_the_walk_and_its_sound(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    walk = f"/work/{at.work_id()}/pick"
    async with on_the_floor(shop) as floor:
        await floor.goes(f"/work/{at.work_id()}/accept")
        wrong = await floor.post(walk, headers=HTMX, code="404", code_kind="scan", key="0")
        right = await floor.post(walk, headers=HTMX, code="B-MUG-01", code_kind="scan", key="1")
        last = await floor.post(walk, headers=HTMX, code="B-MUG-01", code_kind="scan", key="2")
    assert json.loads(wrong.headers["hx-trigger"])["outcome"]["outcome"] == "wrong"
    assert json.loads(right.headers["hx-trigger"])["outcome"] == {
        "outcome": "right",
        "say": "Picked. 1 to go.",
    }
    assert right.text.strip().startswith('<div id="walk"')
    assert last.headers["hx-redirect"] == f"/work/{at.work_id()}/stage"


async def test_a_typed_code_asks_why_and_keeps_what_was_typed(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    walk = f"/work/{at.work_id()}/pick"
    async with on_the_floor(shop) as floor:
        await floor.goes(f"/work/{at.work_id()}/accept")
        asked = await floor.post(walk, code="B-MUG-01", code_kind="typed")
        assert asked.status_code == 422
        assert 'value="B-MUG-01"' in asked.text
        assert "Say why it could not be scanned." in words(asked.text)
        await floor.goes(walk, code="B-MUG-01", code_kind="typed", typed_reason="label is torn")
    assert await at.units() == {"picked": 1}


async def test_cannot_find_offers_where_it_is_and_asks_the_customer(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await shop.shelf("harbor", "MUG-01", 4)
    async with on_the_floor(shop) as floor:
        await floor.goes(f"/work/{at.work_id()}/accept")
        page = await floor.page(f"/work/{at.work_id()}/pick")
        assert "Hold it at Harbor and ask Ama" in page
        path = f"/work/{at.work_id()}/cannot-find"
        assert (await floor.goes(path, then="look", line="1", quantity="2")).endswith("/pick")
        assert await at.units() == {"allocated": 2}
        said = {"then": "ask", "line": "1", "quantity": "2", "reason": "not there", "key": "gone-1"}
        await floor.goes(path, **said)
        await floor.goes(path, **said)
        assert "Nothing of it could be found here." in await floor.page(f"/work/{at.work_id()}")
        assert "Chooses what we do instead" in await floor.page("/work")
    assert await at.units() == {"short": 2}
    assert (await shop.stock("camden", "MUG-01")).suspect == 2


async def test_a_shelf_is_scanned_then_ready_is_said_once(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.accept()
    await at.pick()
    shelf = f"/work/{at.work_id()}/stage"
    async with on_the_floor(shop) as floor:
        assert "Free now" in await floor.page(shelf)
        assert "not a staging place here" in await floor.refused(shelf, code="NOWHERE", code_kind="scan")
        assert "Ready needs" not in await floor.page(shelf)
        await floor.goes(shelf, code="shelf-b3", code_kind="scan", key="s1")
        assert "Lies on Shelf B3" in await floor.page(shelf)
        there = await floor.goes(f"/work/{at.work_id()}/ready")
        assert await floor.goes(f"/work/{at.work_id()}/ready") == there
        assert "The customer hears it now." in await floor.page(there)
    assert [kind for kind, _ in await shop.said()].count("ready") == 1


async def test_ready_without_proof_is_refused_on_the_page(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.accept()
    async with on_the_floor(shop) as floor:
        assert "That step does not fit" in await floor.refused(f"/work/{at.work_id()}/ready")
    assert await at.units() == {"allocated": 1}


@pytest.mark.parametrize(
    "deed", ["accept", "refuse", "pick", "cannot-find", "stage", "ready", "hand-over", "undo"]
)
async def test_only_people_of_the_place_act_on_its_work(shop: Shop, deed: str) -> None:
    at = await counter(shop, mug_01=1)
    if deed in {"hand-over", "undo"}:
        await at.until_ready()
    before = await at.units()
    await shop.place("harbor")
    async with on_the_floor(shop, place="harbor") as floor:
        page = await floor.refused(
            f"/work/{at.work_id()}/{deed}",
            code="" if deed == "hand-over" else "B-MUG-01", code_kind="scan", reason="r", line="1", quantity="1", give_1="1", who="Ama", checked="photo id",
        )  # fmt: skip
    assert "You may not do this here" in page
    assert await at.units() == before


async def test_a_reader_sees_the_work_and_has_no_button(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    async with on_the_floor(shop, role=Role.READER, place=None) as floor:
        page = await floor.markup(f"/work/{at.work_id()}")
        assert (await floor.post(f"/work/{at.work_id()}/accept")).status_code == 403
    assert "Only people of Camden can accept it." in words(page)
    assert "/accept" not in page


async def test_a_forged_post_is_refused(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        answer = await floor.client.post(f"/work/{at.work_id()}/accept", data={"csrf": "guessed"})
    assert answer.status_code == 403
    assert await at.units() == {"reserved": 1}


async def test_unknown_work_is_not_found(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop) as floor:
        unknown = "nothing"
        nowhere = f"/work/{unknown}"
        assert (await floor.client.get(nowhere)).status_code == 404
        assert (await floor.post(f"{nowhere}/accept")).status_code == 404


async def test_an_agent_sees_the_work_of_all_places_and_no_button_to_do_it(shop: Shop) -> None:
    await counter(shop, mug_01=1)
    await shop.place("harbor")
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        page = await floor.markup("/work")
    assert "New: pick 1 item · Camden" in words(page)
    assert "/accept" not in page
