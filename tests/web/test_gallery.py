"""Every part in every state, and the frames in use: accessible, without sideways scrolling, without a refused script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, expect

from ambidex.web import assets
from ambidex.web.gallery.page import router, stories
from ambidex.web.gallery.scenes import SCENES
from tests.web.browsing import overflow, serving, violations

PAGES = ["/parts", *(f"/parts/scene/{name}" for name in SCENES)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = FastAPI()
    assets.mount(app)
    app.include_router(router)
    with serving(app) as started:
        yield started


LOOKS = ["color-contrast", "target-size", "link-in-text-block"]  # what a scheme or a width can change


@pytest.mark.parametrize(
    ("width", "scheme", "rules"),
    [(360, "light", []), (1440, "dark", []), (360, "dark", LOOKS), (1440, "light", LOOKS)],
)
async def test_every_page_of_the_gallery_is_accessible_and_fits(
    browser: Browser, address: str, *, width: int, scheme: str, rules: list[str]
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page = await context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda cause: refused.append(str(cause)))
    for path in PAGES:
        await page.goto(address + path)
        assert await violations(page, rules) == [], path
        assert await overflow(page) == 0, path
    await context.close()

    # The made-up pages have no live stream to listen to; nothing else may fail.
    assert [line for line in refused if "404" not in line] == []


async def test_a_state_that_is_not_accessible_is_found(browser: Browser, address: str) -> None:
    page = await browser.new_page()
    await page.goto(address + "/parts/scene/sign-in")
    await page.evaluate("document.querySelector('label').remove()")

    assert any("label" in found for found in await violations(page))
    await page.close()


async def test_the_customers_page_works_without_script(browser: Browser, address: str) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = await context.new_page()
    await page.goto(address + "/parts/scene/customer")

    await expect(page.get_by_role("img", name="Pickup code as QR")).to_be_visible()
    await expect(page.get_by_role("button", name="Take the oat shirt")).to_be_visible()
    await context.close()


async def test_one_part_and_an_unknown_one(browser: Browser, address: str) -> None:
    page = await browser.new_page()
    known = await page.goto(address + "/parts/clock")
    unknown = await page.goto(address + "/parts/nowhere")

    assert known is not None
    assert known.status == 200
    assert unknown is not None
    assert unknown.status == 404
    await page.close()


def test_every_part_tells_its_story() -> None:
    assert len(stories()) >= 35
    assert all(told.story.states for told in stories())
