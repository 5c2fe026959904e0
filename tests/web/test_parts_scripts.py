"""The scripts of the shell, played in a browser: clocks, live regions, scanning, search, keys, sheets, locking."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.waits import PATIENCE, until
from tests.web.browsing import scan, serving
from tests.web.scripted import Site, site_app

CODE = "5012345678900"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Site]]:
    site = Site()
    with serving(site_app(site)) as address:
        yield address, site
        site.live = "off"


@pytest.fixture
def site(served: tuple[str, Site]) -> Site:
    found = served[1]
    found.told.clear()
    found.streams.clear()
    found.lock_after = 0
    found.live = "on"
    found.region_status = 200
    return found


@pytest.fixture
async def page(browser: Browser, served: tuple[str, Site], site: Site) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=served[0], viewport={"width": 1200, "height": 800})
    opened = await context.new_page()
    await opened.goto("/site")
    yield opened
    # a browser that is gone never answers; the next test then says so
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await context.close()


async def test_a_clock_turns_when_its_time_has_passed(page: Page) -> None:
    clock = page.locator("main [data-clock]")

    await expect(clock).to_have_attribute("data-mean", "broken")
    await expect(clock.locator("[data-left]")).to_have_text("Late · under 1 min")
    await expect(clock.locator(".left use")).to_have_attribute("href", re.compile("octagon-x"))


async def test_a_region_renews_itself_when_its_topic_comes(page: Page, site: Site) -> None:
    await until(lambda: site.streams)
    await page.locator("#more summary").click()
    await expect(page.locator("#more")).to_have_attribute("open", "")
    site.happen("order:1")

    await expect(page.locator("#version")).to_have_text(f"version {site.version}")
    await expect(page.locator("#more")).to_have_attribute("open", "")


async def test_another_topic_renews_nothing(page: Page, site: Site) -> None:
    await until(lambda: site.streams)
    was = site.version
    site.happen("order:2")
    await page.wait_for_timeout(300)

    await expect(page.locator("#version")).to_have_text(f"version {was}")


async def test_a_renewal_that_fails_leaves_what_stands_there(page: Page, site: Site) -> None:
    await until(lambda: site.streams)
    site.region_status = 409
    site.happen("order:1")
    await until(lambda: site.said("/region"))
    await page.wait_for_timeout(150)
    await expect(page.locator("#version")).to_be_visible()

    site.region_status = 200
    site.happen("order:1")
    await expect(page.locator("#version")).to_have_text(f"version {site.version}")


async def test_a_region_waits_while_somebody_writes_in_it(page: Page, site: Site) -> None:
    await until(lambda: site.streams)
    await page.locator("#note").fill("half a sen")
    site.happen("place:7")
    offer = page.locator("#region .fresh")

    await expect(offer).to_be_visible()
    await expect(page.locator("#note")).to_have_value("half a sen")
    await offer.click()
    await expect(page.locator("#version")).to_have_text(f"version {site.version}")


async def test_a_banner_says_when_live_updates_are_away(
    browser: Browser, served: tuple[str, Site], site: Site
) -> None:
    page = await browser.new_page(base_url=served[0])
    await page.goto("/site")
    await until(lambda: site.streams)

    await expect(page.locator("#live-away")).to_be_hidden()
    site.live = "off"
    await expect(page.locator("#live-away")).to_be_visible()
    site.live = "on"
    await expect(page.locator("#live-away")).to_be_hidden()
    await page.close()


async def test_a_scan_goes_where_it_should_from_anywhere(page: Page, site: Site) -> None:
    await scan(page, CODE)

    await page.wait_for_url("**/order-1")
    assert [told["code"] for told in site.said("/scan")] == [CODE]


async def test_a_scan_does_not_stay_in_the_field_that_had_the_focus(page: Page, site: Site) -> None:
    await page.locator("#plain").fill("draft")
    await scan(page, "9999999")

    await expect(page.locator(".toast[data-outcome=wrong]")).to_have_text("Unknown code")
    await expect(page.locator("#plain")).to_have_value("draft")
    assert page.url.endswith("/site")


async def test_a_person_who_types_is_no_scanner(page: Page, site: Site) -> None:
    await page.locator("#note").focus()
    await page.keyboard.type("50123", delay=110)
    await page.keyboard.press("Enter")
    await expect(page.locator("#note")).to_have_value("50123")
    await page.wait_for_timeout(200)

    assert site.said("/scan") == []


async def test_a_page_with_a_scan_box_takes_the_scan_itself(page: Page, site: Site) -> None:
    await page.goto("/site?scan_here=yes")
    await scan(page, CODE)

    await expect(page.locator(".toast")).to_contain_text("Kettle picked")
    assert [(told["code"], told["code_kind"]) for told in site.said("/picked")] == [(CODE, "scan")]
    assert site.said("/scan") == []


async def test_a_typed_code_says_that_it_was_typed(page: Page, site: Site) -> None:
    await page.goto("/site?scan_here=yes")
    await page.locator("#scan-code").fill(CODE)
    await page.get_by_role("button", name="Enter", exact=True).first.click()

    await until(lambda: site.said("/picked"))
    assert site.said("/picked")[0]["code_kind"] == "typed"


async def test_undo_posts_with_the_token(page: Page, site: Site) -> None:
    await page.goto("/site?scan_here=yes")
    await scan(page, CODE)
    await page.locator(".toast").get_by_role("button", name="Undo").click()

    await until(lambda: site.said("/undone"))
    assert site.said("/undone")[0]["csrf"] == "gallery"


async def test_the_reader_we_serve_reads_a_code(page: Page) -> None:
    read = await page.evaluate(
        """async () => {
          const { zxing } = await import(document.querySelector('script[src*="scan.js"]').src);
          const read = await zxing();
          const picture = new Image();
          const drawing = await (await fetch("/qr")).text();
          picture.src = "data:image/svg+xml," + encodeURIComponent(drawing);
          await picture.decode();
          const canvas = new OffscreenCanvas(400, 400);
          const paper = canvas.getContext("2d");
          paper.fillStyle = "#fff";
          paper.fillRect(0, 0, 400, 400);
          paper.drawImage(picture, 20, 20, 360, 360);
          return read(paper.getImageData(0, 0, 400, 400));
        }"""
    )

    assert read == "AMX1.482917"


async def test_slash_opens_the_search_and_enter_opens_an_exact_match(page: Page, site: Site) -> None:
    await page.keyboard.press("/")
    box = page.get_by_role("combobox")
    await expect(box).to_be_focused()
    await page.keyboard.type("mf-10", delay=60)
    await page.keyboard.press("Enter")

    await page.wait_for_url("**/order-10")


async def test_arrows_choose_another_hit(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("mf")
    await expect(page.locator("#hits")).to_contain_text("MF-10")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await page.wait_for_url("**/order-10")


async def test_the_command_box_knows_the_keys_of_the_page(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("reach")
    await expect(page.locator("#hits")).to_contain_text("Reach Ama")
    await page.locator("#hits [role=option]", has_text="Reach Ama").click()

    await page.wait_for_url("**/reached")


async def test_keys_move_in_lists_and_act(page: Page) -> None:
    await page.keyboard.press("j")
    await expect(page.locator('a[href="/first"]')).to_be_focused()
    await page.keyboard.press("j")
    await expect(page.locator('a[href="/second"]')).to_be_focused()
    await page.keyboard.press("k")
    await expect(page.locator('a[href="/first"]')).to_be_focused()
    await page.keyboard.press("r")

    await page.wait_for_url("**/reached")


async def test_a_key_in_a_field_is_only_a_letter(page: Page) -> None:
    await page.locator("#note").focus()
    await page.keyboard.type("r/j", delay=110)
    await expect(page.locator("#note")).to_have_value("r/j")
    await page.wait_for_timeout(150)

    assert page.url.endswith("/site")


async def test_the_first_letter_of_a_scan_is_no_key(page: Page, site: Site) -> None:
    await scan(page, "r9999")

    await until(lambda: site.said("/scan"))
    await page.wait_for_timeout(150)
    assert page.url.endswith("/site")


async def test_cannot_find_asks_one_thing_after_the_other(page: Page, site: Site) -> None:
    await page.get_by_role("button", name="Cannot find").click()
    sheet = page.locator("#cannot")
    await expect(sheet.get_by_role("button", name="Hold and ask")).to_be_hidden()
    await sheet.get_by_text("Not there").first.click()
    await sheet.get_by_role("button", name="Next").click()
    await sheet.get_by_text("Damaged").last.click()
    await sheet.get_by_role("button", name="Hold and ask").click()

    await until(lambda: site.said("/cannot"))
    assert {name: site.said("/cannot")[0][name] for name in ("reason", "then")} == {
        "reason": "a",
        "then": "b",
    }


async def test_the_first_question_needs_an_answer(page: Page) -> None:
    await page.get_by_role("button", name="Cannot find").click()
    sheet = page.locator("#cannot")
    await sheet.get_by_role("button", name="Next").click()

    await expect(sheet.get_by_role("button", name="Hold and ask")).to_be_hidden()
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def test_a_stepper_stays_within_its_bounds(page: Page) -> None:
    more = page.get_by_role("button", name="One more")
    for shown in (3, 3, 3):
        await more.click()
        await expect(page.locator("input[name=units]")).to_have_value(str(shown))


async def test_a_page_locks_itself_after_a_while(page: Page, site: Site) -> None:
    site.lock_after = 1
    await page.goto("/site")
    await page.wait_for_url("**/switch?next=%2Fsite")

    assert site.said("/lock")[0]["token"] == "gallery"


async def test_the_scheme_is_switched_and_remembered(page: Page) -> None:
    await page.get_by_role("button", name="Dark").click()

    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert "theme=dark" in await page.evaluate("document.cookie")
