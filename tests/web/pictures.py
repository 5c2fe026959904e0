"""Takes the pictures of docs/guide from a running demo: `python -m tests.web.pictures ADDRESS TOKEN`."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.web.browsing import CHROMIUM, FLAGS

FOLDER = Path(__file__).parents[2] / "docs/guide/pictures"
PASSWORD = "marrow and finch"  # of the made-up retailer
PHONE, DESK = (360, 760), (1440, 960)
STORE = "store-01"


@dataclass
class Album:
    """One browser, one demo."""

    browser: Browser
    address: str
    api: httpx.AsyncClient

    async def window(self, login: str, size: tuple[int, int]) -> Page:
        """A window of a signed-in person; nobody when `login` is empty."""
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="light", device_scale_factor=1
        )
        page = await context.new_page()
        if login:
            await page.goto(f"{self.address}/sign-in")
            await page.fill("input[name=login]", login)
            await page.fill("input[name=password]", PASSWORD)
            await page.get_by_role("button", name="Sign in").click()
            await page.wait_for_url(lambda there: "/sign-in" not in there)
        return page

    async def take(self, name: str, page: Page, path: str) -> None:
        """One picture of the window, as it fits the screen."""
        await page.goto(self.address + path)
        await page.wait_for_timeout(600)
        width = page.viewport_size["width"] if page.viewport_size else 0
        await page.screenshot(path=FOLDER / f"{name}-{width}-light.png")

    async def works(self, state: str, **more: str) -> list[dict[str, Any]]:
        """Fulfillment orders in this state."""
        answer = await self.api.get("/api/v1/fulfillment-orders", params={"state": state, **more})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


async def take_all(album: Album) -> None:
    """Every picture of the guides."""
    associate, agent = await album.window("associate", PHONE), await album.window("agent", DESK)
    await album.take("work", associate, "/work")
    await _pick(album, associate)
    await _hand_over(album, associate)
    await album.take("board", await album.window("lead", DESK), "/board")
    await _order(album, agent)
    await _send(album, await album.window("lead", PHONE))
    desk = await album.window("experience", DESK)
    await album.take("parked", desk, "/parked")
    await album.take("messages", desk, "/messages")


async def _pick(album: Album, associate: Page) -> None:
    [first, *_] = await album.works("offered", location=STORE)
    await associate.goto(f"{album.address}/work/{first['id']}")
    await associate.get_by_role("button", name="Accept").first.click()
    await associate.wait_for_url("**/pick")
    await album.take("pick", associate, f"/work/{first['id']}/pick")


async def _hand_over(album: Album, associate: Page) -> None:
    [ready, *_] = await album.works("ready", location=STORE)
    await album.take("hand-over", associate, f"/work/{ready['id']}/hand-over")
    order = (await album.api.get(f"/api/v1/orders/{ready['id'].partition('-')[0]}")).json()
    await album.take("customer", await album.window("", PHONE), order["customer_url"])


async def _order(album: Album, agent: Page) -> None:
    works = [*await album.works("picking"), *await album.works("staged"), *await album.works("ready")]
    await album.take("order", agent, f"/orders/{works[0]['id'].partition('-')[0]}")


async def _send(album: Album, lead: Page) -> None:
    """A walk with its totes, a box being filled, what waits for a carrier."""
    await lead.goto(f"{album.address}/waves")
    await lead.get_by_role("button", name="Plan", exact=True).click()
    await lead.get_by_role("button", name="Release").first.click()
    await expect(lead.get_by_role("link", name="Scan item")).to_be_visible()
    await album.take("wave", lead, lead.url.removeprefix(album.address))
    picked = [work for work in await album.works("picked", location=STORE) if work["method"] == "ship"]
    await album.take("pack", lead, f"/pack/{picked[0]['id']}")
    await album.take("dispatch", lead, "/dispatch")


async def main(address: str, token: str) -> None:
    """Open the browser and the API, take everything."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    headers = {"Authorization": f"Bearer {token}"}
    async with async_playwright() as playwright, httpx.AsyncClient(base_url=address, headers=headers) as api:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        await take_all(Album(browser, address, api))
        await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("token")
    asked = parser.parse_args()
    asyncio.run(main(asked.address, asked.token))
