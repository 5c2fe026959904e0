"""Who gets stock that landed: the written rule as a table, and its promises over random queues."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambidex.flows.fair_release import Waiting, release
from ambidex.kernel.ids import ItemId, LocationId, OrderId

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
HERE, THERE = ((ItemId(UUID(int=1)), LocationId(UUID(int=at))) for at in (1, 2))


def _line(words: str, number: int) -> Waiting:
    """ "ama 2 due+1 placed-3": units, due in days from now, placed days ago; "@there" waits at the other place."""
    name, units, *rest = words.split()
    due, placed, place = 1, 0, HERE
    for word in rest:
        if word.startswith("due"):
            due = int(word.removeprefix("due"))
        elif word.startswith("placed"):
            placed = int(word.removeprefix("placed"))
        else:
            place = THERE
    order_id = OrderId(UUID(bytes=name.encode().ljust(16, b"-")))
    return Waiting(
        NOW + timedelta(days=due), NOW + timedelta(days=placed), order_id, number, place, int(units)
    )


def _name(line: Waiting) -> str:
    return line.order_id.bytes.decode().rstrip("-")


@pytest.mark.parametrize(
    ("queue", "free", "served"),
    [
        # nothing landed, nobody waits
        (["ama 1"], 0, []),
        ([], 5, []),
        # the promised date first, then who placed first, whatever the order they are found in
        (["ama 1 due+3", "bo 1 due+1", "chi 1 due+2"], 2, ["bo", "chi"]),
        (["ama 1 due+1 placed-1", "bo 1 due+1 placed-9"], 1, ["bo"]),
        # lines are served whole
        (["ama 3"], 2, []),
        (["ama 3"], 3, ["ama"]),
        # one that cannot be served whole is passed over while its date lies ahead
        (["ama 3 due+1", "bo 2 due+2"], 2, ["bo"]),
        (["ama 3 due+1", "bo 2 due+2"], 4, ["ama"]),
        (["ama 3 due+1", "bo 2 due+2"], 5, ["ama", "bo"]),
        # a later smaller one never takes what would have served an earlier one
        (["ama 2 due+1", "bo 1 due+2"], 2, ["ama"]),
        # once its date has passed, units gather for it
        (["ama 3 due-1", "bo 2 due+2"], 2, []),
        (["ama 3 due+0", "bo 2 due+2"], 2, []),
        (["ama 3 due-1", "bo 2 due+2"], 4, ["ama"]),
        # who comes before the one that is overdue is served first; who comes after waits
        (["ama 1 due-2", "bo 3 due-1", "chi 1 due+1"], 2, ["ama"]),
        # each place has its own queue
        (["ama 3 due-1", "bo 2 due+2 @there"], 2, ["bo"]),
    ],
)
def test_who_is_served(queue: list[str], free: int, served: list[str]) -> None:
    lines = [_line(words, number) for number, words in enumerate(queue)]
    found = release(reversed(lines), {HERE: free, THERE: free}, now=NOW)
    assert [_name(line) for line in found] == served


LINES = st.builds(
    Waiting,
    st.integers(-3, 3).map(lambda days: NOW + timedelta(days=days)),
    st.integers(-9, 0).map(lambda days: NOW + timedelta(days=days)),
    st.integers(1, 99).map(lambda number: OrderId(UUID(int=number))),
    st.integers(1, 3),
    st.sampled_from([HERE, THERE]),
    st.integers(1, 5),
)


@given(st.lists(LINES, max_size=12, unique=True), st.integers(0, 9), st.integers(0, 9))
def test_no_unit_is_given_twice_and_nobody_is_passed_who_could_have_been_served(
    queue: list[Waiting], here: int, there: int
) -> None:
    free = {HERE: here, THERE: there}
    served = release(queue, free, now=NOW)

    for place, units in free.items():
        assert sum(line.units for line in served if line.place == place) <= units
    for line in set(queue) - set(served):
        before = sum(s.units for s in served if s.place == line.place and s < line)
        behind = [s for s in served if s.place == line.place and s > line]
        overdue = [
            q for q in queue if q.place == line.place and q < line and q.due_at <= NOW and q not in served
        ]
        assert overdue or line.units > free[line.place] - before, "it could have been served"
        assert not (behind and line.due_at <= NOW), "somebody passed one whose date has gone by"


@given(st.lists(LINES, min_size=1, max_size=8, unique=True))
def test_nobody_waits_for_ever(queue: list[Waiting]) -> None:
    """Units land one by one; new lines with later dates come in all the time; every first line is served."""
    queue = [line for line in queue if line.place == HERE]
    free, left, served = {HERE: 0}, list(queue), list[Waiting]()
    for day in range(1 + sum(line.units for line in queue) + 2 * 4):
        free[HERE] += 1
        newcomer = Waiting(
            NOW + timedelta(days=day + 30),
            NOW + timedelta(days=day),
            OrderId(UUID(int=200 + day)),
            1,
            HERE,
            1,
        )
        left = [*left, newcomer]
        now = release(left, free, now=NOW + timedelta(days=9 + day))
        free[HERE] -= sum(line.units for line in now)
        left = [line for line in left if line not in now]
        served += now
    assert set(queue) <= set(served)
