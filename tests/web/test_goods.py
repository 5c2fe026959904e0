"""Receive and Transfer as people play them: ask, approve, scan in and out; too few and damaged; read by axe."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from ambidex.domains.identity import Role
from ambidex.domains.locations import LocationKind
from ambidex.web.store.goods_view import progress_words
from tests.flows.test_import_orders import imported, past
from tests.flows.test_ship_to_store import choose_sent, nothing_here
from tests.flows.transfers import Road, units
from tests.shop import Shop
from tests.web.floor import HTMX, on_the_floor, words


async def road_of(shop: Shop) -> Road:
    await shop.shelf("camden", "MUG-01", 0)
    await shop.shelf("harbor", "MUG-01", 10)
    return Road(shop)


async def test_camden_asks_and_harbor_sends(shop: Shop) -> None:
    road = await road_of(shop)
    async with on_the_floor(shop) as floor:
        page = await floor.page("/transfers")
        assert "Ask another place" in page
        refused = await floor.refused(
            "/transfers", **{"from": "harbor", "to": "camden", "item": "NO", "quantity": "1"}
        )
        assert "No item is called" in refused
        said = {"from": "harbor", "to": "camden", "item": "MUG-01", "quantity": "2", "note": "for the window"}
        there = await floor.goes("/transfers", **said)
        assert "Camden asks Harbor for these units." in await floor.page(there)
        assert (await floor.post(f"{there}/approve")).status_code == 403
    async with on_the_floor(shop, role=Role.LEAD, place="harbor") as floor:
        assert "Yes, we send it" in await floor.page(there)
        assert "Inès Caron at Camden wrote: for the window" in await floor.page(there)
        assert there in await floor.markup("/work")
        await floor.goes(f"{there}/approve")
        empty = await floor.refused(f"{there}/send")
        assert "Nothing was scanned into the parcel yet." in empty
        for key in ("1", "2"):
            sound = await floor.post(
                f"{there}/pick", headers=HTMX, code="B-MUG-01", code_kind="scan", key=key
            )
            assert json.loads(sound.headers["hx-trigger"])["outcome"]["outcome"] == "right"
        assert "2 of 2 scanned" in words(sound.text)
        await floor.goes(f"{there}/send", packages="1")
        assert "On its way from Harbor to Camden." in await floor.page(there)
    assert (await shop.stock("harbor", "MUG-01")).sellable == 8
    assert await road.open_tasks() == []


async def test_camden_scans_it_in_and_explains_what_differs(shop: Shop) -> None:
    road = await road_of(shop)
    sent = await road.on_the_road(3)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        assert sent.reference in await floor.page("/receive")
        wrong = await floor.refused("/receive", code="T-NOBODY")
        assert "There is no such delivery." in wrong
        there = await floor.goes("/receive", code=f"{sent.reference.lower()}-1")
        await floor.goes(f"{there}/receive", code="B-MUG-01", code_kind="scan", key="1")
        await floor.goes(f"{there}/receive", code="B-MUG-01", code_kind="scan", key="1")
        assert "1 of 3 scanned" in await floor.page(there)
        broken = {"code": "MUG-01", "arrived": "damaged", "quantity": "1", "key": "2"}
        assert "needs a reason" in await floor.refused(f"{there}/receive", **broken)
        await floor.goes(f"{there}/receive", **broken, reason="the box was wet")
        await floor.goes(f"{there}/finish")
        page = await floor.page(there)
        assert "What came is not what was sent." in page
        assert "1 × Mug 01 did not arrive" in page
        assert there in await floor.markup("/work")
        said = {"line": "1", "quantity": "1", "outcome": "lost", "reason": "the van was searched"}
        await floor.goes(f"{there}/explain", **said)
        assert "Received at Camden." in await floor.page(there)
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.damaged) == (1, 1)
    assert await road.in_transit(sent.reference) == 0


SENT_TOO_MANY = {"line": "1", "quantity": "1", "outcome": "sent_too_many", "reason": "counted again"}


async def one_too_many(shop: Shop) -> str:
    """Harbor sent two, Camden scanned three; the page of the delivery."""
    road = await road_of(shop)
    sent = await road.on_the_road(2)
    await road.receive(sent, *units(3))
    await road.finish(sent)
    return f"/deliveries/{sent.id}"


async def test_camden_cannot_say_that_harbor_sent_too_many(shop: Shop) -> None:
    there = await one_too_many(shop)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        page = await floor.page(there)
        assert "Harbor is asked whether it sent too many." in page
        assert "We sent them" not in page
        assert "Only the sender knows" in await floor.refused(f"{there}/explain", **SENT_TOO_MANY)


async def test_harbor_is_asked_about_what_camden_got_too_many_of(shop: Shop) -> None:
    there = await one_too_many(shop)
    async with on_the_floor(shop, role=Role.LEAD, place="harbor") as floor:
        assert "Did you send too many to Camden?" in await floor.page("/work")
        assert "More arrived than we sent" in await floor.page("/transfers")
        assert "1 × Mug 01 more than sent" in await floor.page(there)
        await floor.goes(f"{there}/explain", **SENT_TOO_MANY)
        assert "Received at Camden." in await floor.page(there)
    assert (await shop.stock("harbor", "MUG-01")).sellable == 7


@pytest.mark.parametrize(
    ("kind", "role"),
    [(LocationKind.WAREHOUSE, Role.SUPERVISOR), (LocationKind.THIRD_PARTY, Role.PARTNER)],
)
async def test_where_there_is_no_lead_who_leads_there_is_asked(
    shop: Shop, kind: LocationKind, role: Role
) -> None:
    await shop.place("dc", kind=kind, capabilities=frozenset({"ship"}))
    await shop.shelf("dc", "MUG-01", 10)
    await shop.shelf("camden", "MUG-01", 0)
    asked = await Road(shop, origin="dc").ask(mug_01=2)
    async with on_the_floor(shop, role=role, place="dc") as floor:
        assert "Camden asks for 2 units: approve or decline" in await floor.page("/work")
        await floor.goes(f"/deliveries/{asked.id}/approve")


async def test_a_label_is_known_wherever_it_is_scanned(shop: Shop) -> None:
    road = await road_of(shop)
    sent = await road.on_the_road(1)
    async with on_the_floor(shop) as floor:
        answer = await floor.client.get("/scan/meaning", params={"code": f"{sent.reference}-1"})
        if answer.status_code == 404:
            answer = await floor.post("/scan", code=f"{sent.reference}-1")
        assert f"/deliveries/{sent.id}" in answer.text + answer.headers.get("location", "")


async def test_a_page_asks_the_same_however_much_is_on_the_way(shop: Shop) -> None:
    road = await road_of(shop)
    await road.on_the_road(1)
    async with on_the_floor(shop) as floor:
        await floor.page("/receive")
        for _ in range(3):
            await road.on_the_road(1)
        assert (await floor.page("/receive")).count("Harbor → Camden") == 4
        await road.receive(await road.on_the_road(2), *units(2))


async def test_the_order_page_says_what_is_on_its_way(shop: Shop) -> None:
    at = await nothing_here(shop)
    sent = await choose_sent(at)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        page = await floor.page(f"/orders/{at.order_id}")
        assert f"It comes from Harbor as {sent.reference}." in page
        assert "For order" in await floor.page(f"/deliveries/{sent.id}")


async def test_the_page_of_an_order_of_the_past(shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 1)
    await imported(shop, past("H-1"))
    [row] = await Road(shop).rows("SELECT order_id FROM orders.orders")
    async with on_the_floor(shop) as floor:
        assert "Ζωή Παπαδοπούλου" in await floor.page(f"/orders/{row.order_id}")


@pytest.mark.parametrize(
    ("lines", "strangers", "words"),
    [
        ([(3, 2)], 0, "2 of 3 scanned"),
        ([(3, 3)], 0, "3 of 3 scanned"),
        # one too many makes up for none that is missing
        ([(3, 2), (2, 3)], 0, "4 of 5 scanned, and 1 too many"),
        ([(3, 3)], 2, "3 of 3 scanned, and 2 too many"),
    ],
)
def test_what_came_too_many_is_said_beside_how_far_it_is(
    lines: list[tuple[int, int]], strangers: int, words: str
) -> None:
    came = [SimpleNamespace(sent=sent, asked=sent, good=good, bad=0) for sent, good in lines]
    strange = [SimpleNamespace(good=strangers, bad=0)] if strangers else []
    page: Any = SimpleNamespace(head=SimpleNamespace(state="sent"), lines=came, strange=strange)
    assert progress_words(page) == words
