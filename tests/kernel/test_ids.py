"""Ids: never the same twice, and the same again for who passes the chance in."""

import random
from uuid import UUID

import pytest

from ambidex.kernel import ids
from tests.conftest import NOON

MANY = 1_000


def drawn() -> list[UUID]:
    return [ids.new_id(NOON) for _ in range(MANY)]


def test_chance_that_is_passed_in_gives_the_same_ids_again_and_none_twice() -> None:
    seen = []
    for seed in (1, 1, 2):
        ids.draw_from(random.Random(seed).randbytes)
        seen.append(drawn())
    assert seen[0] == seen[1]
    assert len({*seen[0], *seen[2]}) == 2 * MANY


FIRST: list[UUID] = []


@pytest.mark.parametrize("turn", ["one", "other"])
def test_two_tests_draw_apart(turn: str) -> None:
    found = drawn()
    assert not set(found) & set(FIRST), turn
    FIRST.extend(found)
