"""Money over HTTP: what a program or an agent reports, what a lead agrees to, and who may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ambidex.domains import channels
from ambidex.flows.reactions import REACTIONS
from ambidex.runtime.reactions import settle
from tests.api.test_orders import API, asked
from tests.apps import Callers, callers_of
from tests.flows.test_tell_customer import calls
from tests.shop import Shop

MOVED = tuple(reaction for reaction in REACTIONS if reaction.name in {"refunds watched", "money compared"})


@pytest.fixture
async def callers(shop: Shop) -> Callers:
    await shop.shelf("camden", "MUG-01", 5)
    return callers_of(shop.run)


@pytest.fixture
async def web(callers: Callers) -> AsyncIterator[httpx.AsyncClient]:
    async with callers.as_role("integration") as client:
        yield client


async def bought(web: httpx.AsyncClient, status: str, amount: str) -> str:
    body = asked(payment={"status": status, "amount": amount})
    return f"{API}/orders/{(await web.post(f'{API}/orders', json=body)).json()['id']}"


async def told(web: httpx.AsyncClient, order: str, **said: Any) -> httpx.Response:
    return await web.post(f"{order}/money", json={"amount": "19.90", "reference": "cap-1", **said})


def amounts(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {name: money["amount"] for name, money in answer.json().items() if money["amount"] != "0.00"}


async def test_what_was_pending_is_paid(web: httpx.AsyncClient) -> None:
    order = await bought(web, "pending", "19.90")
    assert amounts(await web.get(f"{order}/money")) == {"missing": "19.90"}
    for _ in range(2):
        paid = amounts(await told(web, order, kind="captured"))
        assert paid == {"captured": "19.90", "secured": "19.90"}


async def test_a_reference_with_another_amount_is_not_swallowed(web: httpx.AsyncClient) -> None:
    order = await bought(web, "pending", "19.90")
    await told(web, order, kind="captured")
    other = await told(web, order, kind="captured", amount="9.90")
    assert (other.status_code, other.json()["code"]) == (409, "money-reported-otherwise")
    assert amounts(await web.get(f"{order}/money")) == {"captured": "19.90", "secured": "19.90"}


async def test_an_agent_reports_the_refund_and_nobody_asks_any_more(
    shop: Shop, callers: Callers, web: httpx.AsyncClient
) -> None:
    order = await bought(web, "captured", "19.90")
    await web.post(f"{order}/cancel", json={})
    await settle(shop.run, MOVED)
    assert amounts(await web.get(f"{order}/money"))["owed"] == "19.90"
    assert (await web.get(order)).json()["owner"]["role"] == "agent"
    async with callers.as_role("agent") as agent:
        back = amounts(await told(agent, order, kind="refunded", reference="re-7"))
        assert "owed" not in back
    await settle(shop.run, MOVED)
    assert (await web.get(order)).json()["owner"] is None


async def test_a_lead_of_the_place_agrees_and_others_may_not(
    shop: Shop, callers: Callers, web: httpx.AsyncClient
) -> None:
    await shop.place("harbor")
    order = await bought(web, "authorized", "10.00")
    reason = {"reason": "paid 9.90 in cash"}
    camden, harbor = (shop.places[code].location_id for code in ("camden", "harbor"))
    for role, place in (("associate", camden), ("lead", harbor)):
        async with callers.as_role(role, place) as stranger:
            assert (await stranger.post(f"{order}/money/agree", json=reason)).status_code == 403
            assert (await told(stranger, order, kind="captured")).status_code == 403
    assert (await web.post(f"{order}/money/agree", json=reason)).status_code == 403
    async with callers.as_role("lead", camden) as lead:
        assert amounts(await lead.post(f"{order}/money/agree", json=reason))["secured"] == "19.90"
    assert await calls(shop.run) == []


async def test_orders_of_a_connected_shop_hear_of_money_from_the_shop(
    shop: Shop, web: httpx.AsyncClient
) -> None:
    order = await bought(web, "pending", "19.90")
    async with shop.run.reading() as read:
        source = await channels.source(read, "web:main")
        await read.connection.exec_driver_sql("UPDATE channels.sources SET kind = 'shopify'")
    assert source.is_our_api
    refused = await told(web, order, kind="captured")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-your-source")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"kind": "stolen"}, 422),
        ({"kind": "captured", "amount": "0.00"}, 422),
        ({"kind": "captured", "amount": "-5.00"}, 422),
        ({"kind": "captured", "amount": {"amount": "19.90", "currency": "USD"}}, 422),
        ({"kind": "captured", "reference": ""}, 422),
        ({"kind": "refunded", "amount": "0.01"}, 409),
    ],
)
async def test_what_cannot_be(web: httpx.AsyncClient, said: dict[str, Any], status: int) -> None:
    order = await bought(web, "authorized", "19.90")
    assert (await told(web, order, **said)).status_code == status
    assert (await told(web, f"{API}/orders/none", kind="captured")).status_code == 404
