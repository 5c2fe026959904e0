"""Transfers and inbound goods over HTTP: the whole way, what is refused, and who may."""

from __future__ import annotations

import pytest

from ambidex.runtime.perform import Run
from tests.apps import Callers, callers_of
from tests.shop import Shop

SCAN = {"kind": "scan", "barcode": "B-MUG-01"}


@pytest.fixture
async def calling(run: Run, shop: Shop) -> Callers:
    await shop.shelf("camden", "MUG-01", 0)
    await shop.shelf("harbor", "MUG-01", 10)
    return callers_of(run)


async def test_units_go_from_harbor_to_camden(calling: Callers, shop: Shop) -> None:
    camden, harbor = (shop.places[code].location_id for code in ("camden", "harbor"))
    asked = {
        "to": "camden",
        "from": "harbor",
        "lines": [{"item": "MUG-01", "quantity": 2}],
        "note": "for Saturday",
    }
    async with calling.as_role("associate", camden) as here, calling.as_role("lead", harbor) as there:
        made = await here.post("/api/v1/transfers", json=asked)
        assert made.status_code == 201
        assert (made.json()["from"], made.json()["location"]) == ("harbor", "camden")
        one = f"/api/v1/transfers/{made.json()['reference']}"
        assert (await here.post(f"{one}/approve")).status_code == 403
        assert (await there.post(f"{one}/approve")).json()["state"] == "approved"
        picked = await there.post(
            f"{one}/pick", json={"evidence": [SCAN | {"key": "1"}, SCAN | {"key": "2"}]}
        )
        assert picked.json()["lines"][0]["picked"] == 2
        sent = (await there.post(f"{one}/send", json={"packages": 2})).json()
        assert sent["state"] == "in_transit"
        assert len(sent["packages"]) == 2
        found = await here.get(f"/api/v1/transfers/{sent['packages'][1]}")
        assert found.json()["id"] == sent["id"]
        for _ in range(2):
            got = await here.post(f"{one}/receive", json={"evidence": [SCAN | {"key": "1"}]})
            assert got.json()["lines"][0]["scanned"] == 1
        broken = SCAN | {"key": "2", "arrived": "damaged"}
        assert (await here.post(f"{one}/receive", json={"evidence": [broken]})).status_code == 422
        broken |= {"reason": "a crack"}
        await here.post(f"{one}/receive", json={"evidence": [broken]})
        done = (await here.post(f"{one}/finish")).json()
        assert (done["state"], done["lines"][0]["damaged"]) == ("received", 1)
        listed = await here.get("/api/v1/transfers", params={"location": "camden", "state": "received"})
        assert [each["id"] for each in listed.json()["items"]] == [done["id"]]


async def test_inbound_goods_are_put_seen_and_received(calling: Callers, shop: Shop) -> None:
    po = "/api/v1/inbound-goods/PO-1"
    body = {
        "location": "camden",
        "expected_at": "2026-03-06T09:00:00Z",
        "supplier": "Høj Keramik",
        "lines": [{"item": "MUG-01", "quantity": 3}],
    }
    async with calling.as_role("integration") as erp:
        assert (await erp.put(po, json=body)).status_code == 201
        assert (await erp.put(po, json=body)).status_code == 200
        late = await erp.put(po, json=body | {"expected_at": "2026-03-09T09:00:00Z"})
        assert late.json()["expected_at"].startswith("2026-03-09")
        unknown = await erp.put(po, json=body | {"lines": [{"item": "NO", "quantity": 1}]})
        assert unknown.status_code == 422
        assert unknown.json()["errors"][0]["field"] == "lines[0].item"
    async with calling.as_role("picker", shop.places["camden"].location_id) as picker:
        await picker.post(f"{po}/receive", json={"evidence": [SCAN | {"key": str(n)} for n in range(2)]})
        part = (await picker.post(f"{po}/finish")).json()
        assert (part["state"], part["lines"][0]["difference"]) == ("partly_received", -1)
        why = {"line": 1, "quantity": 1, "outcome": "never_sent", "reason": "the supplier says so"}
        assert (await picker.post(f"{po}/explain", json=why)).json()["state"] == "received"
        again = await picker.post(f"{po}/explain", json=why)
        assert again.json()["code"] == "nothing-to-settle"
    assert (await shop.stock("camden", "MUG-01")).sellable == 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"from": "camden"}, 422, "bad-input"),
        ({"from": "nowhere"}, 404, "unknown-location"),
        ({"lines": []}, 422, "bad-input"),
        ({"lines": [{"item": "MUG-01", "quantity": 0}]}, 422, "bad-input"),
    ],
)
async def test_what_cannot_be_asked_for(
    calling: Callers, change: dict[str, object], status: int, code: str
) -> None:
    asked: dict[str, object] = {
        "to": "camden",
        "from": "harbor",
        "lines": [{"item": "MUG-01", "quantity": 1}],
    }
    async with calling.as_role("admin") as admin:
        answer = await admin.post("/api/v1/transfers", json=asked | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_what_a_supplier_sends_is_no_transfer(calling: Callers, shop: Shop) -> None:
    announced = {
        "location": "camden",
        "expected_at": "2026-03-05T09:00:00Z",
        "lines": [{"item": "MUG-01", "quantity": 3}],
    }
    harbor = shop.places["harbor"].location_id
    async with calling.as_role("admin") as office, calling.as_role("lead", harbor) as elsewhere:
        assert (await office.put("/api/v1/inbound-goods/PO-9", json=announced)).status_code == 201
        for step, body in (
            ("approve", None),
            ("decline", {"reason": "no"}),
            ("pick", {"evidence": [SCAN | {"key": "1"}]}),
            ("send", {"packages": 1}),
        ):
            answer = await elsewhere.post(f"/api/v1/transfers/PO-9/{step}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown-delivery"), step
        refused = await elsewhere.post("/api/v1/transfers/PO-9/cancel", json={"reason": "no"})
        assert refused.status_code == 403
        assert (await office.get("/api/v1/inbound-goods/PO-9")).json()["state"] == "announced"
