"""Pure decisions of governance: who may say what, which numbers are missing, what a drift comes from, what repairs itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ambidex.domains.governance.model import (
    Authority,
    Clue,
    DriftCause,
    Fact,
    Gap,
    Line,
    LineKind,
    Named,
    Rights,
    Speaker,
    Stream,
)
from ambidex.kernel.ids import LocationId

AMBIDEX = "ambidex"
# who may say what, where nobody decided otherwise, by the kind of place
_TILL, _WAREHOUSE, _PARTNER = "till", "warehouse", "third_party"
DEFAULTS: Mapping[str, Mapping[Fact, str]] = {
    "store": {Fact.SALES: _TILL, Fact.COUNTS: _TILL, Fact.RECEIPTS: AMBIDEX, Fact.RETURNS: _TILL},
    "warehouse": dict.fromkeys((Fact.SALES, Fact.COUNTS, Fact.RECEIPTS, Fact.RETURNS), _WAREHOUSE),
    "third_party": dict.fromkeys((Fact.SALES, Fact.COUNTS, Fact.RECEIPTS, Fact.RETURNS), _PARTNER),
    "supplier": dict.fromkeys((Fact.SALES, Fact.COUNTS, Fact.RECEIPTS, Fact.RETURNS), _PARTNER),
}
FACT_OF: Mapping[LineKind, Fact] = {
    LineKind.SALE: Fact.SALES,
    LineKind.VOID: Fact.SALES,
    LineKind.RETURN: Fact.RETURNS,
    LineKind.RECEIPT: Fact.RECEIPTS,
    LineKind.ADJUST: Fact.COUNTS,
    LineKind.COUNT: Fact.COUNTS,
}
OWNERS: Mapping[str, str] = {"store": "lead", "warehouse": "supervisor"}
OWNER_ELSEWHERE = "experience"

# what repairs itself when its cause is sure
AUTO_UNITS_MAX, AUTO_VALUE_MAX = 24, 50_000
# a difference this small from who may say it is taken as said, whatever its cause
TOLERATED_UNITS_MAX, TOLERATED_VALUE_MAX = 2, 10_000
# below both a drift is shown and owned, but nobody is called for it
TASK_UNITS_MIN, TASK_VALUE_MIN = 3, 5_000
# one missing transaction explains at most so many units of one item
UNITS_OF_ONE_NUMBER_MAX = 8

SILENT_AFTER_MIN, SILENT_TIMES = timedelta(minutes=15), 4
_WEIGHT = 0.2
NOTHING_EXPLAINS = "Nothing that came in explains it. Count it once more."


def holder_of(rights: Rights, location_id: LocationId, fact: Fact) -> Authority:
    """Who may say this fact of this place. Claims are always ours."""
    if fact is Fact.CLAIMS:
        return Authority(location_id, fact, AMBIDEX)
    given = rights.given.get((location_id, fact))
    if given is not None:
        return Authority(location_id, fact, given, given=True)
    return Authority(
        location_id, fact, DEFAULTS.get(rights.kinds.get(location_id, ""), {}).get(fact, AMBIDEX)
    )


def may_say(rights: Rights, speaker: Speaker, location_id: LocationId, fact: Fact) -> bool:
    """Whether this source has the authority, by its own code or as one of its kind; one partner never speaks for another."""
    holder = holder_of(rights, location_id, fact).holder
    return holder == speaker.code or (holder == speaker.kind and speaker.kind not in rights.shared)


def owner_of(kind: str) -> str:
    """The duty at a place of this kind that answers for a drift there."""
    return OWNERS.get(kind, OWNER_ELSEWHERE)


def content_of(location: str, lines: Iterable[Line]) -> bytes:
    """The same for two documents that say the same of the same place; numbers and times of documents aside."""
    said = sorted(f"{one.kind}|{one.item}|{one.units}|{one.condition}|{one.reference}" for one in lines)
    return hashlib.sha256("\n".join([location, *said]).encode()).digest()


def follow(
    stream: Stream, open_gaps: Sequence[Gap], came: Sequence[tuple[int, datetime]]
) -> tuple[Stream, list[Gap]]:
    """The stream and its open gaps after these numbers (with their times) came, in whatever order, however often."""
    last, last_at, gaps = stream.last_number, stream.last_at, list(open_gaps)
    for number, at in sorted(came):
        if last is None or last_at is None:
            last, last_at = number, at
        elif number > last:
            if number > last + 1:
                gaps.append(Gap(stream.stream, last + 1, number - 1, min(last_at, at), max(last_at, at)))
            last, last_at = number, at
        else:
            gaps = [piece for gap in gaps for piece in _without(gap, number, at)]
    return (
        Stream(stream.stream, stream.location_id, stream.heard_at, last, last_at, stream.usual),
        gaps,
    )


def _without(gap: Gap, number: int, at: datetime) -> list[Gap]:
    if not gap.low <= number <= gap.high:
        return [gap]
    before = Gap(gap.stream, gap.low, number - 1, gap.after_at, max(gap.after_at, min(at, gap.before_at)))
    after = Gap(gap.stream, number + 1, gap.high, min(gap.before_at, max(at, gap.after_at)), gap.before_at)
    return [piece for piece in (before, after) if piece.low <= piece.high]


def usual_after(usual: timedelta, pause: timedelta) -> timedelta:
    """The usual open time between messages after one more pause; the newest weighs a fifth."""
    if not usual:
        return pause
    return usual + (pause - usual) * _WEIGHT


def is_silent(usual: timedelta, *, quiet_for: timedelta) -> bool:
    """Whether a stream has said nothing for much longer (of open time) than usual. Two messages make a habit."""
    return bool(usual) and quiet_for > max(SILENT_AFTER_MIN, usual * SILENT_TIMES)


def name(amount: int, clues: Sequence[Clue]) -> Named:
    """Why a drift of this amount is there: evidence that fits exactly first, then nearly, then what may be.

    Nearly: the rest is the shrink of every day. A gap or a silence fits any amount that it may hold.
    """
    telling = [clue for clue in clues if clue.predicted]
    for proven in (True, False):
        exact = [clue for clue in telling if clue.predicted == amount and clue.proven is proven]
        if exact:
            return _named(min(exact, key=_rank), certain=proven)
    if len(telling) > 1 and sum(clue.predicted or 0 for clue in telling) == amount:
        return _named(max(telling, key=lambda clue: abs(clue.predicted or 0)), certain=True)
    near = [clue for clue in telling if clue.proven and _is_near(amount, clue.predicted or 0)]
    if near:
        return _named(min(near, key=lambda clue: abs(amount - (clue.predicted or 0))), certain=False)
    fitting = [clue for clue in clues if clue.predicted is None and _fits(amount, clue)]
    if fitting:
        alone = len({clue.cause for clue in fitting}) == 1
        return _named(min(fitting, key=_rank), certain=alone)
    return Named(DriftCause.UNKNOWN, certain=False, words=NOTHING_EXPLAINS)


def repairs_itself(named: Named, *, amount: int, value_minor: int, authority: bool) -> bool:
    """Whether it is put right without asking: who may say it said it, and it is sure or small."""
    if not authority:
        return False
    if abs(amount) <= TOLERATED_UNITS_MAX and abs(value_minor) <= TOLERATED_VALUE_MAX:
        return True
    return named.certain and abs(amount) <= AUTO_UNITS_MAX and abs(value_minor) <= AUTO_VALUE_MAX


def needs_person(*, amount: int, value_minor: int) -> bool:
    """Whether a drift that does not repair itself becomes a task."""
    return abs(amount) >= TASK_UNITS_MIN or abs(value_minor) >= TASK_VALUE_MIN


_ORDER = (
    DriftCause.LATE_SALE,
    DriftCause.DOUBLE_RESTOCK,
    DriftCause.DOUBLED_DELTA,
    DriftCause.STUCK_CONNECTOR,
    DriftCause.MISSED_MESSAGE,
    DriftCause.LOST_FILE,
    DriftCause.NO_AUTHORITY,
    DriftCause.UNKNOWN,
)


def _fits(amount: int, clue: Clue) -> bool:
    return clue.units_max is None or abs(amount) <= clue.units_max


def _is_near(amount: int, predicted: int) -> bool:
    return amount * predicted > 0 and abs(amount - predicted) <= max(1, abs(predicted) // 4)


def _rank(clue: Clue) -> int:
    return _ORDER.index(clue.cause)


def _named(clue: Clue, *, certain: bool) -> Named:
    return Named(clue.cause, certain=certain, words=clue.words, evidence=(clue.proof,) if clue.proof else ())
