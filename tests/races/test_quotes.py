"""Quotes under real commits: one order wins a quote, and the last units are held by one customer."""

from __future__ import annotations

import asyncio
from datetime import datetime

from sqlalchemy import text

from ambidex.domains.orders import Method
from ambidex.domains.quotes import QuoteUsed
from ambidex.flows.hold_quote import Held, hold_quote
from ambidex.flows.pause_place import LimitSaid, add_limit
from ambidex.flows.place_order import Placed, place_order
from ambidex.flows.quote_words import Basket
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import Problem
from ambidex.runtime.perform import Run
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop

HERE = Basket((("MUG-01", 2),), country="GB", postcode="NW1 8AG", place="camden", methods=(Method.PICKUP,))


async def test_one_quote_has_one_order(own_run: Run) -> None:
    shop = Shop(own_run)
    await shop.shelf("camden", "MUG-01", 9)
    held = await own_run.perform(SYSTEM, hold_quote, HERE, minutes=15)
    terms = {"quote": str(held.quote.quote_id)}

    async def order(n: int) -> Placed:
        new = asked(wanted(quantity=2), reference=f"W-{n}", terms=terms)
        return await own_run.perform(SYSTEM, place_order, new)

    outcomes = await asyncio.gather(*(order(n) for n in range(6)), return_exceptions=True)
    assert sum(isinstance(one, Placed) for one in outcomes) == 1
    assert sum(isinstance(one, QuoteUsed) for one in outcomes) == 5
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.reserved, stock.held) == (2, 0)


async def test_the_last_units_are_held_once(own_run: Run) -> None:
    shop = Shop(own_run)
    await shop.shelf("camden", "MUG-01", 5)

    async def hold() -> Held:
        return await own_run.perform(SYSTEM, hold_quote, HERE, minutes=15)

    outcomes = await asyncio.gather(*(hold() for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, Held) for one in outcomes) == 2
    assert all(
        isinstance(one, Held) or (isinstance(one, Problem) and one.code == "sold-out") for one in outcomes
    )
    assert (await shop.stock("camden", "MUG-01")).held == 4


async def test_held_orders_and_others_after_the_same_shelf_do_not_lock_in_circles(own_run: Run) -> None:
    shop = Shop(own_run)
    for sku in ("MUG-01", "PAN-02"):
        await shop.shelf("camden", sku, 40)
    both = Basket((("PAN-02", 1), ("MUG-01", 1)), country="GB", place="camden", methods=(Method.PICKUP,))

    async def quoted(n: int) -> Placed:
        held = await own_run.perform(SYSTEM, hold_quote, both, minutes=15)
        lines = [wanted("PAN-02"), wanted("MUG-01")]
        new = asked(*lines, reference=f"Q-{n}", terms={"quote": str(held.quote.quote_id)})
        return await own_run.perform(SYSTEM, place_order, new)

    async def plain(n: int) -> Placed:
        return await own_run.perform(
            SYSTEM, place_order, asked(wanted("MUG-01"), wanted("PAN-02"), reference=f"P-{n}")
        )

    placed = await asyncio.gather(*(make(n) for n in range(8) for make in (quoted, plain)))
    assert all(one.quote is None or one.quote["kept"] for one in placed)
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.reserved, stock.held) == (16, 0)


async def test_quotes_and_orders_at_once_share_the_slots_of_a_place(own_run: Run) -> None:
    """No slot is filled twice, each held one is taken over by its order, and nobody is refused while there is room."""
    shop = Shop(own_run)
    await shop.shelf("camden", "MUG-01", 24)
    said = LimitSaid(works=3, method="pickup")
    await own_run.perform(SYSTEM, add_limit, code="camden", limit=said)
    basket = Basket((("MUG-01", 1),), place="camden", methods=(Method.PICKUP,))

    async def quoted(number: int) -> datetime:
        held = await own_run.perform(SYSTEM, hold_quote, basket, minutes=15)
        terms = {"quote": str(held.quote.quote_id)}
        new = asked(wanted(place=None), reference=f"Q-{number}", terms=terms)
        placed = await own_run.perform(SYSTEM, place_order, new)
        assert placed.quote is not None
        assert placed.quote["kept"] is True
        return held.option.due_at

    async def at_once(number: int) -> datetime:
        placed = await own_run.perform(SYSTEM, place_order, asked(wanted(), reference=f"W-{number}"))
        return placed.view.promises[0].at

    due = await asyncio.gather(*(each(n) for n in range(6) for each in (quoted, at_once)))
    async with own_run.reading() as read:
        rows = await read.all(
            text(
                "SELECT starts_at, count(*) AS works, bool_or(over) AS over FROM capacity.bookings"
                " WHERE released_at IS NULL GROUP BY starts_at ORDER BY starts_at"
            )
        )
    assert [(row.works, row.over) for row in rows] == [(3, False)] * 4
    assert sorted(at.replace(minute=0) for at in due) == sorted(
        row.starts_at for row in rows for _ in range(3)
    )
