"""Feeds over HTTP: subscribing, asking by cursor, everything at once, a stream, and what a wrong one is told."""

from __future__ import annotations

import httpx
import pytest

from ambidex.flows.webhook_port import WEBHOOKS, Answer
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from tests.api.test_events import Stream, served
from tests.apps import callers_of
from tests.conftest import Clock
from tests.feeds import Subscriber, fill, opened, published
from tests.shop import Shop

WEB = {
    "code": "web-shop",
    "name": "Web shop",
    "channel": "web",
    "webhook": {"url": "https://shop.example/hooks"},
}


async def test_a_feed_is_opened_changed_paused_and_closed(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    async with callers_of(run).as_role("admin") as client:
        made = await client.post("/api/v1/feeds", json=WEB)
        assert made.status_code == 201
        assert (made.json()["state"], made.json()["filling"]) == ("active", True)
        assert "secret" not in made.text

        await fill(run)
        changed = await client.patch(
            "/api/v1/feeds/web-shop", json={"bands": {"low_at": 5, "in_from": 8}, "locations": ["camden"]}
        )
        assert changed.json()["locations"] == ["camden"]
        assert changed.json()["webhook"] == WEB["webhook"], "what is left out keeps its value"
        await fill(run)
        page = (await client.get("/api/v1/feeds/web-shop/changes")).json()
        assert [(one["item"], one["band"], one["units"]) for one in page["items"]] == [
            ("MUG-01", "low", None)
        ]

        paused = await client.post("/api/v1/feeds/web-shop/pause")
        assert paused.json()["state"] == "paused"
        again = await client.post("/api/v1/feeds/web-shop/pause")
        assert (again.status_code, again.json()["code"]) == (409, "feed-stands-still")
        assert (await client.post("/api/v1/feeds/web-shop/resume")).json()["state"] == "active"
        assert (await client.delete("/api/v1/feeds/web-shop")).status_code == 204
        assert (await client.get("/api/v1/feeds/web-shop")).status_code == 404
        assert (await client.get("/api/v1/feeds")).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "Web Shop"}, "code"),
        ({"webhook": {"url": "gopher://shop.example"}}, "webhook.url"),
        ({"bands": {"low_at": 8, "in_from": 8}}, "bands.in_from"),
        ({"locations": ["atlantis"]}, "locations"),
        ({"channel": "telepathy"}, "channel"),
    ],
)
async def test_what_cannot_be_used_is_named(run: Run, wrong: dict[str, object], field: str) -> None:
    async with callers_of(run).as_role("admin") as client:
        refused = await client.post("/api/v1/feeds", json=WEB | wrong)
    assert refused.status_code == 422
    assert field in [error["field"] for error in refused.json()["errors"]]


async def test_a_code_is_taken_once(run: Run) -> None:
    async with callers_of(run).as_role("admin") as client:
        await client.post("/api/v1/feeds", json=WEB)
        assert (await client.post("/api/v1/feeds", json=WEB)).json()["code"] == "feed-taken"


async def test_changes_go_on_by_their_cursor(run: Run, shop: Shop) -> None:
    for number in range(5):
        await shop.shelf("camden", f"MUG-{number}", number)
    await opened(run)
    async with callers_of(run).as_role("integration") as client:
        seen: list[str] = []
        after: str | int | None = 0
        while after is not None:
            page = (await client.get(f"/api/v1/feeds/web-shop/changes?after={after}&limit=2")).json()
            seen += [one["item"] for one in page["items"]]
            after = page["next"]
        assert sorted(seen) == [f"MUG-{number}" for number in range(5)]
        await shop.shelf("camden", "MUG-3", 9)
        await published(run)
        page = (await client.get(f"/api/v1/feeds/web-shop/changes?after={page['cursor']}")).json()
        [only] = page["items"]
        assert (only["item"], only["units"], only["version"], page["next"]) == ("MUG-3", 9, 2, None)
        asked = (await client.get("/api/v1/feeds/web-shop")).json()["delivery"]["asked_at"]
        assert asked is not None


async def test_a_snapshot_and_its_cursor_have_no_gap(run: Run, shop: Shop) -> None:
    for number in range(4):
        await shop.shelf("camden", f"MUG-{number}", 1)
    await opened(run)
    async with callers_of(run).as_role("integration") as client:
        first = (await client.get("/api/v1/feeds/web-shop/snapshot?limit=2")).json()
        for sku in ("MUG-0", "MUG-1", "MUG-2", "MUG-3"):
            await shop.shelf("camden", sku, 7)
        await published(run)
        rest = (await client.get(f"/api/v1/feeds/web-shop/snapshot?limit=2&after={first['next']}")).json()
        later = (await client.get(f"/api/v1/feeds/web-shop/changes?after={rest['cursor']}")).json()
        last = (await client.get(f"/api/v1/feeds/web-shop/snapshot?after={rest['next']}")).json()
    known = {one["item"]: one["units"] for one in [*first["items"], *rest["items"], *later["items"]]}
    assert first["cursor"] == rest["cursor"] == last["cursor"]
    assert known == {f"MUG-{number}": 7 for number in range(4)}
    assert last["next"] is None


@pytest.mark.parametrize(
    "path", ["snapshot?after=nonsense", "snapshot?after=WzFd", "changes?after=-1", "changes?limit=0"]
)
async def test_a_cursor_that_is_none_of_ours(run: Run, path: str) -> None:
    await opened(run)
    async with callers_of(run).as_role("integration") as client:
        assert (await client.get(f"/api/v1/feeds/web-shop/{path}")).status_code == 422


async def test_a_stream_goes_on_after_the_last_id(own_run: Run, own_shop: Shop) -> None:
    await own_shop.shelf("camden", "MUG-01", 5)
    await opened(own_run)
    token = await callers_of(own_run).token("integration")
    async with served(own_run) as address, httpx.AsyncClient(timeout=30) as client:
        path, bearer = f"{address}/api/v1/feeds/web-shop/stream", {"Authorization": f"Bearer {token}"}
        async with client.stream("GET", path, headers=bearer) as answer:
            stream = Stream(answer)
            name, change = await stream.next()
            assert (name, change["item"], change["units"]) == ("stock.changed", "MUG-01", 5)
            await own_shop.shelf("camden", "MUG-01", 3)
            await published(own_run)
            assert (await stream.next())[1]["units"] == 3
        await own_shop.shelf("camden", "MUG-01", 8)
        await published(own_run)
        async with client.stream("GET", path, headers={**bearer, "Last-Event-ID": stream.last_id}) as answer:
            assert (await Stream(answer).next())[1]["units"] == 8
        refused = await client.get(path, headers={**bearer, "Last-Event-ID": "x"})
        assert refused.status_code == 422


async def test_secrets_are_shown_to_who_may_change_feeds_and_overlap(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    subscriber = Subscriber([Answer(), Answer("answered 500")])
    callers = callers_of(run, Outside({WEBHOOKS: subscriber}))
    async with callers.as_role("admin") as client, callers.as_role("lead") as lead:
        await client.post("/api/v1/feeds", json=WEB)
        [old] = (await client.get("/api/v1/feeds/web-shop/secret")).json()["secrets"]
        assert old.startswith("whsec_")
        assert (await lead.get("/api/v1/feeds/web-shop/secret")).status_code == 403
        await client.post("/api/v1/feeds/web-shop/rotate")
        [new, second] = (await client.get("/api/v1/feeds/web-shop/secret")).json()["secrets"]
        assert second == old != new

        taken = await client.post("/api/v1/feeds/web-shop/test")
        assert taken.json() == {"taken": True, "reason": ""}
        clock.forward(hours=25)
        assert (await client.get("/api/v1/feeds/web-shop/secret")).json()["secrets"] == [new]
        refused = await client.post("/api/v1/feeds/web-shop/test")
        assert refused.json() == {"taken": False, "reason": "answered 500"}
    assert [len(message.secrets) for message in subscriber.messages] == [2, 1]
    assert subscriber.bodies[0]["type"] == "feed.test"


async def test_a_feed_without_a_webhook_is_not_tried(run: Run) -> None:
    await opened(run, webhook_url="")
    callers = callers_of(run, Outside({WEBHOOKS: Subscriber()}))
    async with callers.as_role("admin") as client:
        assert (await client.post("/api/v1/feeds/web-shop/test")).json()["code"] == "no-webhook"
        assert (await client.post("/api/v1/feeds/web-shop/again", json={})).json()["code"] == "no-webhook"


async def test_the_list_goes_on_by_code(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    for number in range(10):
        await opened(run, f"feed-{number}", places=["camden"])
    async with callers_of(run).as_role("reader") as client:
        page = (await client.get("/api/v1/feeds?limit=3")).json()
        rest = (await client.get(f"/api/v1/feeds?after={page['next']}")).json()
    assert [one["code"] for one in page["items"]] == ["feed-0", "feed-1", "feed-2"]
    assert len(rest["items"]) == 7
    assert rest["items"][0]["delivery"]["behind"] == 1
