"""Quotes over HTTP: asked, held once per key, named by an order, told afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.test_orders import API
from tests.apps import Callers, callers_of
from tests.shop import Shop

ASKED: dict[str, Any] = {
    "lines": [{"item": "MUG-01", "quantity": 2}],
    "address": {"country": "GB", "postcode": "NW1 8AG"},
}
ORDER: dict[str, Any] = {
    "source": "web:main",
    "reference": "W-9",
    "channel": "web",
    "currency": "GBP",
    "customer": {"name": "Ama Owusu", "email": "ama@example.com"},
    "address": {"country": "GB", "postcode": "NW1 8AG"},
    "lines": [{"item": "MUG-01", "quantity": 2, "unit_price": "19.90", "method": "pickup"}],
    "payment": {"status": "authorized", "amount": "39.80"},
}


@pytest.fixture
async def callers(shop: Shop) -> Callers:
    await shop.place("camden", capabilities=frozenset({"pickup", "ship"}), latitude=51.54, longitude=-0.14)
    await shop.shelf("camden", "MUG-01", 5)
    return callers_of(shop.run)


async def test_asking_tells_every_way_and_holds_nothing(shop: Shop, callers: Callers) -> None:
    async with callers.as_role("integration") as web:
        answer = await web.post(f"{API}/promises:quote", json=ASKED)
    assert answer.status_code == 200
    said = answer.json()
    assert [one["option"] for one in said["options"]] == ["pickup:camden", "ship:standard"]
    pickup = said["options"][0]
    assert pickup["price"] == {"amount": "0.00", "currency": "GBP"}
    assert pickup["parts"][0]["lines"] == [{"item": "MUG-01", "quantity": 2}]
    assert [one["method"] for one in said["left_out"]] == ["deliver"]
    assert said["quote"] is None
    assert (await shop.stock("camden", "MUG-01")).held == 0


async def test_a_held_quote_is_kept_by_the_order_that_names_it(shop: Shop, callers: Callers) -> None:
    async with callers.as_role("integration") as web:
        key = {"Idempotency-Key": "cart-1"}
        held = await web.post(f"{API}/promises:quote", json={**ASKED, "hold": True}, headers=key)
        again = await web.post(f"{API}/promises:quote", json={**ASKED, "hold": True}, headers=key)
        assert (held.status_code, again.content) == (201, held.content)
        assert (await shop.stock("camden", "MUG-01")).held == 2
        quote = held.json()["quote"]
        placed = (await web.post(f"{API}/orders", json={**ORDER, "quote": quote["id"]})).json()
        assert placed["quote"] == {"id": quote["id"], "kept": True, "differences": []}
        assert placed["lines"][0]["location"] == "camden"
        assert placed["promises"][0]["at"] == held.json()["options"][0]["due_at"]
        told = (await web.get(f"{API}/quotes/{quote['id']}")).json()
        assert (told["state"], told["kept"], told["order"]) == ("used", True, placed["id"])
        other = await web.post(f"{API}/orders", json={**ORDER, "reference": "W-10", "quote": quote["id"]})
        assert (other.status_code, other.json()["code"]) == (409, "quote-used")


async def test_what_is_sent_to_the_store_is_held_and_ordered(shop: Shop, callers: Callers) -> None:
    await shop.place("soho", capabilities=frozenset({"pickup", "ship"}), latitude=51.513, longitude=-0.131)
    await shop.shelf("soho", "MUG-01", 20)
    wanted = {**ASKED, "lines": [{"item": "MUG-01", "quantity": 7}], "place": "camden", "methods": ["pickup"]}
    async with callers.as_role("integration") as web:
        held = await web.post(
            f"{API}/promises:quote", json={**wanted, "hold": True, "option": "pickup:camden:sent"}
        )
        said = held.json()
        option = next(one for one in said["options"] if one["option"] == "pickup:camden:sent")
        assert (option["collect_at"], option["parts"][0]["location"]) == ("camden", "soho")
        line = {**ORDER["lines"][0], "quantity": 7}
        order = {**ORDER, "lines": [line], "payment": {"status": "authorized", "amount": "139.30"}}
        placed = (await web.post(f"{API}/orders", json={**order, "quote": said["quote"]["id"]})).json()
        assert placed["quote"]["kept"] is True
        assert [one["at"] for one in placed["promises"]] == [option["due_at"]]
        told = (await web.get(f"{API}/quotes/{said['quote']['id']}")).json()
        assert told["places"] == ["camden"]
        named = {**order, "reference": "W-11", "lines": [{**line, "location": "camden"}]}
        unheld = await web.post(f"{API}/orders", json=named)
        assert (unheld.status_code, unheld.json()["code"]) == (409, "sold-out")


async def test_a_quote_is_let_go(shop: Shop, callers: Callers) -> None:
    async with callers.as_role("agent") as web:
        held = (await web.post(f"{API}/promises:quote", json={**ASKED, "hold": True})).json()["quote"]
        for _ in range(2):
            gone = await web.post(f"{API}/quotes/{held['id']}/let-go")
            assert (gone.status_code, gone.json()["state"]) == (200, "let_go")
    assert (await shop.stock("camden", "MUG-01")).held == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**ASKED, "lines": []}, 422, "bad-input"),
        ({**ASKED, "lines": [{"item": "NO", "quantity": 1}]}, 422, "bad-input"),
        ({"lines": ASKED["lines"]}, 422, "bad-input"),
        ({**ASKED, "lines": [{"item": "MUG-01", "quantity": 6}]}, 409, "sold-out"),
        ({**ASKED, "hold": True, "option": "ship:tomorrow"}, 422, "bad-input"),
        ({**ASKED, "methods": ["deliver"]}, 409, "may-not-serve"),
    ],
)
async def test_what_cannot_be_promised_is_a_problem(
    callers: Callers, body: dict[str, Any], status: int, code: str
) -> None:
    async with callers.as_role("integration") as web:
        answer = await web.post(f"{API}/promises:quote", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_who_may_not_place_orders_may_ask_and_not_hold(callers: Callers) -> None:
    async with callers.as_role("reader") as reader:
        assert (await reader.post(f"{API}/promises:quote", json=ASKED)).status_code == 200
        assert (await reader.post(f"{API}/promises:quote", json={**ASKED, "hold": True})).status_code == 403


async def test_no_quote_of_that_name(callers: Callers) -> None:
    async with callers.as_role("integration") as web:
        assert (await web.get(f"{API}/quotes/nonsense")).json()["code"] == "unknown-quote"
        order = {**ORDER, "quote": "019cb391-c200-7408-857e-17c111319df8"}
        assert (await web.post(f"{API}/orders", json=order)).json()["code"] == "unknown-quote"


async def test_a_shop_that_has_sent_nothing_yet_may_ask(callers: Callers) -> None:
    async with callers.as_role("integration") as web:
        fresh = await web.post(f"{API}/promises:quote", json={**ASKED, "source": "web:outlet"})
        assert fresh.status_code == 200
        strange = await web.post(f"{API}/promises:quote", json={**ASKED, "source": "no such source"})
        assert strange.status_code == 422
