"""The pages of drift in a browser: what differs and why, repaired with one button, read by axe in each scheme."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ambidex.domains.identity import Role
from ambidex.domains.locations import LocationKind
from ambidex.flows import watch_connectors
from ambidex.kernel.actor import SYSTEM
from tests.conftest import Clock
from tests.inbound.stock.feeds import Feeds
from tests.web.browsing import overflow, violations
from tests.web.test_story_in_windows import PEOPLE, House, address, house

__all__ = ["address", "house"]
PEOPLE["noor"] = ("Noor Haddad", Role.EXPERIENCE)
PICTURES = os.environ.get("AMBIDEX_TEST_PICTURES")


async def differing(house: House, clock: Clock) -> Feeds:
    """A lost file, a doubled one, a count nobody can explain, sales said by the wrong till, and a silent register."""
    shop = house.shop
    clock.forward(hours=-3)
    for sku in ("MUG-01", "VASE-02", "LAMP-07"):
        await shop.shelf("camden", sku, 60)
    await shop.place("dc", name="DC North", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    for sku in shop.items:
        await shop.shelf("dc", sku, 200)
    feeds = Feeds(shop.run, clock)
    await feeds.register()
    for minutes in range(4):
        clock.forward(minutes=5)
        await feeds.till(feeds.sale(("MUG-01", 1)))
        await feeds.warehouse(feeds.file("delta", {"MUG-01": -2 - minutes, "VASE-02": -1}, reason="shipped"))
    clock.forward(minutes=60)
    await watch_connectors.look(feeds.run, feeds.outside)
    await feeds.till(feeds.sale(("VASE-02", 4), place="dc", register="9"))
    feeds.numbers["dc"] += 1
    rows = {"MUG-01": 100, "VASE-02": 190, "LAMP-07": 199}
    await feeds.warehouse(feeds.file("full", rows))
    return feeds


async def shown(house: House, page: Page, path: str, name: str) -> None:
    answer = await page.goto(house.address + path)
    assert answer is not None
    assert answer.status == 200, path
    assert await violations(page) == [], path
    assert await overflow(page) == 0, path
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
async def test_what_differs_is_said_repaired_and_decided(
    house: House, clock: Clock, width: int, scheme: str
) -> None:
    feeds = await differing(house, clock)
    [first, *_] = await feeds.drifts()
    async with house.window("noor", width=width, scheme=scheme) as page:
        for show in ("open", "past", "rights", "streams"):
            await shown(house, page, f"/drift?show={show}", f"drift-{show}-{width}-{scheme}")
        await shown(house, page, f"/drift/{first.drift_id}", f"drift-one-{width}-{scheme}")
        await page.get_by_role("button", name="Repair our book").first.click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("one entry, written off")
        assert await violations(page) == []
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"drift-dialog-{width}-{scheme}.png")
        await dialog.get_by_role("button", name="Repair our book").click()
        await expect(page.locator("main")).to_contain_text("booked by Noor Haddad")
        assert (await house.shop.stock("dc", "MUG-01")).sellable == 100
        await page.goto(f"{house.address}/drift?show=rights")
        await page.select_option("select[name=location]", "dc")
        await page.select_option("select[name=holder]", "till:main")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("table")).to_contain_text("till:main (decided)")


async def test_an_associate_sees_why_and_has_no_button(house: House, clock: Clock) -> None:
    feeds = await differing(house, clock)
    [first, *_] = await feeds.drifts()
    async with house.window("ines") as page:
        await page.goto(f"{house.address}/drift/{first.drift_id}")
        await expect(page.locator("main")).to_contain_text("warehouse:main says")
        await expect(page.get_by_role("button", name="Repair our book")).to_have_count(0)


async def test_the_page_costs_the_same_for_many(house: House, clock: Clock) -> None:
    """Names come in one statement, whatever their number."""
    from ambidex.reads.drift_page import open_drifts

    feeds = await differing(house, clock)
    async with feeds.run.reading() as read:
        assert len(await open_drifts(read, SYSTEM)) >= 2
        assert read.statements == 2
