"""Signing in by page: where somebody was going, who is at a shared device, and nobody led elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from ambidex.domains import identity
from ambidex.domains.identity import Grant, NewAccount, Role
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.passwords import Passwords
from tests.apps import callers_of
from tests.conftest import Clock
from tests.shop import Shop

WORD = "marrow and finch"


@pytest.fixture
async def browser(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at Camden, where Ama and Bo work."""
    place = await shop.place("camden")
    passwords = Passwords(memory_kib=64, rounds=1)
    hashes = await passwords.hash(WORD), await passwords.hash("2468")
    news = [
        NewAccount(login, name, hashes[0], (Grant(Role.ASSOCIATE, place.location_id),), pin_hash=hashes[1])
        for login, name in (("ama", "Ama Owusu"), ("bo", "Bożena Nowak"))
    ]
    await shop.run.perform(SYSTEM, identity.put_accounts, news)
    callers = callers_of(shop.run)
    callers.app.state.house.shared["passwords"] = passwords
    async with callers.client() as client:
        yield client


async def _sign_in(browser: httpx.AsyncClient, **more: str) -> httpx.Response:
    form = {"login": "ama", "password": WORD, "going": "/more", **more}
    return await browser.post("/sign-in", data=form)


async def _csrf(browser: httpx.AsyncClient) -> str:
    page = (await browser.get("/switch")).text
    return page.split('name="csrf" value="')[1].split('"')[0]


async def test_a_page_leads_to_sign_in_and_back(browser: httpx.AsyncClient) -> None:
    sent = await browser.get("/more")
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=/more")
    page = await browser.get(sent.headers["location"])
    assert 'name="going" value="/more"' in page.text
    answer = await _sign_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/more")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "Ama" in (await browser.get("/more")).text


async def test_what_was_wrong_is_said_and_the_name_kept(browser: httpx.AsyncClient) -> None:
    answer = await _sign_in(browser, password="wrong")
    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert 'value="ama"' in answer.text
    assert "wrong" not in answer.text.split("do not belong")[0].split("<form")[-1]


@pytest.mark.parametrize(
    "going", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"]
)
async def test_nobody_is_led_elsewhere(browser: httpx.AsyncClient, going: str) -> None:
    assert (await _sign_in(browser, going=going)).headers["location"] == "/"


async def test_a_form_of_another_site_signs_nobody_in(browser: httpx.AsyncClient) -> None:
    form = {"login": "ama", "password": WORD}
    answer = await browser.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_shared_device_changes_hands_by_pin(browser: httpx.AsyncClient, clock: Clock) -> None:
    await _sign_in(browser, shared="1", place="camden")
    clock.forward(minutes=11)
    locked = await browser.get("/more")
    assert locked.headers["location"] == "/switch?next=/more"
    page = await browser.get("/switch")
    assert "Bożena Nowak" in page.text
    form = {"csrf": await _csrf(browser), "login": "bo", "pin": "2468", "going": "/more"}
    assert (await browser.post("/switch", data={**form, "pin": "1111"})).status_code == 401
    assert (await browser.post("/switch", data=form)).headers["location"] == "/more"
    assert "Bożena" in (await browser.get("/more")).text


async def test_a_device_of_ones_own_is_not_switched_by_pin(browser: httpx.AsyncClient) -> None:
    await _sign_in(browser)
    form = {"csrf": await _csrf(browser), "login": "bo", "pin": "2468"}
    assert (await browser.post("/switch", data=form)).status_code == 401


async def test_switching_and_locking_need_the_token_of_the_session(browser: httpx.AsyncClient) -> None:
    await _sign_in(browser, shared="1")
    for path in ("/switch", "/lock", "/sign-out"):
        answer = await browser.post(path, data={"login": "bo", "pin": "2468", "csrf": "guessed"})
        assert answer.status_code == 403


async def test_locking_and_signing_out(browser: httpx.AsyncClient) -> None:
    await _sign_in(browser, shared="1")
    token = await _csrf(browser)
    await browser.post("/lock", data={"csrf": token})
    assert (await browser.get("/more")).headers["location"].startswith("/switch")
    await browser.post("/sign-out", data={"csrf": token})
    assert (await browser.get("/more")).headers["location"].startswith("/sign-in")


async def test_a_program_signs_in_and_sends_its_token(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/v1/sign-in", json={"login": "ama", "password": WORD})
    me = (await browser.get("/api/v1/me")).json()
    assert (me["name"], me["location"], me["role"]) == ("Ama Owusu", "camden", "associate")
    without = await browser.post("/api/v1/sign-out")
    assert without.status_code == 403
    ended = await browser.post("/api/v1/sign-out", headers={"X-CSRF-Token": answer.json()["csrf"]})
    assert ended.status_code == 204
    assert (await browser.get("/api/v1/me")).status_code == 401


async def test_the_hand_goes_where_something_is_to_be_typed(browser: httpx.AsyncClient) -> None:
    fresh = (await browser.get("/sign-in")).text
    refused = (await _sign_in(browser, password="wrong")).text
    for page, name in ((fresh, "login"), (refused, "password")):
        focused = [tag for tag in page.split("<input") if "autofocus" in tag.split(">")[0]]
        assert [f'name="{name}"' in tag for tag in focused] == [True]


async def test_an_address_in_any_script_is_led_to_also_by_a_fragment(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/sign-in",
        data={"login": "ama", "password": WORD, "going": "/find?q=漢字&part=a b"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 204
    assert answer.headers["hx-redirect"] == "/find?q=%E6%BC%A2%E5%AD%97&part=a%20b"
