"""Stock over HTTP: why a number is what it is, rules that count at once, who may serve whom, and the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from ambidex.runtime.perform import Run
from tests.apps import callers_of
from tests.conftest import Clock
from tests.flows.transfers import Road
from tests.shop import Shop

STORE = frozenset({"pickup", "ship"})
DC = frozenset({"ship"})


@pytest.fixture
async def house(shop: Shop) -> Shop:
    """Two stores and a warehouse with mugs."""
    await shop.place("camden", capabilities=STORE)
    await shop.place("leith", capabilities=STORE)
    await shop.place("dc-north", capabilities=DC)
    await shop.item("MUG-01", category="kitchen")
    for place, units in (("camden", 5), ("leith", 3), ("dc-north", 10)):
        await shop.shelf(place, "MUG-01", units)
    return shop


async def _why(client: httpx.AsyncClient, sku: str = "MUG-01", **asked: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/stock/{sku}", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _rule(client: httpx.AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await client.put("/api/v1/stock-rules", json=said)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_number_is_told_with_its_parts(run: Run, house: Shop) -> None:
    async with callers_of(run).as_role("admin") as client:
        await _rule(client, number="safety", units=1, category="kitchen", group="")
        await _rule(client, number="floor", units=4, item="MUG-01", location="camden")
        await _rule(client, number="threshold", units=2, channel="web")
        sent = await _why(client, channel="web", method="ship")
        collected = await _why(client, channel="web", method="pickup", location="camden")
        by_phone = await _why(client, channel="phone", method="ship")

    places = {place["location"]: place for place in sent["places"]}
    assert {code: place["available"] for code, place in places.items()} == {
        "camden": 1,
        "leith": 2,
        "dc-north": 9,
    }
    assert (places["camden"]["floor"]["units"], places["camden"]["floor"]["rule"]["location"]) == (
        4,
        "camden",
    )
    assert places["leith"]["safety"]["rule"]["category"] == "kitchen"
    assert (sent["available"], sent["withheld"]) == (12, 0), (
        "15 above safety less 2 leaves 13; the floor allows 12"
    )
    assert sent["thresholds"] == [
        {
            "units": 2,
            "rule": sent["thresholds"][0]["rule"],
            "locations": ["camden", "dc-north", "leith"],
            "together": 15,
            "left": 13,
        }
    ]
    assert collected["available"] == 4, "whoever chooses the place goes below the floor, down to safety"
    assert by_phone["available"] == 12


async def test_a_rule_counts_at_once_and_no_longer_when_it_is_removed(run: Run, house: Shop) -> None:
    asked = {"item": "MUG-01", "channel": "web"}
    async with callers_of(run).as_role("admin") as client:
        before = (await client.get("/api/v1/availability", params=asked)).json()
        rule = await _rule(client, number="safety", units=3, item="MUG-01")
        again = await _rule(client, number="safety", units=2, item="MUG-01")
        during = (await client.get("/api/v1/availability", params=asked)).json()
        gone = await client.delete(f"/api/v1/stock-rules/{rule['id']}")
        twice = await client.delete(f"/api/v1/stock-rules/{rule['id']}")
        after = (await client.get("/api/v1/availability", params=asked)).json()

    assert again["id"] == rule["id"], "one rule for one number and scope"
    assert [row["available"] for row in before["items"]] == [5, 10, 3]
    assert [row["available"] for row in during["items"]] == [3, 8, 1]
    assert during["totals"] == [{"item": "MUG-01", "channel": "web", "available": 12}]
    assert (gone.status_code, twice.status_code) == (200, 404)
    assert after == before


async def test_only_places_that_may_serve_the_address_count(run: Run, house: Shop) -> None:
    near = {"location": "dc-north", "method": "ship", "areas": [{"country": "gb", "postcode": "NW"}]}
    async with callers_of(run).as_role("admin") as client:
        for place in ("camden", "leith"):
            body = {"method": "ship", "areas": [{"country": "GB", "postcode": "EH"}]}
            assert (await client.put(f"/api/v1/serving-areas/{place}", json=body)).status_code == 200
        assert (await client.put("/api/v1/serving-areas/dc-north", json=near)).status_code == 200
        london = await _why(client, country="GB", postcode="NW1 8AG")
        leith = await _why(client, country="GB", postcode="EH6 6AA")
        nowhere = await _why(client, country="IE", postcode="D02")
        pickup = await _why(client, method="pickup")

    assert (london["available"], leith["available"], nowhere["available"]) == (10, 8, 0)
    assert {place["left_out"] for place in nowhere["places"]} == {"it does not serve this address"}
    assert pickup["available"] == 8, "pickup serves itself; the warehouse hands over to nobody"


async def test_a_channel_sells_from_its_groups_only(run: Run, house: Shop) -> None:
    async with callers_of(run).as_role("admin") as client:
        group = {"name": "Stores", "locations": ["camden", "leith"]}
        assert (await client.put("/api/v1/place-groups/stores", json=group)).status_code == 200
        seller = await client.put("/api/v1/stock-sellers/marketplace", json={"groups": ["stores"]})
        unknown = await client.put("/api/v1/stock-sellers/marketplace", json={"groups": ["nowhere"]})
        market = await _why(client, channel="marketplace")
        web = await _why(client, channel="web")
        used = await client.delete("/api/v1/place-groups/stores")
        groups = (await client.get("/api/v1/place-groups")).json()["items"]

    assert (seller.status_code, unknown.status_code, used.status_code) == (200, 404, 409)
    assert (market["available"], web["available"]) == (8, 18)
    assert groups == [
        {"code": "stores", "name": "Stores", "locations": ["camden", "leith"], "sellers": ["marketplace"]}
    ]


async def test_a_kit_is_told_by_its_components(run: Run, house: Shop) -> None:
    await house.shelf("camden", "SAUCER-01", 7)
    async with callers_of(run).as_role("admin") as client:
        parts = [{"item": "MUG-01", "quantity": 1}, {"item": "SAUCER-01", "quantity": 2}]
        made = await client.put("/api/v1/items/SET-01", json={"name": "Set for one", "components": parts})
        nested = await client.put("/api/v1/items/SET-02", json={"components": [{"item": "SET-01"}]})
        lost = await client.put("/api/v1/items/SET-03", json={"components": [{"item": "NOWHERE"}]})
        why = await _why(client, sku="SET-01", method="pickup")
        rows = (await client.get("/api/v1/availability", params={"item": "SET-01"})).json()

    assert (made.status_code, made.json()["components"]) == (201, parts)
    assert (nested.status_code, lost.status_code) == (422, 422)
    assert why["available"] == 3
    assert [(part["quantity"], part["why"]["available"]) for part in why["components"]] == [(1, 8), (2, 7)]
    assert [(row["location"], row["available"], row["on_hand"]) for row in rows["items"]] == [
        ("camden", 3, 3)
    ]
    assert rows["totals"][0]["available"] == 3


async def test_the_ledger_of_an_item_goes_back_page_by_page(run: Run, house: Shop, clock: Clock) -> None:
    clock.forward(minutes=1)
    await house.shelf("camden", "MUG-01", 4)
    async with callers_of(run).as_role("associate") as client:
        first = (await client.get("/api/v1/stock/MUG-01/ledger", params={"limit": 2})).json()
        cursor = {"limit": 2, "before": first["next"]}
        second = (await client.get("/api/v1/stock/MUG-01/ledger", params=cursor)).json()
        there = (await client.get("/api/v1/stock/MUG-01/ledger", params={"location": "camden"})).json()
        wrong = await client.get("/api/v1/stock/MUG-01/ledger", params={"before": "nonsense!"})

    newest = first["items"][0]
    assert (newest["from"], newest["to"], newest["quantity"], newest["actor"]) == (
        "sellable",
        "written_off",
        1,
        "Ambidex",
    )
    assert len({entry["id"] for entry in (*first["items"], *second["items"])}) == 4
    assert second["next"] is None
    assert {entry["location"] for entry in there["items"]} == {"camden"}
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"number": "safety", "units": -1}, "units"),
        ({"number": "threshold", "units": 1}, "channel"),
        ({"number": "safety", "units": 1, "from": "2026-03-02", "until": "2026-03-01"}, "until"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(run: Run, said: dict[str, Any], field: str) -> None:
    async with callers_of(run).as_role("admin") as client:
        answer = await client.put("/api/v1/stock-rules", json=said)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_writing_rules_needs_the_permission(run: Run, house: Shop) -> None:
    async with callers_of(run).as_role("lead", house.places["camden"].location_id) as client:
        refused = await client.put("/api/v1/stock-rules", json={"number": "safety", "units": 1})
        seen = await client.get("/api/v1/stock-rules")
    assert (refused.status_code, seen.status_code) == (403, 200)


async def test_what_will_come_is_told_with_its_date_and_what_may_be_promised_then(
    run: Run, house: Shop, clock: Clock
) -> None:
    """A transfer leaves Leith and is expected in Camden; a delivery comes to the warehouse; each with its date."""
    sent = await Road(house, "leith", "camden").on_the_road(2)
    async with callers_of(run).as_role("admin") as client:
        said = {
            "location": "dc-north",
            "supplier": "Hollow Kiln",
            "expected_at": (clock.now + timedelta(days=2)).isoformat(),
            "lines": [{"item": "MUG-01", "quantity": 30}],
        }
        assert (await client.put("/api/v1/inbound-goods/PO-7", json=said)).status_code == 201
        everywhere = await _why(client, method="ship")
        camden = await _why(client, method="pickup", location="camden")
        clock.forward(days=3)
        late = await _why(client, method="ship")

    assert everywhere["available"] == 5 + 1 + 10
    assert [
        (i["location"], i["units"], i["reference"], i["available_then"]) for i in everywhere["inbound"]
    ] == [
        ("dc-north", 30, "PO-7", 46),
        ("camden", 2, sent.reference, 48),
    ]
    assert everywhere["inbound"][0]["date"] == "2026-03-05"
    assert [(i["units"], i["available_then"]) for i in camden["inbound"]] == [(2, 7)]
    assert [i["units"] for i in late["inbound"]] == [2], (
        "what is late and has no new date is promised to nobody"
    )
