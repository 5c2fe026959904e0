"""The page of the parking queue: who waits, and what a person does about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from ambidex.domains import orders
from ambidex.domains.identity import Role
from ambidex.flows.offer_item import open_offer
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.parked_orders import parked_order
from ambidex.reads.zones import Zones, zones
from tests.apps import SECRET_KEY
from tests.conftest import Clock
from tests.flows.test_offer_item import offer, sold_by_a_shop, waits
from tests.flows.test_offer_kit import CANDLE, tea_sets
from tests.flows.test_parked import parked
from tests.flows.test_route_order import NORTH, lines_of, plan_of, stocked, three_warehouses
from tests.shop import Shop
from tests.web.browsing import overflow, violations
from tests.web.floor import on_the_floor
from tests.web.test_story_in_windows import PEOPLE, House, address, house

__all__ = ["address", "house"]
PEOPLE["noor"] = ("Noor Haddad", Role.EXPERIENCE)


async def test_who_waits_is_seen_from_the_start_page_of_a_lead(shop: Shop) -> None:
    await three_warehouses(shop)
    await shop.shelf("camden", "MUG-01", 0)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        assert "Parking queue" not in await floor.page("/work")
        assert "Every order that is to be sent has a place" in await floor.page("/parking")
        await parked(shop)
        assert 'href="/parking"' in await floor.markup("/work")
        page = await floor.page("/parking")
        assert "1 order waits" in page
        assert "2 × Mug" in page
        assert "@experience looks" in page
    async with on_the_floor(shop) as floor:
        assert 'href="/parking"' not in await floor.markup("/work")


async def test_the_customer_reads_what_is_looked_for_and_until_when(shop: Shop) -> None:
    await three_warehouses(shop)
    placed = await parked(shop)
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        page = await floor.page(orders.customer_link(bytes.fromhex(SECRET_KEY), placed.order_id, 1))
    assert "This is still missing" in page
    assert "We write to you by Thu 5 Mar." in page
    assert "2 × Mug" in page


async def test_it_is_looked_for_a_day_is_told_and_the_rest_is_canceled(shop: Shop, clock: Clock) -> None:
    await three_warehouses(shop)
    first = await parked(shop)
    await stocked(shop, "dc-london:0")
    second = await parked(shop, 1, reference="W-2")
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        one, other = f"/parking/{first.order_id}", f"/parking/{second.order_id}"
        page = await floor.page(one)
        assert "lies unclaimed at" in page, "the place that refused has it still"
        assert "none on its way" in page
        assert (
            "/promise?item=MUG-01&amp;quantity=2&amp;country=GB&amp;postcode=NW1+7ES"
            in await floor.markup(one)
        )
        assert await floor.goes(f"{one}/look") == f"{one}?said=nobody"
        assert "a day such as" in await floor.refused(f"{one}/day", day="soon")
        day = (clock() + timedelta(days=5)).date().isoformat()
        await floor.goes(f"{one}/day", day=day)
        assert "(the day was moved)" in await floor.page(one)
        await stocked(shop, f"{NORTH}:2")
        assert await floor.goes(f"{one}/look") == f"/orders/{first.order_id}"
        assert await plan_of(shop, first.order_id) == "dc-leeds:2"
        assert await floor.goes(f"{one}/look") == "/parking?said=gone"
        assert "why, in a few words" in await floor.refused(f"{other}/cancel", reason=" ")
        assert await floor.goes(f"{other}/cancel", reason="has one now") == "/parking?said=canceled"
        assert "Nobody waits" in await floor.page("/parking")
        await floor.page(other, status=404)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
async def test_the_queue_in_windows(house: House, width: int, scheme: str) -> None:
    await house.shop.place("camden")
    await three_warehouses(house.shop)
    order_id = await waits(house.shop)
    customer = orders.customer_link(bytes.fromhex(SECRET_KEY), order_id, 1)
    async with house.window("noor", width=width, scheme=scheme) as page:
        for path in ("/parking", f"/parking/{order_id}", f"/parking/{order_id}/offer?line=1"):
            await page.goto(house.address + path)
            assert await violations(page) == [], path
            assert await overflow(page) == 0, path
        await offer(house.shop, order_id)
        for path in (customer, f"/parking/{order_id}"):
            await page.goto(house.address + path)
            await expect(page.get_by_role("main")).to_contain_text("Mug, Green")
            assert await violations(page) == [], path
            assert await overflow(page) == 0, path
        await page.get_by_role("button", name="Cancel what waits").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await violations(page) == []


async def test_another_item_is_offered_and_the_customer_takes_it_on_their_page(shop: Shop) -> None:
    await three_warehouses(shop)
    order_id = await waits(shop, price="15.00")
    await shop.item("MUG-01", name="Mug", variant="Blue")
    there = f"/parking/{order_id}"
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        assert f'href="{there}/offer?line=1"' in await floor.markup(there)
        page = await floor.page(f"{there}/offer?line=1")
        assert "Mug, Green MUG-GREEN, 5 may be promised there" in page
        assert "No item is called" in await floor.refused(f"{there}/offer", line="1", other="teapot")
        for price in ("x", "1,000", "1.250", "1,250.50", "14.5.0", "١٤", "-1"):
            assert "an amount in GBP" in await floor.refused(
                f"{there}/offer", line="1", item="MUG-GREEN", price=price
            )
        assert await floor.goes(f"{there}/offer", line="1", item="MUG-GREEN") == f"{there}?said=offered"
        page = await floor.page(there)
        assert "Offered instead: 2 × Mug, Green" in page
        assert "Offer another" not in page
        assert "another item is offered" in await floor.page("/parking")
        assert await floor.goes(f"{there}/withdraw", reason="wrong color") == f"{there}?said=withdrawn"
        await floor.goes(f"{there}/offer", line="1", other="MUG-GREEN", price="14,50", hours="48")
        assert "£29.00 in all" in await floor.page(there)
        link = orders.customer_link(bytes.fromhex(SECRET_KEY), order_id, 1)
        shown = await floor.page(link)
        assert "Send me 2 × Mug, Green instead; 10.80 GBP of it come back to me" in shown
        async with shop.run.reading() as read:
            promise = await open_offer(read, order_id)
        assert promise is not None
        assert await floor.goes(f"{link}/choose", promise=str(promise.promise_no), option="instead") == link
        assert "Mug, Green" in await floor.page(link)
        assert "nothing to choose" in await floor.refused(
            f"{link}/choose", promise=str(promise.promise_no), option="instead"
        )
        assert "Every order that is to be sent has a place" in await floor.page("/parking")
    assert await lines_of(shop, order_id) == [{"substituted": 2}, {"reserved": 2}]


async def test_days_are_told_on_the_clock_of_the_customer(shop: Shop) -> None:
    await three_warehouses(shop)
    await shop.place("tokyo", zone="Asia/Tokyo", address={"country": "JP"})
    first = await parked(shop)
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        page = await floor.page(f"/parking/{first.order_id}")
        assert "Until 5:00 PM on the clock there (London)" in re.sub(r"\s", " ", page)
        await floor.goes(f"/parking/{first.order_id}/day", day="2026-03-20")
        moved = re.sub(r"\s", " ", await floor.page(f"/parking/{first.order_id}"))
        assert "5:00 PM GMT (the day was moved)" in moved
    async with shop.run.reading() as read:
        found = await parked_order(read, first.order_id)
        clocks = await zones(read)
    assert found.told_by == datetime(2026, 3, 20, 17, tzinfo=UTC)
    assert clocks.of({"country": "jp"}) == "Asia/Tokyo"
    assert clocks.of({"country": "FR"}) == "Europe/London", "where most places are"
    assert clocks.of({"country": "FR", "latitude": "53.8", "longitude": -1.5}) == "Europe/London"
    assert Zones([]).of({"country": "FR"}) == "UTC"


async def test_who_sold_it_elsewhere_reads_what_to_do_instead_of_an_offer(shop: Shop) -> None:
    await three_warehouses(shop)
    order_id = await waits(shop)
    there = f"/parking/{order_id}"
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        await shop.run.perform(SYSTEM, sold_by_a_shop)
        page = await floor.page(there)
        assert "Sold by web:main, which counts its own lines" in page
        assert "Offer another" not in page
        for answer in (
            await floor.page(f"{there}/offer?line=1", status=409),
            await floor.refused(f"{there}/offer", line="1", item="MUG-GREEN"),
        ):
            assert "sell the other item there" in answer


async def test_a_kit_that_waits_is_named_as_it_was_bought(shop: Shop) -> None:
    await three_warehouses(shop)
    order_id = await tea_sets(shop)
    there = f"/parking/{order_id}"
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        page = await floor.page(f"{there}/offer?line=2")
        assert "Instead of 2 × Tea set, bought for £100.00 in all." in page
        assert await floor.goes(f"{there}/offer", line="2", other=CANDLE) == f"{there}?said=offered"
        assert "Offered instead: 2 × Candle" in await floor.page(there)
