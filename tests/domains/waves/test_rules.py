"""Which works walk together, which tote a unit goes into, and who goes without."""

from __future__ import annotations

import random
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from ambidex.domains.waves import Candidate, Limits, Need, WaveState, WaveVerb, group, lacking, tote_for
from ambidex.domains.waves.model import WAVE, Wave, WaveId
from ambidex.domains.waves.problems import BadLimits, EnoughOfIt, NothingMissing, NotInThisWave, WaveIsOver
from ambidex.domains.waves.rules import must_allow, stops_of
from ambidex.kernel.ids import ItemId, LocationId, OrderId

FOUR = datetime(2026, 3, 3, 16, tzinfo=UTC)
MUG, KETTLE = ItemId(UUID(int=901)), ItemId(UUID(int=902))


def work(
    number: int, stops: str = "A1", *, at: datetime | None = FOUR, carrier: str = "ship", units: int = 1
) -> Candidate:
    return Candidate(OrderId(UUID(int=number)), 1, at, carrier, units, 400 * units, frozenset(stops.split()))


def need(tote: int, units: int, item: ItemId = MUG, line: int = 1) -> Need:
    return Need(OrderId(UUID(int=tote)), 1, line, item, tote, units)


def numbers(works: list[Candidate], **limits: int) -> list[list[int]]:
    return [[w.order_id.int for w in wave.works] for wave in group(works, Limits(**limits))]


@pytest.mark.parametrize(
    ("works", "limits", "waves"),
    [
        # what leaves first is picked first, each cut-off and carrier for itself
        ([work(1, at=FOUR + timedelta(hours=1)), work(2)], {}, [[2], [1]]),
        ([work(1), work(2, carrier="deliver"), work(3)], {}, [[2], [1, 3]]),
        ([work(1, at=None), work(2)], {}, [[2], [1]]),
        # full is full, by orders, units or weight
        ([work(n) for n in (1, 2, 3)], {"orders": 2}, [[1, 2], [3]]),
        ([work(1, units=3), work(2, units=3), work(3, units=1)], {"units": 4}, [[1, 3], [2]]),
        ([work(1), work(2), work(3)], {"grams": 800}, [[1, 2], [3]]),
        # nobody waits for ever because they want much
        ([work(1, units=99), work(2)], {"units": 10}, [[1], [2]]),
        # the same shelves together
        ([work(1, "A1 A2"), work(2, "C9"), work(3, "A2"), work(4, "C9")], {"orders": 2}, [[1, 3], [2, 4]]),
        ([], {}, []),
    ],
)  # fmt: skip
def test_works_walk_together(works: list[Candidate], limits: dict[str, int], waves: list[list[int]]) -> None:
    assert sorted(numbers(works, **limits)) == sorted(waves)


def test_a_wave_needs_room() -> None:
    with pytest.raises(BadLimits):
        group([work(1)], Limits(orders=0))


def test_every_work_walks_once_and_within_limits_whatever_comes() -> None:
    for seed in range(60):
        dice = random.Random(seed)
        works = [
            work(n, " ".join(dice.choices("ABCDEFGH", k=3)), at=FOUR + timedelta(hours=dice.randrange(2)), units=dice.randint(1, 5))
            for n in range(1, 40)
        ]  # fmt: skip
        waves = group(dice.sample(works, len(works)), Limits(orders=6, units=12))
        assert sorted(w.order_id.int for wave in waves for w in wave.works) == list(range(1, 40))
        assert all(sum(w.units for w in wave.works) <= 12 and len(wave.works) <= 6 for wave in waves)
        assert waves == group(works, Limits(orders=6, units=12)), (
            "the order in which they come changes nothing"
        )
        assert stops_of(waves) <= sum(len(w.stops) for w in works)


def test_a_unit_goes_into_the_first_tote_that_lacks_it() -> None:
    needs = [need(3, 1), need(1, 0), need(2, 2), need(1, 1, KETTLE)]
    assert tote_for(needs, MUG, units=1, known=True).tote_no == 2
    assert tote_for(needs, KETTLE, units=1, known=True).tote_no == 1
    with pytest.raises(EnoughOfIt):
        tote_for(needs, MUG, units=3, known=True)
    with pytest.raises(EnoughOfIt):
        tote_for([need(1, 0)], MUG, units=1, known=True)
    with pytest.raises(NotInThisWave):
        tote_for(needs, None, units=1, known=False)


@pytest.mark.parametrize(
    ("missing", "who"),
    [
        (1, {4: 1}),  # the one that fits exactly
        (2, {3: 2}),
        (3, {1: 3}),
        (4, {1: 3, 3: 1}),  # as few orders as possible
        (6, {1: 3, 3: 2, 4: 1}),
    ],
)
def test_as_few_orders_as_possible_go_without(missing: int, who: dict[int, int]) -> None:
    needs = [need(1, 3), need(3, 2), need(4, 1), need(2, 5, KETTLE)]
    assert {n.tote_no: units for n, units in lacking(needs, MUG, units=missing)} == who


@pytest.mark.parametrize("missing", [0, 7])
def test_nobody_lacks_more_than_is_needed(missing: int) -> None:
    with pytest.raises(NothingMissing):
        lacking([need(1, 6)], MUG, units=missing)


@pytest.mark.parametrize(("state", "verb"), list(product(WaveState, WaveVerb)))
def test_each_verb_in_each_state(state: WaveState, verb: WaveVerb) -> None:
    wave = Wave(WaveId(UUID(int=1)), 7, LocationId(UUID(int=2)), state, "ship", FOUR, FOUR)
    if WAVE.allows(state, verb):
        must_allow(wave, verb)
        return
    with pytest.raises(WaveIsOver):
        must_allow(wave, verb)


def crowd(count: int, *, shelves: int, seed: int) -> list[Candidate]:
    chance = random.Random(seed)
    return [
        work(
            n,
            " ".join(f"A{chance.randrange(shelves)}" for _ in range(chance.randrange(1, 5))),
            at=FOUR + timedelta(hours=chance.randrange(2)),
            units=chance.randrange(1, 4),
        )
        for n in range(count)
    ]


def by_asking_everybody(works: list[Candidate], limits: Limits) -> list[list[int]]:
    """The same waves, each found by asking all that wait again and again."""
    waiting = sorted(works, key=lambda w: (w.leaves_at, str(w.order_id)))
    waves = []
    while waiting:
        chosen = [waiting[0]]
        while fitting := [
            w
            for w in waiting
            if w not in chosen
            and w.leaves_at == chosen[0].leaves_at
            and len(chosen) < limits.orders
            and sum(one.units for one in (*chosen, w)) <= limits.units
        ]:
            stops = frozenset().union(*(one.stops for one in chosen))
            chosen.append(min(fitting, key=lambda w: (len(w.stops - stops), str(w.order_id))))
        waiting = [w for w in waiting if w not in chosen]
        waves.append(sorted(w.order_id.int for w in chosen))
    return waves


@pytest.mark.parametrize("seed", range(8))
def test_waves_are_those_that_asking_everybody_finds(seed: int) -> None:
    works = crowd(40, shelves=12, seed=seed)
    limits = Limits(orders=6, units=11)
    assert numbers(works, orders=6, units=11) == by_asking_everybody(works, limits)


def test_a_thousand_works_are_grouped_at_once() -> None:
    """Asking everybody at every step takes some seconds; here each work is asked when its stops are reached."""
    works = crowd(1000, shelves=400, seed=1)
    Stops.asked = 0
    watched = [replace(one, stops=Stops(one.stops)) for one in works]
    assert sum(len(wave.works) for wave in group(watched, Limits())) == 1000
    assert Stops.asked <= 4 * len(works)


class Stops(frozenset[str]):
    """Counts how often it is compared."""

    asked = 0

    def __sub__(self, other: AbstractSet[object]) -> frozenset[str]:
        Stops.asked += 1
        return frozenset.__sub__(self, other)
