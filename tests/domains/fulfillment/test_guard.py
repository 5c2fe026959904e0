"""The database itself refuses *ready* without physical proof, also to hand-written SQL.

Every forgery is tried twice: with the guard it is refused by name; without the guard the same SQL passes, which
shows that it is the guard and nothing else that stops it.
"""
# ruff: noqa: S608  # forgeries are hand-written SQL

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from ambidex.domains import fulfillment
from ambidex.domains.fulfillment import HandOver
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.refusals import RefusedByDatabase
from tests.domains.fulfillment import bench_of_work as bench

TRIGGERS = (
    ("work", "work_guard"),
    ("work", "work_guard_new"),
    ("work_lines", "work_lines_guard"),
    ("work_lines", "work_lines_guard_new"),
    ("work_lines", "work_lines_no_truncate"),
    ("evidence", "evidence_guard"),
    ("pickup_codes", "pickup_codes_stay_spent"),
    ("pickup_codes", "pickup_codes_stay"),
    ("evidence", "evidence_append_only"),
    ("evidence", "evidence_no_truncate"),
)
WORK = "order_id = '00000000-0000-0000-0000-000000000064' AND work_no = 1"
MAKE_READY = f"UPDATE fulfillment.work SET state = 'ready' WHERE {WORK}"
PLACE_AND_READY = f"UPDATE fulfillment.work SET staging_place = 'SHELF-B3', state = 'ready' WHERE {WORK}"
EVIDENCE = (
    "INSERT INTO fulfillment.evidence (order_id, evidence_id, work_no, line_no, item_id, step, kind, barcode, quantity,"
    " place, actor_id, actor_name, location_id, happened_at, recorded_at, key)"
    " SELECT order_id, gen_random_uuid(), 1, {line}, {item}, '{step}', '{kind}', 'x', {quantity}, '{place}', 'x', 'x',"
    " {at}, now(), now(), gen_random_uuid()::text FROM fulfillment.work WHERE " + WORK
)
MUG = "'00000000-0000-0000-0000-00000000000b'"
SCARF = "'00000000-0000-0000-0000-00000000000d'"
ELSEWHERE = "'00000000-0000-0000-0000-000000000002'"


def planted(**said: object) -> str:
    usual = {
        "line": 1,
        "item": MUG,
        "step": "pick",
        "kind": "scan",
        "quantity": 1,
        "place": "",
        "at": "location_id",
    }
    return EVIDENCE.format(**(usual | said))


Given = Callable[..., Awaitable[object]]


async def nothing_picked(tx: Tx) -> None:
    """The goods are said to be staged, but no unit was ever scanned."""
    await fulfillment.accept(tx, await bench.offered(tx))
    await tx.run(
        text(f"UPDATE fulfillment.work SET state = 'staged', staging_place = 'SHELF-B3' WHERE {WORK}")
    )
    await tx.run(text(planted(line="NULL", item="NULL", step="stage", place="SHELF-B3")))


async def one_of_two_picked(tx: Tx) -> None:
    work = await fulfillment.accept(tx, await bench.offered(tx))
    await fulfillment.pick(tx, work, [bench.scan()])
    await tx.run(
        text(f"UPDATE fulfillment.work SET state = 'staged', staging_place = 'SHELF-B3' WHERE {WORK}")
    )
    await tx.run(text(planted(line="NULL", item="NULL", step="stage", place="SHELF-B3")))


async def ready_again_after_an_undo(tx: Tx) -> None:
    handed = await fulfillment.hand_over(tx, await bench.ready(tx), HandOver("Kofi", checked="id"))
    undone = await fulfillment.undo_hand_over(tx, handed.work, reason="wrong person")
    await fulfillment.make_ready(tx, undone.work)


async def one_of_two_handed_over(tx: Tx) -> None:
    await fulfillment.hand_over(tx, await bench.ready(tx), HandOver("Kofi", checked="id", units={1: 1}))


async def code_spent(tx: Tx) -> None:
    work = await bench.ready(tx)
    code_no = await fulfillment.PickupCodes(bench.KEY).issue(tx, work)
    await fulfillment.hand_over(tx, work, HandOver("Kofi", code_no=code_no))


FORGE_COUNTER = "UPDATE fulfillment.work_lines SET picked = wanted"
HANDED = "UPDATE fulfillment.work_lines SET handed_over = wanted"
NO_LINES = "DELETE FROM fulfillment.work_lines"
LESS_WANTED = (
    "UPDATE fulfillment.work_lines SET wanted = wanted - 1, dropped = dropped + 1, picked = picked - 1"
)
BORN = (
    "INSERT INTO fulfillment.work (order_id, work_no, location_id, method, state, staging_place, offered_at, state_since)"
    " SELECT order_id, 2, location_id, 'pickup', '{state}', 'SHELF-B3', now(), now() FROM fulfillment.work WHERE "
    + WORK
)

A_LINE_MORE = (
    "INSERT INTO fulfillment.work_lines (order_id, work_no, line_no, item_id, asked, wanted)"
    f" SELECT order_id, 1, 9, item_id, 1, 1 FROM fulfillment.work_lines WHERE {WORK}"
)

# (what is true before, the forgery, the constraint that refuses it)
FORGERIES: list[tuple[str, Given, list[str], str]] = [
    ("nothing scanned", nothing_picked, [MAKE_READY], "ready_needs_evidence"),
    ("forged counter", nothing_picked, [FORGE_COUNTER, MAKE_READY], "ready_needs_evidence"),
    ("forged counter of the last unit", one_of_two_picked, [FORGE_COUNTER, MAKE_READY], "ready_needs_evidence"),
    ("no lines", nothing_picked, [NO_LINES, MAKE_READY], "ready_needs_evidence"),
    ("nothing wanted", nothing_picked,
     ["UPDATE fulfillment.work_lines SET wanted = 0, dropped = asked", MAKE_READY], "ready_needs_evidence"),
    ("a system's word as evidence", one_of_two_picked,
     [planted(kind="system"), FORGE_COUNTER, MAKE_READY], "ready_needs_evidence"),
    ("born ready", bench.staged, [BORN.format(state="ready")], "work_begins_offered"),
    ("born handed over", bench.staged, [BORN.format(state="handed_over")], "work_begins_offered"),
    ("born staged", bench.staged, [BORN.format(state="staged")], "work_begins_offered"),
    ("no place", bench.staged,
     [f"UPDATE fulfillment.work SET staging_place = '', state = 'ready' WHERE {WORK}"], "ready_needs_place"),
    ("a blank as place", bench.staged,
     [f"UPDATE fulfillment.work SET staging_place = ' ', state = 'ready' WHERE {WORK}"], "ready_needs_place"),
    ("a place that was never scanned", bench.picked,
     [f"UPDATE fulfillment.work SET state = 'staged' WHERE {WORK}", PLACE_AND_READY], "ready_needs_place"),
    ("straight from picked", bench.picked,
     [planted(line="NULL", item="NULL", step="stage", place="SHELF-B3"), PLACE_AND_READY], "ready_follows_staged"),
    ("handed over without being ready", bench.staged,
     [f"UPDATE fulfillment.work SET state = 'handed_over' WHERE {WORK}"], "ready_follows_staged"),
    ("place removed later", bench.ready,
     [f"UPDATE fulfillment.work SET staging_place = '' WHERE {WORK}"], "ready_needs_place"),
    ("place changed without a scan", bench.ready,
     [f"UPDATE fulfillment.work SET staging_place = 'SHELF-Z9' WHERE {WORK}"], "ready_needs_place"),
    ("moved to another location", bench.ready,
     [f"UPDATE fulfillment.work SET location_id = {ELSEWHERE} WHERE {WORK}"], "work_keeps_its_place"),
    ("given to another order", bench.ready,
     [f"UPDATE fulfillment.work SET order_id = gen_random_uuid() WHERE {WORK}"], "work_keeps_its_place"),
    ("deleted evidence", bench.staged, ["DELETE FROM fulfillment.evidence"], "append-only"),
    ("emptied evidence", bench.staged, ["TRUNCATE fulfillment.evidence"], "append-only"),
    ("evidence moved to another line", bench.staged, ["UPDATE fulfillment.evidence SET work_no = 2"], "append-only"),
    ("a typed entry made a scan", bench.staged, ["UPDATE fulfillment.evidence SET kind = 'scan'"], "append-only"),
    ("emptied lines", bench.ready, ["TRUNCATE fulfillment.work_lines"], "append-only"),
    ("evidence of another location", one_of_two_picked,
     [planted(at=ELSEWHERE), FORGE_COUNTER], "evidence_belongs_to_work"),
    ("put away where no parcel of it came back", one_of_two_picked,
     [planted(at=ELSEWHERE, step="put_away")], "evidence_belongs_to_work"),
    ("evidence of another item", one_of_two_picked, [planted(item=SCARF)], "evidence_belongs_to_line"),
    ("evidence of a line that is not", one_of_two_picked, [planted(line=7)], "evidence_belongs_to_line"),
    ("another item put under the evidence", bench.staged,
     [f"UPDATE fulfillment.work_lines SET item_id = {SCARF}", MAKE_READY], "lines_keep_their_item"),
    ("a line added once ready", bench.ready,
     [A_LINE_MORE], "lines_freeze_at_ready"),
    ("a line removed once ready", bench.ready, [NO_LINES], "lines_freeze_at_ready"),
    ("less wanted once ready", bench.ready, [LESS_WANTED], "lines_freeze_at_ready"),
    ("a line moved away from ready work", bench.ready,
     ["UPDATE fulfillment.work_lines SET work_no = 5"], "lines_keep_their_item"),
    ("put away while ready", bench.ready, [planted(step="put_away", place="A1")], "ready_stays_in_place"),
    ("put away before ready", bench.staged, [planted(step="put_away", place="A1"), MAKE_READY], "ready_needs_evidence"),
    ("handed over on evidence that was undone", ready_again_after_an_undo,
     [HANDED, "UPDATE fulfillment.work SET state = 'handed_over'"], "hand_over_needs_evidence"),
    ("more handed over than was seen off", one_of_two_handed_over,
     [HANDED, "UPDATE fulfillment.work SET state = 'handed_over'"], "hand_over_needs_evidence"),
    ("a spent code made good again", code_spent, ["UPDATE fulfillment.pickup_codes SET used_at = NULL"], "append-only"),
    ("a spent code forgotten", code_spent, ["DELETE FROM fulfillment.pickup_codes"], "append-only"),
    ("handed over to nobody", bench.ready,
     [f"UPDATE fulfillment.work SET state = 'handed_over' WHERE {WORK}"], "hand_over_needs_evidence"),
    ("hand-over counter forged", bench.ready,
     ["UPDATE fulfillment.work_lines SET handed_over = wanted",
      f"UPDATE fulfillment.work SET state = 'handed_over' WHERE {WORK}"], "hand_over_needs_evidence"),
]  # fmt: skip
CASES = [pytest.param(*case[1:], id=case[0]) for case in FORGERIES]


async def forge(tx: Tx, *, given: Given, forgery: list[str]) -> None:
    await given(tx)
    for statement in forgery:
        await tx.run(text(statement))


@pytest.mark.parametrize(("given", "forgery", "refused_by"), CASES)
async def test_the_database_refuses_it(run: Run, given: Given, forgery: list[str], refused_by: str) -> None:
    with pytest.raises(RefusedByDatabase) as refusal:
        await run.perform(bench.AMA, forge, given=given, forgery=forgery)
    assert refused_by in f"{refusal.value.facts['constraint']} {refusal.value.detail}"


@pytest.mark.parametrize(("given", "forgery", "refused_by"), CASES)
async def test_without_the_guard_the_same_passes(
    run: Run, given: Given, forgery: list[str], refused_by: str
) -> None:
    async def unguarded(tx: Tx) -> None:
        for table, trigger in TRIGGERS:
            await tx.run(text(f"DROP TRIGGER {trigger} ON fulfillment.{table}"))
        await forge(tx, given=given, forgery=forgery)

    await run.perform(bench.AMA, unguarded)


@pytest.mark.parametrize(
    ("planting", "refused_by"),
    [
        (planted(kind="typed"), "typed_has_reason"),
        (planted(quantity=2), "one_scan_one_unit"),
        (planted(line="NULL"), "line_and_item"),
        (planted(step="stage", quantity=0), "quantity"),
        (f"UPDATE fulfillment.work SET state = 'nearly' WHERE {WORK}", "state"),
        ("UPDATE fulfillment.work_lines SET wanted = 5", "units_are_conserved"),
        ("UPDATE fulfillment.work_lines SET picked = 3", "picked"),
        ("UPDATE fulfillment.work_lines SET handed_over = 2", "handed_over"),
    ],
)
async def test_checks_refuse_what_no_row_may_be(run: Run, planting: str, refused_by: str) -> None:
    with pytest.raises(RefusedByDatabase) as refusal:
        await run.perform(bench.AMA, forge, given=one_of_two_picked, forgery=[planting])
    assert str(refusal.value.facts["constraint"]).endswith(refused_by)
