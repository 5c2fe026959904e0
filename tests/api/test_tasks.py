"""Tasks over HTTP: mine and my pools, taken once, done with proof."""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains import tasks
from ambidex.domains.tasks import TaskKind
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import TaskId
from tests.apps import callers_of
from tests.conftest import NOON
from tests.shop import Shop

API = "/api/v1/tasks"


async def opened(
    shop: Shop, key: str, *, role: str = "associate", place: str = "camden", minutes: int = 30
) -> TaskId:
    return await shop.run.perform(
        SYSTEM,
        tasks.open_task,
        kind=TaskKind.COUNT,
        title=f"Count {key}",
        key=key,
        role=role,
        location_id=shop.places[place].location_id if place else None,
        due_at=NOON + timedelta(minutes=minutes),
        details={"why": "a picker could not find it"},
    )


async def test_mine_is_what_i_took_and_what_my_duty_has_to_do(shop: Shop) -> None:
    camden, kilburn = await shop.place("camden"), await shop.place("kilburn")
    late, soon = await opened(shop, "late", minutes=40), await opened(shop, "soon", minutes=10)
    lead = await opened(shop, "lead", role="lead", minutes=20)
    await opened(shop, "elsewhere", place="kilburn")
    await opened(shop, "office", role="experience", place="")
    callers = callers_of(shop.run)
    async with callers.as_role("associate", camden.location_id) as client:
        first = (await client.get(API, params={"mine": True, "limit": 1})).json()
        assert [one["id"] for one in first["items"]] == [str(soon)]
        rest = (await client.get(API, params={"mine": True, "after": first["next"]})).json()
        assert ([one["id"] for one in rest["items"]], rest["next"]) == ([str(late)], None)
        everything = (await client.get(API)).json()["items"]
        assert [one["id"] for one in everything] == [str(soon), str(lead), str(late)]
        assert everything[0]["detail"] == "a picker could not find it"
    async with callers.as_role("supervisor", camden.location_id) as client:
        pools = (await client.get(API, params={"mine": True})).json()["items"]
        assert [one["id"] for one in pools] == [str(soon), str(lead), str(late)], "of all whom they lead"
    async with callers.as_role("associate", camden.location_id, kilburn.location_id) as client:
        assert len((await client.get(API)).json()["items"]) == 4
    async with callers.as_role("experience") as client:
        mine = (await client.get(API, params={"mine": True})).json()["items"]
        assert [one["title"] for one in mine] == ["Count office"]


async def test_taken_once_and_done_with_proof(shop: Shop) -> None:
    camden = await shop.place("camden")
    task_id = await opened(shop, "mugs")
    callers = callers_of(shop.run)
    async with callers.as_role("associate", camden.location_id) as client:
        taken = await client.post(f"{API}/{task_id}/claim")
        assert (taken.status_code, taken.json()["state"]) == (200, "acknowledged")
        nothing = await client.post(f"{API}/{task_id}/done", json={"proof": {}})
        assert nothing.status_code == 422
        done = await client.post(f"{API}/{task_id}/done", json={"proof": {"counted": 3}})
        assert (done.json()["state"], done.json()["proof"]) == ("done", {"counted": 3})
        assert (await client.get(API)).json()["items"] == []
    async with callers.as_role("lead", camden.location_id) as client:
        over = await client.post(f"{API}/{task_id}/claim")
        assert (over.status_code, over.json()["code"]) == (409, "task-taken-by-other")


async def test_who_has_no_place_there_may_not(shop: Shop) -> None:
    await shop.place("camden")
    kilburn = await shop.place("kilburn")
    task_id = await opened(shop, "mugs")
    callers = callers_of(shop.run)
    async with callers.as_role("associate", kilburn.location_id) as client:
        assert (await client.post(f"{API}/{task_id}/claim")).json()["code"] == "not-allowed"
        assert (await client.post(f"{API}/{task_id}/done", json={"proof": {"n": 1}})).status_code == 403
        assert (await client.get(API)).json()["items"] == []
        assert (await client.get(API, params={"after": "nonsense"})).status_code == 422
        unknown = await client.post(f"{API}/00000000-0000-7000-8000-000000000000/claim")
        assert unknown.json()["code"] == "unknown-task"
    async with callers.as_role("reader") as client:
        assert (await client.get(API)).status_code == 403
    async with callers.client() as client:
        assert (await client.get(API)).status_code == 401
