"""Decisions, pure: what a proof stands for, when something is ready, what leaves, what a cancellation takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambidex.domains.fulfillment import problems, rules
from ambidex.domains.fulfillment.model import (
    CustomerSide,
    Evidence,
    HandOver,
    Step,
    Work,
    WorkLine,
    WorkState,
    WorkVerb,
)
from ambidex.kernel.actor import Actor, ActorKind
from ambidex.kernel.evidence import EvidenceKind
from tests.domains.fulfillment.bench_of_work import CAMDEN, HARBOR, KEY, LAMP, MUG, ORDER, SCARF, scan

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def line(
    no: int = 1, item: Any = MUG, *, wanted: int = 2, picked: int = 0, handed: int = 0, away: int = 0
) -> WorkLine:
    return WorkLine(no, item, wanted, wanted, picked, handed, 0, 0, away)


def work(*lines: WorkLine, state: WorkState = WorkState.ACCEPTED, place: str = "") -> Work:
    return Work(
        order_id=ORDER, work_no=1, location_id=CAMDEN, method="pickup", state=state, staging_place=place,
        customer_side=CustomerSide.NOT_TOLD, customer_side_since=None, customer_note="", assignee_id="", assignee_name="",
        offered_at=NOON, state_since=NOON, ready_at=None, handed_over_at=NOON, collector="", cause="", lines=lines,
    )  # fmt: skip


def evidence(no: int | None = 1, item: Any = MUG, **said: Any) -> Evidence:
    usual = {"step": Step.PICK, "kind": EvidenceKind.SCAN, "quantity": 1, "place": "", "location_id": CAMDEN}
    return Evidence(evidence_id=UUID(int=1), line_no=no, item_id=item, key="", **(usual | said))


STAGED = evidence(None, None, step=Step.STAGE, place="B3")


@pytest.mark.parametrize(
    ("lines", "scans", "found"),
    [
        # one unit, its line
        ([line()], [scan()], [1]),
        # two lines of one item: the first with room takes it
        ([line(1, wanted=1), line(2, wanted=1)], [scan(), scan()], [1, 2]),
        ([line(1, wanted=1, picked=1), line(2, wanted=1)], [scan()], [2]),
        # a counted scan needs room for all it counts
        ([line(1, wanted=1), line(2, wanted=3)], [scan(quantity=3, counted=True)], [2]),
        # typed with a reason, a photo, a weight
        ([line()], [scan(kind="typed", reason="label torn"), scan(kind="photo")], [1, 1]),
        ([line()], [scan(kind="weight")], [1]),
    ],
)
def test_a_proof_finds_its_line(lines: list[WorkLine], scans: list[Any], found: list[int]) -> None:
    assert [m.line_no for m in rules.match(work(*lines), scans)] == found


@pytest.mark.parametrize(
    ("scans", "refusal"),
    [
        ([scan(SCARF)], problems.WrongItem),
        ([scan(None)], problems.UnknownBarcode),
        ([scan(), scan(), scan()], problems.OverScan),
        ([scan(LAMP)], problems.OverScan),
        ([scan(quantity=2)], problems.OneScanOneUnit),
        ([scan(quantity=0, counted=True)], problems.OneScanOneUnit),
        ([scan(quantity=3, counted=True)], problems.OverScan),
        ([scan(kind="typed", reason="  ")], problems.TypedNeedsReason),
        ([scan(kind="system")], problems.NotPhysical),
        ([scan(kind="signature")], problems.NotPhysical),
    ],
)
def test_a_proof_that_is_none(scans: list[Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.match(work(line(), line(2, LAMP, picked=2)), scans)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_never_more_is_matched_than_wanted(wanted: list[int], drawn: st.DataObject) -> None:
    lines = [line(no, wanted=units) for no, units in enumerate(wanted, start=1)]
    count = drawn.draw(st.integers(1, sum(wanted)))
    found = rules.match(work(*lines), [scan()] * count)
    per_line = {one.line_no: sum(m.line_no == one.line_no for m in found) for one in lines}
    assert len(found) == count
    assert all(per_line[one.line_no] <= one.wanted for one in lines)


@pytest.mark.parametrize(
    ("lines", "units", "verb"),
    [([line()], 1, "pick"), ([line()], 2, "pick last"), ([line(picked=1)], 1, "pick last")],
)
def test_the_last_unit_ends_the_picking(lines: list[WorkLine], units: int, verb: str) -> None:
    assert rules.pick_verb(work(*lines), units) == verb


@pytest.mark.parametrize(
    ("lines", "missing", "verb"),
    [
        ([line()], 1, "miss"),
        ([line()], 2, "miss all"),
        ([line(picked=1)], 1, "miss last"),
        ([line(), line(2, LAMP)], 2, "miss"),
        ([line(), line(2, LAMP, picked=2)], 2, "miss last"),
    ],
)
def test_what_is_not_found_chooses_the_verb(lines: list[WorkLine], missing: int, verb: str) -> None:
    assert rules.miss_verb(work(*lines), 1, missing) == verb


@pytest.mark.parametrize(
    ("lines", "proofs", "place", "ready"),
    [
        ([line(wanted=1, picked=1)], [evidence(), STAGED], "B3", True),
        ([line(wanted=2, picked=2)], [evidence(quantity=2), STAGED], "B3", True),
        ([], [STAGED], "B3", False),
        ([line(wanted=0)], [STAGED], "B3", False),
        ([line(wanted=1, picked=1)], [STAGED], "B3", False),
        ([line(wanted=1)], [evidence(), STAGED], "B3", False),
        ([line(wanted=1, picked=1)], [evidence(kind=EvidenceKind.SYSTEM), STAGED], "B3", False),
        ([line(wanted=1, picked=1)], [evidence(location_id=HARBOR), STAGED], "B3", False),
        ([line(wanted=1, picked=1)], [evidence(item=LAMP), STAGED], "B3", False),
        ([line(wanted=1, picked=1)], [evidence(), evidence(step=Step.PUT_AWAY), STAGED], "B3", False),
        ([line(wanted=1, picked=1)], [evidence(step=Step.CANNOT_FIND), STAGED], "B3", False),
        ([line(wanted=1, picked=1)], [evidence(), STAGED], "", False),
        ([line(wanted=1, picked=1)], [evidence(), STAGED], "C1", False),
        ([line(wanted=1, picked=1)], [evidence()], "B3", False),
        ([line(wanted=1, picked=1), line(2, LAMP, wanted=1, picked=1)], [evidence(), STAGED], "B3", False),
    ],
)
def test_ready_needs_all_of_it(
    lines: list[WorkLine], proofs: list[Evidence], place: str, *, ready: bool
) -> None:
    at = work(*lines, state=WorkState.STAGED, place=place)
    if ready:
        rules.must_be_ready(at, proofs)
    else:
        with pytest.raises(problems.NotProven):
            rules.must_be_ready(at, proofs)


@pytest.mark.parametrize(
    ("ask", "units"),
    [
        (HandOver("Ama", code_no=1), {1: 2, 2: 1}),
        (HandOver("Ama", checked="id"), {1: 2, 2: 1}),
        (HandOver("Ama", code_no=1, units={1: 1}), {1: 1}),
        (HandOver("Ama", code_no=1, refused={2: 1}), {1: 2}),
        (HandOver("Ama"), problems.NeedsCheck),
        (HandOver("", checked="id"), problems.NeedsCheck),
        (HandOver("Ama", checked=" "), problems.NeedsCheck),
        (HandOver("Ama", code_no=1, units={1: 3}), problems.NotThatMany),
        (HandOver("Ama", code_no=1, units={3: 1}), problems.NotThatMany),
        (HandOver("Ama", code_no=1, units={1: -1}), problems.NotThatMany),
        (HandOver("Ama", code_no=1, refused={1: 2, 2: 1}), problems.NotThatMany),
        (HandOver("Ama", code_no=1, units={1: 1}, refused={2: 1}), problems.NotThatMany),
        (HandOver("Ama", code_no=1, units={1: 2}, refused={1: 1}), problems.NotThatMany),
    ],
)
def test_what_leaves(ask: HandOver, units: Any) -> None:
    at = work(line(picked=2), line(2, LAMP, picked=2, handed=1), state=WorkState.READY, place="B3")
    if isinstance(units, dict):
        assert rules.handed(at, ask) == units
    else:
        with pytest.raises(units):
            rules.handed(at, ask)


@pytest.mark.parametrize(
    ("minutes", "away", "handed", "refusal"),
    [
        (0, 0, 2, None),
        (15, 0, 2, None),
        (15.1, 0, 2, problems.TooLateToUndo),
        (1, 1, 2, problems.NotInThisState),
        (1, 0, 1, problems.NotInThisState),
        (1, 0, 0, problems.NotInThisState),
    ],
)
def test_undoing_has_an_end(minutes: float, away: int, handed: int, refusal: Any) -> None:
    at = work(line(picked=2, handed=handed, away=away), state=WorkState.HANDED_OVER, place="B3")
    now = NOON + timedelta(minutes=minutes)
    if refusal is None:
        assert rules.must_be_undoable(at, now=now) == {1: handed}
    else:
        with pytest.raises(refusal):
            rules.must_be_undoable(at, now=now)


@pytest.mark.parametrize(
    ("state", "lines", "units", "expected"),
    [
        # (verb, not yet picked, in hand, staged)
        ("offered", [line()], None, ("cancel", {1: 2}, {}, {})),
        ("picking", [line(picked=1)], {1: 1}, ("drop last", {1: 1}, {}, {})),
        ("picking", [line(picked=1)], None, ("cancel", {1: 1}, {1: 1}, {})),
        ("picked", [line(picked=2)], {1: 1}, ("drop", {}, {1: 1}, {})),
        ("staged", [line(picked=2)], {1: 1}, ("drop", {}, {}, {1: 1})),
        ("ready", [line(picked=2)], {1: 1}, ("drop", {}, {}, {1: 1})),
        ("ready", [line(picked=2)], None, ("cancel", {}, {}, {1: 2})),
        ("ready", [line(picked=2, handed=1)], None, ("close", {}, {}, {1: 1})),
    ],
)
def test_a_cancellation_takes_what_is_least_far(
    state: str, lines: list[WorkLine], units: dict[int, int] | None, expected: tuple[Any, ...]
) -> None:
    drop = rules.drop(work(*lines, state=WorkState(state), place="B3"), units)
    assert (drop.verb.value, drop.waiting, drop.in_hand, drop.staged) == expected


@pytest.mark.parametrize("units", [{1: 3}, {9: 1}, {1: 0}, {}])
def test_nothing_that_is_not_here_is_canceled(units: dict[int, int]) -> None:
    with pytest.raises(problems.NotThatMany):
        rules.drop(work(line()), units)


def test_what_a_place_leaves_is_called_as_it_is() -> None:
    assert rules.drop(work(line(), state=WorkState.OFFERED), None, verb=WorkVerb.REFUSE).verb == "refuse"


@pytest.mark.parametrize(
    ("kind", "device", "witness"),
    [("person", None, True), ("source", None, False), ("customer", None, False), ("system", None, False),
     ("system", "handheld-7", True)],
)  # fmt: skip
def test_who_can_witness(kind: str, device: str | None, *, witness: bool) -> None:
    actor = Actor("x", ActorKind(kind), "X", device=device)
    if witness:
        rules.must_witness(actor)
    else:
        with pytest.raises(problems.NoWitness):
            rules.must_witness(actor)


def test_codes_are_short_differ_and_are_derived() -> None:
    codes = [rules.pickup_code(KEY, f"order-{n}", m) for n in range(200) for m in (1, 2)]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 8 for code in codes)
    assert rules.pickup_code(KEY, "order-1", 1) == codes[2]
    assert rules.pickup_code(b"other" * 8, "order-1", 1) != codes[2]
    assert codes[2].encode() not in rules.code_hash(KEY, codes[2])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7K3M9Q2A", "7K3M9Q2A"),
        (" 7k3m-9q2a ", "7K3M9Q2A"),
        ("AMBIDEX-PICKUP:7K3M9Q2A", "7K3M9Q2A"),
        ("7K3M 9QOI", "7K3M9Q01"),
        ("7K3M9Q2", None),
        ("7K3M9Q2U", None),
        ("", None),
        ("5012345678900", None),
    ],
)
def test_codes_are_read_kindly(text: str, code: str | None) -> None:
    assert rules.read_code(text) == code
    assert rules.read_code(rules.qr_text("7K3M9Q2A")) == "7K3M9Q2A"
