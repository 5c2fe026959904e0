"""Decisions of shipping as tables: what goes into which box, and what a carrier's words mean in whatever order."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ambidex.domains.shipping import Box, Package, PackageState, Scan, ScanStatus, outcome
from ambidex.domains.shipping.model import LABEL, PACKAGE, LabelState, LabelVerb, PackageVerb
from ambidex.domains.shipping.rules import fill, must_allow, must_have_happened, scan_key, verb_of
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.problem import Problem

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
WEIGHED = Proof(EvidenceKind.WEIGHT, reason="100 g")


def package(state: str = "dispatched", number: int = 1) -> Package:
    nothing: Any = None
    return Package(
        OrderId(UUID(int=1)), number, 1, LocationId(UUID(int=2)), PackageState(state), 100, None, "", "", "HP1", "",
        1, None, NOON, NOON, NOON, nothing, nothing, "", (),
    )  # fmt: skip


def scan(word: str, hours: int = 0) -> Scan:
    return Scan(ScanStatus(word), NOON + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("boxes", "free", "filled"),
    [
        # nothing said: everything that is free
        ([{}], {1: 2, 2: 1}, [{1: 2, 2: 1}]),
        # the rest goes into the last
        ([{1: 1}, {}], {1: 2, 2: 1}, [{1: 1}, {1: 1, 2: 1}]),
        ([{1: 1}], {1: 2}, [{1: 1}]),
        # nothing twice
        ([{1: 2}, {1: 1}], {1: 2}, "not-picked"),
        # what nobody picked
        ([{3: 1}], {1: 2}, "not-picked"),
        ([{1: 0}], {1: 2}, "empty-package"),
        ([{1: 2}, {}], {1: 2}, "empty-package"),
        ([{}], {1: 0}, "nothing-to-pack"),
        ([{}], {}, "nothing-to-pack"),
    ],
)
def test_units_of_boxes(boxes: list[dict[int, int]], free: dict[int, int], filled: object) -> None:
    asked = [Box(units, 100, WEIGHED) for units in boxes]
    if isinstance(filled, str):
        with pytest.raises(Problem) as refused:
            fill(asked, free)
        assert refused.value.code == filled
    else:
        assert fill(asked, free) == filled


STORIES: list[tuple[str, list[tuple[str, int]], str | None]] = [
    ("dispatched", [("pre_transit", 0), ("in_transit", 2)], None),
    ("dispatched", [("in_transit", 2), ("delivered", 9)], "deliver"),
    ("dispatched", [("failure", 5)], "fail delivery"),
    # it went on after it failed
    ("delivery_failed", [("failure", 5), ("out_for_delivery", 20)], "try again"),
    ("delivery_failed", [("failure", 5)], None),
    ("delivery_failed", [("failure", 5), ("delivered", 20)], "deliver"),
    # an old failure is no news once it is there
    ("delivered", [("failure", 5), ("delivered", 9)], None),
    ("dispatched", [("failure", 5), ("delivered", 9)], "deliver"),
    # once it turned back, "delivered" is its arrival at the sender
    ("dispatched", [("return_to_sender", 5), ("delivered", 50)], "return to sender"),
    ("returned_to_sender", [("return_to_sender", 5), ("delivered", 50)], None),
    ("lost", [("in_transit", 5), ("delivered", 500)], "deliver"),
    ("lost", [("in_transit", 500)], None),
    ("packed", [("pre_transit", 0)], None),
    ("packed", [("in_transit", 0)], None),
    ("opened", [("in_transit", 3)], None),
    ("dispatched", [("unknown", 9), ("canceled", 10)], None),
]


@pytest.mark.parametrize(("state", "said", "verb"), STORIES)
def test_what_the_carrier_means_in_any_order(
    state: str, said: list[tuple[str, int]], verb: str | None
) -> None:
    for told in itertools.permutations(said):
        found = verb_of(package(state), [scan(word, hours) for word, hours in told])
        assert (found and found.value) == verb


@pytest.mark.parametrize("word", ["delivered", "failure", "return_to_sender"])
def test_what_nobody_scanned_out_did_not_arrive(word: str) -> None:
    with pytest.raises(Problem) as refused:
        verb_of(package("packed"), [scan(word)])
    assert refused.value.code == "not-seen-out"


@pytest.mark.parametrize(
    ("states", "is_so"),
    [
        (["delivered", "delivered"], "delivered"),
        (["delivered", "dispatched"], "dispatched"),
        (["delivery_failed", "dispatched"], "delivery_failed"),
        (["returned_to_sender", "delivered"], "returned_to_sender"),
        (["came_back", "delivered"], "returned_to_sender"),
        (["lost", "delivered"], "lost"),
        (["lost", "came_back"], "returned_to_sender"),
        (["opened", "delivered"], "delivered"),
        (["packed", "dispatched"], None),
        (["opened"], None),
        ([], None),
    ],
)
def test_a_work_is_what_its_packages_are(states: list[str], is_so: str | None) -> None:
    for told in itertools.permutations(states):
        found = outcome([package(state, n) for n, state in enumerate(told, start=1)])
        assert (found and found.value) == is_so


def test_the_same_words_are_the_same_scan() -> None:
    assert scan_key(scan("delivered", 3)) == scan_key(scan("delivered", 3))
    assert scan_key(scan("delivered", 3)) != scan_key(scan("delivered", 4))


@pytest.mark.parametrize("state", list(PackageState))
@pytest.mark.parametrize("verb", list(PackageVerb))
def test_every_state_and_verb_of_a_package(state: PackageState, verb: PackageVerb) -> None:
    """What has left is never packed again, and what is over stays so; only a lost one may still arrive."""
    if not PACKAGE.allows(state, verb):
        return
    to = PACKAGE.after(state, verb)
    if verb is PackageVerb.SEND_AGAIN:
        assert to is state in {PackageState.RETURNED_TO_SENDER, PackageState.CAME_BACK, PackageState.LOST}
        return
    assert to is not PackageState.PACKED
    assert state not in {PackageState.OPENED, PackageState.CAME_BACK}
    if state is PackageState.DELIVERED:
        assert to is PackageState.CAME_BACK, "somebody has it in hand"
    if state is PackageState.LOST:
        assert to is PackageState.DELIVERED


@pytest.mark.parametrize("hours", [0, -300, 24])
def test_clocks_differ_by_a_day(hours: int) -> None:
    must_have_happened([scan("in_transit"), scan("delivered", hours)], now=NOON)


@pytest.mark.parametrize("hours", [25, 9000])
def test_what_is_to_come_did_not_happen(hours: int) -> None:
    with pytest.raises(Problem) as refused:
        must_have_happened([scan("in_transit"), scan("delivered", hours)], now=NOON)
    assert refused.value.code == "from-the-future"


def test_goods_are_sent_again_once() -> None:
    must_allow(package("lost"), PackageVerb.SEND_AGAIN)
    with pytest.raises(Problem) as refused:
        must_allow(replace(package("lost"), sent_again_at=NOON), PackageVerb.SEND_AGAIN)
    assert refused.value.code == "wrong-package-state"


@pytest.mark.parametrize("state", list(LabelState))
@pytest.mark.parametrize("verb", list(LabelVerb))
def test_every_state_and_verb_of_a_label(state: LabelState, verb: LabelVerb) -> None:
    if LABEL.allows(state, verb):
        to = LABEL.after(state, verb)
        assert to is not LabelState.WANTED
        # what is over moves only when it was bought after all: then it is taken back
        assert state not in LABEL.ends or (verb, to) == (LabelVerb.TURN_UP, LabelState.UNWANTED)
