"""Pickup of what the store has not: another place sends it there, promised, held and ordered as it was quoted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import capacity, catalogue, routing
from ambidex.domains.catalogue import NewItem
from ambidex.domains.inventory import SoldOut
from ambidex.domains.orders import Method
from ambidex.domains.quotes import QuoteOfOtherDestination
from ambidex.flows import options as transfers
from ambidex.flows import quote_let_go
from ambidex.flows.cancel import cancel
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.replay_routing import differing
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.flows.test_place_order import wanted
from tests.flows.test_quotes import ask, balances, hold, house, order, stored
from tests.flows.test_ship_to_store import Sent
from tests.flows.transfers import Road, units
from tests.shop import Shop

__all__ = ["house"]
COLLECT: dict[str, Any] = {"methods": (Method.PICKUP,), "place": "camden"}
SENT = "pickup:camden:sent"


async def test_it_is_offered_where_the_place_lacks_with_the_day_of_a_transfer(run: Run, house: Shop) -> None:
    answer = await ask(run, ("MUG-01", 4), **COLLECT)
    option = answer.option(SENT)
    assert option is not None
    assert [one.key for one in answer.options] == [SENT, "pickup:soho"], "the place that was named first"
    [share] = option.shares
    assert option.collected_at == house.places["camden"]
    assert (share.place.code, dict(share.units)) == ("dc-leeds", {1: 4}), (
        "handling costs less there than in a store"
    )
    assert option.due_at == transfers.ready_by(
        house.places["dc-leeds"], house.places["camden"], now=answer.at
    )
    assert option.price == Money(0, "GBP")
    assert (await ask(run, ("MUG-01", 3), **COLLECT)).option(SENT) is None, "it has all of it"


async def test_it_comes_in_one_parcel_or_not_at_all(run: Run, house: Shop) -> None:
    """Camden has three mugs and a teapot, Soho mugs, Leeds both: only Leeds can send five mugs and two teapots."""
    answer = await ask(run, ("MUG-01", 5), ("TEAPOT", 2), **COLLECT)
    option = answer.option(SENT)
    assert option is not None
    assert [share.place.code for share in option.shares] == ["dc-leeds"]
    with pytest.raises(SoldOut):
        await ask(run, ("MUG-01", 5), ("TEAPOT", 5), **COLLECT)


async def test_a_paused_place_sends_nothing_and_a_full_one_is_ready_later(run: Run, house: Shop) -> None:
    leeds = house.places["dc-leeds"].location_id
    await run.perform(SYSTEM, capacity.pause, leeds, method="ship", until=None, reason="no cartons")
    option = (await ask(run, ("MUG-01", 4), **COLLECT)).option(SENT)
    assert option is not None
    assert option.shares[0].place.code == "soho"
    camden = house.places["camden"].location_id
    await run.perform(SYSTEM, capacity.pause, camden, method="pickup", until=None, reason="flood")
    with pytest.raises(SoldOut):
        await ask(run, ("MUG-01", 6), **COLLECT)


async def test_the_order_that_names_it_is_sent_there_and_promised_as_quoted(
    run: Run, house: Shop, clock: Clock
) -> None:
    held = await hold(run, ("MUG-01", 4), option=SENT, **COLLECT)
    assert (await house.stock("dc-leeds", "MUG-01")).held == 4
    clock.forward(minutes=9)
    placed = await order(run, held)
    assert placed.quote is not None
    assert (placed.quote["kept"], placed.quote["differences"]) == (True, [])
    [promise] = placed.view.promises
    assert promise.at == held.option.due_at
    assert (await stored(run, held)).kept is True
    async with run.reading() as read:
        line = await read.one(text("SELECT q_backordered AS waits, quantity FROM orders.lines"))
        transfer = await read.one(
            text(
                "SELECT d.delivery_id, d.reference, l.asked FROM transfers.deliveries d JOIN transfers.lines l USING (delivery_id)"
            )
        )
        owner = await read.one(text("SELECT role FROM watch.ownership"))
    assert (line.waits, transfer.asked, owner.role) == (4, 4, "lead")
    assert (await house.stock("dc-leeds", "MUG-01")).held == 4, "for the transfer now"
    assert [kind for kind, _ in await house.said()] == ["confirmed"]
    await explained(run, placed.order_id, by="dc-leeds")
    await balances(run)
    await arrives(run, house, transfer)


async def explained(run: Run, order_id: OrderId, *, by: str) -> None:
    """Why that place sends it to the store: a receipt like any other, and what it says comes out again at night."""
    async with run.reading() as read:
        [kept] = await routing.ask.receipts(read, order_id)
        policies = await routing.ask.policies(read, [(kept.brand, kept.version)])
    receipt = routing.stored.receipt_of(kept.receipt)
    assert (kept.cause, [part.site for part in receipt.chosen.parts]) == ("to_store", [by])
    assert len(receipt.candidates.columns["site"]) > 1
    assert receipt.runner_up is not None
    assert receipt.flips
    assert differing([kept], policies) == []


async def arrives(run: Run, house: Shop, transfer: Any) -> None:
    """Picked, sent, scanned in: the store is offered the work, and nothing lacks any more."""
    road = Road(house, origin="dc-leeds")
    parcel: Any = Sent(str(transfer.delivery_id), transfer.reference)
    await road.pick(parcel, *units(4))
    await road.send(parcel)
    await road.receive(parcel, *units(4))
    await road.finish(parcel)
    async with run.reading() as read:
        work = await read.one(text("SELECT method, state, location_id FROM fulfillment.work"))
    assert (work.method, work.state, work.location_id) == (
        "pickup",
        "offered",
        house.places["camden"].location_id,
    )
    await settle(run, REACTIONS)
    async with run.reading() as read:
        assert await read.value(text("SELECT state FROM orders.orders")) == "confirmed"
    await balances(run)


async def test_a_kit_is_sent_by_its_components(run: Run, house: Shop) -> None:
    tea = NewItem("TEA-SET", "Tea set", Money(4900, "GBP"), components=(("TEAPOT", 1), ("MUG-01", 2)))
    await run.perform(SYSTEM, catalogue.put_item, tea)
    held = await hold(run, ("TEA-SET", 2), option=SENT, **COLLECT)
    placed = await order(run, held)
    assert placed.quote is not None
    assert placed.quote["kept"] is True
    await balances(run)


async def test_it_is_canceled_like_any_other_and_the_units_are_free(run: Run, house: Shop) -> None:
    held = await hold(run, ("MUG-01", 4), option=SENT, **COLLECT)
    placed = await order(run, held)
    await run.perform(SYSTEM, cancel, placed.order_id, reason="changed their mind")
    await settle(run, REACTIONS)
    assert (await house.stock("dc-leeds", "MUG-01")).held == 0
    await balances(run)


async def test_over_it_is_sold_out_as_only_a_held_one_is_sent(run: Run, house: Shop, clock: Clock) -> None:
    held = await hold(run, ("MUG-01", 4), option=SENT, **COLLECT)
    clock.forward(minutes=16)
    with pytest.raises(SoldOut):
        await order(run, held)
    other = await hold(run, ("MUG-01", 4), option=SENT, **COLLECT)
    elsewhere = wanted("MUG-01", 4, place="soho", method=Method.PICKUP)
    with pytest.raises(QuoteOfOtherDestination):
        await order(run, other, elsewhere, reference="W-7")
    await run.perform(SYSTEM, quote_let_go.let_go, other.quote.quote_id)
    assert (await house.stock("dc-leeds", "MUG-01")).held == 4, "the one that is over, until it is swept"
    assert clock() - held.quote.expires_at == timedelta(minutes=1)
