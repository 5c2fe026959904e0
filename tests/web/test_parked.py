"""The page of parked messages: why, since when, who; named and replayed, let go with a reason, contact covered."""

from collections.abc import AsyncIterator

import httpx
import pytest

from ambidex.domains import identity
from ambidex.kernel.actor import SYSTEM
from tests.apps import callers_of
from tests.inbound.conftest import platform
from tests.inbound.platform import Platform
from tests.shop import Shop

__all__ = ["platform"]
KEYS = identity.SessionKeys(cookie="c" * 43, csrf="s" * 43)


@pytest.fixture
async def agent(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """Mei Lindqvist of the contact center, at a desk of her own."""
    grants = (identity.Grant(identity.Role.AGENT),)
    new = identity.NewAccount("mei", "Mei Lindqvist", password_hash="x", grants=grants)
    await platform.run.perform(SYSTEM, identity.put_accounts, [new])
    async with platform.run.reading() as read:
        found = await identity.account_by_login(read, "mei")
    assert found is not None
    await platform.run.perform(
        SYSTEM, identity.open_session, found, keys=KEYS, device=identity.Device(), tried=("login:mei",)
    )
    async with callers_of(platform.run, platform.outside).client(
        Cookie=f"ambidex_session={KEYS.cookie}"
    ) as client:
        yield client


async def post(client: httpx.AsyncClient, path: str, **said: str) -> httpx.Response:
    return await client.post(path, data={"csrf": KEYS.csrf, **said})


async def test_nothing_parked_says_so(agent: httpx.AsyncClient) -> None:
    page = await agent.get("/parked")
    assert page.status_code == 200
    assert "Everything that came in has taken effect." in page.text


async def test_a_place_and_an_item_are_named_and_it_goes_through(
    platform: Platform, agent: httpx.AsyncClient, shop: Shop
) -> None:
    await shop.shelf("camden", "GLASS-01", 5)
    sold = platform.sell(("GLAS", 1), place=9)
    [message] = await platform.deliver()
    path = f"/parked/{message.message_id}"
    listed = (await agent.get("/parked")).text
    assert path in listed
    assert "Unknown item" in listed
    page = (await agent.get(path)).text
    assert "What is “Glas”?" in page
    assert "What is “Place 9”?" in page
    assert "ama@example.com" not in page
    await post(agent, f"{path}/name", kind="item", external="GLAS", internal="GLASS-01")
    await platform.apply()
    assert "What is “Place 9”?" in (await agent.get(path)).text
    await post(agent, f"{path}/name", kind="place", external="9", internal="camden")
    await platform.apply()
    assert (await platform.taken(sold)).lines[0].sku == "GLASS-01"


async def test_a_sku_that_is_not_ours_is_said_where_the_finger_is(
    platform: Platform, agent: httpx.AsyncClient
) -> None:
    platform.sell(("GLAS", 1))
    [message] = await platform.deliver()
    answer = await post(
        agent, f"/parked/{message.message_id}/name", kind="item", external="GLAS", internal="NO-SUCH"
    )
    assert answer.status_code == 404
    assert "There is no item with this SKU." in answer.text
    assert "unknown-item" not in answer.text
    assert "What is “Glas”?" in answer.text


async def test_let_go_with_a_reason(platform: Platform, agent: httpx.AsyncClient) -> None:
    platform.sell(("GLAS", 1))
    [message] = await platform.deliver()
    path = f"/parked/{message.message_id}"
    assert (await post(agent, f"{path}/dismiss", reason="")).status_code == 422
    assert (await post(agent, f"{path}/dismiss", reason="a test order")).status_code == 303
    assert "A test order" in (await agent.get("/parked?state=refused")).text


async def test_a_forged_post_is_refused(platform: Platform, agent: httpx.AsyncClient) -> None:
    platform.sell(("GLAS", 1))
    [message] = await platform.deliver()
    forged = await agent.post(f"/parked/{message.message_id}/dismiss", data={"reason": "gone"})
    assert forged.status_code == 403
    assert (await platform.message(message.message_id)).state == "parked"
