"""Each place once: tables in which many parts want the same place, held against every way to share the atoms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambidex.domains.routing.rules.exact import Shares, twice
from ambidex.domains.routing.rules.once import Choice
from ambidex.domains.routing.rules.ranks import INFEASIBLE, UNFILLED
from ambidex.domains.routing.rules.snapshot import Ints


def _table(seed: int, atoms: int, places: int) -> tuple[Ints, Ints]:
    """Single atoms are cheap where others are too, and together they cost more than apart, or cannot be."""
    chance = np.random.default_rng(seed)
    units = np.array([mask.bit_count() for mask in range(1 << atoms)])
    table = chance.integers(1, 6, places)[None, :] * units[:, None] ** 2 + chance.integers(
        0, 3, (1 << atoms, places)
    )
    table[chance.random(table.shape) < chance.choice([0.1, 0.5, 0.8])] = INFEASIBLE
    table[0] = INFEASIBLE
    return table.astype(np.int64), units


def _ways(table: Ints, atoms: int, place: int = 0) -> Iterator[Shares]:
    """Every way: place after place sends one of the sets that are left, or nothing."""
    if place == table.shape[1]:
        yield ()
        return
    for part in range(len(table)):
        if part & ~atoms == 0 and (not part or table[part, place] < INFEASIBLE):
            own = ((place, part),) if part else ()
            for others in _ways(table, atoms & ~part, place + 1):
                yield own + others


def _cost(table: Ints, units: Ints, shares: Shares) -> int:
    sent = sum(part for _, part in shares)
    return (
        sum(int(table[part, place]) for place, part in shares) + int(units[len(table) - 1 - sent]) * UNFILLED
    )


def _least(table: Ints, units: Ints, parts_max: int) -> int:
    ways = (way for way in _ways(table, len(table) - 1) if len(way) <= (parts_max or len(way)))
    return min(_cost(table, units, way) for way in ways)


def _is_right(table: Ints, units: Ints, found: tuple[int, Shares], parts_max: int) -> bool:
    cost, shares = found
    return (
        cost == _cost(table, units, shares) == _least(table, units, parts_max)
        and not twice(shares)
        and sum(part.bit_count() for _, part in shares) == sum(part for _, part in shares).bit_count()
        and (not parts_max or len(shares) <= parts_max)
    )


@pytest.mark.parametrize("parts_max", [0, 1, 2, 3])
@given(seed=st.integers(0, 2**32 - 1), atoms=st.integers(1, 4), places=st.integers(1, 4))
@settings(max_examples=15)
def test_no_way_in_which_each_place_sends_once_is_cheaper(
    parts_max: int, seed: int, atoms: int, places: int
) -> None:
    table, units = _table(seed, atoms, places)
    choice = Choice(table, units, parts_max=parts_max)

    assert _is_right(table, units, choice.best, parts_max)


@pytest.mark.parametrize("parts_max", [0, 2])
@given(seed=st.integers(0, 2**32 - 1), places=st.integers(2, 4), is_asked=st.booleans())
@settings(max_examples=15)
def test_without_some_sets_of_a_place_it_is_as_if_it_could_not_send_them(
    parts_max: int, seed: int, places: int, *, is_asked: bool
) -> None:
    table, units = _table(seed, 3, places)
    choice = Choice(table, units, parts_max=parts_max)
    senders = [place for place, _ in choice.best[1]]
    if is_asked:
        choice.ask_without(senders)
    for place in senders:
        for sets in (np.arange(1, 8), np.array([7]), np.array([1, 3, 5, 7])):
            less = table.copy()
            less[sets, place] = INFEASIBLE
            assert _is_right(less, units, choice.without(place, sets), parts_max)


def test_places_that_all_want_to_send_twice_are_all_taken_apart() -> None:
    """The control: seen as if each might send twice, four places would be one."""
    table, units = np.full((16, 4), INFEASIBLE), np.array([mask.bit_count() for mask in range(16)])
    for place in range(4):
        table[[1, 2, 4, 8], place] = 10 + place
    choice = Choice(table, units)

    assert choice.answer.cost == 40
    assert choice.best[0] == 46
    assert not twice(choice.best[1])
    assert choice.apart >= {0, 1, 2}
