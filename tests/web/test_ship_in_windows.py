"""Waves, Pack and Dispatch in Chromium: a scanner that types, phone and desk, light and dark, read by axe."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.async_api import Page, expect

from ambidex.domains import orders
from tests.conftest import Clock
from tests.flows.parcels import box, sender
from tests.flows.waves import SENDS, Floor
from tests.shop import Shop
from tests.web.browsing import scan
from tests.web.test_ship import KEY
from tests.web.test_story_in_windows import House, address, fits, house

__all__ = ["address", "house"]
PICTURES = os.environ.get("AMBIDEX_TEST_PICTURES", "")


async def seen(page: Page, name: str) -> None:
    """It fits and is accessible; a picture is kept where somebody wants to look."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    await fits(page)


async def floor_of(shop: Shop) -> Floor:
    """Three orders to be sent from Camden, accepted there."""
    await shop.place("camden", capabilities=SENDS)
    await shop.item("MUG-01", name="Speckled mug", variant="Set of 2", picture="mugs", weight_grams=900)
    await shop.item(
        "KETTLE-02", name="Enamel kettle 1.5 L", variant="Moss", picture="kettle", weight_grams=1400
    )
    await shop.shelf("camden", "MUG-01", 9)
    await shop.shelf("camden", "KETTLE-02", 4)
    floor = Floor(shop)
    await floor.order("W-1", mug_01=1)
    await floor.order("W-2", mug_01=2, kettle_02=1)
    await floor.order("W-3", accepted=False, kettle_02=1)
    return floor


async def test_a_walk_is_planned_released_and_scanned_into_totes(house: House) -> None:
    await floor_of(house.shop)
    async with house.window("tomasz") as phone, house.window("tomasz", width=1440, scheme="dark") as desk:
        for window, name in ((phone, "360"), (desk, "1440-dark")):
            await window.goto(house.address + "/waves")
            await seen(window, f"waves-plan-{name}")
        await phone.get_by_role("button", name="Plan", exact=True).click()
        await expect(phone.get_by_role("button", name="Release the walk")).to_be_visible()
        await seen(phone, "wave-planned-360")
        await desk.goto(house.address + "/waves")
        await seen(desk, "waves-open-1440-dark")
        await phone.get_by_role("button", name="Release the walk").click()
        await expect(phone.get_by_role("link", name="Scan item")).to_be_visible()
        await seen(phone, "wave-walk-360")
        await scan(phone, "B-NOBODY")
        await expect(phone.get_by_text("No order of this wave needs this item.").first).to_be_visible()
        await scan(phone, "B-KETTLE-02")
        await expect(phone.get_by_text("1 of 5 units in totes")).to_be_visible()
        await scan(phone, "TOTE-07")
        await expect(phone.get_by_text("TOTE-07").first).to_be_visible()
        await seen(phone, "wave-landed-360")
        await desk.goto(phone.url)
        await seen(desk, "wave-walk-1440-dark")
        for units in (2, 3, 4, 5):
            await scan(phone, "B-KETTLE-02" if units == 2 else "B-MUG-01")
            await expect(phone.get_by_text(f"{units} of 5 units in totes")).to_be_visible()
        await expect(phone.get_by_role("link", name="Pack these orders")).to_be_visible()
        await seen(phone, "wave-done-360")


async def test_boxes_manifests_and_the_customers_parcels_are_accessible_and_fit(
    house: House, clock: Clock
) -> None:
    shop = house.shop
    await shop.item("MUG-01", name="Speckled mug", variant="Set of 2", picture="mugs", weight_grams=900)
    await shop.item("BOWL-02", name="Salad bowl, ash", picture="bowl", weight_grams=700)
    parcel = await sender(shop, clock, mug_01=2, bowl_02=1)
    link = house.address + orders.customer_link(KEY, parcel.order_id, 1)
    await parcel.until_picked()
    windows = house.window("ines"), house.window("tomasz", width=1440, scheme="dark")
    async with windows[0] as phone, windows[1] as desk:

        async def look(path: str, name: str) -> None:
            for window, size in ((phone, "360"), (desk, "1440-dark")):
                await window.goto(path if path.startswith("http") else house.address + path)
                await seen(window, f"{name}-{size}")

        await look("/pack", "packs")
        await phone.goto(f"{house.address}/pack/{parcel.work_id()}")
        await scan(phone, "B-MUG-01")
        await expect(phone.get_by_text("1 of 3 in this box")).to_be_visible()
        await seen(phone, "pack-360")
        await parcel.pack(box({1: 1}), box({1: 1, 2: 1}))
        first, second = await parcel.label()
        await look(f"/pack/{parcel.work_id()}", "packed")
        await look("/work", "my-work")
        await look("/dispatch", "dispatch")
        await phone.goto(house.address + "/dispatch")
        await scan(phone, first.tracking_number)
        await expect(phone.get_by_text("1 scanned since")).to_be_visible()
        await seen(phone, "dispatch-scanned-360")
        await parcel.dispatch(second.package_no)
        await parcel.tells("in_transit", 1)
        await look(link, "customer-sent")
        await look(f"/orders/{parcel.order_id}", "order-sent")
