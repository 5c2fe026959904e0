"""Orders over HTTP, as the contract writes them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ambidex.domains import channels
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.perform import Run
from tests.apps import Callers, callers_of
from tests.shop import Shop

API = "/api/v1"
SMALLEST: dict[str, Any] = {
    "source": "web:main",
    "reference": "W-1001",
    "channel": "web",
    "currency": "GBP",
    "customer": {"name": "Ama Owusu", "email": "ama@example.com", "phone": "+12065550100"},
    "lines": [
        {"item": "MUG-01", "quantity": 1, "unit_price": "19.90", "method": "pickup", "location": "camden"}
    ],
    "payment": {"status": "authorized", "amount": "19.90"},
}


def asked(**more: Any) -> dict[str, Any]:
    return {**SMALLEST, **more}


def line(**more: Any) -> dict[str, Any]:
    return {**SMALLEST["lines"][0], **more}


@pytest.fixture
async def callers(shop: Shop) -> Callers:
    await shop.shelf("camden", "MUG-01", 5)
    return callers_of(shop.run)


@pytest.fixture
async def web(callers: Callers) -> AsyncIterator[httpx.AsyncClient]:
    async with callers.as_role("integration") as client:
        yield client


async def test_the_smallest_order_and_what_comes_back(web: httpx.AsyncClient) -> None:
    answer = await web.post(f"{API}/orders", json=SMALLEST)
    assert answer.status_code == 201
    order = answer.json()
    assert order["status"] == "confirmed"
    assert order["lines"][0]["states"] == {"reserved": 1}
    [work] = order["fulfillment_orders"]
    assert (work["location"], work["state"]) == ("camden", "offered")
    assert [(p["kind"], p["at"]) for p in order["promises"]] == [("ready_by", "2026-03-03T14:00:00Z")]
    assert (order["owner"]["role"], order["owner"]["location"]) == ("associate", "camden")
    assert order["customer_url"].startswith("/o/")
    seen = await web.get(f"{API}/orders/{order['id']}")
    assert seen.json() == order
    assert seen.headers["etag"]


async def test_the_same_again_and_other_content(web: httpx.AsyncClient) -> None:
    first = await web.post(f"{API}/orders", json=SMALLEST)
    again = await web.post(f"{API}/orders", json=SMALLEST)
    other = await web.post(f"{API}/orders", json=asked(lines=[line(quantity=2)]))
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json()["id"] == again.json()["id"]
    assert other.json()["code"] == "reference-reused"


async def test_an_idempotency_key_answers_the_same_bytes(web: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await web.post(f"{API}/orders", json=SMALLEST, headers=key)
    again = await web.post(f"{API}/orders", json=SMALLEST, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"


async def test_sold_out_says_what_is_left_where(web: httpx.AsyncClient, shop: Shop) -> None:
    await shop.shelf("soho", "MUG-01", 9)
    answer = await web.post(f"{API}/orders", json=asked(lines=[line(quantity=6)]))
    said = answer.json()
    assert (answer.status_code, said["code"], said["retryable"]) == (409, "sold-out", False)
    assert said["lines"] == [
        {"line": 1, "item": "MUG-01", "location": "camden", "quantity": 6, "available": 5}
    ]
    assert {"item": "MUG-01", "location": "soho", "available": 9} in said["left"]
    assert said["errors"] == [{"field": "lines[0].quantity", "expected": "at most 5"}]


async def test_a_full_order(web: httpx.AsyncClient) -> None:
    full = asked(
        prices_include_tax=True,
        lines=[line(quantity=2, tax="6.63", discounts=[{"amount": "1.80", "code": "SPRING"}])],
        shipping="0.00",
        fees=[{"name": "bag", "amount": {"amount": "0.10", "currency": "GBP"}}],
        payment=None,
        payments=[
            {"status": "captured", "amount": "20.00", "method": "voucher", "reference": "v-1"},
            {"status": "authorized", "amount": "18.10", "expires_at": "2026-03-09T00:00:00Z"},
        ],
        parties=[{"role": "collector", "name": "Kofi Owusu"}],
        attribution={"campaign": "4111111111111111"},
        language="fr",
        requested_for="2026-03-04T10:00:00Z",
        gift_note="Joyeux anniversaire",
    )
    answer = await web.post(f"{API}/orders", json=full)
    assert answer.status_code == 201
    assert answer.json()["total"] == {"amount": "38.10", "currency": "GBP"}
    assert answer.json()["language"] == "fr"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [line(quantity=-1)]}, "lines.0.quantity"),
        ({"lines": [line(quantity=0)]}, "lines.0.quantity"),
        ({"lines": [line(unit_price="nineteen")]}, "lines[0].unit_price"),
        ({"lines": [line(unit_price="19.901")]}, "lines[0].unit_price"),
        ({"lines": [line(unit_price="-5.00")]}, "lines[0].unit_price"),
        ({"lines": [line(unit_price={"amount": "1.00", "currency": "USD"})]}, "lines[0].unit_price"),
        ({"lines": [line(item="NO-SUCH")]}, "lines[0].item"),
        ({"lines": [line(location="nowhere")]}, "lines[0].location"),
        ({"lines": [line(location=None)]}, "lines[0].location"),
        ({"lines": [line(method="teleport")]}, "lines.0.method"),
        ({"lines": [line(discounts=[{"amount": "-1.00"}])]}, "lines[0].discounts"),
        ({"lines": [line(discounts=[{"amount": "99.00"}])]}, "lines"),
        ({"currency": "pounds"}, "currency"),
        ({"payment": {"status": "wished", "amount": "1.00"}}, "payment.status"),
        ({"payment": {"status": "captured", "amount": "-1.00"}}, "payment.amount"),
        ({"customer": {"name": "4111 1111 1111 1111"}}, "customer"),
        ({"note": "card 5500-0055-5555-5559 thanks"}, "note"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 201}, "reference"),
        ({"source": "No Source!"}, "code"),
        ({"source": "shopify:main"}, "code"),
        ({"customer": {"name": "a\x00b"}}, "customer"),
        ({"customer": {"name": "half of a pair: HALF"}}, "customer"),
        ({"extra": {"deep": ["x" * 20_000]}}, "terms"),
        ({"lines": [line(unit_price="9999999999999.99", quantity=100_000)]}, "lines"),
    ],
)
async def test_bad_input_names_the_field(web: httpx.AsyncClient, more: dict[str, Any], field: str) -> None:
    sent = json.dumps(asked(**more)).replace("HALF", "\\ud800")
    answer = await web.post(f"{API}/orders", content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert any(error["field"].startswith(field) for error in answer.json()["errors"]), answer.text


async def test_nobody_speaks_for_a_shop_that_speaks_for_itself(web: httpx.AsyncClient, run: Run) -> None:
    new = channels.NewSource(code="boutique", kind="shopify", channel="web", secret="s" * 20)
    await run.perform(SYSTEM, channels.register, new)
    sent = asked(source="boutique")
    answer = await web.post(f"{API}/orders", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-your-source")
    batch = await web.post(f"{API}/orders:batch", json={"orders": [sent, asked(reference="W-2")]})
    assert [item["status"] for item in batch.json()["items"]] == [403, 201]


async def test_a_batch_answers_each(web: httpx.AsyncClient) -> None:
    sent = [
        asked(reference="W-1"),
        asked(reference="W-2", lines=[line(quantity=99)]),
        {"nonsense": True},
        asked(reference="W-1"),
        asked(reference="W-3", lines=[line(quantity=4)]),
    ]
    answer = await web.post(f"{API}/orders:batch", json={"orders": sent})
    items = answer.json()["items"]
    assert [item["status"] for item in items] == [201, 409, 422, 200, 201]
    assert items[0]["order"]["id"] == items[3]["order"]["id"]
    assert items[1]["problem"]["code"] == "sold-out"


@pytest.mark.parametrize(
    "lines", [[], [{}], [{"line": 9}], [{"item": "NO-SUCH"}], [{"line": 1}, {"item": "MUG-01"}]]
)
async def test_lines_to_cancel_must_be_named(web: httpx.AsyncClient, lines: list[dict[str, Any]]) -> None:
    order = (await web.post(f"{API}/orders", json=SMALLEST)).json()
    answer = await web.post(f"{API}/orders/{order['id']}/cancel", json={"lines": lines})
    assert answer.status_code in {404, 422}
    assert (await web.get(f"{API}/orders/{order['id']}")).json() == order


async def test_an_item_names_its_line(web: httpx.AsyncClient) -> None:
    order = (await web.post(f"{API}/orders", json=asked(lines=[line(quantity=2)]))).json()
    said = {"lines": [{"item": "MUG-01", "quantity": 1}]}
    answer = await web.post(f"{API}/orders/{order['id']}/cancel", json=said)
    assert answer.json()["lines"][0]["states"] == {"reserved": 1, "canceled": 1}


async def test_all_orders_page_by_page_newest_first(web: httpx.AsyncClient) -> None:
    numbers = [
        (await web.post(f"{API}/orders", json=asked(reference=f"W-{n}"))).json()["number"] for n in range(3)
    ]
    first = (await web.get(f"{API}/orders", params={"limit": 2})).json()
    rest = (await web.get(f"{API}/orders", params={"limit": 2, "after": first["next"]})).json()
    assert {one["number"] for one in first["items"] + rest["items"]} == set(numbers)
    assert (len(rest["items"]), rest["next"]) == (1, None)


async def test_cancel_and_its_history(web: httpx.AsyncClient) -> None:
    order = (await web.post(f"{API}/orders", json=asked(lines=[line(quantity=2)]))).json()
    path = f"{API}/orders/{order['id']}"
    tag = (await web.get(path)).headers["etag"]
    part = await web.post(
        f"{path}/cancel",
        json={"lines": [{"line": 1, "quantity": 1}], "reason": "one is enough"},
        headers={"If-Match": tag},
    )
    assert part.json()["lines"][0]["states"] == {"reserved": 1, "canceled": 1}
    stale = await web.post(f"{path}/cancel", headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "changed-meanwhile")
    rest = await web.post(f"{path}/cancel")
    assert (rest.json()["status"], rest.json()["owner"]) == ("canceled", None)
    history = (await web.get(f"{path}/timeline")).json()["items"]
    hands = {entry["kind"]: entry["hand"] for entry in history}
    assert hands["orders.placed"] == "done"
    assert hands["promises.released"] == "said"
    assert hands["orders.units-canceled"] == "done"


@pytest.mark.parametrize("order_id", ["nonsense", "00000000000000000000000000000000"])
async def test_unknown_orders_are_not_found(web: httpx.AsyncClient, order_id: str) -> None:
    for answer in (
        await web.get(f"{API}/orders/{order_id}"),
        await web.get(f"{API}/orders/{order_id}/timeline"),
        await web.post(f"{API}/orders/{order_id}/cancel"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-order")


async def test_contact_is_masked_for_whom_the_work_does_not_need_it(
    web: httpx.AsyncClient, callers: Callers
) -> None:
    order = (await web.post(f"{API}/orders", json=SMALLEST)).json()
    async with callers.as_role("reader") as reader:
        seen = (await reader.get(f"{API}/orders/{order['id']}")).json()
        assert seen["customer"] == {"name": "Ama Owusu", "email": "a***@example.com", "phone": "***00"}
        refused = await reader.post(f"{API}/orders", json=asked(reference="W-2"))
        assert refused.status_code == 403


async def test_availability_and_counts(web: httpx.AsyncClient, shop: Shop, callers: Callers) -> None:
    async with callers.as_role("admin") as admin:
        answer = await admin.post(
            f"{API}/counts", json={"location": "camden", "item": "MUG-01", "counted": 50}
        )
        assert (answer.status_code, answer.json()) == (
            201,
            {"before": 5, "counted": 50, "short": 0, "state": "counted"},
        )
        await web.post(f"{API}/orders", json=SMALLEST)
        listed = await admin.get(f"{API}/availability", params={"item": "MUG-01", "channel": "web"})
        assert listed.json()["items"] == [
            {
                "item": "MUG-01",
                "location": "camden",
                "channel": "web",
                "available": 49,
                "on_hand": 50,
                "reserved": 1,
                "held": 0,
                "left_out": None,
            }
        ]
        nowhere = await admin.get(f"{API}/availability", params={"item": "MUG-01", "location": "soho"})
        assert nowhere.json() == {
            "items": [],
            "next": None,
            "totals": [{"item": "MUG-01", "channel": "web", "available": 0}],
        }


async def test_the_database_keeps_one_order_per_reference(web: httpx.AsyncClient, shop: Shop) -> None:
    for _ in range(3):
        await web.post(f"{API}/orders", json=SMALLEST)
    placed = await shop.happened("orders.placed")
    assert placed == ["orders.placed"]
