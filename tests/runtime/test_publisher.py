"""Positions and the hash chain: nothing is lost when commits overtake each other; tampering is found."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from ambidex.kernel.actor import SYSTEM
from ambidex.runtime import outbox
from ambidex.runtime.db import Database, Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.publisher import Publisher, publish, publish_all, verify_chain
from ambidex.runtime.refusals import RefusedByDatabase
from tests.runtime.test_perform import ring
from tests.waits import until

LAST = text("SELECT coalesce(max(seq), 0) FROM runtime.events WHERE seq > :after")
SEEN_BY_SEQ = text("SELECT seq FROM runtime.events WHERE seq > :after ORDER BY seq")
SEEN_BY_POSITION = text("SELECT seq, position FROM runtime.events WHERE position > :after ORDER BY position")


SHIFT = "UPDATE runtime.events SET position = position + 1 WHERE position = 10"
COPY_TO = """
INSERT INTO runtime.events (position, event_id, name, subject, actor, payload, happened_at, recorded_at, hash)
SELECT {}, event_id, name, subject, actor, payload, happened_at, recorded_at, hash
FROM runtime.events WHERE position = 9"""


# only the owner of the tables can: the application itself is refused
DISARM = "ALTER TABLE runtime.events DISABLE TRIGGER USER"


async def slow_bell(tx: Tx, *, rung: asyncio.Event, go: asyncio.Event) -> None:
    """Takes its number early and commits late."""
    await ring(tx, times=1)
    await outbox.write(tx)
    rung.set()
    await go.wait()


async def out_of_order(run: Run, look: Callable[[], Awaitable[None]]) -> None:
    """Twenty rounds in which the first to take a number is the last to commit; `look` comes in between."""
    for _ in range(20):
        rung, go = asyncio.Event(), asyncio.Event()
        slow = asyncio.create_task(run.perform(SYSTEM, slow_bell, rung=rung, go=go))
        await rung.wait()
        await run.perform(SYSTEM, ring, times=2)
        await look()
        go.set()
        await slow
    await look()


async def test_positions_lose_nothing_when_commits_overtake_each_other(own_run: Run) -> None:
    seen: list[int] = []

    async def look() -> None:
        await publish_all(own_run.database)
        async with own_run.reading() as read:
            seen.extend(row.position for row in await read.all(SEEN_BY_POSITION, {"after": len(seen)}))

    await out_of_order(own_run, look)

    assert seen == list(range(1, 41))


async def test_control_a_cursor_over_identity_values_loses(own_run: Run) -> None:
    seen: list[int] = []

    async def look() -> None:
        async with own_run.reading() as read:
            after = seen[-1] if seen else 0
            seen.extend(row.seq for row in await read.all(SEEN_BY_SEQ, {"after": after}))

    await out_of_order(own_run, look)

    assert len(seen) < 40


async def test_the_next_publisher_takes_over_when_the_first_dies(
    own_database: Database, own_run: Run
) -> None:
    pair = [Publisher(own_database), Publisher(own_database)]
    tasks = [asyncio.create_task(each.watch()) for each in pair]
    await until(lambda: pair[0].leads or pair[1].leads)
    dying = 0 if pair[0].leads else 1

    tasks[dying].cancel()
    await own_run.perform(SYSTEM, ring, times=1)

    await until(lambda: pair[1 - dying].given == 1)
    tasks[1 - dying].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_leader_whose_connection_is_cut_leads_again(own_database: Database, own_run: Run) -> None:
    leader = Publisher(own_database)
    task = asyncio.create_task(leader.watch())
    await until(lambda: leader.leads)

    await own_run.perform(SYSTEM, cut_others)
    await own_run.perform(SYSTEM, ring, times=1)

    await until(lambda: leader.given == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def cut_others(tx: Tx) -> None:
    await tx.run(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    )


async def cut_listeners(tx: Tx) -> None:
    await tx.run(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
    )


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE runtime.events SET payload = '{\"times\": 3}' WHERE position = 4", ["position 4 is not"]),
        ("UPDATE runtime.events SET actor = '{}' WHERE position = 1", ["position 1 is not"]),
        ("DELETE FROM runtime.events WHERE position = 5", ["positions 5 to 5 are missing"]),
        ("DELETE FROM runtime.events WHERE position > 8", ["positions 9 to 10 are missing"]),
        (
            ";".join([SHIFT, COPY_TO.format(10)]),
            ["position 10 is not", "position 10 is not what the chain ended with", "position 11 is not"],
        ),
        (
            COPY_TO.format(11),
            ["position 11 is not"],
        ),
    ],
)
async def test_tampering_is_found(run: Run, damage: str, found: list[str]) -> None:
    for times in (1, 2, 1, 2, 3) * 2:
        await run.perform(SYSTEM, ring, times=times)
        await publish_all(run.database)

    async def hurt(tx: Tx) -> None:
        for statement in (DISARM, *damage.split(";")):
            await tx.run(text(statement))

    await run.perform(SYSTEM, hurt)
    async with run.reading() as read:
        chain = await verify_chain(read)

    assert [sentence[: len(start)] for sentence, start in zip(chain.broken, found, strict=True)] == found


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE runtime.events SET payload = '{}' WHERE position = 1",
        "UPDATE runtime.events SET payload = '{}' WHERE position IS NULL",
        "UPDATE runtime.events SET position = NULL, hash = NULL WHERE position = 2",
        "UPDATE runtime.events SET hash = 'x' WHERE position = 2",
        "DELETE FROM runtime.events WHERE position = 2",
        "DELETE FROM runtime.events WHERE position IS NULL",
        COPY_TO.replace("= 9", "= 2").format(3),
        "UPDATE runtime.chain_head SET position = 1",
        "UPDATE runtime.chain_head SET hash = 'x'",
        "DELETE FROM runtime.chain_head",
    ],
)
async def test_what_was_said_cannot_be_changed_counted_anew_or_taken_back(run: Run, damage: str) -> None:
    for times in (1, 2):
        await run.perform(SYSTEM, ring, times=times)
    await publish_all(run.database)
    await run.perform(SYSTEM, ring, times=3)

    async def hurt(tx: Tx) -> None:
        await tx.run(text(damage))

    with pytest.raises(RefusedByDatabase):
        await run.perform(SYSTEM, hurt)
    assert await publish_all(run.database) == 1


async def test_an_untouched_chain_holds_and_nothing_is_published_twice(run: Run) -> None:
    for times in (1, 2, 3):
        await run.perform(SYSTEM, ring, times=times)
    async with run.database.connection() as connection:
        assert await publish(connection) == 3
        assert await publish(connection) == 0
    async with run.reading() as read:
        chain = await verify_chain(read)
    assert (chain.checked, chain.broken) == (3, ())
