"""The page Stock in a browser: both sizes and schemes, read by axe, live when somebody counts, rules by hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ambidex.domains.identity import Role
from ambidex.domains.locations import LocationKind
from ambidex.flows import write_rules
from ambidex.flows.place_order import place_order
from ambidex.flows.write_rules import RuleSaid
from ambidex.kernel.actor import SYSTEM
from tests.flows.test_place_order import asked, wanted
from tests.web.browsing import overflow, violations
from tests.web.test_story_in_windows import PEOPLE, House, address, house

__all__ = ["address", "house"]
PEOPLE["noor"] = ("Noor Haddad", Role.EXPERIENCE)
PICTURES = os.environ.get("AMBIDEX_TEST_PICTURES")


async def stocked(house: House) -> None:
    """A kettle in three places, some of it promised, some kept back; and a kit."""
    shop = house.shop
    await shop.shelf("camden", "MUG-01", 6)
    await shop.shelf("harbor", "MUG-01", 2)
    await shop.item("KETTLE-02", name="Enamel kettle", variant="Marrow green", category="Kitchen")
    await shop.place("dc", name="DC North", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    for place, units in (("camden", 14), ("harbor", 3), ("dc", 40)):
        await shop.shelf(place, "KETTLE-02", units)
    new = asked(wanted("KETTLE-02", 5), reference="K-1")
    await shop.run.perform(SYSTEM, place_order, new)
    for said in (
        RuleSaid("safety", 2, category="Kitchen"),
        RuleSaid("floor", 6, location="camden"),
        RuleSaid("threshold", 4, channel="web"),
    ):
        await shop.run.perform(SYSTEM, write_rules.write_rule, said)
    served = [("GB", "NW"), ("GB", "EH")]
    await shop.run.perform(SYSTEM, write_rules.write_areas, "dc", method="ship", served=served)
    await shop.item("SET-02", name="Kettle and two mugs", components=(("KETTLE-02", 1), ("MUG-01", 2)))


async def shown(house: House, page: Page, path: str, name: str) -> None:
    answer = await page.goto(house.address + path)
    assert answer is not None
    assert answer.status == 200, path
    assert await violations(page) == [], path
    assert await overflow(page) == 0, path
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
async def test_why_is_this_number(house: House, width: int, scheme: str) -> None:
    await stocked(house)
    async with house.window("noor", width=width, scheme=scheme) as page:
        await shown(house, page, "/stock", f"stock-list-{width}-{scheme}")
        await shown(house, page, "/stock/KETTLE-02?method=pickup", f"stock-pickup-{width}-{scheme}")
        await shown(house, page, "/stock/KETTLE-02?country=IE", f"stock-nowhere-{width}-{scheme}")
        await shown(house, page, "/stock/SET-02", f"stock-kit-{width}-{scheme}")
        await shown(house, page, "/stock/KETTLE-02", f"stock-any-{width}-{scheme}")
        for title in ("As a table", "Write a rule", "What each channel may promise"):
            await page.locator("summary", has_text=title).click()
            await expect(page.locator("details[open] > summary", has_text=title)).to_be_visible()
        await page.evaluate("scrollTo(0, 0)")
        assert await violations(page) == []
        assert await overflow(page) == 0
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"stock-open-{width}-{scheme}.png", full_page=True)
        await page.get_by_role("spinbutton", name="Units").fill("30")
        await page.get_by_role("button", name="Write the rule").click()
        await expect(page.locator("#rules")).to_contain_text("Safety 30")


async def test_a_count_elsewhere_shows_by_itself(house: House) -> None:
    await stocked(house)
    async with house.window("noor", width=1440, scheme="light") as page:
        await page.goto(f"{house.address}/stock/KETTLE-02?method=pickup")
        await expect(page.locator("#stock-now output")).to_have_text("8")
        await house.shop.shelf("harbor", "KETTLE-02", 9)
        await house.published()
        await expect(page.locator("#stock-now output")).to_have_text("14")
