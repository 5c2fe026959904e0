"""Parcels that did not arrive, in Chromium: phone and desk, light and dark, read by axe; and headers with long names."""

from __future__ import annotations

from playwright.async_api import Page, expect

from ambidex.domains import orders
from ambidex.domains.locations import LocationKind
from tests.conftest import Clock
from tests.flows.parcels import sender
from tests.web.test_ship import KEY
from tests.web.test_ship_in_windows import seen
from tests.web.test_story_in_windows import House, address, house

__all__ = ["address", "house"]
LONG = "Kirkcudbright and Dumfries Riverside Garden Centre"


async def heads_fit(page: Page) -> None:
    """The bar on top is one bar high, and nothing of what it says is cut off without a sign."""
    bar = page.locator("header.top")
    box = await bar.bounding_box()
    assert box is not None
    assert box["height"] <= 64, "one line for the name, one for what stands below"
    words = page.locator("header.top .place span").first
    cut = await words.evaluate("e => e.scrollHeight > e.clientHeight + 1")
    assert not cut, "a second line hides behind the bar"


async def test_what_is_chosen_for_a_parcel_fits_everywhere(house: House, clock: Clock) -> None:
    shop = house.shop
    await shop.place("camden", name=LONG, capabilities=frozenset({"pickup", "ship"}))
    await shop.item("MUG-01", name="Speckled mug", variant="Set of 2", picture="mugs", weight_grams=900)
    parcel = await sender(shop, clock, mug_01=2)
    await parcel.until_dispatched()
    await shop.place("depot", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    await shop.shelf("depot", "MUG-01", 5)
    await parcel.tells("failure")
    there = f"/parcels/{(await parcel.package()).id}"
    link = house.address + orders.customer_link(KEY, parcel.order_id, 1)
    windows = house.window("tomasz"), house.window("tomasz", width=1440, scheme="dark")
    async with windows[0] as phone, windows[1] as desk:

        async def look(path: str, name: str) -> None:
            for window, size in ((phone, "360"), (desk, "1440-dark")):
                await window.goto(path if path.startswith("http") else house.address + path)
                await seen(window, f"{name}-{size}")
                if not path.startswith("http"):
                    await heads_fit(window)

        await look("/parcels", "parcels")
        await look("/work", "my-work-long")
        await look(f"/pack/{parcel.work_id()}", "pack-long")
        await look(f"/orders/{parcel.order_id}/address", "address")
        await look(f"/orders/{parcel.order_id}", "order-parcel")
        await look(there, "parcel")
        await phone.goto(house.address + there)
        await phone.get_by_text("Send the same again", exact=True).click()
        await phone.get_by_label("Why").fill("she gave the number of her door")
        await phone.get_by_role("button", name="Do this").click()
        await expect(phone.get_by_text("Sent again")).to_be_visible()
        await seen(phone, "parcel-sent-again-360")
        await look(link, "customer-sent-again")
