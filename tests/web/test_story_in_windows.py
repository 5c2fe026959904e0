"""The story as people play it: Chromium, a scanner that types, two windows that agree, every page read by axe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, expect

from ambidex.domains import fulfillment, identity
from ambidex.domains.identity import Role
from ambidex.entry.app import create_app
from ambidex.flows.on_the_way import here
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.apps import house_of
from tests.conftest import Clock
from tests.flows.counter import CUSTOMER, Counter, counter
from tests.flows.counter import scan as scanned
from tests.shop import Shop
from tests.web.browsing import overflow, patient, scan, serving, violations
from tests.web.floor import CODES

PEOPLE = {
    "ines": ("Inès Caron", Role.ASSOCIATE),
    "tomasz": ("Tomasz Wójcik", Role.LEAD),
    "viktoria": ("Szabó Viktória", Role.AGENT),
    "beatriz": ("Beatriz Salgado", Role.EXPERIENCE),
}


@dataclass
class House:
    """A running server on a private copy of the database, and what happens behind it."""

    shop: Shop
    address: str
    browser: Browser

    @asynccontextmanager
    async def window(self, login: str, *, width: int = 360, scheme: str = "light") -> AsyncIterator[Page]:
        """A window of a person who is signed in."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]  # one of its literals
            reduced_motion="reduce",  # nothing is read half way through its motion
        )
        await patient(context)
        await self._sign_in(context, login)
        page = await context.new_page()
        yield page
        await context.close()

    async def published(self) -> None:
        """What the worker does: publish, react, tell open pages."""
        await settle(self.shop.run, REACTIONS)

    async def _sign_in(self, context: BrowserContext, login: str) -> None:
        name, role = PEOPLE[login]
        where = self.shop.places["camden"].location_id
        grants = (identity.Grant(role, where if role in (Role.ASSOCIATE, Role.LEAD) else None),)
        new = identity.NewAccount(login, name, password_hash="x", grants=grants)
        await self.shop.run.perform(SYSTEM, identity.put_accounts, [new])
        async with self.shop.run.reading() as read:
            found = await identity.account_by_login(read, login)
        assert found is not None
        keys = identity.SessionKeys(cookie=f"{login}{id(context)}".ljust(43, "c"), csrf="s" * 43)
        device = identity.Device(at_location=where)
        await self.shop.run.perform(
            SYSTEM, identity.open_session, found, keys=keys, device=device, tried=(f"login:{login}",)
        )
        await context.add_cookies([{"name": "ambidex_session", "value": keys.cookie, "url": self.address}])


@pytest.fixture
def address(own_database: Database, clock: Clock) -> Iterator[str]:
    """A server of its own threads and connections."""
    database = Database(own_database.url, pool_size=5)
    house = house_of(Run(database, clock))
    app = create_app(house)

    @asynccontextmanager
    async def living(_app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(house.live.watch())
        yield
        watching.cancel()
        await database.close()

    app.router.lifespan_context = living
    with serving(app) as started:
        yield started


@pytest.fixture
def house(own_shop: Shop, address: str, browser: Browser) -> House:
    return House(own_shop, address, browser)


async def fits(page: Page) -> None:
    """No violation of accessibility and nothing to scroll sideways."""
    assert await violations(page) == [], page.url
    assert await overflow(page) == 0, page.url


async def code_of(at: Counter) -> str:
    async with at.run.reading() as read:
        code = await CODES.shown(read, await fulfillment.work(read, at.order_id, 1))
    assert code is not None
    return code


async def test_an_order_goes_from_new_to_collected_in_two_windows(house: House) -> None:
    at = await counter(house.shop, mug_01=2)
    await house.published()
    async with house.window("ines") as ines, house.window("tomasz", width=1440, scheme="dark") as tomasz:
        await tomasz.goto(house.address + "/work")
        await ines.goto(house.address + "/work")
        await fits(ines)
        await ines.get_by_role("button", name="Accept").click()
        await expect(ines.get_by_text("2 of 2 to scan")).to_be_visible()
        await house.published()
        await expect(tomasz.get_by_text("Inès Caron")).to_be_visible()
        await fits(ines)
        await scan(ines, "not-ours-1")
        await expect(ines.get_by_text("Nobody here knows this barcode.").first).to_be_visible()
        await scan(ines, "B-MUG-01")
        await scan(ines, "B-MUG-01")
        await expect(ines.get_by_role("heading", name="Bring it to a pickup shelf")).to_be_visible()
        await fits(ines)
        await scan(ines, "SHELF-B3")
        await expect(ines.get_by_role("heading", name="Lies on Shelf B3")).to_be_visible()
        await ines.get_by_role("button", name="say it is ready").click()
        await expect(ines.get_by_text("The customer hears it now.")).to_be_visible()
        await house.published()
        await expect(tomasz.get_by_text("Ready to collect")).to_be_visible()
        await fits(tomasz)
        await scan(tomasz, f"AMBIDEX-PICKUP:{await code_of(at)}")
        await expect(tomasz.get_by_text("The code matches this order.")).to_be_visible()
        await fits(tomasz)
        await tomasz.get_by_role("button", name="Hand over").click()
        await expect(tomasz.get_by_text("2 items handed over to Ama Owusu")).to_be_visible()
        await fits(tomasz)
    assert await at.units() == {"handed_over": 2}


async def test_what_cannot_be_found_is_asked_in_two_steps_by_keyboard_alone(house: House) -> None:
    at = await counter(house.shop, mug_01=1)
    await house.shop.shelf("harbor", "MUG-01", 4)
    async with house.window("ines") as ines:
        await ines.goto(f"{house.address}/work/{at.work_id()}")
        await ines.keyboard.press("a")
        await expect(ines.get_by_text("Scan the item").first).to_be_attached()
        await ines.wait_for_load_state()
        await ines.keyboard.press("c")
        sheet = ines.get_by_role("dialog")
        await expect(sheet.get_by_text("What do you see there?")).to_be_visible()
        await fits(ines)
        await sheet.get_by_role("button", name="Next").press("Enter")
        await expect(sheet.get_by_text("Hold it at Harbor and ask Ama")).to_be_visible()
        await sheet.get_by_role("button", name="Hold and ask").press("Enter")
        await expect(ines.get_by_text("Nothing of it could be found here.")).to_be_visible()
    assert await at.units() == {"short": 1}


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
async def test_every_page_of_a_store_is_accessible_and_fits(house: House, width: int, scheme: str) -> None:
    offered = await counter(house.shop, stock=9, mug_01=1)
    lying = await counter(house.shop, stock=9, mug_01=2, lamp_07=1)
    await lying.accept()
    await lying.miss(quantity=2)
    await lying.pick(scanned("LAMP-07"))
    await lying.stage()
    await lying.ready()
    await house.shop.run.perform(CUSTOMER, here, order_id=lying.order_id, work_no=1, note="blue van")
    await house.published()
    [task] = await lying.rows("SELECT task_id FROM tasks.tasks WHERE kind = 'count'")
    paths = (
        "/work", "/work?show=here", "/arrivals", "/board", "/find", "/find?q=Ama", "/find?q=nobody", "/scan",
        f"/work/{offered.work_id()}", f"/work/{lying.work_id()}", f"/tasks/{task.task_id}",
    )  # fmt: skip
    async with house.window("ines", width=width, scheme=scheme) as page:
        for path in paths:
            answer = await page.goto(house.address + path)
            assert answer is not None
            assert answer.status == 200, path
            await fits(page)


async def test_no_scan_is_lost_while_the_page_renews_itself(house: House) -> None:
    at = await counter(house.shop, mug_01=12)
    await at.accept()
    await house.published()
    async with house.window("ines") as ines:
        await ines.goto(f"{house.address}/work/{at.work_id()}/pick")
        for pause in (0, 30, 150, 60, 300, 0, 90, 200, 40, 120, 10, 500):
            await scan(ines, "B-MUG-01")
            await ines.wait_for_timeout(pause)
            await house.published()
        await expect(ines.get_by_role("heading", name="Bring it to a pickup shelf")).to_be_visible()
    assert await at.units() == {"picked": 12}


async def test_the_last_letter_of_a_scan_never_opens_a_page(house: House) -> None:
    await house.shop.place("camden")
    async with house.window("ines") as ines:
        await ines.goto(house.address + "/work")
        await scan(ines, "4006381333931V")
        await expect(ines.get_by_text("Nothing here answers to 4006381333931V.").first).to_be_visible()
        await ines.wait_for_timeout(200)
        assert ines.url.endswith("/work")
        await ines.keyboard.press("v")
        await ines.wait_for_url("**/arrivals")
