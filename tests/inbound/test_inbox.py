"""The inbox itself: kept once, applied once, parked with an owner, refused in sight and in bounds."""

from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import BadInput, MovedOn
from ambidex.runtime import inbox
from ambidex.runtime.perform import Run
from tests.conftest import Clock


def delivery(key: str = "w-1", body: bytes = b"{}", source: str = "shopify:main") -> inbox.Delivery:
    return inbox.Delivery(source, key, "orders/create", {"x-shopify-topic": "orders/create"}, body)


async def stored(run: Run, key: str = "w-1") -> UUID:
    return (await run.perform(SYSTEM, inbox.store, delivery(key))).message_id


async def state(run: Run, message_id: UUID) -> str:
    async with run.reading() as read:
        return (await inbox.message(read, message_id)).state


async def test_a_delivery_is_kept_once(run: Run) -> None:
    first = await run.perform(SYSTEM, inbox.store, delivery(body=b"\xff raw"))
    second = await run.perform(SYSTEM, inbox.store, delivery(body=b"other"))
    assert (first.again, second.again) == (False, True)
    assert first.message_id == second.message_id
    async with run.reading() as read:
        kept = await inbox.message(read, first.message_id)
    assert (kept.body, kept.state, kept.headers) == (
        b"\xff raw",
        "stored",
        {"x-shopify-topic": "orders/create"},
    )


async def test_the_same_delivery_id_of_another_source_is_another_message(run: Run) -> None:
    first = await run.perform(SYSTEM, inbox.store, delivery())
    second = await run.perform(SYSTEM, inbox.store, delivery(source="shopify:other"))
    assert first.message_id != second.message_id


async def test_a_taken_message_is_leased_and_comes_back(run: Run, clock: Clock) -> None:
    await stored(run)
    assert [m.attempts for m in await run.perform(SYSTEM, inbox.take)] == [1]
    assert await run.perform(SYSTEM, inbox.take) == []
    clock.forward(seconds=91)
    assert [m.attempts for m in await run.perform(SYSTEM, inbox.take)] == [2]


async def test_later_means_later(run: Run, clock: Clock) -> None:
    await stored(run)
    [taken] = await run.perform(SYSTEM, inbox.take)
    await run.perform(SYSTEM, inbox.try_later, taken, reason="no answer from the platform")
    clock.forward(seconds=4)
    assert await run.perform(SYSTEM, inbox.take) == []
    clock.forward(seconds=1)
    assert len(await run.perform(SYSTEM, inbox.take)) == 1


async def test_a_message_takes_effect_once(run: Run) -> None:
    message_id = await stored(run)
    await run.perform(SYSTEM, inbox.settle, message_id, outcome="placed")
    with pytest.raises(MovedOn):
        await run.perform(SYSTEM, inbox.settle, message_id, outcome="placed")


async def test_parked_has_reason_and_owner_and_can_be_replayed(run: Run) -> None:
    message_id = await stored(run)
    await run.perform(SYSTEM, inbox.park, message_id, reason="unknown item GREEN-TEA", owner="experience")
    async with run.reading() as read:
        page = await inbox.messages(read, state="parked")
        again = await inbox.parked_because(read, "shopify:main", says="item GREEN-TEA")
    assert [(m.reason, m.owner) for m in page.items] == [("unknown item GREEN-TEA", "experience")]
    assert again == [message_id]
    await run.perform(SYSTEM, inbox.replay, message_id)
    assert [m.attempts for m in await run.perform(SYSTEM, inbox.take)] == [1]
    with pytest.raises(MovedOn):
        await run.perform(SYSTEM, inbox.replay, message_id)


async def test_the_database_refuses_a_parked_message_without_owner(run: Run) -> None:
    message_id = await stored(run)
    with pytest.raises(Exception, match="parked_is_owned"):
        await run.perform(SYSTEM, inbox.park, message_id, reason="unknown item", owner="")


async def test_dismissing_needs_a_reason_and_stays_visible(run: Run) -> None:
    message_id = await stored(run)
    await run.perform(SYSTEM, inbox.park, message_id, reason="unknown item X", owner="experience")
    with pytest.raises(BadInput):
        await run.perform(SYSTEM, inbox.dismiss, message_id, reason=" ")
    await run.perform(SYSTEM, inbox.dismiss, message_id, reason="a test order of the agency")
    async with run.reading() as read:
        kept = await inbox.message(read, message_id)
    assert (kept.state, kept.reason) == ("refused", "a test order of the agency")


async def test_a_forged_message_does_not_shadow_the_true_one(run: Run) -> None:
    await run.perform(SYSTEM, inbox.refuse, delivery("w-9"), reason="wrongly signed")
    await run.perform(SYSTEM, inbox.refuse, delivery("w-9"), reason="wrongly signed")
    assert not (await run.perform(SYSTEM, inbox.store, delivery("w-9"))).again
    async with run.reading() as read:
        refused = await inbox.messages(read, state="refused")
    assert [(m.attempts, m.reason) for m in refused.items] == [(2, "wrongly signed")]


async def test_refused_ones_are_bounded(run: Run) -> None:
    for number in range(6):
        forged = delivery(f"w-{number}", b"x" * 20_000)
        await run.perform(SYSTEM, inbox.refuse, forged, reason="wrongly signed", kept_max=3)
    async with run.reading() as read:
        refused = await inbox.messages(read, state="refused")
    assert len(refused.items) == 3
    assert all(len(m.body) == inbox.REFUSED_BYTES_MAX for m in refused.items)


async def test_pages_go_on_where_they_stopped(run: Run, clock: Clock) -> None:
    ids = []
    for number in range(5):
        clock.forward(seconds=1)
        ids.append(await stored(run, f"w-{number}"))
    async with run.reading() as read:
        first = await inbox.messages(read, state="stored", limit=3)
        rest = await inbox.messages(read, state="stored", limit=3, after=first.next)
        assert (await inbox.counts(read))["stored"] == 5
    assert [m.message_id for m in [*first.items, *rest.items]] == ids[::-1]
    assert rest.next is None


async def test_each_settlement_is_an_event(run: Run) -> None:
    message_id = await stored(run)
    await run.perform(SYSTEM, inbox.park, message_id, reason="unknown item X", owner="experience")
    await run.perform(SYSTEM, inbox.replay, message_id)
    async with run.reading() as read:
        rows = await read.all(text("SELECT name FROM runtime.events ORDER BY seq"))
    assert [row.name for row in rows] == ["inbox.parked", "inbox.replayed"]
