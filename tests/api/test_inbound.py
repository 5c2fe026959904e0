"""The door for other systems: proof first, yes only when stored; and the desk where parked messages are repaired."""

from collections.abc import AsyncIterator

import httpx
import pytest

from ambidex.domains import channels
from ambidex.kernel.actor import SYSTEM
from tests.apps import Callers, callers_of
from tests.conftest import Clock
from tests.inbound.conftest import platform
from tests.inbound.platform import CODE, SECRET, Platform
from tests.shop import Shop

__all__ = ["platform"]
URL = f"/api/v1/inbound/{CODE}"


@pytest.fixture
def callers(platform: Platform) -> Callers:
    return callers_of(platform.run, platform.outside)


@pytest.fixture
async def door(callers: Callers) -> AsyncIterator[httpx.AsyncClient]:
    async with callers.client() as client:
        yield client


async def test_202_when_new_and_200_when_known(platform: Platform, door: httpx.AsyncClient) -> None:
    platform.sell()
    [hook] = platform.hooks()
    first = await door.post(URL, content=hook.body, headers=hook.headers)
    second = await door.post(URL, content=hook.body, headers=hook.headers)
    assert (first.status_code, second.status_code) == (202, 200)
    assert (first.json()["duplicate"], second.json()["duplicate"]) == (False, True)
    assert (await platform.message(first.json()["id"])).body == hook.body


async def test_a_wrong_signature_is_401_and_visible(
    platform: Platform, door: httpx.AsyncClient, callers: Callers
) -> None:
    platform.sell()
    [hook] = platform.hooks()
    refused = await door.post(URL, content=hook.body[:-1], headers=hook.headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "wrongly-signed")
    async with callers.as_role("agent") as agent:
        kept = (await agent.get("/api/v1/inbox", params={"state": "refused"})).json()["items"]
    assert [(one["topic"], one["reason"]) for one in kept] == [("orders/create", "wrongly signed")]
    assert (await door.post(URL, content=hook.body, headers=hook.headers)).status_code == 202


async def test_no_signature_at_all_is_401(door: httpx.AsyncClient) -> None:
    assert (await door.post(URL, content=b"{}")).status_code == 401


async def test_the_old_secret_is_good_for_an_hour(
    platform: Platform, door: httpx.AsyncClient, clock: Clock
) -> None:
    async def rotate() -> None:
        async with platform.run.reading() as read:
            source = await channels.source(read, CODE)
        await platform.run.perform(SYSTEM, channels.rotate_secret, source, "the-new-app-secret")

    async def status(secret: str) -> int:
        platform.fake.secret = secret
        hook = platform.fake.webhook("products/update", {})
        return (await door.post(URL, content=hook.body, headers=hook.headers)).status_code

    await rotate()
    assert [await status("the-new-app-secret"), await status(SECRET)] == [202, 202]
    clock.forward(minutes=61)
    assert [await status("the-new-app-secret"), await status(SECRET)] == [202, 401]
    await platform.apply()


async def test_an_unknown_source_is_404(platform: Platform, door: httpx.AsyncClient) -> None:
    assert (await door.post("/api/v1/inbound/shopify:other", content=b"{}")).status_code == 404


async def test_a_source_that_sends_nothing_is_404(platform: Platform, door: httpx.AsyncClient) -> None:
    await platform.run.perform(SYSTEM, channels.register, channels.NewSource(code="web:main", kind="api"))
    refused = await door.post("/api/v1/inbound/web:main", content=b"{}")
    assert (refused.status_code, refused.json()["code"]) == (404, "sends-nothing")


async def test_too_large_is_413_and_stores_nothing(platform: Platform) -> None:
    callers = callers_of(platform.run, platform.outside, BODY_BYTES_MAX="1000")
    hook = platform.fake.signed("orders/create", b"x" * 2000)
    async with callers.client() as door:
        refused = await door.post(URL, content=hook.body, headers=hook.headers)
    assert refused.status_code == 413


async def test_a_parked_message_is_read_masked_named_and_goes_through(
    platform: Platform, callers: Callers, shop: Shop
) -> None:
    sold = platform.sell(("GLAS", 1))
    [message] = await platform.deliver()
    await shop.shelf("camden", "GLASS-01", 5)
    async with callers.as_role("agent") as agent:
        [listed] = (await agent.get("/api/v1/inbox")).json()["items"]
        assert (listed["id"], listed["owner"]) == (str(message.message_id), "experience")
        whole = (await agent.get(f"/api/v1/inbox/{message.message_id}")).json()
        assert "ama@example.com" not in whole["body"]
        assert '"sku": "GLAS"' in whole["body"]
        name = {"kind": "item", "external": "GLAS", "internal": "NO-SUCH"}
        path = f"/api/v1/inbox/{message.message_id}/name"
        assert (await agent.post(path, json=name)).status_code == 404
        named = await agent.post(path, json=name | {"internal": "GLASS-01"})
        assert (named.status_code, named.json()["state"]) == (200, "stored")
    await platform.apply()
    assert (await platform.taken(sold)).lines[0].sku == "GLASS-01"


async def test_dismissing_needs_a_reason_and_the_right(platform: Platform, callers: Callers) -> None:
    platform.sell(("GLAS", 1))
    [message] = await platform.deliver()
    path = f"/api/v1/inbox/{message.message_id}/dismiss"
    async with callers.as_role("associate") as associate:
        assert (await associate.post(path, json={"reason": "no"})).status_code == 403
    async with callers.as_role("agent") as agent:
        assert (await agent.post(path, json={"reason": ""})).status_code == 422
        gone = await agent.post(path, json={"reason": "a test order of the agency"})
        assert gone.json()["state"] == "refused"
        assert (await agent.post(path, json={"reason": "again"})).status_code == 409
    assert await platform.tasks("repair_message") == []
