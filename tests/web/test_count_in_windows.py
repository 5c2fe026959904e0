"""Counting as people do it: a phone that scans and taps, another person, a lead on a wide screen; read by axe."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.conftest import Clock
from tests.flows.counter import counter
from tests.web.browsing import scan
from tests.web.test_story_in_windows import PEOPLE, House, address, fits, house

__all__ = ["address", "house"]


async def keys_are_in_reach(page: Page) -> None:
    """On a small phone no key of the pad lies below the bar at the bottom."""
    size = page.viewport_size
    await page.set_viewport_size({"width": 360, "height": 640})
    zero = await page.get_by_role("button", name="0", exact=True).bounding_box()
    bar = await page.get_by_role("button", name="That is all").bounding_box()
    assert zero is not None
    assert bar is not None
    assert zero["y"] + zero["height"] <= bar["y"]
    if size is not None:
        await page.set_viewport_size(size)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_two_people_count_and_a_lead_decides(house: House, clock: Clock, scheme: str) -> None:
    assert {"ines", "tomasz"} <= set(PEOPLE)
    await counter(house.shop, stock=20, mug_01=2)
    await house.shop.shelf("camden", "BOWL-02", 6)
    clock.forward(hours=30)
    async with (
        house.window("ines", scheme=scheme) as ines,
        house.window("tomasz", width=1440, scheme=scheme) as lead,
    ):
        await ines.goto(house.address + "/count")
        first = ines.get_by_role("link", name="Mug 01")
        await expect(first).to_be_visible()
        await fits(ines)
        await first.click()
        await expect(ines.get_by_role("heading", name="Mug 01").last).to_be_visible()
        await fits(ines)
        await keys_are_in_reach(ines)
        await scan(ines, "B-MUG-01")
        await scan(ines, "B-MUG-01")
        await scan(ines, "B-BOWL-02")
        await expect(ines.get_by_text("That is another item")).to_be_visible()
        await expect(ines.get_by_label("How many lie here?")).to_have_value("2")
        await ines.get_by_role("button", name="One less").click()
        await ines.get_by_role("button", name="5", exact=True).click()
        await expect(ines.get_by_label("How many lie here?")).to_have_value("15")
        await ines.get_by_role("button", name="That is all").click()
        await expect(ines.get_by_text("Somebody else counts it again")).to_be_visible()
        await fits(ines)

        await lead.goto(house.address + "/count")
        await lead.get_by_role("link", name="Mug 01").click()
        await expect(lead.get_by_text("so that yours is your own")).to_be_visible()
        await lead.get_by_label("How many lie here?").fill("9")
        await lead.get_by_role("button", name="That is all").click()
        await expect(lead.get_by_text("A lead decides, because")).to_be_visible()
        await fits(lead)
        await lead.get_by_role("link", name="Mug 01").click()
        await expect(lead.get_by_text("Somebody else decides.")).to_be_visible()
        await fits(lead)
    assert (await house.shop.stock("camden", "MUG-01")).sellable == 20
