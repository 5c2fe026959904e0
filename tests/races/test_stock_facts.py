"""Facts, counts and claims from many sides at once, with real commits: the end is the same as one by one."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest

from ambidex.domains import inventory
from ambidex.domains.inventory import Claim, Move, Movement, StockRow, store
from ambidex.domains.inventory.problems import HoldIsGone
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.domains.inventory.shelf import MUG, OTHER, STORE, books, claim, hold, reserve, shelf
from tests.domains.inventory.test_late_facts import expected, facts, tell


async def test_facts_and_counts_of_other_moments_arrive_together(own_run: Run) -> None:
    told = facts(
        "count 9 @60, sold 2 @70, sold 3 @50, came 4 @45, count 7 @40, sold 1 @40, sold 2 @30, broke 1 @20, "
        "count 6 @25, came 2 @10, sold 9 @8, came 3 @5, sold 1 @55"
    )
    random.Random(3).shuffle(told)
    await asyncio.gather(*(tell(own_run, fact) for fact in told))
    assert (await books(own_run))[0] == expected(told)


async def test_claims_change_places_with_each_other_while_others_buy(own_run: Run) -> None:
    await shelf(own_run, 12)
    await shelf(own_run, 12, place=OTHER)
    here, there = [claim(n) for n in range(8)], [claim(n + 20, place=OTHER) for n in range(8)]
    await reserve(own_run, *here, *there)

    async def move(one: Claim) -> object:
        to = OTHER if one.location_id == STORE else STORE
        return await own_run.perform(SYSTEM, inventory.move_claims, [one], to=to)

    async def buy(number: int) -> None:
        both = [claim(number), claim(number, place=OTHER, line=2)]
        await reserve(own_run, *(both if number % 2 else both[::-1]))

    calls = [*map(move, (*here, *there)), *(buy(100 + n) for n in range(8))]
    heard = await asyncio.gather(*calls, return_exceptions=True)
    refused = [one for one in heard if isinstance(one, BaseException)]
    assert all(isinstance(one, Problem) and one.code == "sold-out" for one in refused)
    bought = sum(not isinstance(one, BaseException) for one in heard[16:])
    mine, other = await books(own_run), await books(own_run, place=OTHER)
    assert mine[3] + other[3] == 16 + 2 * bought
    assert max(mine[3], other[3]) <= 12


async def test_a_hold_is_swept_or_becomes_a_claim_never_both(own_run: Run, clock: Clock) -> None:
    await shelf(own_run, 10)
    kept = [await hold(own_run, 1, minutes=10, number=n) for n in range(10)]
    clock.forward(minutes=9, seconds=59)
    late = Run(own_run.database, lambda: clock.now + timedelta(seconds=1))

    async def take(n: int) -> bool:
        async def taken(tx: Tx) -> None:
            await inventory.hold_to_reservation(
                tx,
                item_id=MUG,
                hold_id=kept[n],
                order_id=claim(n).order_id,
                line_no=1,
            )

        try:
            await own_run.perform(SYSTEM, taken)
        except HoldIsGone:
            return False
        return True

    *won, swept = await asyncio.gather(
        *(take(n) for n in range(10)), late.perform(SYSTEM, inventory.expire_holds, limit=50)
    )
    assert swept in {0, 1}
    assert await books(late) == (10, 0, 0, sum(map(bool, won)), 0 if swept else 10 - sum(map(bool, won)), 0)


@pytest.mark.parametrize("becomes", ["free", "a claim"])
async def test_who_lets_go_of_a_hold_waits_for_its_position_before_taking_the_hold(
    own_run: Run, becomes: str
) -> None:
    """Otherwise who has the position and breaks the hold, and who has the hold and wants the position, stand still."""
    await shelf(own_run, 3)
    kept = await hold(own_run, 1, minutes=10, number=1)
    locked, tries = asyncio.Event(), list[int]()

    async def break_it(tx: Tx) -> int:
        tries.append(tx.attempt)
        await inventory.lock_stock(tx, [(MUG, STORE)])
        locked.set()
        await asyncio.sleep(0.2)
        return await store.break_holds(tx, (MUG, STORE), [kept])

    async def let_go(tx: Tx) -> None:
        tries.append(tx.attempt)
        if becomes == "free":
            assert not await inventory.release_hold(tx, MUG, kept)
            return
        with pytest.raises(HoldIsGone):
            await inventory.hold_to_reservation(
                tx, item_id=MUG, hold_id=kept, order_id=claim(1).order_id, line_no=1
            )

    broken = asyncio.create_task(own_run.perform(SYSTEM, break_it))
    await locked.wait()
    await own_run.perform(SYSTEM, let_go)
    assert await broken == 1
    assert tries == [0, 0], "nobody was played again"


async def test_a_walk_in_a_count_and_a_picker_meet_at_one_shelf(own_run: Run) -> None:
    await shelf(own_run, 10)
    mine = [claim(n) for n in range(6)]
    await reserve(own_run, *mine)
    sale = Movement(MUG, STORE, "sellable", "customer", 1)
    await asyncio.gather(
        *(own_run.perform(SYSTEM, inventory.book, [sale], cause="sold") for _ in range(6)),
        *(own_run.perform(SYSTEM, inventory.move, [one], Move.STAGE) for one in mine[:3]),
        own_run.perform(SYSTEM, inventory.move, [mine[5]], Move.RELEASE),
    )
    sellable, suspect, staged, reserved, held, gap = await books(own_run)
    assert (sellable, suspect, staged, reserved, held, gap) == (1, 0, 3, 2, 0, 1)
    await own_run.perform(SYSTEM, inventory.count_all, [StockRow(MUG, STORE, 2)], cause="count")
    assert await books(own_run) == (2, 0, 3, 2, 0, 0)
