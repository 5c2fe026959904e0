"""A held quote keeps the slots of the works to come, gives them back, and its order takes them over; who lets it go."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import quotes
from ambidex.domains.identity import Role
from ambidex.domains.identity.rules import ROLE_PERMISSIONS
from ambidex.domains.orders import Method
from ambidex.domains.quotes import UnknownQuote
from ambidex.flows import hold_quote, quote_let_go
from ambidex.flows.hold_quote import Held
from ambidex.flows.pause_place import LimitSaid, add_limit
from ambidex.flows.quote_words import Basket
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind
from ambidex.kernel.problem import NotAllowed
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.flows.test_quotes import balances, hold, house, order, stored
from tests.shop import Shop

__all__ = ["house"]
PICKED = LimitSaid(works=1, method="pickup", opens=time(8), until=time(22))
COLLECT: dict[str, Any] = {"methods": (Method.PICKUP,), "place": "camden"}


def shop_of(name: str) -> Actor:
    """A connected shop."""
    return Actor(name, ActorKind.SOURCE, name, ROLE_PERMISSIONS[Role.INTEGRATION], None)


async def slots(run: Run) -> list[tuple[bool, int]]:
    """Live bookings: whether they are a quote's, and how many."""
    async with run.reading() as read:
        rows = await read.all(
            text(
                "SELECT expires_at IS NOT NULL AS kept, count(*) AS works FROM capacity.bookings"
                " WHERE released_at IS NULL GROUP BY 1 ORDER BY 1"
            )
        )
    return [(row.kept, row.works) for row in rows]


async def collected(run: Run, units: int = 1, **said: Any) -> Held:
    return await hold(run, ("MUG-01", units), **COLLECT, **said)


async def test_a_held_quote_keeps_its_slot_and_the_order_takes_it_over(run: Run, house: Shop) -> None:
    await run.perform(SYSTEM, add_limit, code="camden", limit=PICKED)
    first = await collected(run)
    second = await collected(run)
    assert second.option.due_at > first.option.due_at, "the slot is the first one's"
    assert await slots(run) == [(True, 2)]
    placed = await order(run, first)
    assert placed.quote is not None
    assert (placed.quote["kept"], placed.view.promises[0].at) == (True, first.option.due_at)
    assert await slots(run) == [(False, 1), (True, 1)]
    async with run.reading() as read:
        assert await read.value(text("SELECT count(*) FROM capacity.bookings WHERE over")) == 0
    await balances(run)


async def test_what_is_sent_keeps_the_slot_in_which_it_leaves(run: Run, house: Shop) -> None:
    for code in house.places:
        await run.perform(SYSTEM, add_limit, code=code, limit=replace(PICKED, method="ship"))
    first = await hold(run, ("MUG-01", 1), methods=(Method.SHIP,))
    second = await hold(run, ("MUG-01", 1), methods=(Method.SHIP,))
    [one], [other] = first.option.shares, second.option.shares
    assert (one.place.code, one.leaves_at) != (other.place.code, other.leaves_at)
    await order(run, first)
    assert await slots(run) == [(False, 1), (True, 1)]


async def test_a_slot_is_given_back_with_the_units(run: Run, house: Shop) -> None:
    await run.perform(SYSTEM, add_limit, code="camden", limit=PICKED)
    first = await collected(run)
    await run.perform(SYSTEM, quote_let_go.let_go, first.quote.quote_id)
    assert await slots(run) == []
    again = await collected(run)
    assert again.option.due_at == first.option.due_at


async def test_a_quote_that_takes_the_place_of_another_has_its_units_and_its_slot(
    run: Run, house: Shop
) -> None:
    """Camden has three mugs and one slot an hour: both are the customer's own already."""
    await run.perform(SYSTEM, add_limit, code="camden", limit=PICKED)
    first = await collected(run, 3)
    basket = Basket((("MUG-01", 2),), country="GB", postcode="NW1 8AG", **COLLECT)
    second = await run.perform(
        SYSTEM,
        hold_quote.hold_quote,
        basket,
        minutes=15,
        instead_of=first.quote.quote_id,
        option="pickup:camden",
    )
    assert second.option.due_at == first.option.due_at
    assert (await house.stock("camden", "MUG-01")).held == 2
    assert (await stored(run, first)).state.value == "let_go"
    assert await slots(run) == [(True, 1)]
    await balances(run)


async def test_a_slot_of_a_quote_that_is_over_is_free_though_nobody_swept(
    run: Run, house: Shop, clock: Clock
) -> None:
    await run.perform(SYSTEM, add_limit, code="camden", limit=PICKED)
    first = await collected(run)
    clock.forward(minutes=15)
    again = await collected(run)
    hours = [one.option.due_at.replace(minute=0) for one in (first, again)]
    assert hours[0] == hours[1]


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (shop_of("shop-1"), True),
        (shop_of("shop-2"), False),
        (Actor("ana", ActorKind.PERSON, "Ana Souza", ROLE_PERMISSIONS[Role.AGENT], None), True),
    ],
)
async def test_a_quote_is_let_go_by_who_made_it_or_by_staff(
    run: Run, house: Shop, actor: Actor, *, may: bool
) -> None:
    basket = Basket((("MUG-01", 1),), country="GB", postcode="NW1 8AG")
    held = await run.perform(shop_of("shop-1"), hold_quote.hold_quote, basket, minutes=15)
    if may:
        await run.perform(actor, quote_let_go.let_go, held.quote.quote_id)
        return
    with pytest.raises(NotAllowed):
        await run.perform(actor, quote_let_go.let_go, held.quote.quote_id)
    with pytest.raises(NotAllowed):
        await run.perform(actor, hold_quote.hold_quote, basket, minutes=15, instead_of=held.quote.quote_id)
    assert (await stored(run, held)).state.value == "open"


async def test_quotes_that_are_long_over_are_forgotten_with_their_slots(
    run: Run, house: Shop, clock: Clock
) -> None:
    await run.perform(SYSTEM, add_limit, code="camden", limit=PICKED)
    old = await collected(run)
    clock.forward(days=3)
    young = await collected(run)
    more = await run.perform(SYSTEM, quote_let_go.forget_quotes, kept_for=timedelta(days=2))
    assert more is False
    async with run.reading() as read:
        assert (await quotes.quote(read, young.quote.quote_id)).quote_id == young.quote.quote_id
        with pytest.raises(UnknownQuote):
            await quotes.quote(read, old.quote.quote_id)
        assert await read.value(text("SELECT count(*) FROM capacity.bookings")) == 1
