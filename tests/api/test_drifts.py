"""Stock reports, drifts and authorities over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.apps import Callers, callers_of
from tests.conftest import Clock
from tests.inbound.stock.conftest import feeds
from tests.inbound.stock.feeds import Feeds
from tests.shop import Shop

__all__ = ["feeds"]


@pytest.fixture
def callers(feeds: Feeds) -> Callers:
    return callers_of(feeds.run, feeds.outside)


@pytest.fixture
async def warehouse(callers: Callers, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """A warehouse's own program, at its own place only."""
    async with callers.as_role("integration", shop.places["dc"].location_id) as client:
        yield client


def report(clock: Clock, kind: str, number: int, **rows: int) -> dict[str, Any]:
    units = "units" if kind == "full" else "change"
    listed = [{"item": item.replace("_", "-"), units: count} for item, count in rows.items()]
    return {
        "source": "warehouse:main", "report": kind, "number": number, "as_of": clock.now.isoformat(),
        "location": "dc", "rows": listed,
    }  # fmt: skip


async def test_a_report_is_kept_once_and_applied(
    feeds: Feeds, shop: Shop, clock: Clock, warehouse: httpx.AsyncClient
) -> None:
    body = report(clock, "delta", 7, MUG_01=-3)
    first = await warehouse.post("/api/v1/stock-reports", json=body)
    again = await warehouse.post("/api/v1/stock-reports", json=body)
    assert (first.status_code, first.json()["duplicate"], again.json()["duplicate"]) == (202, False, True)
    await feeds.apply()
    assert (await shop.stock("dc", "MUG-01")).sellable == 37


async def test_a_complete_report_says_that_the_rest_is_not_there(
    feeds: Feeds, shop: Shop, clock: Clock, warehouse: httpx.AsyncClient
) -> None:
    await shop.shelf("dc", "BOWL-02", 1)
    clock.forward(minutes=1)
    told = await warehouse.post("/api/v1/stock-reports", json=report(clock, "full", 7, MUG_01=40))
    await feeds.apply()
    assert (told.status_code, (await shop.stock("dc", "BOWL-02")).sellable) == (202, 1)
    body = report(clock, "full", 8, MUG_01=40) | {"complete": True}
    told = await warehouse.post("/api/v1/stock-reports", json=body)
    await feeds.apply()
    assert (told.status_code, (await shop.stock("dc", "BOWL-02")).sellable) == (202, 0)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"location": "camden"}, 403),
        ({"source": "till:main"}, 422),
        ({"source": "nobody"}, 404),
        ({"rows": []}, 422),
        ({"as_of": "2026-03-03T12:00:00"}, 422),
        ({"report": "half"}, 422),
        ({"report": "delta", "complete": True}, 422),
    ],
)
async def test_what_cannot_be_is_refused(
    warehouse: httpx.AsyncClient, clock: Clock, change: dict[str, object], status: int
) -> None:
    answer = await warehouse.post("/api/v1/stock-reports", json=report(clock, "full", 1, MUG_01=40) | change)
    assert answer.status_code == status, answer.text


async def test_a_drift_is_read_repaired_and_cannot_be_repaired_again(
    feeds: Feeds, callers: Callers, shop: Shop, clock: Clock
) -> None:
    clock.forward(minutes=5)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 20}))
    async with callers.as_role("supervisor", shop.places["dc"].location_id) as client:
        [found] = (await client.get("/api/v1/drifts")).json()["items"]
        assert (found["said"], found["book"], found["amount"]) == (20, 40, -20)
        assert found["value"] == {"amount": "-398.00", "currency": "GBP"}
        assert (found["cause"], found["owner"], found["state"]) == ("unknown", "supervisor", "open")
        path = f"/api/v1/drifts/{found['id']}"
        assert (await client.get(path)).json() == found
        assert (await client.post(f"{path}/repair")).json()["state"] == "repaired"
        assert (await client.post(f"{path}/repair")).status_code == 409
        assert (await client.get("/api/v1/drifts", params={"state": "over"})).json()["items"][0][
            "id"
        ] == found["id"]
    assert (await shop.stock("dc", "MUG-01")).sellable == 20


async def test_our_book_may_be_right(feeds: Feeds, callers: Callers, shop: Shop, clock: Clock) -> None:
    clock.forward(minutes=5)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 20}))
    async with callers.as_role("supervisor", shop.places["dc"].location_id) as client:
        [found] = (await client.get("/api/v1/drifts")).json()["items"]
        path = f"/api/v1/drifts/{found['id']}/dismiss"
        assert (await client.post(path, json={"reason": ""})).status_code == 422
        done = await client.post(path, json={"reason": "the export was cut short"})
        assert done.json()["state"] == "dismissed"
    assert (await shop.stock("dc", "MUG-01")).sellable == 40
    await feeds.apply()
    assert await feeds.tasks() == []


async def test_authority_is_decided_by_head_office(feeds: Feeds, callers: Callers, shop: Shop) -> None:
    async with callers.as_role("experience") as client:
        [camden, dc] = (await client.get("/api/v1/authorities")).json()["items"]
        assert (camden["holders"]["sales"], dc["holders"]["counts"], dc["decided"]) == (
            "till",
            "warehouse",
            [],
        )
        path = "/api/v1/authorities/dc/sales"
        changed = await client.put(path, json={"holder": "till:main"})
        assert (changed.json()["holders"]["sales"], changed.json()["decided"]) == ("till:main", ["sales"])
        assert (await client.put(path, json={"holder": "nobody:here"})).status_code == 404
        assert (await client.put("/api/v1/authorities/dc/claims", json={"holder": "till"})).status_code == 422
        assert (await client.put(path, json={"holder": ""})).json()["decided"] == []
    async with callers.as_role("lead", shop.places["camden"].location_id) as client:
        assert (await client.put(path, json={"holder": "till"})).status_code == 403
