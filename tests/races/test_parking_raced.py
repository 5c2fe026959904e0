"""People at the parking queue while stock lands, and quotes while limits change: each deed counts once, the books balance."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import text

from ambidex.domains.orders import Method
from ambidex.flows import parking_deeds, quote_let_go
from ambidex.flows.hold_quote import hold_quote
from ambidex.flows.pause_place import LimitSaid, limit_place
from ambidex.flows.place_order import place_order
from ambidex.flows.quote_words import Basket
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import Problem
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.flows.test_parked import parked
from tests.flows.test_place_order import asked, wanted
from tests.flows.test_route_order import stocked, three_warehouses
from tests.reads.house import audited
from tests.shop import Shop

HERE = Basket((("MUG-01", 1),), country="GB", postcode="NW1 8AG", place="camden", methods=(Method.PICKUP,))
LIMIT = LimitSaid(works=1, method="pickup")


async def balances(shop: Shop, outcomes: list[object]) -> None:
    """Whoever came too late was told so in words, and nothing is half done."""
    assert [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, Problem)] == []
    assert [one for one in (await audited(shop)).violations if one.invariant != "8 audit"] == []


async def count(shop: Shop, sql: str) -> int:
    async with shop.run.reading() as read:
        return int(await read.value(text(sql)))


async def test_deeds_at_the_queue_while_stock_lands(own_shop: Shop, clock: Clock) -> None:
    await three_warehouses(own_shop)
    order_id, perform = (await parked(own_shop)).order_id, own_shop.run.perform

    async def landed() -> None:
        await stocked(own_shop, "dc-leeds:2")
        await settle(own_shop.run, REACTIONS)

    day = clock() + timedelta(days=3)
    outcomes: list[object] = await asyncio.gather(
        landed(),
        *(perform(SYSTEM, parking_deeds.look_now, order_id=order_id) for _ in range(2)),
        *(perform(SYSTEM, parking_deeds.tell_day, order_id=order_id, news_by=day) for _ in range(2)),
        perform(SYSTEM, parking_deeds.cancel_parked, order_id=order_id, reason="has one"),
        return_exceptions=True,
    )
    await settle(own_shop.run, REACTIONS)
    over = await count(own_shop, "SELECT q_reserved + q_canceled FROM orders.lines")
    again = await count(own_shop, "SELECT count(*) FROM fulfillment.work WHERE work_no > 1")
    assert (over, again) == (2, await count(own_shop, "SELECT q_reserved / 2 FROM orders.lines"))
    owed = "SELECT count(*) FROM promises.promises WHERE kind = 'news_by' AND state = 'made'"
    assert await count(own_shop, owed) == 0
    await balances(own_shop, outcomes)


async def test_quotes_come_and_go_while_limits_change(own_shop: Shop) -> None:
    await own_shop.shelf("camden", "MUG-01", 40)
    perform = own_shop.run.perform

    async def quoted(n: int) -> object:
        quote_id = (await perform(SYSTEM, hold_quote, HERE, minutes=15)).quote.quote_id
        if n % 3 == 0:
            return await perform(SYSTEM, quote_let_go.let_go, quote_id)
        if n % 3 == 1:
            return await perform(SYSTEM, hold_quote, HERE, minutes=15, instead_of=quote_id)
        new = asked(wanted(), reference=f"Q-{n}", terms={"quote": str(quote_id)})
        return await perform(SYSTEM, place_order, new)

    async def changes() -> None:
        for turn in range(6):
            await asyncio.sleep(0.03)
            await perform(SYSTEM, limit_place, code="camden", limits=[LIMIT] if turn % 2 else [])

    outcomes: list[object] = await asyncio.gather(
        changes(), *(quoted(n) for n in range(9)), return_exceptions=True
    )
    kept = await count(own_shop, "SELECT count(*) FROM quotes.quotes WHERE state = 'open'")
    assert await count(own_shop, "SELECT held FROM inventory.positions") == kept
    strays = """SELECT count(*) FROM capacity.bookings b WHERE b.released_at IS NULL AND (
      NOT EXISTS (SELECT FROM capacity.limits l WHERE l.limit_id = b.limit_id) OR (b.expires_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM quotes.quotes q WHERE q.quote_id = b.order_id AND q.state = 'open')))"""
    assert await count(own_shop, strays) == 0
    await balances(own_shop, outcomes)
