"""Work over HTTP: the list of a place, each step as the contract writes it, and what bad input gets."""

from __future__ import annotations

import pytest

from ambidex.domains.fulfillment import PickupCodes
from tests.apps import SECRET_KEY, callers_of
from tests.flows.counter import Counter, counter
from tests.shop import Shop

CODES = PickupCodes(bytes.fromhex(SECRET_KEY))
API = "/api/v1/fulfillment-orders"


@pytest.fixture
async def at(shop: Shop) -> Counter:
    return await counter(shop, mug_01=2)


def evidence(sku: str = "MUG-01", **more: object) -> dict[str, object]:
    return {"evidence": [{"kind": "scan", "barcode": f"B-{sku}", "quantity": 1, **more}]}


async def test_the_story_as_the_contract_writes_it(shop: Shop, at: Counter) -> None:
    camden = shop.places["camden"].location_id
    async with callers_of(shop.run).as_role("associate", camden) as client:
        listed = (await client.get(API, params={"location": "camden", "state": "offered"})).json()
        [offered] = listed["items"]
        assert (offered["id"], offered["state"], offered["location"]) == (at.work_id(), "offered", "camden")
        assert (
            offered["lines"][0] | {"line": 1, "item": "MUG-01", "wanted": 2, "picked": 0}
            == offered["lines"][0]
        )
        step = f"{API}/{at.work_id()}"
        assert (await client.post(f"{step}/accept")).json()["state"] == "accepted"
        assert (await client.post(f"{step}/pick", json=evidence())).json()["state"] == "picking"
        assert (await client.post(f"{step}/pick", json=evidence())).json()["state"] == "picked"
        assert (await client.post(f"{step}/stage", json={"place": "SHELF-B3"})).json()[
            "staging_place"
        ] == "SHELF-B3"
        assert (await client.post(f"{step}/ready")).json()["state"] == "ready"
        async with shop.run.reading() as read:
            code = await CODES.shown(read, await at.work())
        given = await client.post(f"{step}/hand-over", json={"code": code})
        assert (given.status_code, given.json()["state"]) == (200, "handed_over")
        undone = await client.post(f"{step}/undo-hand-over", json={"reason": "wrong person"})
        assert undone.json()["state"] == "staged"
        assert (await client.get(API, params={"location": "camden"})).json()["items"][0]["state"] == "staged"


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("pick", {}, 422, "bad-input"),
        ("pick", {"evidence": []}, 422, "bad-input"),
        ("pick", {"evidence": [{"kind": "guess", "barcode": "B-MUG-01"}]}, 422, "bad-input"),
        ("pick", {"evidence": [{"barcode": "B-MUG-01", "quantity": 0}]}, 422, "bad-input"),
        ("pick", evidence(kind="typed"), 422, "typed-needs-reason"),
        ("pick", evidence(quantity=2), 422, "one-scan-one-unit"),
        ("pick", evidence("WHO"), 409, "unknown-barcode"),
        ("pick", evidence(barcode="B\x00"), 422, "bad-input"),
        ("pick", evidence(happened_at="2026-03-03T12:00:00"), 422, "bad-input"),
        ("pick", evidence(happened_at="2026-03-03T13:00:00Z"), 422, "not-yet"),
        ("stage", {"place": "SHELF-B3"}, 409, "wrong-state"),
        ("ready", None, 409, "wrong-state"),
        ("short", {"line": 9}, 422, "nothing-missing"),
        ("short", {"item": "LAMP-07"}, 422, "bad-input"),
        ("hand-over", {}, 409, "wrong-state"),
        ("hand-over", {"code": "AAAA-AAAA"}, 409, "unknown-pickup-code"),
        ("undo-hand-over", {}, 422, "bad-input"),
        ("undo-hand-over", {"reason": "x"}, 409, "wrong-state"),
        ("refuse", {"reason": "busy"}, 409, "wrong-state"),
    ],
)
async def test_bad_input_is_refused_with_advice(
    shop: Shop, at: Counter, step: str, body: object, status: int, code: str
) -> None:
    await at.accept()
    async with callers_of(shop.run).as_role("associate", shop.places["camden"].location_id) as client:
        answer = await client.post(f"{API}/{at.work_id()}/{step}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["title"]


@pytest.mark.parametrize("work_id", ["nothing", "0" * 32 + "-1"])
async def test_unknown_work_is_not_found(shop: Shop, at: Counter, work_id: str) -> None:
    async with callers_of(shop.run).as_role("admin") as client:
        for path in ("accept", "ready"):
            answer = await client.post(f"{API}/{work_id}/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown-fulfillment-order")
        assert (await client.get(f"{API}/{work_id}")).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [("reader", 403), ("integration", 403), ("agent", 403), ("lead", 200)]
)
async def test_only_who_works_there_accepts(shop: Shop, at: Counter, role: str, status: int) -> None:
    async with callers_of(shop.run).as_role(role, shop.places["camden"].location_id) as client:
        assert (await client.post(f"{API}/{at.work_id()}/accept")).status_code == status


async def test_a_partner_sees_only_their_own_place(shop: Shop, at: Counter) -> None:
    harbor = await shop.place("harbor")
    async with callers_of(shop.run).as_role("partner", harbor.location_id) as client:
        assert (await client.get(API)).json()["items"] == []
        assert (await client.get(API, params={"location": "camden"})).status_code == 403
        assert (await client.get(f"{API}/{at.work_id()}")).status_code == 403


async def test_a_short_by_its_item(shop: Shop, at: Counter) -> None:
    async with callers_of(shop.run).as_role("associate", shop.places["camden"].location_id) as client:
        await client.post(f"{API}/{at.work_id()}/accept")
        answer = await client.post(f"{API}/{at.work_id()}/short", json={"item": "MUG-01", "quantity": 2})
    assert (answer.status_code, answer.json()["state"]) == (200, "short")


async def test_the_list_goes_on_page_by_page(shop: Shop) -> None:
    for _ in range(3):
        await counter(shop, mug_01=1, stock=9)
    async with callers_of(shop.run).as_role("lead", shop.places["camden"].location_id) as client:
        first = (await client.get(API, params={"limit": 2})).json()
        rest = (await client.get(API, params={"limit": 2, "after": first["next"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert len({one["id"] for one in first["items"] + rest["items"]}) == 3


@pytest.mark.parametrize("after", ["nonsense", "WzFd", "WyJhIiwiYiIsImMiXQ", "bnVsbA"])
async def test_a_cursor_of_another_list_is_refused(shop: Shop, at: Counter, after: str) -> None:
    async with callers_of(shop.run).as_role("lead", shop.places["camden"].location_id) as client:
        assert (await client.get(API, params={"after": after})).status_code == 422
