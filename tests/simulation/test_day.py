"""A seeded day of chance; the audit finds nothing, whatever people did or forgot. The seed stands in the test's name."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from tests.conftest import Clock
from tests.reads.house import audited, tell
from tests.shop import Shop
from tests.simulation.day import Day
from tests.simulation.story import Story

STEPS = 40
# AMBIDEX_SIMULATION_SEEDS=100-160 plays many more days
FIRST, _, LAST = os.environ.get("AMBIDEX_SIMULATION_SEEDS", "7-7").partition("-")


@pytest.mark.parametrize("seed", range(int(FIRST), int(LAST or FIRST) + 1))
async def test_whatever_happens_the_audit_is_clean(shop: Shop, clock: Clock, seed: int) -> None:
    day = Day(shop, clock, seed)
    await day.open()
    for number in range(STEPS):
        await day.step()
        if number % 20 == 19:
            assert (await audited(shop)).violations == (), (seed, number, day.done, day.refused)
    assert day.done["buy"]

    await Story(shop, clock).until(clock.now + timedelta(days=8), every=timedelta(hours=11))
    await tell(shop)
    assert (await audited(shop)).violations == (), (seed, day.done, day.refused)
    print(f"seed {seed}: done {day.done}, refused {day.refused}")
