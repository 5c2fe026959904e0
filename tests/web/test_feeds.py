"""The page of feeds: which channel is told what, what failed, and what a person can do; in a browser, read by axe."""

from __future__ import annotations

from playwright.async_api import expect

from ambidex.domains.feeds import Bands
from ambidex.domains.identity import Role
from ambidex.flows.webhook_port import WEBHOOKS, Answer
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.feeds import Subscriber, deliver, opened, published
from tests.shop import Shop
from tests.web.floor import on_the_floor
from tests.web.test_story_in_windows import House, address, fits, house

__all__ = ["address", "house"]


async def test_without_a_feed_it_says_how_one_comes(shop: Shop) -> None:
    await shop.place()
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as page:
        assert "No channel subscribes yet" in await page.page("/feeds")
        await page.page("/feeds/nowhere", status=404)


async def test_each_channel_says_how_it_fares(run: Run, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run, name="Web shop")
    await opened(run, "market", name="Bazaar", bands=Bands(), webhook_url="")
    dead = Subscriber([Answer("answered 503")])
    await deliver(run, dead)
    async with on_the_floor(
        shop, role=Role.EXPERIENCE, place=None, outside=Outside({WEBHOOKS: dead})
    ) as page:
        told = await page.page("/feeds?q=MUG-01")
        assert "answered 503, tried again by itself" in told
        assert "Bazaar marketplace" not in told
        assert "few left" in told
        clock.forward(minutes=6)
        one = await page.page("/feeds/web-shop")
        assert "Stuck" in one
        assert "answered 503" in one
        tried = await page.post("/feeds/web-shop/try")
        assert "It was taken." in tried.text
        await page.goes("/feeds/web-shop/again")
        await deliver(run, dead)
        assert "Up to date" in await page.page("/feeds/web-shop")
        await page.goes("/feeds/web-shop/state", verb="pause")
        assert "Paused" in await page.page("/feeds/web-shop")
        assert "not in a state" in await page.refused("/feeds/web-shop/state", verb="pause")


async def test_who_may_not_change_feeds_sees_no_buttons_and_is_refused(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    async with on_the_floor(shop, role=Role.LEAD) as page:
        assert "Send all again" not in await page.page("/feeds/web-shop")
        assert (await page.post("/feeds/web-shop/again")).status_code == 403


async def test_in_a_browser_it_fits_and_is_accessible(house: House) -> None:
    run = house.shop.run
    await house.shop.shelf("camden", "MUG-01", 5)
    await opened(run, name="Web shop")
    await opened(run, "market", name="Bazaar marketplace", bands=Bands(), webhook_url="")
    await deliver(run, Subscriber([Answer("could not connect")]))
    await house.shop.shelf("camden", "MUG-01", 3)
    await published(run)
    async with house.window("beatriz") as phone, house.window("beatriz", width=1440, scheme="dark") as desk:
        for window in (phone, desk):
            await window.goto(house.address + "/feeds?q=MUG-01")
            await expect(window.get_by_role("cell", name="few left")).to_be_visible()
            await fits(window)
            await window.get_by_role("link", name="Web shop").first.click()
            await expect(window.get_by_role("button", name="Send a test")).to_be_visible()
            await fits(window)
        await phone.get_by_role("button", name="Send all again").click()
        await expect(phone.get_by_text("nothing older follows")).to_be_visible()
        await fits(phone)
