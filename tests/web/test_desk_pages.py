"""The order page, the customer's page and head office's pages: read by axe, nothing to scroll sideways, in each scheme."""

from __future__ import annotations

import hashlib

import pytest
from playwright.async_api import Page

from ambidex.domains import orders
from ambidex.flows.cancel import cancel
from ambidex.flows.on_the_way import here
from ambidex.kernel.actor import SYSTEM
from tests.apps import SECRET_KEY
from tests.flows.counter import CUSTOMER, Counter, counter
from tests.web.browsing import overflow, violations
from tests.web.test_story_in_windows import House, address, house

__all__ = ["address", "house"]


def customer_page(at: Counter) -> str:
    return orders.customer_link(bytes.fromhex(SECRET_KEY), at.order_id, 1)


async def told(house: House) -> list[Counter]:
    """An order waiting for its customer's choice, one with the customer here, one collected, one canceled."""
    await house.shop.shelf("harbor", "LAMP-07", 4)
    asked = await counter(house.shop, stock=9, lamp_07=1)
    await asked.accept()
    await asked.miss()
    arrived = await counter(house.shop, stock=9, mug_01=2)
    await arrived.until_ready()
    await house.shop.run.perform(CUSTOMER, here, order_id=arrived.order_id, work_no=1)
    collected = await counter(house.shop, stock=9, mug_01=1)
    await collected.until_ready()
    await collected.hand_over(code=await collected.code())
    canceled = await counter(house.shop, stock=9, mug_01=1)
    await canceled.until_ready()
    await house.shop.run.perform(SYSTEM, cancel, canceled.order_id, reason="The customer asked for it.")
    await house.published()
    return [asked, arrived, collected, canceled]


async def opened(house: House, page: Page, path: str) -> None:
    answer = await page.goto(house.address + path)
    assert answer is not None
    assert answer.status == 200, path
    assert await violations(page) == [], path
    assert await overflow(page) == 0, path


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
async def test_every_page_of_the_desk_is_accessible_and_fits(house: House, width: int, scheme: str) -> None:
    stories = await told(house)
    pages = [f"/orders/{at.order_id}" for at in stories] + [customer_page(at) for at in stories]
    pages += [
        f"/orders/{stories[1].order_id}?cancel=1",
        "/messages",
        "/messages?kind=options",
        "/mailbox",
        "/more",
    ]
    async with house.window("beatriz", width=width, scheme=scheme) as page:
        for path in pages:
            await opened(house, page, path)


async def test_a_link_of_another_key_opens_nothing(house: House) -> None:
    at = await counter(house.shop, mug_01=1)
    forged = orders.customer_link(hashlib.sha256(b"another key").digest(), at.order_id, 1)
    async with house.window("viktoria") as page:
        answer = await page.goto(house.address + forged)
        assert answer is not None
        assert answer.status == 404
