"""Stock moves by guarded statements, and its books balance after each of them."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ambidex.domains import inventory
from ambidex.domains.inventory import Move, SoldOut, StockRow
from ambidex.domains.inventory.problems import HoldIsGone, NotEnough
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind
from ambidex.kernel.problem import NotAllowed, Problem
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.domains.inventory.shelf import (
    LAMP,
    MUG,
    OTHER,
    STORE,
    books,
    claim,
    hold,
    order_id,
    reserve,
    shelf,
)


async def test_reserving_takes_from_what_may_be_promised(run: Run) -> None:
    await shelf(run, 5)
    await reserve(run, claim(1, 2))
    assert await books(run) == (5, 0, 0, 2, 0, 0)
    async with run.reading() as read:
        assert await inventory.available(read, [MUG]) == {(MUG, STORE): 3}


async def test_sold_out_names_the_line_and_what_is_left_where(run: Run) -> None:
    await shelf(run, 1)
    await shelf(run, 4, place=OTHER)
    with pytest.raises(SoldOut) as refused:
        await reserve(run, claim(1, 2, line=7))
    lack = refused.value.facts["lines"][0]  # type: ignore[index]  # a list of facts
    assert (lack.line, lack.wanted, lack.available) == (7, 2, 1)
    assert [(one.location_id, one.available) for one in refused.value.facts["left"]] == [  # type: ignore[attr-defined]  # a list of facts
        (STORE, 1),
        (OTHER, 4),
    ]
    assert await books(run) == (1, 0, 0, 0, 0, 0)


async def test_two_lines_of_one_item_count_together(run: Run) -> None:
    await shelf(run, 3)
    with pytest.raises(SoldOut):
        await reserve(run, claim(1, 2, line=1), claim(1, 2, line=2))
    await reserve(run, claim(1, 2, line=1), claim(1, 1, line=2))
    assert await books(run) == (3, 0, 0, 3, 0, 0)


async def test_safety_stock_is_not_for_sale(run: Run) -> None:
    row = StockRow(MUG, STORE, counted=3, safety=1, spot="A-1")
    await run.perform(SYSTEM, inventory.count_all, [row], cause="import")
    await reserve(run, claim(1, 2))
    with pytest.raises(SoldOut):
        await reserve(run, claim(2, 1))


async def test_the_database_refuses_overselling_by_hand(run: Run) -> None:
    await shelf(run, 1)

    async def forge(tx: Tx) -> None:
        await tx.run(text("UPDATE inventory.positions SET reserved = 2"))

    with pytest.raises((IntegrityError, Problem)):
        await run.perform(SYSTEM, forge)


async def test_an_expired_hold_claims_nothing_without_any_sweep(run: Run, clock: Clock) -> None:
    await shelf(run, 2)
    await hold(run, 2, minutes=10)
    with pytest.raises(SoldOut):
        await reserve(run, claim(1, 1))
    clock.forward(minutes=11)
    async with run.reading() as read:
        assert await inventory.available(read, [MUG], [STORE]) == {(MUG, STORE): 2}
    await reserve(run, claim(1, 2))
    assert await books(run) == (2, 0, 0, 2, 0, 0)


async def test_a_hold_gives_way_to_an_expired_one(run: Run, clock: Clock) -> None:
    await shelf(run, 1)
    await hold(run, 1, minutes=10)
    with pytest.raises(NotEnough):
        await hold(run, 1, minutes=10, number=2)
    clock.forward(minutes=10)
    await hold(run, 1, minutes=10, number=2)
    assert await books(run) == (1, 0, 0, 0, 1, 0)


async def test_a_hold_becomes_a_reservation_once_and_in_time(run: Run, clock: Clock) -> None:
    await shelf(run, 2)
    kept, late = await hold(run, 1, minutes=10), await hold(run, 1, minutes=10)
    take = {"item_id": MUG, "order_id": order_id(9), "line_no": 1}
    await run.perform(SYSTEM, inventory.hold_to_reservation, hold_id=kept, **take)  # type: ignore[arg-type]  # named above
    assert await books(run) == (2, 0, 0, 1, 1, 0)
    with pytest.raises(HoldIsGone):
        await run.perform(SYSTEM, inventory.hold_to_reservation, hold_id=kept, **take)  # type: ignore[arg-type]  # named above
    clock.forward(minutes=10)
    with pytest.raises(HoldIsGone):
        await run.perform(SYSTEM, inventory.hold_to_reservation, hold_id=late, **take)  # type: ignore[arg-type]  # named above


async def test_units_travel_from_shelf_to_customer_and_back(run: Run) -> None:
    await shelf(run, 3)
    mine = [claim(1, 2)]
    await reserve(run, *mine)
    await run.perform(SYSTEM, inventory.move, mine, Move.STAGE, evidence=["e1"])
    assert await books(run) == (1, 0, 2, 0, 0, 0)
    await run.perform(SYSTEM, inventory.move, mine, Move.HAND_OVER, evidence=["e2"])
    assert await books(run) == (1, 0, 0, 0, 0, 0)
    await run.perform(SYSTEM, inventory.move, mine, Move.TAKE_BACK, evidence=["e3"], cause="undone")
    await run.perform(SYSTEM, inventory.move, mine, Move.UNSTAGE, cause="lapsed")
    assert await books(run) == (3, 0, 0, 2, 0, 0)
    await run.perform(SYSTEM, inventory.move, mine, Move.STAGE, evidence=["e4"])
    await run.perform(SYSTEM, inventory.move, mine, Move.PUT_AWAY, evidence=["e5"])
    assert await books(run) == (3, 0, 0, 0, 0, 0)


async def test_what_is_not_staged_cannot_be_handed_over(run: Run) -> None:
    await shelf(run, 3)
    await reserve(run, claim(1, 2))
    with pytest.raises(Problem) as refused:
        await run.perform(SYSTEM, inventory.move, [claim(1, 2)], Move.HAND_OVER, evidence=["e1"])
    assert refused.value.code == "stock-moved"


async def test_a_claim_is_released_once(run: Run) -> None:
    await shelf(run, 2)
    await reserve(run, claim(1, 2))
    await run.perform(SYSTEM, inventory.move, [claim(1, 1)], Move.RELEASE)
    await run.perform(SYSTEM, inventory.move, [claim(1, 1)], Move.RELEASE)
    with pytest.raises(Problem):
        await run.perform(SYSTEM, inventory.move, [claim(1, 1)], Move.RELEASE)
    assert await books(run) == (2, 0, 0, 0, 0, 0)


async def test_what_cannot_be_found_is_suspect_until_counted(run: Run) -> None:
    await shelf(run, 5)
    await reserve(run, claim(1, 2))
    await run.perform(SYSTEM, inventory.move, [claim(1, 1)], Move.SUSPECT, evidence=["e1"])
    await run.perform(SYSTEM, inventory.move, [claim(1, 1)], Move.SUSPECT, evidence=["e2"])
    assert await books(run) == (3, 2, 0, 0, 0, 0)
    await shelf(run, 4)
    assert await books(run) == (4, 0, 0, 0, 0, 0)


async def test_a_count_below_the_claims_opens_shorts_for_exactly_the_gap(run: Run, clock: Clock) -> None:
    await shelf(run, 5)
    for number in (1, 2, 3):
        await reserve(run, claim(number, 1))
        clock.forward(minutes=1)
    [outcome] = await run.perform(SYSTEM, inventory.count_all, [StockRow(MUG, STORE, 1)], cause="c")
    assert [(s.order_id, s.quantity) for s in outcome.opened] == [(order_id(2), 1), (order_id(3), 1)]
    assert await books(run) == (1, 0, 0, 3, 0, 2)
    with pytest.raises(SoldOut):
        await reserve(run, claim(4, 1))
    [more] = await run.perform(SYSTEM, inventory.count_all, [StockRow(MUG, STORE, 2)], cause="c")
    assert [s.order_id for s in more.closed] == [order_id(2)], "the oldest short is covered first"
    await run.perform(SYSTEM, inventory.move, [claim(1, 1)], Move.RELEASE)
    assert await books(run) == (2, 0, 0, 2, 0, 0)


async def test_holds_give_way_before_reservations_go_short(run: Run) -> None:
    await shelf(run, 2)
    await reserve(run, claim(1, 1))
    await hold(run, 1, minutes=10)
    [outcome] = await run.perform(SYSTEM, inventory.count_all, [StockRow(MUG, STORE, 1)], cause="c")
    assert outcome.opened == ()
    assert await books(run) == (1, 0, 0, 1, 0, 0)


async def test_a_unit_that_the_counter_did_not_know_is_found_by_staging_it(run: Run) -> None:
    await shelf(run, 1)
    await reserve(run, claim(1, 1))
    await shelf(run, 0)
    assert await books(run) == (0, 0, 0, 1, 0, 1)
    await run.perform(SYSTEM, inventory.move, [claim(1, 1)], Move.STAGE, evidence=["e1"])
    assert await books(run) == (0, 0, 1, 0, 0, 0)


async def test_counting_needs_the_place(run: Run) -> None:
    stranger = Actor("p1", ActorKind.PERSON, "Noa Levi")
    with pytest.raises(NotAllowed):
        await run.perform(stranger, inventory.count_all, [StockRow(MUG, STORE, 1)], cause="c")


@pytest.mark.parametrize("items", [1, 20])
async def test_the_statements_of_a_claim_do_not_grow_with_its_lines(run: Run, items: int) -> None:
    await shelf(run, 50)
    await shelf(run, 50, item=LAMP)
    claims = [claim(1, 1, item=MUG if n % 2 else LAMP, line=n) for n in range(1, items + 1)]

    async def reserved(tx: Tx) -> int:
        before = tx.statements
        await inventory.reserve(tx, claims)
        return tx.statements - before

    assert await run.perform(SYSTEM, reserved) == 1
