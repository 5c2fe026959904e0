"""Receipt and Routing in a browser: both sizes and schemes, read by axe; a rule written and an order driven by hand."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from ambidex.domains import routing
from ambidex.domains.identity import Role
from ambidex.flows import simulate_routing
from ambidex.kernel.actor import SYSTEM
from tests.web.browsing import overflow, violations
from tests.web.test_receipt_page import decided
from tests.web.test_story_in_windows import PEOPLE, House, address, house

__all__ = ["address", "house"]
PEOPLE["noor"] = ("Noor Haddad", Role.EXPERIENCE)


async def shown(house: House, page: Page, path: str) -> None:
    answer = await page.goto(house.address + path)
    assert answer is not None
    assert answer.status == 200, path
    assert await violations(page) == [], path
    assert await overflow(page) == 0, path


async def write_a_rule(house: House, page: Page) -> None:
    """Copy what decides, begin with a ready rule, let it leave Camden out."""
    await page.goto(f"{house.address}/routing/versions/1")
    await page.get_by_role("textbox", name="Name of the copy").fill("Without Camden")
    await page.get_by_role("button", name="Copy to a new draft").click()
    await page.wait_for_url("**/versions/2*")
    await page.get_by_text("Write a rule").click()
    await page.get_by_role("link", name="No work for a place that is full").click()
    await page.wait_for_url("**?like=*")
    await page.get_by_label("Fact 1").last.select_option("place.code")
    await page.get_by_label("Compared 1").last.select_option("is")
    await page.get_by_label("With 1").last.fill("camden")
    await page.get_by_role("button", name="Write the rule").click()
    await expect(page.locator("#rules")).to_contain_text("Always: never from Camden.")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
async def test_why_here_and_what_another_rule_would_do(house: House, width: int, scheme: str) -> None:
    order = await decided(house.shop, "placed", "refused")
    async with house.window("noor", width=width, scheme=scheme) as page:
        await page.goto(f"{house.address}/orders/{order}")
        await page.get_by_role("link", name="Why here").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Camden, because")
        await shown(house, page, f"/orders/{order}/receipt?again=1")
        await write_a_rule(house, page)
        await house.shop.run.perform(SYSTEM, simulate_routing.simulate, "", 2, period=last_days(house))
        await simulate_routing.finish_all(house.shop.run)
        await shown(house, page, "/routing/versions/2?at=0")
        await shown(house, page, f"/routing/test-drive?order={order}&number=2")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Version 2 would send it from")
        await shown(house, page, "/routing")


def last_days(house: House) -> simulate_routing.Period:
    now = house.shop.run.clock()
    return simulate_routing.Period(now - routing.trials.SPAN_MAX / 100, now)
