"""What somebody edits past the program is met by the next look: noted by the database, asked about, told with who it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

import asyncpg
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ambidex.flows.live_audit import LiveAudit, Turn, edited
from ambidex.flows.place_order import place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit_checks import TRUTH
from ambidex.reads.audit_slice import Slice
from ambidex.reads.touched import _EDITS, TOUCHED_MAX, touched
from ambidex.runtime import telemetry
from ambidex.runtime.db import Database, PinnedDatabase, Read, sqlalchemy_url
from ambidex.runtime.perform import Run
from ambidex.runtime.postgres import plain_url
from ambidex.runtime.reactions import settle
from ambidex.runtime.touched import forget
from tests.conftest import Clock
from tests.flows.test_place_order import asked, wanted
from tests.reads.test_audit import DISARM, FORGERIES, Past, past, past_database
from tests.shop import Shop

__all__ = ["past", "past_database"]  # fixtures

NOTHING_IN_TURN = Turn(orders=0, items=0, chain_pages=0)
# the forgeries need the schema's own guards off; those of this page stay
_ARM = f"""
DO $$ DECLARE one text; BEGIN
  FOREACH one IN ARRAY '{{{",".join(TRUTH)}}}'::text[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one, split_part(one, '.', 2) || '_touched');
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one, split_part(one, '.', 2) || '_emptied');
  END LOOP;
END $$"""  # names of our tables
# these are about the schema, not about rows
ROWS = [forged for forged in FORGERIES if "note" not in forged[0] and "only grows" not in forged[0]]


Hand: TypeAlias = "asyncpg.Connection[Any]"


@pytest.fixture
async def hand(own_database: Database) -> AsyncIterator[Hand]:
    """Somebody with psql."""
    connection = await asyncpg.connect(
        plain_url(own_database.url), server_settings={"application_name": "psql"}
    )
    yield connection
    await connection.close()


async def told(run: Run) -> list[str]:
    """What the admin was handed."""
    async with run.reading() as read:
        rows = await read.all(
            text(
                "SELECT title || ': ' || (details->>'detail') FROM tasks.tasks WHERE role = 'admin' ORDER BY 1"
            )
        )
    return [row[0] for row in rows]


async def notes(run: Run) -> int:
    async with run.reading() as read:
        return int(await read.value(text("SELECT count(*) FROM runtime.touched")))


@pytest.fixture
async def guard(own_run: Run, own_shop: Shop) -> LiveAudit:
    """Two orders were placed, and a look that meets nothing in its turn has caught up."""
    await own_shop.shelf("camden", "MUG-01", 9)
    for number in (1, 2):
        await own_run.perform(SYSTEM, place_order, asked(wanted(), reference=f"W-{number}"))
    await settle(own_run, REACTIONS)
    guard = LiveAudit(turn=NOTHING_IN_TURN)
    assert await guard.look(own_run) == 0
    return guard


@pytest.fixture
async def unmarked(past_database: tuple[Database, Clock]) -> AsyncIterator[Past]:
    """The house with a past, seen by somebody with psql; rolled back."""
    marked, clock = past_database
    engine = create_async_engine(sqlalchemy_url(marked.url), json_deserializer=orjson.loads)
    async with engine.connect() as connection:
        yield Past(connection, clock)
        await connection.rollback()
    await engine.dispose()


@pytest.mark.parametrize("forged", ROWS, ids=lambda forged: f"{forged[0]}: {forged[1][:40]}")
async def test_a_note_alone_leads_to_every_planted_violation(unmarked: Past, forged: tuple[str, ...]) -> None:
    rule, *forgeries = forged
    read = Read(unmarked.connection, unmarked.clock.now)
    for statement in (DISARM, _ARM):
        await unmarked.connection.execute(text(statement))
    before = await edited(read, await touched(read), Slice())
    assert {one.rule for one in before} == {"the ledger only grows"}, "its guard is off"
    for forgery in forgeries:
        await unmarked.connection.execute(text(forgery))

    found = await edited(read, await touched(read), Slice())
    assert any(rule in one.rule for one in found), f"not met: {rule}"


async def test_the_program_leaves_no_note(past: Past) -> None:
    assert await notes(Run(PinnedDatabase(past.connection), past.clock)) == 0


async def test_every_connection_of_the_program_is_marked(own_database: Database) -> None:
    async with own_database.connection() as connection:
        await connection.execute(text("RESET ALL"))
        assert await connection.scalar(text("SELECT current_setting('ambidex.program')")) == "on"


async def test_who_did_it_is_told_with_what_it_broke(own_run: Run, guard: LiveAudit, hand: Hand) -> None:
    await hand.execute(
        "UPDATE orders.lines SET quantity = quantity + 1, q_reserved = q_reserved + 1 WHERE order_id = (SELECT min(order_id::text)::uuid FROM orders.orders)",
    )
    assert await guard.look(own_run) > 1
    broken, edit = (await told(own_run))[0], (await told(own_run))[-1]
    role = await hand.fetchval("SELECT session_user")
    assert broken.startswith("Broken: units promised from the shelf are reserved on the shelf: order ")
    for sentence in (broken, edit):
        assert (
            f"1 row of orders.lines changed (q_reserved, quantity) by database role {role} with psql at 20"
            in sentence
        )
    assert edit.startswith("Edited past the program: orders.lines")
    assert await notes(own_run) == 0
    assert await guard.look(own_run) == 0, "looked at once; what is still broken is met in its turn"


async def test_an_edit_that_breaks_no_rule_is_told_too(own_run: Run, guard: LiveAudit, hand: Hand) -> None:
    await hand.execute("UPDATE promises.promises SET due_at = due_at + interval '1 hour'")
    assert await guard.look(own_run) == 1
    assert [sentence.partition(":")[0] for sentence in await told(own_run)] == ["Edited past the program"]


async def test_what_changes_nothing_leaves_no_note(own_run: Run, guard: LiveAudit, hand: Hand) -> None:
    await hand.execute("UPDATE orders.lines SET quantity = quantity")
    assert await guard.look(own_run) == 0


async def test_an_emptied_table_is_told(own_run: Run, guard: LiveAudit, hand: Hand) -> None:
    await hand.execute("TRUNCATE inventory.reservations")
    assert await guard.look(own_run) == 1
    assert "every row of inventory.reservations emptied by database role" in (await told(own_run))[0]


async def test_a_row_given_to_another_order_is_asked_about_in_both(
    own_run: Run, guard: LiveAudit, hand: Hand
) -> None:
    await hand.execute(
        "UPDATE orders.lines SET order_id = (SELECT max(order_id::text)::uuid FROM orders.orders), line_no = 2"
        " WHERE order_id = (SELECT min(order_id::text)::uuid FROM orders.orders)",
    )
    async with own_run.reading() as read:
        assert len((await touched(read)).of.orders) == 2


async def test_a_note_is_not_removed_by_hand(own_run: Run, guard: LiveAudit, hand: Hand) -> None:
    await hand.execute("UPDATE promises.promises SET due_at = due_at + interval '1 hour'")
    for statement in (
        "DELETE FROM runtime.touched",
        "TRUNCATE runtime.touched",
        "UPDATE runtime.touched SET role = 'x'",
    ):
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            await hand.execute(statement)
    assert await guard.look(own_run) == 1


async def test_a_guard_that_is_off_is_named_and_one_that_was_off_too(
    own_run: Run, guard: LiveAudit, hand: Hand
) -> None:
    await hand.execute("ALTER TABLE orders.lines DISABLE TRIGGER lines_touched")
    await hand.execute("UPDATE orders.lines SET title = 'A jug'")
    assert await notes(own_run) == 0, "the control: without its guard nothing is noted"
    assert await guard.look(own_run) == 2, "it is off, and it was switched"
    await hand.execute("ALTER TABLE orders.lines ENABLE ALWAYS TRIGGER lines_touched")
    assert await guard.look(own_run) == 1, "it is on again, and it was switched"
    assert await guard.look(own_run) == 0
    assert sum("trigger orders.lines lines_touched" in sentence for sentence in await told(own_run)) == 2


async def test_guards_are_on_also_for_a_session_that_plays_replica(run: Run) -> None:
    async with run.reading() as read:
        on = await read.value(
            text("SELECT count(*) FROM pg_trigger WHERE tgname ~ '_(touched|emptied)$' AND tgenabled = 'A'")
        )
    assert on == 2 * len(TRUTH)


async def test_many_rows_are_told_at_once_and_asked_in_bits(
    own_run: Run, guard: LiveAudit, hand: Hand
) -> None:
    await hand.execute(
        "INSERT INTO watch.exceptions (exception_id, order_id, kind, cause, owner_role, state, opened_at, due_at) "
        "SELECT gen_random_uuid(), order_id, 'made up', 'people', 'admin', 'resolved', now(), now() "
        "FROM orders.orders, generate_series(1, $1) AS n",
        TOUCHED_MAX,
    )
    counted = _edits_counted()
    assert await notes(own_run) == 2 * TOUCHED_MAX
    assert await guard.look(own_run) == 1
    assert f"{2 * TOUCHED_MAX} rows of watch.exceptions added" in " ".join(await told(own_run))
    assert await notes(own_run) == TOUCHED_MAX
    assert await guard.look(own_run) == 1
    assert await notes(own_run) == 0
    assert sum("Edited past" in sentence for sentence in await told(own_run)) == 1
    assert _edits_counted() == counted + 1, "one transaction, however many looks it takes"


def _edits_counted() -> float:
    return telemetry.REGISTRY.get_sample_value("ambidex_edits_past_the_program_total") or 0


async def test_a_million_edited_rows_are_counted_within_a_look(own_run: Run) -> None:
    """What names them is read of the first ones only: a look that reads all of each would end in its limit, for ever."""
    async with own_run.reading() as read:
        plan = await read.all(text(f"EXPLAIN {_EDITS.text}"))
    asked = "\n".join(row[0] for row in plan)
    assert asked.count("Seq Scan on touched") <= 1
    assert "pk_touched" in asked


async def test_what_is_edited_while_a_look_asks_is_left_for_the_next(
    own_run: Run, guard: LiveAudit, hand: Hand
) -> None:
    await hand.execute("UPDATE promises.promises SET due_at = due_at + interval '1 hour'")
    async with own_run.reading() as read:
        first = await touched(read)
    await hand.execute("DELETE FROM watch.watchdogs")
    await own_run.perform(SYSTEM, forget, first.notes)
    async with own_run.reading() as read:
        assert {edit.place for edit in (await touched(read)).edits} == {"watch.watchdogs"}


async def test_an_order_is_edited_in_the_second_in_which_it_is_placed(
    own_run: Run, guard: LiveAudit, hand: Hand
) -> None:
    placed = await own_run.perform(SYSTEM, place_order, asked(wanted(), reference="W-3"))
    await hand.execute(
        "UPDATE orders.lines SET q_reserved = q_reserved + 2, quantity = quantity + 2 WHERE order_id = $1",
        placed.order_id,
    )
    await settle(own_run, REACTIONS)
    assert await guard.look(own_run) > 1
    assert any(
        str(placed.order_id) in one and "changed (q_reserved, quantity)" in one for one in await told(own_run)
    )


async def test_what_is_not_committed_is_met_when_it_is_and_what_is_undone_never(
    own_run: Run, guard: LiveAudit, hand: Hand
) -> None:
    undone = hand.transaction()
    await undone.start()
    await hand.execute("DELETE FROM watch.watchdogs")
    assert await guard.look(own_run) == 0
    await undone.rollback()
    assert await guard.look(own_run) == 0
    async with hand.transaction():
        await hand.execute("DELETE FROM watch.watchdogs")
        assert await guard.look(own_run) == 0
    assert await guard.look(own_run) > 1


async def test_copied_rows_are_noted(own_run: Run, guard: LiveAudit, hand: Hand) -> None:
    ids = await hand.fetchrow("SELECT item_id, location_id FROM inventory.positions")
    assert ids is not None
    moment = datetime(2026, 3, 4, tzinfo=UTC)
    await hand.copy_records_to_table(
        "shelf_counts",
        schema_name="inventory",
        columns=["item_id", "location_id", "happened_at", "counted", "actor_id", "recorded_at"],
        records=[(*ids, moment, 77, "somebody", moment)],
    )
    assert await guard.look(own_run) == 2
    assert any("Broken: the book as of the last count" in sentence for sentence in await told(own_run))


async def test_edits_while_looks_are_taken_are_each_told_once(
    own_run: Run, guard: LiveAudit, hand: Hand
) -> None:
    """Two audits look without a pause while somebody edits: none is missed, none told twice."""
    other, edits = LiveAudit(turn=NOTHING_IN_TURN), 30
    done = asyncio.Event()

    async def looking(audit: LiveAudit) -> None:
        while not done.is_set():
            await audit.look(own_run)

    async def editing() -> None:
        for number in range(edits):
            await hand.execute(
                "UPDATE promises.promises SET made_at = made_at + interval '1 second'", timeout=20
            )
            await asyncio.sleep(0.001 * (number % 7))
        done.set()

    await asyncio.gather(looking(guard), looking(other), editing())
    await guard.look(own_run)
    assert await notes(own_run) == 0
    assert sum(sentence.startswith("Edited past the program") for sentence in await told(own_run)) == edits
