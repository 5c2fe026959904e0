"""The customer's link from outside: wrong, old and guessed ones, and numbers that cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text

from ambidex.domains import orders
from tests.apps import SECRET_KEY, callers_of
from tests.conftest import Clock
from tests.flows.counter import Counter, counter
from tests.shop import Shop


@pytest.fixture
async def browser(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with callers_of(shop.run).client() as client:
        yield client


def link(at: Counter, *, version: int = 1) -> str:
    return orders.customer_link(bytes.fromhex(SECRET_KEY), at.order_id, version)


async def test_guesses_are_counted_and_a_right_link_opens_all_the_same(
    shop: Shop, browser: httpx.AsyncClient, clock: Clock
) -> None:
    at = await counter(shop, mug_01=1)
    right = link(at)
    guesses = [(await browser.get(f"/o/{'A' * 40}{n:06}")).status_code for n in range(31)]
    assert guesses == [404] * 30 + [429]
    assert (await browser.post(f"/o/{'B' * 46}/here", data={"work": "1"})).status_code == 429
    assert (await browser.get(right)).status_code == 200
    clock.forward(minutes=16)
    assert (await browser.get(f"/o/{'A' * 46}")).status_code == 404


async def test_a_revoked_or_expired_link_opens_nothing(
    shop: Shop, browser: httpx.AsyncClient, clock: Clock
) -> None:
    at = await counter(shop, mug_01=1)
    assert (await browser.get(link(at, version=2))).status_code == 404
    async with shop.run.reading() as read:
        await read.connection.execute(text("UPDATE orders.orders SET link_version = 2"))
    assert (await browser.get(link(at))).status_code == 404
    assert (await browser.get(link(at, version=2))).status_code == 200
    clock.forward(days=181)
    assert (await browser.get(link(at, version=2))).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "32768", "99999999999999999999", "x", "1.5"])
async def test_numbers_that_no_order_has_are_refused(
    shop: Shop, browser: httpx.AsyncClient, number: str
) -> None:
    path = link(await counter(shop, mug_01=1))
    assert (await browser.post(f"{path}/here", data={"work": number})).status_code == 422
    said = {"promise": number, "option": "cancel"}
    assert (await browser.post(f"{path}/choose", data=said)).status_code == 422
