"""Receive and Transfer in Chromium: a scanner that types, phone and desk, light and dark, read by axe."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.async_api import Page, expect

from tests.flows.transfers import Road
from tests.web.browsing import scan
from tests.web.test_story_in_windows import House, address, fits, house

__all__ = ["address", "house"]
PICTURES = os.environ.get("AMBIDEX_TEST_PICTURES", "")


async def seen(page: Page, name: str) -> None:
    """It fits and is accessible; a picture is kept where somebody wants to look."""
    await fits(page)
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def test_what_arrives_is_scanned_in_by_the_lead(house: House) -> None:
    shop = house.shop
    await shop.shelf("camden", "MUG-01", 0)
    await shop.shelf("harbor", "MUG-01", 10)
    await shop.shelf("harbor", "LAMP-07", 4)
    road = Road(shop)
    await road.ask(mug_01=2, lamp_07=1)
    sent = await road.on_the_road(2)
    async with house.window("tomasz") as phone, house.window("tomasz", width=1440, scheme="dark") as desk:
        for window, name in ((phone, "360"), (desk, "1440-dark")):
            await window.goto(house.address + "/transfers")
            await seen(window, f"transfers-{name}")
            await window.goto(house.address + "/receive")
            await seen(window, f"receive-{name}")
        await scan(phone, f"{sent.reference}-1")
        await expect(phone.get_by_text("On its way from Harbor to Camden.")).to_be_visible()
        await scan(phone, "B-MUG-01")
        await expect(phone.get_by_text("1 of 2 scanned")).to_be_visible()
        await seen(phone, "delivery-360")
        await desk.goto(phone.url)
        await seen(desk, "delivery-1440-dark")
        await phone.get_by_role("button", name="That is all that came").click()
        await expect(phone.get_by_text("1 × Mug 01 did not arrive")).to_be_visible()
        await seen(phone, "explain-360")
        await phone.get_by_label("How do you know?").fill("The van was searched")
        await phone.get_by_role("button", name="Explained").click()
        await expect(phone.get_by_text("Received at Camden.")).to_be_visible()
        await seen(phone, "received-360")
    assert (await shop.stock("camden", "MUG-01")).sellable == 2
    assert await road.in_transit(sent.reference) == 0


async def test_what_another_place_wants_is_picked_and_sent(house: House) -> None:
    shop = house.shop
    await shop.shelf("camden", "LAMP-07", 3)
    await shop.shelf("harbor", "LAMP-07", 0)
    leaving = await Road(shop, origin="camden", to="harbor").ask(lamp_07=2)
    async with house.window("tomasz", width=1440, scheme="dark") as desk:
        await desk.goto(f"{house.address}/deliveries/{leaving.id}")
        await seen(desk, "answer-1440-dark")
        await desk.get_by_role("button", name="Yes, we send it").click()
        await expect(desk.get_by_text("0 of 2 scanned")).to_be_visible()
        await scan(desk, "B-LAMP-07")
        await expect(desk.get_by_text("1 of 2 scanned")).to_be_visible()
        await seen(desk, "pick-1440-dark")
        await desk.get_by_role("button", name="The parcel leaves").click()
        await expect(desk.get_by_text("On its way from Camden to Harbor.")).to_be_visible()
        await seen(desk, "sent-1440-dark")
    assert (await shop.stock("camden", "LAMP-07")).sellable == 2
