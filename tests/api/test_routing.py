"""The API of routing: versions with their ETag, examples, going on, test drive, simulation, receipts and replays."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ambidex.domains import routing
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.flows import replay_routing, simulate_routing
from ambidex.flows.place_order import Placed
from ambidex.runtime.perform import Run
from tests.apps import Callers, callers_of
from tests.conftest import NOON
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop

VERSIONS = "/api/v1/routing/versions"
DOCUMENT: dict[str, Any] = {
    **routing.document.DEFAULT_DOCUMENT,
    "name": "Not from London",
    "rules": [{"name": "not from London", "leave_out": {"place.code": "dc-london"}}],
}
EXAMPLE: dict[str, Any] = {
    "situation": {
        "lines": [{"sku": "MUG-01"}],
        "places": [{"code": "dc-london", "has": {"MUG-01": 1}}, {"code": "dc-leeds", "has": {"MUG-01": 1}}],
    },
    "expected": {"places": ["dc-leeds"]},
    "why": "London has a strike",
}


@pytest.fixture
async def calling(shop: Shop) -> Callers:
    for code, north in (("dc-london", 51.5), ("dc-leeds", 53.8)):
        sends = frozenset({"ship"})
        await shop.place(
            code, kind=LocationKind.WAREHOUSE, capabilities=sends, latitude=north, longitude=-0.1
        )
        await shop.shelf(code, "MUG-01", 50)
    return callers_of(shop.run)


async def bought(run: Run, n: int = 1) -> Placed:
    address = {"line1": "7 Arlington Road", "country": "GB", "latitude": 51.536, "longitude": -0.141}
    line = wanted("MUG-01", 1, place=None, method=Method.SHIP)
    return await place(run, asked(line, reference=f"W-{n}", address=address))


async def draft(asks: httpx.AsyncClient) -> str:
    """A version with its example; its path."""
    made = await asks.post(VERSIONS, json={"document": DOCUMENT, "why": "a strike"})
    assert made.status_code == 201, made.text
    one = f"{VERSIONS}/{made.json()['number']}"
    said = await asks.put(f"{one}/examples/two warehouses", json=EXAMPLE)
    assert said.status_code == 200, said.text
    return one


async def test_a_version_from_draft_to_live(calling: Callers) -> None:
    async with calling.as_role("experience") as asks:
        one = await draft(asks)
        [example] = (await asks.get(f"{one}/examples")).json()["items"]
        assert (example["passes"], example["sent_from"]) == (True, {"dc-leeds": {"MUG-01": 1}})
        live = await asks.post(f"{one}/go", json={"to": "live", "why": "all agreed"})
        assert live.json()["state"] == "live"
        listed = (await asks.get(VERSIONS)).json()["items"]
        assert [(item["number"], item["state"]) for item in listed] == [(2, "live"), (1, "archived")]
        history = (await asks.get(f"{one}/history")).json()["items"]
        assert [(row["what"], row["why"]) for row in history] == [
            ("go live", "all agreed"),
            ("example written", "London has a strike"),
            ("begun", "a strike"),
        ]


async def test_a_draft_is_changed_by_who_saw_it_last(calling: Callers) -> None:
    async with calling.as_role("experience") as asks:
        one = await draft(asks)
        etag = (await asks.get(one)).headers["ETag"]
        body = {"document": {**DOCUMENT, "name": "mine"}, "why": "better"}
        assert (await asks.put(one, json=body, headers={"If-Match": etag})).status_code == 200
        late = await asks.put(one, json=body, headers={"If-Match": etag})
        assert (late.status_code, late.json()["code"]) == (409, "version-changed")
        odd = await asks.put(one, json=body, headers={"If-Match": '"x"'})
        assert odd.json()["code"] == "version-changed"


async def test_a_bad_document_is_told_by_field_and_line(calling: Callers) -> None:
    async with calling.as_role("experience") as asks:
        wrong = {**DOCUMENT, "rules": [{"name": "x", "leave_out": {"place.kind": "shop"}}]}
        refused = await asks.post(VERSIONS, json={"document": wrong, "why": "try"})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad-rules")
    [error] = refused.json()["errors"]
    assert error["field"] == "rules[0].leave_out.place.kind"
    assert error["advice"] == 'Line 8 of the document: "place.kind": "shop"'


async def test_what_fails_its_example_does_not_go_on(calling: Callers) -> None:
    async with calling.as_role("experience") as asks:
        one = await draft(asks)
        rules = [{"name": "the wrong one", "leave_out": {"place.code": "dc-leeds"}}]
        await asks.put(one, json={"document": {**DOCUMENT, "rules": rules}, "why": "oops"})
        refused = await asks.post(f"{one}/go", json={"to": "canary", "why": "hurry"})
    assert (refused.status_code, refused.json()["code"]) == (409, "examples-fail")


async def test_a_canary_shows_how_it_does(calling: Callers) -> None:
    async with calling.as_role("experience") as asks:
        one = await draft(asks)
        assert (await asks.get(f"{one}/canary")).json()["code"] == "no-canary"
        terms = {"to": "canary", "why": "a tenth", "share": 100, "metric": "cost", "threshold": 30}
        shown = await asks.post(f"{one}/go", json=terms)
        assert shown.json()["canary"]["share"] == 100
        verdict = (await asks.get(f"{one}/canary")).json()
    assert (verdict["canary"]["orders"], verdict["is_enough"], verdict["is_harm"]) == (0, False, False)


async def test_a_drive_and_the_receipts_of_an_order(calling: Callers, run: Run) -> None:
    placed = await bought(run)
    async with calling.as_role("experience") as asks:
        one = await draft(asks)
        driven = (await asks.get(f"{one}/test-drive", params={"order": placed.order_id.hex})).json()
        [receipt] = (await asks.get(f"/api/v1/orders/{placed.order_id.hex}/receipts")).json()["items"]
        unknown = await asks.get(f"{one}/test-drive", params={"order": "0" * 32})
    assert driven["differs"]
    assert [part["location"] for part in driven["decided"]["chosen"]["parts"]] == ["dc-london"]
    assert [part["location"] for part in driven["would"]["chosen"]["parts"]] == ["dc-leeds"]
    assert (receipt["cause"], receipt["decision"]) == ("placed", driven["decided"])
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-receipt")


async def test_a_simulation_is_asked_for_followed_and_stopped(calling: Callers, run: Run) -> None:
    await bought(run)
    span = {"from": "2026-03-01T00:00:00Z", "until": "2026-03-04T00:00:00Z"}
    async with calling.as_role("experience") as asks:
        one = await draft(asks)
        begun = await asks.post(f"{one}/simulate", json=span)
        assert (begun.status_code, begun.json()["state"]) == (202, "asked")
        await simulate_routing.finish_all(run)
        [done] = (await asks.get(f"{one}/trials")).json()["items"]
        over = await asks.post(f"/api/v1/routing/trials/{done['id']}/stop")
        assert (await asks.get(f"/api/v1/routing/trials/{done['id']}")).json() == done
        future = {"from": "2026-04-01T00:00:00Z", "until": "2026-04-04T00:00:00Z"}
        refused = await asks.post(f"{one}/simulate", json=future)
    assert (done["state"], done["result"]["differs"], done["from"]) == ("done", 1, "2026-03-01T00:00:00Z")
    assert over.json()["code"] == "trial-is-over"
    assert refused.status_code == 422


async def test_replays_and_shadows_are_shown(calling: Callers, run: Run) -> None:
    await bought(run)
    await replay_routing.replay_day(run, NOON.date())
    async with calling.as_role("reader") as asks:
        [replay] = (await asks.get("/api/v1/routing/replays")).json()["items"]
        day = (await asks.get(f"/api/v1/routing/replays/{replay['day']}")).json()
        none = await asks.get("/api/v1/routing/replays/2025-01-01")
        shadow = (await asks.get(f"{VERSIONS}/1/shadow")).json()
    assert (replay["total"], replay["same"], day["differences"]) == (1, 1, [])
    assert none.json()["code"] == "not-replayed"
    assert shadow["decisions"] == 0


async def test_who_may_not_change_routing_only_reads(calling: Callers) -> None:
    async with calling.as_role("lead") as asks:
        assert (await asks.get(VERSIONS)).status_code == 200
        refused = await asks.post(VERSIONS, json={"why": "mine"})
    assert refused.status_code == 403


@pytest.mark.parametrize("inner", ['{"a":', "["])
async def test_a_document_without_a_bottom_is_refused(calling: Callers, inner: str) -> None:
    deep = inner * 900 + "1" + ("}" if inner != "[" else "]") * 900
    async with calling.as_role("experience") as asks:
        told = await asks.post(VERSIONS, content='{"why": "x", "document": {"rules": ' + deep + "}}")
    assert (told.status_code, told.json()["code"]) == (422, "bad-input")


async def test_receipts_of_an_order_that_is_not_there(calling: Callers) -> None:
    async with calling.as_role("experience") as asks:
        for order in ("0" * 32, "not-an-order"):
            said = await asks.get(f"/api/v1/orders/{order}/receipts")
            assert (said.status_code, said.json()["code"]) == (404, "unknown-order"), order
        placed = await bought(calling.run)
        found = await asks.get(f"/api/v1/orders/{placed.order_id.hex}/receipts")
        [receipt] = found.json()["items"]
        assert receipt["decision"]["bounded"] is False
        assert {(flip["fills"], flip["keeps"]) for flip in receipt["decision"]["flips"]} == {(0, 0)}


async def test_a_simulation_of_a_brand_says_whose_version_it_is_held_against(calling: Callers) -> None:
    async with calling.as_role("experience") as asks:
        made = await asks.post(VERSIONS, json={"brand": "north", "document": DOCUMENT, "why": "a strike"})
        one = f"{VERSIONS}/{made.json()['number']}"
        span = {"from": "2026-02-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}
        asked_for = await asks.post(f"{one}/simulate?brand=north", json=span)
        assert asked_for.status_code == 202, asked_for.text
        assert (asked_for.json()["brand"], asked_for.json()["against_brand"]) == ("north", "")
