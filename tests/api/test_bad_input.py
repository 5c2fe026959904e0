"""What cannot be used is refused as a problem that names the field; nothing breaks and nothing is half applied."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ambidex.kernel.page import write_cursor
from tests.api.test_orders import API, asked, line
from tests.apps import callers_of
from tests.shop import Shop

PROBLEM = "application/problem+json"
LONG_AGO, FAR_AHEAD = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
SOME_ID = "01a1ffe9-d1ef-7248-a104-2c5777039d11"


@pytest.fixture
async def admin(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    await shop.shelf("camden", "MUG-01", 5)
    async with callers_of(shop.run).as_role("admin") as client:
        yield client


def refused(answer: httpx.Response) -> Any:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == PROBLEM
    return answer.json()


@pytest.mark.parametrize(
    "order",
    [
        asked(lines=[line(quantity=True)]),
        asked(lines=[line(quantity="1")]),
        asked(lines=[line(quantity=0)]),
        asked(lines=[line(quantity=10**30)]),
        asked(lines=[line(unit_price="1e999999999")]),
        asked(lines=[line(unit_price="1" * 100_000)]),
        asked(lines=[line(unit_price="1.005")]),
        asked(lines=[line(unit_price="١٩.٩٠")]),
        asked(lines=[line(unit_price="-1.00")]),
        asked(currency="ZZZ"),
        asked(reference=" \t "),
        asked(payment={"status": "authorized", "amount": "1.00", "expires_at": LONG_AGO}),
        asked(payment={"status": "authorized", "amount": "1.00", "expires_at": FAR_AHEAD}),
        asked(collectors=["x" * 201]),
        asked(address={"line1": "4111 1111 1111 1111"}),
        asked(collectors=["4111111111111111"]),
    ],
)
async def test_an_order_that_cannot_be_is_refused_alone_and_in_a_list(
    admin: httpx.AsyncClient, order: dict[str, Any]
) -> None:
    assert refused(await admin.post(f"{API}/orders", json=order))["errors"]
    together = await admin.post(f"{API}/orders:batch", json={"orders": [order]})
    assert together.status_code in {200, 422}
    assert (await admin.get(f"{API}/orders", params={"q": "W-1001"})).json()["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "items?after=" + write_cursor("\0"),
        "items?after=" + write_cursor("\ud800"),
        "locations?after=" + write_cursor("\0"),
        "sources?after=" + write_cursor("\0"),
        "fulfillment-orders?after=" + write_cursor(LONG_AGO, SOME_ID, 1),
        "fulfillment-orders?after=" + write_cursor("2026-01-01T00:00:00Z", SOME_ID, 10**20),
        "fulfillment-orders?after=" + write_cursor("2026-01-01T00:00:00Z", SOME_ID, float("inf")),
        "tasks?after=" + write_cursor(LONG_AGO, SOME_ID),
        "inbox?after=" + write_cursor(LONG_AGO, SOME_ID),
        "events?after=99999999999999999999",
        "duty?role=lead&location=%00",
        "availability?item=%00",
        "items?barcode=%00",
    ],
)
async def test_addresses_that_no_list_has(admin: httpx.AsyncClient, path: str) -> None:
    refused(await admin.get(f"{API}/{path}"))


@pytest.mark.parametrize("path", ["claims", "sources", "counts", "sign-in", "orders", "orders:batch"])
@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"[" * 50_000, b'{"q": "\xff"}', b"{", b'{"q":' * 50_000]
)
async def test_bodies_that_are_none(admin: httpx.AsyncClient, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    refused(await admin.post(f"{API}/{path}", content=body, headers=headers))


async def test_a_scan_names_a_barcode_and_not_an_item_that_was_looked_up(admin: httpx.AsyncClient) -> None:
    work = (await admin.post(f"{API}/orders", json=asked())).json()["fulfillment_orders"][0]["id"]
    path = f"{API}/fulfillment-orders/{work}"
    await admin.post(f"{path}/accept")
    told = refused(await admin.post(f"{path}/pick", json={"evidence": [{"kind": "scan", "item": "MUG-01"}]}))
    assert told["errors"][0]["field"] == "barcode"
    typed = {"kind": "typed", "item": "MUG-01", "reason": "the label is torn"}
    assert (await admin.post(f"{path}/pick", json={"evidence": [typed]})).status_code == 200


async def test_evidence_of_the_year_one_is_refused(admin: httpx.AsyncClient) -> None:
    work = (await admin.post(f"{API}/orders", json=asked())).json()["fulfillment_orders"][0]["id"]
    path = f"{API}/fulfillment-orders/{work}"
    await admin.post(f"{path}/accept")
    for when in (LONG_AGO, FAR_AHEAD):
        said = json.dumps({"evidence": [{"kind": "scan", "barcode": "B-MUG-01", "happened_at": when}]})
        headers = {"Content-Type": "application/json"}
        refused(await admin.post(f"{path}/pick", content=said, headers=headers))
