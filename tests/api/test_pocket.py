"""The pocket over HTTP: each deed once, in order, and what does not fit becomes a task with both sides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from ambidex.domains.fulfillment import PickupCodes
from ambidex.domains.fulfillment.rules import code_proof
from ambidex.flows.cancel import cancel
from ambidex.flows.make_ready import make_ready
from ambidex.kernel.actor import SYSTEM
from tests.apps import SECRET_KEY, callers_of
from tests.conftest import NOON, Clock
from tests.flows.counter import Counter, counter
from tests.shop import Shop

API = "/api/v1/pocket"
CODES = PickupCodes(bytes.fromhex(SECRET_KEY))
HOUR_AGO = NOON - timedelta(hours=1)


def deed(kind: str, n: int, *, at: datetime = HOUR_AGO, **facts: Any) -> dict[str, Any]:
    """A deed with a key of its own, one after the other."""
    when = (at + timedelta(seconds=n)).isoformat()
    return {"kind": kind, "key": f"deed-{kind}-{n:04}", "happened_at": when, **facts}


async def send(
    client: httpx.AsyncClient, *deeds: dict[str, Any], device_now: datetime = NOON
) -> list[dict[str, Any]]:
    answer = await client.post(
        API, json={"device": "phone-3", "device_now": device_now.isoformat(), "deeds": list(deeds)}
    )
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["deeds"]
    return told


def outcomes(told: list[dict[str, Any]]) -> list[str]:
    return [one["outcome"] for one in told]


@asynccontextmanager
async def on_the_floor(
    shop: Shop, role: str = "associate", place: str = "camden"
) -> AsyncIterator[httpx.AsyncClient]:
    async with callers_of(shop.run).as_role(role, shop.places[place].location_id) as client:
        yield client


@pytest.fixture
async def at(shop: Shop, clock: Clock) -> Counter:
    """Two mugs are ordered and accepted, two hours before noon; ten lie there."""
    clock.now = NOON - timedelta(hours=2)
    order = await counter(shop, stock=10, mug_01=2)
    await order.accept()
    clock.now = NOON
    return order


def pickup(at: Counter) -> list[dict[str, Any]]:
    """Two scans, the shelf, ready."""
    work = at.work_id()
    return [
        deed("pick", 1, work=work, barcode="B-MUG-01"),
        deed("pick", 2, work=work, barcode="B-MUG-01"),
        deed("stage", 3, work=work, place="SHELF-B3"),
        deed("ready", 4, work=work),
    ]


async def test_an_hour_of_work_lands_once_with_its_own_times(shop: Shop, at: Counter) -> None:
    count = deed("count", 5, location="camden", item="MUG-01", counted=8)
    async with on_the_floor(shop) as client:
        told = await send(client, *pickup(at), count)
        assert outcomes(told) == ["done"] * 5
        again = await send(client, *pickup(at), count)
    assert outcomes(again) == ["done"] * 5
    assert all(one["repeated"] for one in again)
    assert (await at.work()).state == "ready"
    rows = await at.rows("SELECT step, happened_at FROM fulfillment.evidence ORDER BY happened_at")
    assert [row.happened_at for row in rows] == [HOUR_AGO + timedelta(seconds=n) for n in (1, 2, 3)]
    shelf = await shop.stock("camden", "MUG-01")
    assert (shelf.sellable, shelf.staged) == (8, 2), "staged before the count, so the count is not lowered"
    assert len(await at.rows("SELECT 1 FROM counting.entries")) == 1
    assert len(await at.rows("SELECT 1 FROM pocket.deeds")) == 5


async def test_accepting_refusing_and_not_finding_land_once(shop: Shop, clock: Clock) -> None:
    clock.now = NOON - timedelta(hours=1)
    mine, others = await counter(shop, stock=10, mug_01=2), await counter(shop, stock=10, mug_01=1)
    clock.now = NOON
    deeds = [
        deed("accept", 1, work=mine.work_id()),
        deed("pick", 2, work=mine.work_id(), barcode="B-MUG-01"),
        deed("cannot_find", 3, work=mine.work_id(), line=1, quantity=1, reason="not there"),
        deed("refuse", 4, work=others.work_id(), reason="too busy"),
    ]
    async with on_the_floor(shop) as client:
        assert outcomes(await send(client, *deeds)) == ["done"] * 4
        assert outcomes(await send(client, *deeds)) == ["done"] * 4
        # under other keys: what was wanted is true, and units that are not there are not missed twice
        again = [
            deed("accept", 5, work=mine.work_id()),
            deed("refuse", 6, work=others.work_id(), reason="no"),
        ]
        assert outcomes(await send(client, *again)) == ["done"] * 2
    assert (await mine.work()).state == "picked"
    assert (await shop.stock("camden", "MUG-01")).suspect == 1
    [missing] = await mine.rows("SELECT happened_at FROM fulfillment.evidence WHERE step = 'cannot_find'")
    assert missing.happened_at == HOUR_AGO + timedelta(seconds=3)
    assert (await others.work()).state == "refused"
    assert len(await mine.rows("SELECT 1 FROM counting.counts WHERE kind = 'short_pick'")) == 1


async def test_what_a_place_keeps_of_a_work_is_refused_once_under_any_key(shop: Shop, clock: Clock) -> None:
    order = await counter(shop, stock=10, mug_01=3)
    clock.now = NOON
    said: dict[str, Any] = {"work": order.work_id(), "reason": "not in stock", "keeps": {"1": 2}}
    async with on_the_floor(shop) as client:
        for number in (1, 2):
            assert outcomes(await send(client, deed("refuse", number, **said))) == ["done"]
    work = await order.work()
    assert (work.state, work.lines[0].wanted) == ("offered", 2)


async def test_accepted_by_a_colleague_meanwhile_is_a_conflict_with_what_follows(
    shop: Shop, at: Counter
) -> None:
    async with on_the_floor(shop) as client:
        told = await send(
            client,
            deed("accept", 1, work=at.work_id()),
            deed("cannot_find", 2, work=at.work_id(), line=1, quantity=5, reason="not there"),
        )
    assert outcomes(told) == ["conflict", "conflict"]
    assert told[0]["task"] == told[1]["task"]
    [row, _] = await at.rows("SELECT * FROM pocket.deeds ORDER BY said_at")
    assert (row.kind, row.stands["by"]) == ("accept", "Inès Caron")


async def test_half_of_it_again_and_then_the_rest(shop: Shop, at: Counter) -> None:
    deeds = pickup(at)
    async with on_the_floor(shop) as client:
        assert outcomes(await send(client, *deeds[:2])) == ["done"] * 2
        told = await send(client, *deeds)
    assert [one["repeated"] for one in told] == [True, True, False, False]
    assert outcomes(told) == ["done"] * 4


async def test_out_of_order_is_a_conflict_for_a_person_and_nothing_is_lost(shop: Shop, at: Counter) -> None:
    first, second, shelf, ready = pickup(at)
    async with on_the_floor(shop) as client:
        told = await send(client, shelf, first, second, ready)
    assert outcomes(told) == ["conflict", "done", "done", "conflict"]
    assert told[0]["task"] == told[3]["task"], "one task for one work"
    assert (await at.work()).state == "picked"


async def test_canceled_meanwhile_is_a_task_with_both_sides(shop: Shop, at: Counter) -> None:
    await shop.run.perform(SYSTEM, cancel, order_id=at.order_id, reason="changed their mind")
    async with on_the_floor(shop) as client:
        told = await send(client, *pickup(at))
        assert set(outcomes(told)) == {"conflict"}
        repeated = await send(client, *pickup(at))
    assert [one["task"] for one in repeated] == [one["task"] for one in told]
    [task] = await at.rows("SELECT * FROM tasks.tasks WHERE kind = 'settle_offline'")
    assert (task.role, task.order_id, task.location_id) == (
        "lead",
        at.order_id,
        shop.places["camden"].location_id,
    )
    rows = await at.rows("SELECT * FROM pocket.deeds ORDER BY said_at")
    assert [row.kind for row in rows] == ["pick", "pick", "stage", "ready"]
    assert rows[0].said["barcode"] == "B-MUG-01"
    assert rows[0].stands["state"] == "canceled"
    assert {row.task_id for row in rows} == {task.task_id}
    assert await at.owner() is not None, "somebody owns what was done to a canceled order"


async def ready_at(at: Counter) -> tuple[str, int, str]:
    """Make it ready; its work, the number of its code and the proof of a phone that saw it."""
    await at.pick()
    await at.stage()
    work = await at.run.perform(at.ines, make_ready, work_id=at.work_id(), codes=CODES)
    code = CODES.code(work.id, 1)
    return work.id, 1, code_proof(code, work.id, 1).hex()


async def test_a_hand_over_offline_by_the_proof_of_its_code(shop: Shop, at: Counter) -> None:
    work, code_no, proof = await ready_at(at)
    given = deed("hand_over", 1, work=work, code_no=code_no, code_proof=proof)
    async with on_the_floor(shop) as client:
        assert outcomes(await send(client, given)) == ["done"]
        assert outcomes(await send(client, given)) == ["done"]
        [used] = await send(client, deed("hand_over", 2, work=work, code_no=code_no, code_proof=proof))
    assert (used["outcome"], used["problem"]) == ("conflict", "This pickup code was used or withdrawn.")
    assert (await at.work()).state == "handed_over"
    [row] = await at.rows("SELECT said FROM pocket.deeds WHERE outcome = 'done'")
    assert CODES.code(work, code_no) not in str(row.said)
    [evidence] = await at.rows("SELECT happened_at FROM fulfillment.evidence WHERE step = 'hand_over'")
    assert evidence.happened_at == HOUR_AGO + timedelta(seconds=1)


async def test_a_forged_proof_is_refused(shop: Shop, at: Counter) -> None:
    work, code_no, _ = await ready_at(at)
    verifier = CODES.verifier(work, code_no)
    async with on_the_floor(shop) as client:
        told = await send(client, deed("hand_over", 1, work=work, code_no=code_no, code_proof=verifier))
    assert outcomes(told) == ["conflict"], "what a device was given is not what the customer shows"
    assert (await at.work()).state == "ready"


async def test_who_sends_is_not_who_did_it(shop: Shop, at: Counter) -> None:
    async with on_the_floor(shop) as client:
        told = await send(client, deed("pick", 1, work=at.work_id(), barcode="B-MUG-01", by="somebody-else"))
    assert outcomes(told) == ["not_yours"]
    assert await at.rows("SELECT 1 FROM pocket.deeds") == []


async def test_at_another_place_it_is_a_task_for_the_own_lead(shop: Shop, at: Counter) -> None:
    await shop.place("kilburn")
    async with on_the_floor(shop, place="kilburn") as client:
        told = await send(client, *pickup(at)[:1])
    assert outcomes(told) == ["conflict"]
    [task] = await at.rows("SELECT * FROM tasks.tasks WHERE kind = 'settle_offline'")
    assert (task.location_id, task.order_id) == (shop.places["kilburn"].location_id, None)
    assert (await at.work()).state == "accepted"


async def test_an_expired_session_keeps_everything_on_the_device(shop: Shop, at: Counter) -> None:
    async with callers_of(shop.run).client("gone") as client:
        answer = await client.post(
            API, json={"device": "d", "device_now": NOON.isoformat(), "deeds": pickup(at)}
        )
    assert answer.status_code == 401
    assert await at.rows("SELECT 1 FROM pocket.deeds") == []


async def test_a_clock_that_is_wrong_by_hours_is_put_right(shop: Shop, at: Counter) -> None:
    wrong = timedelta(hours=2)
    async with on_the_floor(shop) as client:
        await send(
            client,
            deed("pick", 1, at=HOUR_AGO + wrong, work=at.work_id(), barcode="B-MUG-01"),
            device_now=NOON + wrong,
        )
    [row] = await at.rows("SELECT said_at, happened_at, clock_ahead_seconds FROM pocket.deeds")
    assert (row.happened_at, row.clock_ahead_seconds) == (HOUR_AGO + timedelta(seconds=1), 7200)


async def test_the_same_key_with_other_facts_is_a_conflict(shop: Shop, at: Counter) -> None:
    async with on_the_floor(shop) as client:
        await send(client, deed("pick", 1, work=at.work_id(), barcode="B-MUG-01"))
        answer = await send(client, deed("pick", 1, work=at.work_id(), barcode="B-BOWL-02"))
    assert outcomes(answer) == ["conflict"]


async def test_a_count_offline_far_from_the_book_waits_for_another_person(shop: Shop, at: Counter) -> None:
    async with on_the_floor(shop) as client:
        assert outcomes(
            await send(client, deed("count", 1, location="camden", item="B-MUG-01", counted=2))
        ) == ["done"]
        refused = await send(client, deed("count", 2, location="camden", item="MUG-01", counted=3))
    assert outcomes(refused) == ["conflict"], "the same person never counts it again"
    assert (await shop.stock("camden", "MUG-01")).sellable == 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "sing"},
        {"kind": "count", "counted": -1},
        {"kind": "hand_over", "code_proof": "ABCD-EFGH"},
        {"key": "short"},
        {"happened_at": "yesterday"},
    ],
)
async def test_bad_input_is_named(shop: Shop, at: Counter, wrong: dict[str, Any]) -> None:
    said = deed("count", 1, location="camden", item="MUG-01", counted=2) | {"work": at.work_id()} | wrong
    async with on_the_floor(shop) as client:
        answer = await client.post(API, json={"device": "d", "device_now": NOON.isoformat(), "deeds": [said]})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-input")


async def test_two_tabs_at_once_take_each_deed_once(own_shop: Shop, clock: Clock) -> None:
    clock.now = NOON - timedelta(hours=2)
    at = await counter(own_shop, stock=10, mug_01=2)
    await at.accept()
    clock.now = NOON
    async with on_the_floor(own_shop) as client:
        deeds = [*pickup(at), deed("count", 5, location="camden", item="MUG-01", counted=8)]
        tabs = await asyncio.gather(*(send(client, *deeds) for _ in range(4)))
        for _ in range(3):
            tabs.append(await send(client, *deeds))
    assert outcomes(tabs[-1]) == ["done"] * 5
    assert not any("conflict" in outcomes(told) for told in tabs)
    assert len(await at.rows("SELECT 1 FROM pocket.deeds")) == 5
    assert len(await at.rows("SELECT 1 FROM fulfillment.evidence")) == 3
    shelf = await own_shop.stock("camden", "MUG-01")
    assert (shelf.sellable, shelf.staged) == (8, 2)
