"""The page of an order's money: what is missing and why it is right, what was given back, and who may say so."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Page

from ambidex.domains.identity import Role
from ambidex.domains.orders import NewPayment
from tests.flows.counter import counter
from tests.flows.test_paid import bought, gbp
from tests.flows.test_watch_refunds import canceled
from tests.shop import Shop
from tests.web.browsing import overflow, violations
from tests.web.floor import on_the_floor
from tests.web.test_story_in_windows import House, address, house

__all__ = ["address", "house"]
SHOTS = os.environ.get("SHOTS")


async def test_a_lead_says_why_it_is_right(shop: Shop) -> None:
    at = await bought(shop, NewPayment("authorized", gbp("30.00")))
    path = f"/orders/{at.order_id}/money"
    async with on_the_floor(shop, role=Role.LEAD) as window:
        assert "/money" in await window.markup(f"/orders/{at.order_id}")
        assert "£9.80 are missing" in await window.page(path)
        assert "What happened at the payment provider" not in await window.page(path)
        assert "why it is right" in await window.refused(f"{path}/agree", reason=" ")
        assert await window.goes(f"{path}/agree", reason="paid 9.80 in cash") == f"{path}?written=agreed"
        assert "are missing" not in await window.page(path)


async def test_an_agent_writes_down_what_went_back(shop: Shop) -> None:
    at = await counter(shop, paid="captured", mug_01=2)
    await canceled(at)
    path = f"/orders/{at.order_id}/money"
    async with on_the_floor(shop, role=Role.AGENT, place=None) as window:
        assert "£39.80 are owed to the customer." in await window.page(path)
        words = await window.refused(path, kind="refunded", amount="much", reference="")
        assert "An amount such as 19.90" in words
        said = {"kind": "refunded", "reference": "re-7"}
        assert "More would be given back" in await window.refused(path, amount="99.00", **said)
        written = await window.goes(path, amount="39.80", **said)
        assert "Written down." in await window.page(written)
        assert "are owed" not in await window.page(path)
        again = await window.goes(path, amount="39.80", **said)
        assert "Known already." in await window.page(again)
        assert "with another amount" in await window.refused(path, amount="9.90", **said)


@pytest.mark.parametrize("role", [Role.ASSOCIATE, Role.READER])
async def test_others_only_look(shop: Shop, role: Role) -> None:
    at = await bought(shop, NewPayment("authorized", gbp("30.00")))
    path = f"/orders/{at.order_id}/money"
    async with on_the_floor(shop, role=role) as window:
        assert '<form method="post" action="/orders' not in await window.markup(path)
        assert (await window.post(f"{path}/agree", reason="please")).status_code == 403
        assert (await window.post(path, kind="refunded", amount="1.00", reference="x")).status_code == 403


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
async def test_it_is_accessible_and_fits(house: House, width: int, scheme: str) -> None:
    at = await bought(house.shop, NewPayment("authorized", gbp("30.00")))
    async with house.window("viktoria", width=width, scheme=scheme) as page:
        await _look(page, house.address + f"/orders/{at.order_id}/money", f"money-{width}")


async def _look(page: Page, address_of_page: str, name: str) -> None:
    answer = await page.goto(address_of_page)
    assert answer is not None
    assert answer.status == 200
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    assert await violations(page) == []
    assert await overflow(page) == 0
