"""What follows from numbers, and which shelf is counted next: tables, and properties over random shelves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambidex.domains.counting import rules
from ambidex.domains.counting.model import (
    COUNT,
    CountState,
    CountVerb,
    Entry,
    Policy,
    Reason,
    Risk,
    Tolerance,
)
from ambidex.domains.counting.problems import NotCountedYet
from tests.conftest import NOON

POLICY = Policy(Tolerance(units=2, value_minor=5_000), Tolerance(units=9, value_minor=20_000))


def entries(*said: tuple[int, int | None]) -> list[Entry]:
    """Numbers with what the book said of their moments."""
    return [Entry(counted, expected, NOON, f"person {n}") for n, (counted, expected) in enumerate(said)]


@pytest.mark.parametrize(
    ("said", "price", "verb"),
    [
        # near the book
        ([(10, 10)], 1_000, CountVerb.SETTLE),
        ([(8, 10)], 1_000, CountVerb.SETTLE),
        # more than two units off, or not many but dear: another person
        ([(7, 10)], 1_000, CountVerb.DOUBT),
        ([(13, 10)], 1_000, CountVerb.DOUBT),
        ([(9, 10)], 5_001, CountVerb.DOUBT),
        # the book knows nothing of it here: there is nothing to doubt
        ([(500, None)], 9_000, CountVerb.SETTLE),
        # the second number is near the book, whatever the first was
        ([(2, 10), (9, 10)], 1_000, CountVerb.SETTLE),
        # two people agree, also when a unit was sold between them
        ([(6, 10), (6, 10)], 1_000, CountVerb.SETTLE),
        ([(6, 10), (5, 9)], 1_000, CountVerb.SETTLE),
        # they disagree, or are very far from the book: a lead
        ([(6, 10), (5, 10)], 1_000, CountVerb.REFER),
        ([(0, 10), (0, 10)], 1_000, CountVerb.REFER),
        ([(5, 10), (5, 10)], 4_001, CountVerb.REFER),
    ],
)
def test_what_follows_from_the_numbers(
    said: list[tuple[int, int | None]], price: int, verb: CountVerb
) -> None:
    assert rules.verb_after(entries(*said), POLICY, price_minor=price) is verb


def test_without_limits_everything_is_settled() -> None:
    nothing = Policy(Tolerance(None, None), Tolerance(None, None))
    assert rules.verb_after(entries((0, 900)), nothing, price_minor=90_000) is CountVerb.SETTLE


def test_a_count_is_not_dated_in_the_future() -> None:
    rules.must_have_been(NOON + timedelta(minutes=5), now=NOON)
    with pytest.raises(NotCountedYet):
        rules.must_have_been(NOON + timedelta(minutes=5, seconds=1), now=NOON)


def test_every_waiting_state_says_who_acts() -> None:
    assert set(COUNT.waits) == set(CountState) - COUNT.ends


# each is counted before the one below it
RANKED = [
    Risk(days_since_count=40, suspect=1, due_today=3, customers_today=3),
    Risk(days_since_count=40, due_today=3, customers_today=3),
    Risk(days_since_count=40, due_soon=3),
    Risk(days_since_count=40, due_later=3),
    Risk(days_since_count=400, shown=2),
    Risk(days_since_count=40, shown=2),
    Risk(days_since_count=1, shown=2),
    Risk(days_since_count=400),
]


def test_the_order_of_the_next_counts() -> None:
    worth = [rules.worth(risk) for risk in RANKED]
    assert worth == sorted(worth, reverse=True)
    assert worth[-1] == 0, "nothing hangs on the last one"


risks = st.builds(
    Risk,
    days_since_count=st.none() | st.floats(0, 2_000),
    moves_since_count=st.integers(0, 500),
    misses=st.integers(0, 9),
    suspect=st.integers(0, 9),
    has_drift=st.booleans(),
    due_today=st.integers(0, 99),
    due_soon=st.integers(0, 99),
    due_later=st.integers(0, 99),
    shown=st.integers(0, 99),
)


@given(risks)
def test_more_signs_or_more_at_stake_never_come_later(risk: Risk) -> None:
    assert 0 <= rules.chance_wrong(risk) <= 1
    worse = [
        replace(risk, days_since_count=None if risk.days_since_count is None else risk.days_since_count + 9),
        replace(risk, moves_since_count=risk.moves_since_count + 9),
        replace(risk, misses=risk.misses + 1),
        replace(risk, suspect=risk.suspect + 1),
        replace(risk, has_drift=True),
        replace(risk, due_today=risk.due_today + 1),
        replace(risk, due_soon=risk.due_soon + 1),
        replace(risk, due_later=risk.due_later + 1),
    ]
    assert all(rules.worth(one) >= rules.worth(risk) for one in worse)


def test_reasons_begin_with_the_customers_of_today() -> None:
    risk = Risk(days_since_count=41.2, due_today=4, customers_today=3, misses=2, shown=1)
    assert rules.reasons(risk) == (
        Reason("customers-today", 3),
        Reason("missed-before", 2),
        Reason("counted-days-ago", 41),
        Reason("last-units"),
    )
    assert rules.reasons(Risk()) == (Reason("never-counted"),)
    assert rules.reasons(Risk(days_since_count=1.5, shown=9)) == (Reason("counted-days-ago", 1),)
