"""The database itself lets nothing leave without packages that were packed and scanned, also by hand-written SQL.

Every forgery is tried twice: with the guard it is refused by name; without the guard the same SQL passes, which shows
that it is the guard and nothing else that stops it.
"""
# forgeries are hand-written SQL

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from ambidex.runtime.refusals import RefusedByDatabase
from tests.conftest import Clock
from tests.flows.parcels import Sender, box, sender
from tests.shop import Shop

TRIGGERS = (
    ("fulfillment.work", "work_guard_shipped"),
    ("fulfillment.work_lines", "work_lines_guard_shipped"),
    ("fulfillment.work_lines", "work_lines_guard"),
    ("fulfillment.work_lines", "work_lines_guard_new"),
    ("shipping.contents", "contents_guard"),
    ("shipping.contents", "contents_append_only"),
    ("shipping.packages", "packages_guard_new"),
    ("shipping.packages", "packages_guard"),
    ("shipping.packages", "packages_guard_opened"),
    ("shipping.packages", "packages_stay_opened"),
    ("shipping.packages", "packages_stay"),
    ("shipping.packages", "packages_keep_their_work"),
    ("shipping.scans", "scans_append_only"),
)
Given = Callable[[Sender], Awaitable[object]]
MOVE = "UPDATE fulfillment.work SET state = '{}'"
GONE = (
    "UPDATE shipping.packages SET state = 'dispatched', dispatched_at = now(), label_no = 1,"
    " tracking_number = 'MADE-UP'"
)
A_PACKAGE = (
    "INSERT INTO shipping.packages (order_id, package_no, work_no, location_id, state, grams, packed_at, state_since)"
    " SELECT order_id, 9, work_no, location_id, '{}', 100, now(), now() FROM fulfillment.work"
)
A_CONTENT = (
    "INSERT INTO shipping.contents (order_id, package_no, line_no, item_id, units)"
    " SELECT order_id, 1, line_no, {}, {} FROM fulfillment.work_lines WHERE line_no = {}"
)
SEEN = (
    "INSERT INTO fulfillment.evidence (order_id, evidence_id, work_no, step, kind, barcode, quantity, place, actor_id,"
    " actor_name, location_id, happened_at, recorded_at, key)"
    " SELECT order_id, gen_random_uuid(), 1, '{}', '{}', 'MADE-UP', 1, 'package-{}', 'x', 'x', location_id, now(),"
    " now(), gen_random_uuid()::text FROM fulfillment.work"
)
A_LABEL = (
    "INSERT INTO shipping.labels (order_id, package_no, label_no, state, carrier, service, key, asked_at)"
    " SELECT order_id, 1, 1, '{}', 'x', 'x', 'k', now() FROM fulfillment.work"
)
A_LINE = (
    "INSERT INTO fulfillment.work_lines (order_id, work_no, line_no, item_id, asked, wanted)"
    " SELECT order_id, 1, 9, item_id, 1, 1 FROM fulfillment.work_lines WHERE line_no = 1"
)


async def accepted(parcel: Sender) -> None:
    await parcel.accept()


async def picked(parcel: Sender) -> None:
    await parcel.until_picked()


async def half_packed(parcel: Sender) -> None:
    await parcel.until_picked()
    await parcel.pack(box({1: 1}))


async def packed(parcel: Sender) -> None:
    await parcel.until_picked()
    await parcel.pack(box({1: 1}), box({1: 1, 2: 1}))


async def one_left(parcel: Sender) -> None:
    await packed(parcel)
    await parcel.label()
    await parcel.dispatch(1)


async def all_left(parcel: Sender) -> None:
    await one_left(parcel)
    await parcel.dispatch(2)


# (what is true before, the forgery, the constraint that refuses it)
FORGERIES: list[tuple[str, Given, list[str], str]] = [
    ("packed without packages", picked, [MOVE.format("packed")], "packed_needs_packages"),
    ("packed with half of it", half_packed, [MOVE.format("packed")], "packed_needs_packages"),
    ("packed before it is picked", accepted, [MOVE.format("packed")], "shipped_step_by_step"),
    ("dispatched straight from picked", picked, [MOVE.format("dispatched")], "shipped_step_by_step"),
    ("dispatched with nothing scanned out", packed, [MOVE.format("dispatched")], "dispatched_needs_scans"),
    ("dispatched with one package here", one_left, [MOVE.format("dispatched")], "dispatched_needs_scans"),
    ("delivered without having left", packed, [MOVE.format("delivered")], "shipped_step_by_step"),
    ("delivered while the carrier has it", all_left, [MOVE.format("delivered")], "delivered_needs_all"),
    ("lost from the packing table", packed, [MOVE.format("lost")], "shipped_step_by_step"),
    ("a package sent by a made-up number", packed, [GONE], "packages_are_seen"),
    ("seen out by a system only", packed,
     [SEEN.format("dispatch", "system", 1), f"{GONE} WHERE package_no = 1"], "packages_are_seen"),
    ("the scan of another package", packed,
     [SEEN.format("dispatch", "scan", 2), f"{GONE} WHERE package_no = 1"], "packages_are_seen"),
    ("born dispatched", picked, [A_PACKAGE.format("packed").replace("'packed'", "'opened'")], "packages_begin_packed"),
    ("a package that nobody had in hand", picked, [A_PACKAGE.format("packed")], "packages_are_seen"),
    ("an empty package scanned out", picked,
     [SEEN.format("pack", "scan", 9), A_PACKAGE.format("packed"), SEEN.format("dispatch", "scan", 9), GONE],
     "packages_hold_something"),
    ("more in packages than was picked", half_packed, [A_CONTENT.format("item_id", 2, 2)], "contents_were_picked"),
    ("another item in the package", half_packed, [A_CONTENT.format("gen_random_uuid()", 1, 2)], "contents_were_picked"),
    ("put into a package that left", all_left, [A_CONTENT.format("item_id", 1, 2)], "contents_were_picked"),
    ("taken out of a package", packed, ["DELETE FROM shipping.contents"], "append-only"),
    ("more in a closed package", packed, ["UPDATE shipping.contents SET units = 2"], "append-only"),
    ("unpicked under the package", half_packed,
     ["UPDATE fulfillment.work_lines SET picked = 0"], "contents_were_picked"),
    ("less wanted once packed", packed,
     ["UPDATE fulfillment.work_lines SET wanted = wanted - 1, picked = picked - 1, dropped = 1 WHERE line_no = 1"],
     "lines_freeze_at_ready"),
    ("a line added once packed", packed, [A_LINE], "lines_freeze_at_ready"),
    ("a line removed once it left", all_left,
     ["DELETE FROM fulfillment.work_lines WHERE line_no = 2"], "lines_freeze_at_ready"),
    ("opened behind packed work", packed,
     ["UPDATE shipping.packages SET state = 'opened'", "SET CONSTRAINTS ALL IMMEDIATE"], "packed_needs_packages"),
    ("closed again after it was opened", half_packed,
     ["UPDATE shipping.packages SET state = 'opened'", "UPDATE shipping.packages SET state = 'packed'"], "append-only"),
    ("forgotten", packed, ["DELETE FROM shipping.packages"], "append-only"),
    ("given to another work", packed, ["UPDATE shipping.packages SET work_no = 2"], "append-only"),
]  # fmt: skip
CASES = [pytest.param(*case[1:], id=case[0]) for case in FORGERIES]


@pytest.fixture
async def parcel(shop: Shop, clock: Clock) -> Sender:
    return await sender(shop, clock, mug_01=2, bowl_02=1)


async def forge(tx: Tx, *, forgery: list[str]) -> None:
    for statement in forgery:
        await tx.run(text(statement))


@pytest.mark.parametrize(("given", "forgery", "refused_by"), CASES)
async def test_the_database_refuses_it(
    parcel: Sender, given: Given, forgery: list[str], refused_by: str
) -> None:
    await given(parcel)
    with pytest.raises(RefusedByDatabase) as refusal:
        await parcel.run.perform(SYSTEM, forge, forgery=forgery)
    assert refused_by in f"{refusal.value.facts['constraint']} {refusal.value.detail}"


@pytest.mark.parametrize(("given", "forgery", "refused_by"), CASES)
async def test_without_the_guard_the_same_passes(
    parcel: Sender, given: Given, forgery: list[str], refused_by: str
) -> None:
    await given(parcel)

    async def unguarded(tx: Tx) -> None:
        for table, trigger in TRIGGERS:
            await tx.run(text(f"DROP TRIGGER {trigger} ON {table}"))
        await forge(tx, forgery=forgery)

    await parcel.run.perform(SYSTEM, unguarded)


@pytest.mark.parametrize(
    ("planting", "refused_by"),
    [
        ("UPDATE shipping.packages SET grams = 0", "weighs_something"),
        ("UPDATE shipping.packages SET width_mm = 10", "whole_size"),
        ("UPDATE shipping.packages SET width_mm = 0, length_mm = 1, height_mm = 1", "size_is_positive"),
        ("UPDATE shipping.packages SET label_no = 3", "label_has_a_number"),
        ("UPDATE shipping.packages SET state = 'nearly'", "packages_are_seen"),
        (A_LABEL.format("made"), "made_is_printed"),
        (A_LABEL.format("wanted"), "waiting_is_looked_at"),
    ],
)
async def test_checks_refuse_what_no_row_may_be(parcel: Sender, planting: str, refused_by: str) -> None:
    await half_packed(parcel)
    with pytest.raises(RefusedByDatabase) as refusal:
        await parcel.run.perform(SYSTEM, forge, forgery=[planting])
    assert str(refusal.value.facts["constraint"]).endswith(refused_by)
