"""GET /events and /live over real HTTP: lists by position, a stream that goes on, reconnecting, scope by place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from ambidex.domains import identity
from ambidex.entry.http import listen, serve
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.publisher import publish_all
from tests.api.test_edge import signed_in
from tests.apps import Callers, callers_of, house_of
from tests.conftest import NOON
from tests.runtime.test_perform import Rang
from tests.shop import Shop
from tests.waits import PATIENCE, until


async def ring_at(tx: Tx, *, times: int, place: LocationId | None = None) -> None:
    tx.announce(Ref("bell", str(times)), Rang(times), location_id=place)


async def happen(run: Run, *numbers: int, place: LocationId | None = None) -> None:
    for times in numbers:
        await run.perform(SYSTEM, ring_at, times=times, place=place)
    await publish_all(run.database)


@asynccontextmanager
async def served(run: Run, outside: Outside | None = None) -> AsyncIterator[str]:
    """A real server in this loop; its address."""
    house, stop, listener = house_of(run, outside), asyncio.Event(), listen("127.0.0.1", 0)
    live = asyncio.create_task(house.live.watch())
    serving = asyncio.create_task(serve(house, listener, stop))
    await until(lambda: house.live.listening)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        await serving
        live.cancel()
        await asyncio.gather(live, return_exceptions=True)


class Stream:
    """Reads a server-sent stream: ids and JSON."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.last_id = ""

    async def next(self) -> tuple[str, Any]:
        """The next message: its event name and what it carries."""
        name = "message"
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                field, _, text = line.partition(": ")
                if field == "id":
                    self.last_id = text
                elif field == "event":
                    name = text
                elif field == "data":
                    return name, orjson.loads(text) if text[0] in "{[" else text
        raise AssertionError("the stream ended")


async def test_a_list_goes_on_by_position(run: Run) -> None:
    await happen(run, 1, 2, 3)
    async with callers_of(run).as_role("reader") as client:
        events = (await client.get("/api/v1/events?limit=3")).json()
        first, second, third = [e for e in events["items"] if e["name"] == "bell.rang"]
        more = (await client.get(f"/api/v1/events?after={first['position']}&limit=1")).json()
    assert (first["payload"], first["subject"], first["actor"]["name"]) == ({"times": 1}, "bell:1", "Ambidex")
    assert [e["position"] for e in more["items"]] == [second["position"]]
    assert more["next"] == str(second["position"])
    assert third["happened_at"] == NOON.isoformat()


async def test_who_is_bound_to_a_place_sees_what_happens_there(run: Run, shop: Shop) -> None:
    here, there = await shop.place("camden"), await shop.place("leith")
    await happen(run, 1, place=here.location_id)
    await happen(run, 2, place=there.location_id)
    await happen(run, 3)
    callers = callers_of(run)
    seen = {
        role: await rung(callers, role, *places)
        for role, places in {"integration": (here.location_id,), "admin": ()}.items()
    }
    assert seen["admin"] == [1, 2, 3]
    async with callers.as_role("partner", here.location_id) as partner:
        assert (await partner.get("/api/v1/events")).status_code == 403


async def rung(callers: Callers, role: str, *places: LocationId) -> list[int]:
    async with callers.as_role(role, *places) as client:
        items = (await client.get("/api/v1/events")).json()["items"]
    return [e["payload"]["times"] for e in items if e["name"] == "bell.rang"]


async def test_a_stream_catches_up_and_goes_on_after_a_reconnect(own_run: Run) -> None:
    token = await callers_of(own_run).token("reader")
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    await happen(own_run, 1, 2)
    async with served(own_run) as address, httpx.AsyncClient(base_url=address, headers=headers) as client:
        async with client.stream("GET", "/api/v1/events?after=0") as answer:
            stream = Stream(answer)
            seen = [await stream.next() for _ in range(3)]
            await happen(own_run, 3)
            seen.append(await stream.next())
        await happen(own_run, 4, 5)
        async with client.stream(
            "GET", "/api/v1/events", headers={"Last-Event-ID": stream.last_id}
        ) as answer:
            stream = Stream(answer)
            seen += [await stream.next() for _ in range(2)]
    assert [e["payload"]["times"] for name, e in seen if name == "bell.rang"] == [1, 2, 3, 4, 5]


async def test_live_tells_topics_and_nothing_else(own_run: Run, own_shop: Shop) -> None:
    keys = await signed_in(own_run)
    place = await own_shop.place()
    await publish_all(own_run.database)
    headers = {"Cookie": f"ambidex_session={keys.cookie}"}
    async with (
        served(own_run) as address,
        httpx.AsyncClient(base_url=address, headers=headers) as client,
        client.stream("GET", "/live") as answer,
    ):
        await happen(own_run, 7, place=place.location_id)
        name, told = await Stream(answer).next()
    assert (name, told) == ("message", {"topics": ["bell:7", "bell", f"place:{place.location_id}"]})


async def test_who_was_away_for_long_is_told_to_renew_everything(own_run: Run) -> None:
    keys = await signed_in(own_run)

    async def much(tx: Tx) -> None:
        for times in range(1100):
            tx.announce(Ref("bell", "1"), Rang(times))

    await own_run.perform(SYSTEM, much)
    await publish_all(own_run.database)
    headers = {"Cookie": f"ambidex_session={keys.cookie}"}
    async with (
        served(own_run) as address,
        httpx.AsyncClient(base_url=address, headers=headers) as client,
        client.stream("GET", "/live?after=1") as answer,
    ):
        stream = Stream(answer)
        assert await stream.next() == ("reset", "all")
        assert int(stream.last_id) > 1100


async def test_the_live_stream_is_for_those_signed_in(run: Run) -> None:
    async with callers_of(run).client() as client:
        assert (await client.get("/live")).status_code == 401


@pytest.mark.parametrize("last", ["newest", "-1"])
async def test_a_position_that_is_none_is_refused(run: Run, last: str) -> None:
    async with callers_of(run).as_role("reader") as client:
        answer = await client.get("/api/v1/events", headers={"Last-Event-ID": last})
    assert answer.status_code == 422


async def test_a_locked_device_hears_nothing(run: Run, clock: object) -> None:
    grant = identity.Grant(identity.Role.ASSOCIATE)
    account = identity.NewAccount("mei", "Mei Tanaka", password_hash="x", grants=(grant,))
    await run.perform(SYSTEM, identity.put_accounts, [account])
    async with run.reading() as read:
        found = await identity.account_by_login(read, "mei")
    assert found is not None
    keys = identity.SessionKeys(cookie="k" * 43, csrf="s" * 43)
    shared = identity.Device("till 2", shared=True)
    await run.perform(SYSTEM, identity.open_session, found, keys=keys, device=shared, tried=("login:mei",))
    clock.now += timedelta(minutes=11)  # type: ignore[attr-defined]  # the fixture's clock
    async with callers_of(run).client(Cookie=f"ambidex_session={keys.cookie}") as client:
        assert (await client.get("/live")).json()["code"] == "session-locked"
