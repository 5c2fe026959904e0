"""Who may say what, which numbers are missing, and why a drift is there: tables and random orders."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ambidex.domains.governance import Clue, DriftCause, Fact, Rights, Speaker, Stream, decide
from ambidex.domains.governance.model import Gap
from ambidex.kernel.ids import LocationId, SourceId

HERE = LocationId(UUID(int=1))
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
C = DriftCause


@pytest.mark.parametrize(
    ("kind", "fact", "holder"),
    [
        ("store", Fact.SALES, "till"),
        ("store", Fact.COUNTS, "till"),
        ("store", Fact.RECEIPTS, "ambidex"),
        ("warehouse", Fact.COUNTS, "warehouse"),
        ("third_party", Fact.SALES, "third_party"),
        ("supplier", Fact.COUNTS, "third_party"),
        ("store", Fact.CLAIMS, "ambidex"),
        ("moon", Fact.SALES, "ambidex"),
    ],
)
def test_authority_follows_from_the_kind_of_place(kind: str, fact: Fact, holder: str) -> None:
    assert decide.holder_of(Rights({HERE: kind}), HERE, fact).holder == holder


def test_what_was_decided_counts_and_claims_stay_ours() -> None:
    rights = Rights({HERE: "store"}, {(HERE, Fact.SALES): "till:one", (HERE, Fact.CLAIMS): "till:one"})
    one, other = (Speaker(SourceId(UUID(int=2)), code, "till") for code in ("till:one", "till:two"))
    assert decide.may_say(rights, one, HERE, Fact.SALES)
    assert not decide.may_say(rights, other, HERE, Fact.SALES)
    assert decide.may_say(rights, other, HERE, Fact.COUNTS)
    assert decide.holder_of(rights, HERE, Fact.CLAIMS).holder == "ambidex"


@pytest.mark.parametrize(
    ("amount", "clues", "cause", "certain"),
    [
        (-3, [], C.UNKNOWN, False),
        (-3, [Clue(C.LATE_SALE, "", -3)], C.LATE_SALE, True),
        (-3, [Clue(C.MISSED_MESSAGE, "", units_max=8)], C.MISSED_MESSAGE, True),
        # a gap of one number cannot hold so many
        (-30, [Clue(C.MISSED_MESSAGE, "", units_max=8)], C.UNKNOWN, False),
        # what fits exactly beats what may be anything
        (-5, [Clue(C.LOST_FILE, ""), Clue(C.DOUBLED_DELTA, "", -5)], C.DOUBLED_DELTA, True),
        (5, [Clue(C.LOST_FILE, ""), Clue(C.DOUBLED_DELTA, "", -5)], C.LOST_FILE, True),
        # one unit of shrink beside it
        (-4, [Clue(C.DOUBLE_RESTOCK, "", -3), Clue(C.MISSED_MESSAGE, "", units_max=8)], C.DOUBLE_RESTOCK, False),
        # proven beats supposed
        (-2, [Clue(C.DOUBLE_RESTOCK, "", -2, proven=False), Clue(C.DOUBLED_DELTA, "", -2)], C.DOUBLED_DELTA, True),
        # two things together
        (-7, [Clue(C.LATE_SALE, "", -2), Clue(C.DOUBLED_DELTA, "", -5)], C.DOUBLED_DELTA, True),
        # two that may be anything: named, not sure
        (-2, [Clue(C.STUCK_CONNECTOR, ""), Clue(C.MISSED_MESSAGE, "", units_max=8)], C.STUCK_CONNECTOR, False),
    ],
)  # fmt: skip
def test_a_drift_is_named_from_evidence(
    amount: int, clues: list[Clue], cause: DriftCause, *, certain: bool
) -> None:
    named = decide.name(amount, clues)
    assert (named.cause, named.certain) == (cause, certain)


@pytest.mark.parametrize(
    ("certain", "amount", "value", "authority", "alone"),
    [
        (True, -6, 12_000, True, True),
        (True, -6, 12_000, False, False),
        (True, -25, 12_000, True, False),
        (True, -6, 60_000, True, False),
        (False, -6, 12_000, True, False),
        (False, -2, 4_000, True, True),
        (False, -2, 20_000, True, False),
    ],
)
def test_what_repairs_itself(*, certain: bool, amount: int, value: int, authority: bool, alone: bool) -> None:
    named = decide.name(amount, [Clue(C.LATE_SALE, "", amount)] if certain else [])
    assert decide.repairs_itself(named, amount=amount, value_minor=value, authority=authority) is alone


def test_missing_numbers_are_the_same_in_any_order() -> None:
    """Random orders, repetitions and portions of 1..30 without some: the gaps are those left out, by number."""
    for seed in range(300):
        chance = random.Random(seed)
        came = [1, 30, *(n for n in range(2, 30) if chance.random() < 0.7)]
        told = came + chance.sample(came, 5)
        chance.shuffle(told)
        told.remove(1)
        stream = Stream("1", HERE, NOON, last_number=1, last_at=NOON)
        gaps: list[Gap] = []
        while told:
            portion = [told.pop() for _ in range(min(len(told), chance.randint(1, 6)))]
            stream, gaps = decide.follow(stream, gaps, [(n, NOON + timedelta(minutes=n)) for n in portion])
        missing = {n for gap in gaps for n in range(gap.low, gap.high + 1)}
        assert missing == set(range(1, 31)) - set(came), seed
        assert sum(gap.numbers for gap in gaps) == len(missing), seed
        assert stream.last_number == 30


@pytest.mark.parametrize(
    ("usual", "quiet", "silent"),
    [(0, 600, False), (2, 14, False), (2, 16, True), (10, 39, False), (10, 41, True)],
)
def test_silence_is_measured_by_habit(usual: int, quiet: int, *, silent: bool) -> None:
    assert decide.is_silent(timedelta(minutes=usual), quiet_for=timedelta(minutes=quiet)) is silent


def test_one_of_several_partners_speaks_only_for_the_place_it_is_named_for() -> None:
    speaker = Speaker(SourceId(UUID(int=3)), "third_party:one", "third_party")
    alone = Rights({HERE: "third_party"})
    among_others = Rights({HERE: "third_party"}, shared=frozenset({"third_party"}))
    named = Rights({HERE: "third_party"}, {(HERE, Fact.COUNTS): speaker.code}, frozenset({"third_party"}))
    assert decide.may_say(alone, speaker, HERE, Fact.COUNTS)
    assert not decide.may_say(among_others, speaker, HERE, Fact.COUNTS)
    assert decide.may_say(named, speaker, HERE, Fact.COUNTS)
