"""The page of capacity: a place is paused and takes work again, a limit fills slots, a day has other hours."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.async_api import expect

from ambidex.domains import capacity
from ambidex.domains.capacity import Fence, Limit
from ambidex.domains.identity import Role
from ambidex.flows.place_order import place_order
from ambidex.kernel.actor import SYSTEM
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop
from tests.web.browsing import overflow, violations
from tests.web.floor import on_the_floor
from tests.web.test_story_in_windows import PEOPLE, House, address, house

__all__ = ["address", "house"]
PEOPLE["noor"] = ("Noor Haddad", Role.EXPERIENCE)


async def test_a_lead_pauses_the_place_and_opens_it_again(shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        assert "Camden" in await floor.page("/capacity")
        assert "No limit: this place takes all the work" in await floor.page("/capacity/camden")
        why = await floor.refused("/capacity/camden/pause", method="pickup", until="60", reason=" ")
        assert "why, in a few words" in why
        await floor.goes("/capacity/camden/pause", method="pickup", until="60", reason="queue to the door")
        page = await floor.page("/capacity/camden")
        assert "Pickups paused" in page
        work = await floor.page("/work")
        assert "No new pickup orders come here until" in work
        assert "queue to the door" in work
        assert "queue to the door" in page
        await floor.goes("/capacity/camden/resume", method="pickup")
        assert "Takes work" in await floor.page("/capacity/camden")
        assert "come here until" not in await floor.page("/work")


async def test_a_limit_is_written_fills_and_is_removed(shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        limit = {"works": "2", "method": "pickup", "opens": "09:00", "until": "21:00", "slot_minutes": "60"}
        await floor.goes("/capacity/camden/limits", **limit, kept="1", kept_for="marketplace")
        await shop.run.perform(SYSTEM, place_order, asked(wanted()))
        page = await floor.page("/capacity/camden")
        assert "Pickups: at most 2 in an hour" in page
        assert "1 kept for Marketplace" in page
        assert "1/2 · full" in page
        wrong = await floor.refused("/capacity/camden/limits", works="2", opens="nine", until="21:00")
        assert "a time such as 09:00" in wrong
        markup = await floor.markup("/capacity/camden")
        [removal] = [
            part.split('"')[0] for part in markup.split('action="') if "/remove" in part.split('"')[0]
        ]
        await floor.goes(removal)
        assert "No limit" in await floor.page("/capacity/camden")


async def test_a_day_has_other_hours(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.ADMIN, place=None) as floor:
        await floor.goes("/capacity/camden/days", day="2026-12-24", opens="09:00", until="13:00")
        await floor.goes("/capacity/camden/days", day="2026-12-25", opens="", until="")
        page = await floor.page("/capacity/camden")
        assert "9:00 AM–1:00 PM" in re.sub(r"\s", " ", page)
        assert "closed" in page
        await floor.goes("/capacity/camden/days/2026-12-25/remove")
        assert "Fri 25 Dec 2026" not in await floor.page("/capacity/camden")
        assert "a day such as" in await floor.refused("/capacity/camden/days", day="Christmas")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
async def test_capacity_in_windows(house: House, width: int, scheme: str) -> None:
    await house.shop.shelf("camden", "MUG-01", 2)
    place = house.shop.places["camden"].location_id
    limit = Limit(UUID(int=1), place, 2, "pickup", opens=540, closes=1260, fences=(Fence(1, channel="web"),))
    await house.shop.run.perform(SYSTEM, capacity.put_limits, place, [limit])
    await house.shop.run.perform(
        SYSTEM, capacity.pause, place, method="ship", until=None, reason="no cartons"
    )
    async with house.window("noor", width=width, scheme=scheme) as page:
        for path in ("/capacity", "/capacity/camden"):
            await page.goto(house.address + path)
            assert await violations(page) == [], path
            assert await overflow(page) == 0, path
        await page.locator("summary", has_text="Write a limit").click()
        await expect(page.locator("details[open] > summary", has_text="Write a limit")).to_be_visible()
        assert await violations(page) == []
        assert await overflow(page) == 0
