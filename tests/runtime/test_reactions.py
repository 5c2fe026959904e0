"""Reactions: each event once and in order; only the one that cannot be applied is parked, and can be replayed."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Busy, Run
from ambidex.runtime.publisher import publish_all
from ambidex.runtime.reactions import NotParked, Reaction, Reactor, StoredEvent, Turn, replay, settle
from tests.runtime.test_perform import Rang, ring
from tests.waits import until

PARKED = text("SELECT position, reason, owner, attempts, replayed_at FROM runtime.parked_reactions")


class Ear:
    """Remembers in the database what it heard; `deaf_to` cannot be borne."""

    def __init__(self, *deaf_to: int) -> None:
        self.deaf_to = set(deaf_to)
        self.lists: list[int] = []

    async def listen(self, tx: Tx, events: Sequence[StoredEvent]) -> None:
        self.lists.append(len(events))
        for event in events:
            await tx.run(
                text(
                    "INSERT INTO runtime.settings VALUES (:name, to_jsonb(CAST(:times AS int)), :now, 'ear')"
                ),
                {"name": f"heard {event.position}", "times": event.payload["times"], "now": tx.now},
            )
        if self.deaf_to & {event.payload["times"] for event in events}:
            raise ZeroDivisionError("too shrill for Ama Owusu")

    @property
    def reaction(self) -> Reaction:
        return Reaction("ear", frozenset({Rang.name}), self.listen, owner="lead")


async def ring_all(tx: Tx, *, loudness: Sequence[int]) -> None:
    for times in loudness:
        tx.announce(Ref("bell", "1"), Rang(times))


async def heard(run: Run) -> list[int]:
    async with run.reading() as read:
        rows = await read.all(text("SELECT value FROM runtime.settings ORDER BY substr(name, 7)::int"))
    return [row.value for row in rows]


async def heard_up_to(run: Run, loudness: int) -> bool:
    return loudness in await heard(run)


async def test_events_are_applied_in_order_as_lists_and_once(run: Run) -> None:
    ear = Ear()
    await run.perform(SYSTEM, ring_all, loudness=range(1200))
    await settle(run, [ear.reaction])
    await settle(run, [ear.reaction])
    assert await heard(run) == list(range(1200))
    assert ear.lists == [500, 500, 200]


async def test_only_the_bad_events_are_parked(run: Run) -> None:
    ear = Ear(17, 18, 99)
    await run.perform(SYSTEM, ring_all, loudness=range(100))
    await settle(run, [ear.reaction])
    assert await heard(run) == [n for n in range(100) if n not in {17, 18, 99}]
    async with run.reading() as read:
        parked = await read.all(PARKED)
    assert [(row.position, row.owner) for row in parked] == [(18, "lead"), (19, "lead"), (100, "lead")]
    assert parked[0].reason == "ZeroDivisionError: too shrill for Ama Owusu"


async def test_a_parked_event_is_replayed_once_repaired(run: Run) -> None:
    ear = Ear(5)
    await run.perform(SYSTEM, ring_all, loudness=[4, 5, 6])
    await settle(run, [ear.reaction])
    with pytest.raises(ZeroDivisionError):
        await run.perform(SYSTEM, replay, reaction=ear.reaction, position=2)

    ear.deaf_to.clear()
    await run.perform(SYSTEM, replay, reaction=ear.reaction, position=2)

    assert await heard(run) == [4, 5, 6]
    with pytest.raises(NotParked):
        await run.perform(SYSTEM, replay, reaction=ear.reaction, position=2)


@pytest.mark.parametrize(
    "statement",
    ["DO $$ BEGIN RAISE EXCEPTION 'stopping' USING ERRCODE = '57P01'; END $$", "SELECT column_of_next_week"],
)
async def test_a_failure_that_is_not_about_the_event_parks_nothing(run: Run, statement: str) -> None:
    async def no_server(tx: Tx, events: Sequence[StoredEvent]) -> None:
        await tx.run(text(statement))

    await run.perform(SYSTEM, ring, times=1)
    with pytest.raises(DBAPIError):
        await settle(run, [Reaction("ear", frozenset({Rang.name}), no_server)])
    async with run.reading() as read:
        assert await read.all(PARKED) == []

    await settle(run, [Ear().reaction])
    assert await heard(run) == [1]


async def test_what_passes_by_itself_is_settled_at_the_next_try(run: Run) -> None:
    ear, tries = Ear(), 0

    async def busy_twice(tx: Tx, events: Sequence[StoredEvent]) -> None:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise Busy(command="listen")
        await ear.listen(tx, events)

    await run.perform(SYSTEM, ring, times=1)
    await settle(run, [Reaction("ear", frozenset({Rang.name}), busy_twice)])
    assert (await heard(run), tries) == ([1], 3)


async def test_events_of_other_names_are_passed_over(run: Run) -> None:
    ear = Ear()
    await run.perform(SYSTEM, ring, times=1)
    await settle(run, [Reaction("ear", frozenset({"bell.broke"}), ear.listen)])
    assert ear.lists == []


async def test_two_workers_share_the_reactions_without_doubling(own_run: Run) -> None:
    deaf_to = {700, 701, 900, 1499}
    ear = Ear(*deaf_to)
    await own_run.perform(SYSTEM, ring_all, loudness=range(1500))
    await publish_all(own_run.database)
    workers = [Reactor(own_run, [ear.reaction]) for _ in range(3)]
    await workers[0].begin()

    for _ in range(5):
        await asyncio.gather(*(worker.catch_up() for worker in workers))

    assert await heard(own_run) == [n for n in range(1500) if n not in deaf_to]
    async with own_run.reading() as read:
        assert {row.position - 1 for row in await read.all(PARKED)} == deaf_to


class Ticking:
    """Something new every moment, says this one."""

    async def beyond(self, position: int, *, seconds: float) -> int:
        await asyncio.sleep(0.01)
        return position + 1


async def test_a_slow_reaction_and_one_in_need_of_repair_keep_no_other_waiting(own_run: Run) -> None:
    ear, heard_by_slow = Ear(), asyncio.Event()

    async def slow(tx: Tx, events: Sequence[StoredEvent]) -> None:
        heard_by_slow.set()
        await asyncio.sleep(60)

    async def broken(tx: Tx, events: Sequence[StoredEvent]) -> None:
        await tx.run(text("SELECT column_of_next_week"))

    names = frozenset({Rang.name})
    reactor = Reactor(
        own_run, [Reaction("slow", names, slow), Reaction("broken", names, broken), ear.reaction]
    )
    task = asyncio.create_task(reactor.watch(Ticking()))
    try:
        for loudness in (1, 2, 3):
            await own_run.perform(SYSTEM, ring_all, loudness=[loudness])
            await publish_all(own_run.database)
            await until(partial(heard_up_to, own_run, loudness))
        assert heard_by_slow.is_set()
        assert await heard(own_run) == [1, 2, 3]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_reaction_that_nothing_concerns_costs_no_turn(run: Run) -> None:
    ear = Ear()
    other = Reaction("other", frozenset({"bell.broke"}), ear.listen)
    reactor = Reactor(run, [ear.reaction, other])
    await reactor.begin()
    turns: list[str] = []
    perform, applied = reactor._apply, 0

    async def counted(tx: Tx, *, reaction: Reaction, head: int, limit: int) -> Turn:
        turns.append(reaction.name)
        return await perform(tx, reaction=reaction, head=head, limit=limit)

    reactor._apply = counted  # type: ignore[method-assign]  # turns are counted, nothing else
    for _ in range(4):
        await run.perform(SYSTEM, ring, times=1)
        await publish_all(run.database)
        applied += await reactor.catch_up()
    assert applied == 4
    assert turns == ["ear", "other", "ear", "ear", "ear"], "the first look asks everybody"
