"""Packages over HTTP: the story as the contract writes it, lists, the label, what bad input gets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.apps import Callers, house_of
from tests.conftest import Clock
from tests.flows.parcels import Sender, sender
from tests.shop import Shop

API = "/api/v1/fulfillment-orders"
PACKAGES = "/api/v1/packages"
ONE = {"packages": [{"weight_grams": 640, "size": {"length_mm": 300, "width_mm": 200, "height_mm": 90}}]}


@pytest.fixture
async def parcel(shop: Shop, clock: Clock) -> Sender:
    made = await sender(shop, clock, mug_01=2, bowl_02=1)
    await made.until_picked()
    return made


@asynccontextmanager
async def client_of(parcel: Sender, role: str = "associate") -> AsyncIterator[httpx.AsyncClient]:
    """The real application whose outside is the carrier's double."""
    from ambidex.entry.app import create_app

    callers = Callers(create_app(house_of(parcel.run, parcel.outside)), parcel.run)
    camden = parcel.shop.places["camden"].location_id
    async with callers.client(await callers.token(role, camden)) as client:
        yield client


async def test_the_story_over_http(parcel: Sender) -> None:
    async with client_of(parcel) as client:
        step = f"{API}/{parcel.work_id()}"
        two = {
            "packages": [
                {"contents": [{"line": 1, "quantity": 1}], "weight_grams": 420},
                {"weight_grams": 900, "evidence": {"kind": "typed", "reason": "the scale is broken"}},
            ]
        }
        packed = (await client.post(f"{step}/pack", json=two)).json()
        assert (packed["state"], len(packed["packages"])) == ("packed", 2)
        assert packed["packages"][1]["contents"] == [
            {"line": 1, "item": "MUG-01", "title": "Mug 01", "quantity": 1},
            {"line": 2, "item": "BOWL-02", "title": "Bowl 02", "quantity": 1},
        ]
        labelled = (await client.post(f"{step}/label")).json()["packages"]
        numbers = [one["tracking_number"] for one in labelled]
        assert all(numbers)
        label = await client.get(f"{PACKAGES}/{labelled[0]['id']}/label")
        assert (label.status_code, label.headers["content-type"]) == (200, "image/svg+xml")
        assert numbers[0] in label.text
        scans = {"evidence": [{"kind": "scan", "barcode": number} for number in numbers]}
        gone = (await client.post(f"{step}/dispatch", json=scans)).json()
        assert gone["state"] == "dispatched"
        await parcel.tells("in_transit")
        listed = (await client.get(PACKAGES, params={"location": "camden"})).json()
        assert [one["state"] for one in listed["items"]] == ["dispatched", "dispatched"]
        [found] = (await client.get(PACKAGES, params={"tracking_number": numbers[0].lower()})).json()["items"]
        assert [one["status"] for one in found["tracking"]] == ["pre_transit", "in_transit"]
        first = (await client.get(PACKAGES, params={"limit": 1})).json()
        rest = (await client.get(PACKAGES, params={"limit": 1, "after": first["next"]})).json()
        assert first["items"][0]["id"] != rest["items"][0]["id"]
        assert rest["next"] is None


async def test_choices_over_http(parcel: Sender) -> None:
    await parcel.pack()
    await parcel.label()
    await parcel.dispatch()
    await parcel.tells("failure")
    async with client_of(parcel, "lead") as client:
        step, said = f"{API}/{parcel.work_id()}", {"package": 1, "reason": "new address given"}
        again = (await client.post(f"{step}/try-again", json=said)).json()
        assert again["state"] == "dispatched"
        assert (await client.post(f"{step}/pay-back", json=said)).json()["code"] == "not-to-pay-back"
        back = (await client.post(f"{step}/bring-back", json=said)).json()
        assert back["state"] == "returned_to_sender"
        number = back["packages"][0]["tracking_number"]
        scan = {"evidence": {"kind": "scan", "barcode": number}}
        home = (await client.post(f"{step}/come-back", json=scan)).json()
        assert home["packages"][0]["state"] == "came_back"
        assert (await client.post(f"{step}/lost", json=said)).json()["code"] == "wrong-package-state"
        assert (await client.post(f"{step}/pay-back", json=said)).status_code == 200


async def test_a_parcel_of_another_order_does_not_come_back_under_this_one(
    parcel: Sender, shop: Shop, clock: Clock
) -> None:
    await parcel.pack()
    await parcel.label()
    await parcel.dispatch()
    other = await sender(shop, clock, stock=5, mug_01=1)
    scan = {"evidence": {"kind": "scan", "barcode": (await parcel.package()).tracking_number}}
    async with client_of(parcel) as client:
        refused = await client.post(f"{API}/{other.work_id()}/come-back", json=scan)
        assert (refused.status_code, refused.json()["code"]) == (409, "package-of-another-order")
        assert (await client.post(f"{API}/{parcel.work_id()}/come-back", json=scan)).status_code == 200


async def test_the_same_key_packs_once(parcel: Sender) -> None:
    async with client_of(parcel) as client:
        for _ in range(2):
            step = f"{API}/{parcel.work_id()}/pack"
            answer = await client.post(step, json=ONE, headers={"Idempotency-Key": "pack-1"})
            assert answer.status_code == 200
    assert len(await parcel.packages()) == 1


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("pack", {}, 422, "bad-input"),
        ("pack", {"packages": []}, 422, "bad-input"),
        ("pack", {"packages": [{"weight_grams": 0}]}, 422, "bad-input"),
        ("pack", {"packages": [{"weight_grams": 1.5}]}, 422, "bad-input"),
        ("pack", {"packages": [{"weight_grams": 100, "size": {"length_mm": 10}}]}, 422, "bad-input"),
        (
            "pack",
            {"packages": [{"weight_grams": 100, "contents": [{"line": 0, "quantity": 1}]}]},
            422,
            "bad-input",
        ),
        (
            "pack",
            {"packages": [{"weight_grams": 9, "contents": [{"line": 1, "quantity": 1}] * 2}]},
            422,
            "bad-input",
        ),
        (
            "pack",
            {"packages": [{"weight_grams": 9, "contents": [{"line": 1, "quantity": 3}]}]},
            422,
            "not-picked",
        ),
        ("pack", {"packages": [{"weight_grams": 9, "evidence": {"kind": "system"}}]}, 422, "not-physical"),
        ("dispatch", {"evidence": [{"barcode": "HP404"}]}, 404, "unknown-package"),
        ("unpack", {"package": 7, "reason": "torn"}, 404, "unknown-package"),
        ("unpack", {"package": 1, "reason": ""}, 404, "unknown-package"),
        ("come-back", {"evidence": {"barcode": ""}}, 404, "unknown-package"),
        ("label", {"carrier": "x" * 41}, 422, "bad-input"),
    ],
)
async def test_what_bad_input_gets(
    parcel: Sender, step: str, body: dict[str, Any], status: int, code: str
) -> None:
    async with client_of(parcel) as client:
        answer = await client.post(f"{API}/{parcel.work_id()}/{step}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_no_label_yet_and_no_such_package(parcel: Sender) -> None:
    await parcel.pack()
    async with client_of(parcel) as client:
        package = (await client.get(PACKAGES)).json()["items"][0]
        assert (await client.get(f"{PACKAGES}/{package['id']}/label")).json()["code"] == "no-label-yet"
        assert (await client.get(f"{PACKAGES}/nonsense")).status_code == 404
        assert (await client.get(PACKAGES, params={"after": "nonsense"})).status_code == 422
    async with client_of(parcel, "reader") as reader:
        assert (await reader.get(f"{PACKAGES}/{package['id']}")).status_code == 200
        refused = await reader.post(f"{API}/{parcel.work_id()}/pack", json=ONE)
        assert refused.status_code == 403


async def test_a_parcel_is_found_by_its_number_and_a_scan_opens_its_order(parcel: Sender) -> None:
    from ambidex.domains import search
    from ambidex.reads.find_documents import documents
    from ambidex.web.scan.meaning import Scan, meaning_of

    await parcel.pack()
    [package] = await parcel.label()
    async with parcel.run.reading() as read:
        [document] = await documents(read, [parcel.order_id])
        meaning = await meaning_of(read, Scan(package.tracking_number.lower(), parcel.ines, b"k" * 32))
    assert package.tracking_number in document.codes
    assert (meaning.outcome, meaning.go) == ("right", f"/orders/{parcel.order_id}")
    await parcel.run.perform(parcel.ines, search.index, [document])
