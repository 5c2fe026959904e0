"""Counts over HTTP: the authoritative one keeps its contract, the others are blind, recounted and decided."""

from __future__ import annotations

from typing import Any

import pytest

from ambidex.domains.identity import Role
from tests.apps import callers_of
from tests.conftest import Clock
from tests.flows.counter import counter
from tests.shop import Shop

API = "/api/v1/counts"


@pytest.fixture
async def camden(shop: Shop) -> Shop:
    """Ten mugs at 19.90 lie at Camden."""
    await shop.shelf("camden", "MUG-01", 10)
    return shop


def said(counted: int, **more: Any) -> dict[str, Any]:
    return {"location": "camden", "item": "MUG-01", "counted": counted, **more}


async def sellable(shop: Shop) -> int:
    return int((await shop.stock("camden", "MUG-01")).sellable)


@pytest.mark.parametrize("role", [Role.LEAD, Role.SUPERVISOR, Role.INTEGRATION, Role.ADMIN, Role.PARTNER])
async def test_an_authoritative_count_decides_at_once(camden: Shop, role: Role) -> None:
    place = camden.places["camden"].location_id
    async with callers_of(camden.run).as_role(role.value, place) as client:
        answer = await client.post(API, json=said(50))
    assert answer.status_code == 201
    assert answer.json() == {"before": 10, "counted": 50, "short": 0, "state": "counted"}
    assert await sellable(camden) == 50


async def test_who_may_not_decide_is_believed_near_the_book_only(camden: Shop) -> None:
    place = camden.places["camden"].location_id
    async with callers_of(camden.run).as_role("associate", place) as client:
        near = await client.post(API, json=said(9))
        far = await client.post(API, json=said(50))
    assert (near.status_code, near.json()["before"], near.json()["state"]) == (201, 10, "counted")
    assert (far.status_code, far.json()) == (
        202,
        {"before": None, "counted": 50, "short": 0, "state": "recount"},
    )
    assert await sellable(camden) == 9


async def test_blind_then_another_person_then_a_lead(camden: Shop) -> None:
    callers = callers_of(camden.run)
    place = camden.places["camden"].location_id
    async with (
        callers.as_role("associate", place) as ines,
        callers.as_role("picker", place) as matteo,
        callers.as_role("lead", place) as awa,
    ):
        begun = (await ines.post(f"{API}/begin", json={"location": "camden", "item": "B-MUG-01"})).json()
        assert (begun["state"], begun["counted"], begun["may_count"]) == ("counting", None, True)
        one = f"{API}/{begun['id']}"
        first = (await ines.post(f"{one}/enter", json={"counted": 3, "key": "the-phone-of-ines"})).json()
        assert (first["state"], first["counted"], first["expected"], first["entered"]) == (
            "recount",
            None,
            None,
            [],
        )
        again = await ines.post(f"{one}/enter", json={"counted": 3})
        assert (again.status_code, again.json()["code"]) == (403, "own-count")
        second = (await matteo.post(f"{one}/enter", json={"counted": 4})).json()
        assert (second["state"], second["entered"], second["may_decide"]) == ("to_approve", [3, 4], False)
        assert (await matteo.post(f"{one}/approve")).status_code == 403
        assert (await awa.get(one)).json()["may_decide"] is True
        listed = (await awa.get(API, params={"location": "camden", "state": "to_approve"})).json()
        assert [each["id"] for each in listed["items"]] == [begun["id"]]
        approved = (await awa.post(f"{one}/approve")).json()
        assert (approved["state"], approved["counted"]) == ("approved", 4)
        late = await awa.post(f"{one}/reject", json={"reason": "no"})
        assert (late.status_code, late.json()["code"]) == (409, "count-is-over")
    assert await sellable(camden) == 4


async def test_next_says_why_and_never_what_the_book_says(camden: Shop, clock: Clock) -> None:
    await counter(camden, stock=10, mug_01=2)
    await camden.shelf("camden", "BOWL-02", 8)
    clock.forward(hours=50)
    callers = callers_of(camden.run)
    async with callers.as_role("associate", camden.places["camden"].location_id) as client:
        found = (await client.get(f"{API}/next", params={"location": "camden"})).json()["items"]
    assert [one["item"] for one in found] == ["MUG-01", "BOWL-02"]
    assert found[0]["reasons"][0] == {"code": "customers-today", "number": 1}
    assert found[0]["worth"] > found[1]["worth"] > 0
    assert set(found[0]) == {"item", "title", "spot", "worth", "reasons", "count", "may_count"}


async def test_asked_counts_stand_first_and_can_be_canceled(camden: Shop, clock: Clock) -> None:
    await counter(camden, stock=10, mug_01=2)
    await camden.shelf("camden", "BOWL-02", 8)
    clock.forward(hours=50)
    callers = callers_of(camden.run)
    async with callers.as_role("lead", camden.places["camden"].location_id) as client:
        asked = await client.post(f"{API}/ask", json={"location": "camden", "items": ["BOWL-02"]})
        assert asked.status_code == 201
        [one] = asked.json()["items"]
        assert (one["kind"], one["state"]) == ("directed", "open")
        found = (await client.get(f"{API}/next", params={"location": "camden"})).json()["items"]
        assert (found[0]["item"], found[0]["count"]) == ("BOWL-02", one["id"])
        gone = await client.post(f"{API}/{one['id']}/cancel", json={"reason": "sold out for good"})
        assert gone.json()["state"] == "canceled"
        unknown = await client.post(f"{API}/ask", json={"location": "camden", "items": ["NOTHING"]})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-item")


async def test_limits_are_read_and_changed(camden: Shop) -> None:
    path = "/api/v1/count-policies/camden"
    async with callers_of(camden.run).as_role("admin") as client:
        assert (await client.get(path)).json() == {
            "recount": {"units": 2, "value_minor": 5_000},
            "approve": {"units": 9, "value_minor": 20_000},
        }
        wide = {"recount": {"units": 40, "value_minor": None}, "approve": {"units": 50, "value_minor": None}}
        assert (await client.put(path, json=wide)).json() == wide
        turned = await client.put(path, json={"recount": {"units": 9}, "approve": {"units": 1}})
        assert (turned.status_code, turned.json()["code"]) == (422, "bad-count-policy")
        assert (await client.get(path)).json() == wide
