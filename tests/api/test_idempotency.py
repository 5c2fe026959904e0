"""Idempotency through HTTP: same key and body, same answer; every other case told apart. Real commits where it counts."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text

from ambidex.kernel.actor import SYSTEM
from ambidex.runtime import idempotency
from ambidex.runtime.db import Tx
from ambidex.runtime.idempotency import Answer, Key, TwinRunning
from ambidex.runtime.perform import Run
from tests.api.test_edge import COUNT, callers, router
from tests.apps import Callers, callers_with
from tests.conftest import Clock
from tests.runtime.test_perform import ring

__all__ = ["callers"]


async def post(client: httpx.AsyncClient, key: str, times: int) -> httpx.Response:
    return await client.post("/api/v1/bells", json={"times": times}, headers={"Idempotency-Key": key})


async def rung(run: Run) -> int:
    async with run.reading() as read:
        count: int = await read.value(COUNT)
    return count


@pytest.fixture
async def lead(callers: Callers) -> AsyncIterator[httpx.AsyncClient]:
    async with callers.as_role("lead") as client:
        yield client


async def test_the_same_key_and_body_get_the_same_bytes(lead: httpx.AsyncClient, run: Run) -> None:
    first, second = await post(lead, "a", 2), await post(lead, "a", 2)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (first.status_code, second.headers["idempotent-replayed"]) == (201, "true")
    assert await rung(run) == 1


async def test_without_a_key_each_is_done(lead: httpx.AsyncClient, run: Run) -> None:
    for _ in range(2):
        await lead.post("/api/v1/bells", json={"times": 2})
    assert await rung(run) == 2


async def test_the_same_key_for_something_else_is_refused(lead: httpx.AsyncClient, run: Run) -> None:
    await post(lead, "a", 2)
    other = await post(lead, "a", 3)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert await rung(run) == 1


async def test_keys_belong_to_their_caller(lead: httpx.AsyncClient, callers: Callers, run: Run) -> None:
    await post(lead, "a", 2)
    async with callers.as_role("associate") as other:
        assert (await post(other, "a", 3)).status_code == 201
    assert await rung(run) == 2


async def test_a_refusal_is_the_answer_too(lead: httpx.AsyncClient, run: Run) -> None:
    first, second = await post(lead, "a", 9), await post(lead, "a", 9)
    assert (first.status_code, first.content) == (409, second.content)
    assert second.headers["idempotent-replayed"] == "true"


async def test_a_failure_of_ours_is_never_frozen(lead: httpx.AsyncClient, run: Run) -> None:
    for _ in range(2):
        failed = await post(lead, "a", 13)
        assert failed.status_code == 500
        assert "idempotent-replayed" not in failed.headers
    async with run.reading() as read:
        assert await read.value(text("SELECT count(*) FROM runtime.idempotency")) == 0


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_that_cannot_be_one_is_refused(lead: httpx.AsyncClient, key: str) -> None:
    answer = await post(lead, key, 1)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_twin_that_still_runs_is_told_apart(own_run: Run) -> None:
    made = callers_with(own_run, router)
    token = await made.token("lead")
    began, go = asyncio.Event(), asyncio.Event()

    async with made.client(token) as client:
        sent = await client.get("/api/v1/bells")
        assert sent.status_code == 200
        caller = (await _caller(made, token)).id
        running = asyncio.create_task(_hold(own_run, Key(caller, "a", b"else"), began, go))
        await began.wait()
        twin = await post(client, "a", 2)
        go.set()
        await running

    assert (twin.status_code, twin.json()["code"], twin.headers["retry-after"]) == (409, "twin-running", "1")


async def test_ten_twins_at_once_do_the_work_once(own_run: Run) -> None:
    made = callers_with(own_run, router)
    async with made.as_role("lead") as client:
        answers = await asyncio.gather(*(post(client, "a", 2) for _ in range(10)))
        late = await post(client, "a", 2)
    assert await rung(own_run) == 1
    assert {a.status_code for a in answers} <= {201, 409}
    assert {a.content for a in answers if a.status_code == 201} == {late.content}


async def test_a_crash_in_the_middle_is_continued(own_run: Run) -> None:
    key = Key("caller", "a", b"request")

    async def dies(tx: Tx) -> Answer:
        await ring(tx, times=1)
        raise ConnectionResetError

    async def lives(tx: Tx) -> Answer:
        await ring(tx, times=1)
        return Answer(201, b"{}")

    with pytest.raises(ConnectionResetError):
        await own_run.perform(SYSTEM, idempotency.once, key, dies)
    assert await rung(own_run) == 0

    answer = await own_run.perform(SYSTEM, idempotency.once, key, lives)
    again = await own_run.perform(SYSTEM, idempotency.once, key, lives)
    assert (answer.is_repeated, again.is_repeated, await rung(own_run)) == (False, True, 1)


async def test_keys_are_kept_ninety_days(run: Run, clock: Clock) -> None:
    key = Key("caller", "a", b"request")

    async def answered(tx: Tx) -> Answer:
        return Answer(200, json.dumps(tx.now.isoformat()).encode())

    first = await run.perform(SYSTEM, idempotency.once, key, answered)
    clock.forward(days=89)
    await run.perform(SYSTEM, idempotency.forget_old)
    assert (await run.perform(SYSTEM, idempotency.once, key, answered)).body == first.body
    clock.forward(days=2)
    await run.perform(SYSTEM, idempotency.forget_old)
    assert not (await run.perform(SYSTEM, idempotency.once, key, answered)).is_repeated


async def test_keyed_work_costs_two_more_statements(run: Run) -> None:
    async def counted(tx: Tx, key: Key | None) -> int:
        async def work(tx: Tx) -> Answer:
            return Answer(200, b"{}")

        before = tx.statements
        await idempotency.once(tx, key, work)
        return tx.statements - before

    assert await run.perform(SYSTEM, counted, Key("caller", "b", b"x")) == 2
    assert await run.perform(SYSTEM, counted, None) == 0


async def test_twins_in_one_list_are_told_apart(run: Run) -> None:
    key = Key("caller", "a", b"request")
    first, second = await run.perform(SYSTEM, idempotency.ask, [key, key])
    assert first is None
    assert isinstance(second, TwinRunning)


async def _caller(made: Callers, token: str) -> object:
    return await made.app.state.callers.by_token(token)


async def _hold(run: Run, key: Key, began: asyncio.Event, go: asyncio.Event) -> None:
    async def work(tx: Tx) -> Answer:
        began.set()
        await go.wait()
        return Answer(200, b"{}")

    await run.perform(SYSTEM, idempotency.once, key, work)
