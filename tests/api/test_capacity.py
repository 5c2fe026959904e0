"""Capacity over HTTP: limits are said and shown with their slots, a pause moves what waits, bad ones are told by field."""

from __future__ import annotations

import pytest

from ambidex.domains.orders import Method
from ambidex.flows.reactions import REACTIONS
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.apps import Callers, callers_of
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop

CAPACITY = "/api/v1/locations/camden/capacity"
PICKUPS = {
    "name": "Pickups",
    "method": "pickup",
    "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    "from": "09:00",
    "until": "18:00",
    "slot_minutes": 60,
    "works": 4,
    "fences": [{"works": 1, "method": "", "channel": "marketplace"}],
}


@pytest.fixture
async def calling(run: Run, shop: Shop) -> Callers:
    await shop.shelf("camden", "MUG-01", 5)
    return callers_of(run)


async def test_limits_are_said_and_shown_with_their_slots(calling: Callers, run: Run, shop: Shop) -> None:
    async with calling.as_role("lead", shop.places["camden"].location_id) as lead:
        said = await lead.put(CAPACITY, json={"limits": [PICKUPS]})
        assert said.status_code == 200
        [limit] = said.json()["limits"]
        assert {key: limit[key] for key in PICKUPS} == PICKUPS
        await place(run, asked(wanted()))
        slots = (await lead.get(CAPACITY)).json()["slots"]
        assert [slot["taken"] for slot in slots if slot["taken"]] == [1]
        assert {slot["free"] for slot in slots} == {2, 3}
        raised = {**PICKUPS, "works": 9, "id": limit["id"]}
        [same] = (await lead.put(CAPACITY, json={"limits": [raised]})).json()["limits"]
        assert same["id"] == limit["id"]
        slots = (await lead.get(CAPACITY)).json()["slots"]
        assert [slot["taken"] for slot in slots if slot["taken"]] == [1]
        assert (await lead.put(CAPACITY, json={"limits": []})).json()["slots"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"from": "18:00", "until": "09:00"}, "limits[0].until"),
        ({"fences": [{"works": 9, "method": "ship"}]}, "limits[0].fences"),
        ({"fences": [{"works": 1}]}, "limits[0].fences[0]"),
    ],
)
async def test_bad_limits_are_told_by_field(calling: Callers, wrong: dict[str, object], field: str) -> None:
    async with calling.as_role("admin") as admin:
        answer = await admin.put(CAPACITY, json={"limits": [{**PICKUPS, **wrong}]})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-limit")
        assert field in {error["field"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("at", ["09:00Z", "09:00+05:00", "09:00:30"])
async def test_a_clock_of_the_place_has_no_zone_and_no_seconds(calling: Callers, at: str) -> None:
    async with calling.as_role("admin") as admin:
        answer = await admin.put(CAPACITY, json={"limits": [{**PICKUPS, "from": at}]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limits.0.from")


async def test_a_limit_is_said_once(calling: Callers) -> None:
    async with calling.as_role("admin") as admin:
        [limit] = (await admin.put(CAPACITY, json={"limits": [PICKUPS]})).json()["limits"]
        twice = {"limits": [{**PICKUPS, "id": limit["id"]}, {**PICKUPS, "id": limit["id"], "works": 9}]}
        answer = await admin.put(CAPACITY, json=twice)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limits[1].id")
        assert (await admin.get(CAPACITY)).json()["limits"] == [limit]


async def test_nobody_changes_another_place(calling: Callers, shop: Shop) -> None:
    await shop.place("hackney")
    async with calling.as_role("lead", shop.places["hackney"].location_id) as lead:
        assert (await lead.put(CAPACITY, json={"limits": []})).status_code == 403
        refused = await lead.post("/api/v1/locations/camden/pause", json={"reason": "flood"})
        assert refused.status_code == 403


async def test_a_pause_sends_what_waits_from_elsewhere_and_ends(
    calling: Callers, run: Run, shop: Shop
) -> None:
    for code in ("depot", "harbor"):
        await shop.place(code, capabilities=frozenset({"ship"}))
        await shop.shelf(code, "MUG-01", 9)
    address = {"country": "GB", "postcode": "N1 9GU"}
    placed = await place(run, asked(wanted(place=None, method=Method.SHIP), address=address))
    usual = placed.view.works[0].location
    async with calling.as_role("admin") as admin:
        paused = await admin.post(
            f"/api/v1/locations/{usual}/pause", json={"reason": "no cartons", "method": "ship"}
        )
        assert paused.status_code == 200
        await settle(run, REACTIONS)
        works = (await admin.get(f"/api/v1/orders/{placed.order_id}")).json()["fulfillment_orders"]
        assert [(work["location"] == usual, work["state"]) for work in works] == [
            (True, "taken_back"),
            (False, "offered"),
        ]
        ended = await admin.post(f"/api/v1/locations/{usual}/resume", json={"method": "ship"})
        assert ended.json()["pauses"] == []
        again = await admin.post(f"/api/v1/locations/{usual}/resume", json={"method": "ship"})
        assert (again.status_code, again.json()["code"]) == (404, "not-paused")
