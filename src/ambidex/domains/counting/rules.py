"""Decisions of counting, pure: when another person counts, when a lead decides, and which shelf is counted next.

The order of the next counts is: chance that the book is wrong x units that hang on it x what a broken promise costs.
The numbers below are judgments; only their order matters (tests hold it).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from ambidex.domains.counting import problems
from ambidex.domains.counting.model import (
    COUNT,
    Count,
    CountState,
    CountVerb,
    Entry,
    Policy,
    Reason,
    Risk,
    Tolerance,
)
from ambidex.kernel.actor import Actor

CLOCK_WRONG_MAX = timedelta(minutes=5)
# what one unit costs that is not there: somebody travels in vain, is told in time, can still be served from elsewhere,
# was only shown it
COST_TODAY, COST_SOON, COST_LATER, COST_SHOWN = 10.0, 6.0, 3.0, 1.0
SHOWN_MATTERS_MAX = 5
NEVER_COUNTED_DAYS = 365
DAYS_SCALE, MOVES_SCALE = 180.0, 60.0
MISS_WRONG, SUSPECT_WRONG, DRIFT_WRONG, THIN_WRONG = 0.4, 0.9, 0.8, 0.15
LONG_AGO_DAYS = 14
BUSY_MOVES = 10


def must_allow(count: Count, verb: CountVerb) -> None:
    """Refuse unless the verb can be said in this state."""
    if not COUNT.allows(count.state, verb):
        raise problems.CountIsOver(count_id=str(count.count_id), state=count.state.value)


def must_be_another(count: Count, actor: Actor) -> None:
    """Nobody recounts, approves or sets aside what they counted themselves."""
    if actor.id in count.counters:
        raise problems.OwnCount(count_id=str(count.count_id))


def must_have_been(happened_at: datetime, *, now: datetime) -> None:
    """Refuse a count that a device dates later than its clock may be wrong."""
    if happened_at - now > CLOCK_WRONG_MAX:
        raise problems.NotCountedYet(errors=[{"field": "happened_at", "expected": "a time that has been"}])


def verb_after(entries: Sequence[Entry], policy: Policy, *, price_minor: int) -> CountVerb:
    """What follows from the numbers so far: settled, doubted (another person counts) or referred to a lead."""
    last = entries[-1]
    if not is_over(policy.recount, last, price_minor=price_minor):
        return CountVerb.SETTLE
    if len(entries) == 1:
        return CountVerb.DOUBT
    agree = entries[-2].difference == last.difference
    if not agree or is_over(policy.approve, last, price_minor=price_minor):
        return CountVerb.REFER
    return CountVerb.SETTLE


def is_over(limit: Tolerance, entry: Entry, *, price_minor: int) -> bool:
    """Whether the difference is above a limit, in units or in money."""
    units = abs(entry.difference)
    return (limit.units is not None and units > limit.units) or (
        limit.value_minor is not None and units * price_minor > limit.value_minor
    )


def is_blind(count: Count) -> bool:
    """Whether the book and earlier numbers are still hidden from those who may count it."""
    return count.state in {CountState.OPEN, CountState.COUNTING, CountState.RECOUNT}


def chance_wrong(risk: Risk) -> float:
    """How probably the book is wrong here: each sign of it is a chance of its own (0 to 1)."""
    days = NEVER_COUNTED_DAYS if risk.days_since_count is None else max(0.0, risk.days_since_count)
    right = math.exp(-days / DAYS_SCALE) * math.exp(-risk.moves_since_count / MOVES_SCALE)
    right *= (1 - MISS_WRONG) ** risk.misses
    right *= 1 - SUSPECT_WRONG if risk.suspect else 1
    right *= 1 - DRIFT_WRONG if risk.has_drift else 1
    right *= 1 - THIN_WRONG if risk.shown <= 1 else 1
    return 1 - right


def stake(risk: Risk) -> float:
    """What hangs on the book being right: units by the cost of not having them."""
    promised = COST_TODAY * risk.due_today + COST_SOON * risk.due_soon + COST_LATER * risk.due_later
    return promised + COST_SHOWN * min(SHOWN_MATTERS_MAX, max(0, risk.shown))


def worth(risk: Risk) -> float:
    """How much a count of this shelf protects; the highest is counted next."""
    return chance_wrong(risk) * stake(risk)


def reasons(risk: Risk) -> tuple[Reason, ...]:
    """Why, the weightiest first, as words of a program with their number; never how many the book says are there."""
    said = [
        Reason("customers-today", risk.customers_today) if risk.customers_today else None,
        Reason("not-found", risk.suspect) if risk.suspect else None,
        Reason("drift") if risk.has_drift else None,
        Reason("missed-before", risk.misses) if risk.misses and not risk.suspect else None,
        Reason("promised-soon", risk.due_soon) if risk.due_soon else None,
        Reason("promised-later", risk.due_later) if risk.due_later and not risk.due_soon else None,
        _age(risk),
        Reason("moved", risk.moves_since_count) if risk.moves_since_count >= BUSY_MOVES else None,
        Reason("last-units") if 0 < risk.shown <= 1 else None,
    ]
    found = tuple(reason for reason in said if reason is not None)
    return found or (Reason("counted-days-ago", int(risk.days_since_count or 0)),)


def _age(risk: Risk) -> Reason | None:
    if risk.days_since_count is None:
        return Reason("never-counted")
    if risk.days_since_count < LONG_AGO_DAYS:
        return None
    return Reason("counted-days-ago", int(risk.days_since_count))
