"""Find and scan: anything people remember, any code; and the way out when an order is not here."""

from __future__ import annotations

import pytest

from ambidex.domains import orders
from ambidex.domains.identity import Role
from ambidex.flows.reactions import REACTIONS
from ambidex.runtime.reactions import settle
from tests.apps import SECRET_KEY
from tests.flows.counter import Counter, counter
from tests.shop import Shop
from tests.web.floor import Floor, on_the_floor, words
from tests.web.test_store_counter import ready


async def number_of(at: Counter) -> str:
    [row] = await at.rows("SELECT number FROM orders.orders")
    return str(row.number)


async def scanned(floor: Floor, code: str) -> dict[str, str]:
    answer = await floor.post("/scan", headers={"Accept": "application/json"}, code=code)
    assert answer.status_code == 200
    told: dict[str, str] = answer.json()
    return told


@pytest.mark.parametrize("words_of_it", ["Ama Owusu", "owusu", "ama@example.com", "0100", "MUG-01", "Owsu"])
async def test_an_order_is_found_by_what_people_remember(shop: Shop, words_of_it: str) -> None:
    at = await counter(shop, mug_01=1)
    await settle(shop.run, REACTIONS)
    async with on_the_floor(shop) as floor:
        page = await floor.markup(f"/find?q={words_of_it}")
        options = await floor.markup(f"/find?part=options&q={words_of_it}")
    assert f"/orders/{at.order_id}" in page
    assert f'data-href="/orders/{at.order_id}"' in options
    assert "ama@example.com" not in words(page).replace(words_of_it, "")


async def test_an_exact_number_opens_at_once(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await settle(shop.run, REACTIONS)
    async with on_the_floor(shop) as floor:
        assert "data-exact" in await floor.markup(f"/find?part=options&q={await number_of(at)}")


async def test_the_same_box_holds_commands_with_their_keys(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop) as floor:
        options = await floor.markup("/find?part=options&q=arriv")
        page = await floor.markup("/work")
    assert 'data-href="/arrivals"' in options
    assert "<kbd>V</kbd>" in options
    assert 'href="/arrivals" data-key="v"' in page


async def test_what_is_not_here_can_be_pulled_from_its_shop(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop) as floor:
        assert "Pull “#1009” from its shop" in await floor.page("/find?q=%231009")
        assert "Pull “#1009”" in words(await floor.markup("/find?part=options&q=%231009"))
    async with on_the_floor(shop, role=Role.READER, place=None) as floor:
        assert "Pull" not in await floor.page("/find?q=%231009")


async def test_every_code_leads_where_it_belongs(shop: Shop) -> None:
    at, work, code = await ready(shop, mug_01=1)
    link = orders.customer_link(bytes.fromhex(SECRET_KEY), at.order_id, 1)
    token = link.rpartition("/")[2]
    async with on_the_floor(shop) as floor:
        for text in (
            await number_of(at),
            (await number_of(at)).lower(),
            f"http://shop.test/o/{token}",
            at.work_id(),
        ):
            assert (await scanned(floor, text))["go"] == work, text
        assert (await scanned(floor, code))["go"] == f"{work}/hand-over?code={code}"
        assert (await scanned(floor, "shelf-b3"))["go"] == work
        assert (await scanned(floor, "SHELF-A1")) == {"outcome": "right", "say": "Shelf A1 is free."}
        assert (await scanned(floor, "B-MUG-01"))["go"] == "/find?q=MUG-01"
        unknown = await scanned(floor, "no such thing")
    assert unknown["outcome"] == "wrong"
    assert "go" not in unknown


async def test_a_forged_link_leads_nowhere(shop: Shop) -> None:
    at, _, _ = await ready(shop, mug_01=1)
    forged = orders.customer_link(b"another key", at.order_id, 1).rpartition("/")[2]
    async with on_the_floor(shop) as floor:
        assert (await scanned(floor, f"http://shop.test/o/{forged}"))["outcome"] == "wrong"


async def test_an_item_somebody_picks_leads_to_the_walk(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.accept()
    async with on_the_floor(shop) as floor:
        told = await scanned(floor, "B-MUG-01")
    assert told == {
        "outcome": "right",
        "say": "Mug 01 is wanted by Ama Owusu",
        "go": f"/work/{at.work_id()}/pick",
    }


async def test_a_used_code_says_so(shop: Shop) -> None:
    _, work, code = await ready(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        await floor.goes(f"{work}/hand-over", code=code, give_1="1")
        assert (await scanned(floor, code))["outcome"] == "already"


async def test_without_script_scan_is_a_page(shop: Shop) -> None:
    at, work, _ = await ready(shop, mug_01=1)
    async with on_the_floor(shop) as floor:
        assert "Scan anything" in await floor.page("/scan")
        assert await floor.goes("/scan", code=await number_of(at)) == work
        assert "Nothing here answers to xyz" in words((await floor.post("/scan", code="xyz")).text)


@pytest.mark.parametrize(
    ("role", "there"),
    [(Role.ASSOCIATE, "/work"), (Role.AGENT, "/find"), (Role.DISTRICT, "/board"), (Role.EXPERIENCE, "/work")],
)
async def test_each_role_begins_where_its_work_is(shop: Shop, role: Role, there: str) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=role) as floor:
        assert (await floor.client.get("/")).headers["location"] == there


async def test_the_board_counts_and_needs_no_touch(shop: Shop) -> None:
    await ready(shop, mug_01=1)
    await counter(shop, stock=4, lamp_07=1)
    async with on_the_floor(shop) as floor:
        page = await floor.page("/board")
        assert "Kept today 100 % 1 of 1 promises" in page
        assert "New: pick 1 item" in page
        assert "To do 1" in page
        assert "<button" not in await floor.markup("/board?part=lanes")
        assert (await floor.client.get("/board?place=nowhere")).status_code == 404
