"""A customer is about to order: what is quoted is kept for them for a while, and the order takes exactly that.

One option is held, not all: whoever collects does not keep what could have been sent. Another choice is another quote,
which lets the one before it go in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ambidex.domains import inventory, quotes, routing
from ambidex.domains.inventory import Place
from ambidex.domains.orders import Contact, Draft, NewOrder
from ambidex.domains.quotes import HeldUnits, NewQuote, Promised, QuotedPart
from ambidex.flows import quote_let_go, quoted_slots
from ambidex.flows.placing import Decision
from ambidex.flows.quote import Answer, quote
from ambidex.flows.quote_options import Option, Share
from ambidex.flows.quote_words import Basket
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId, OrderId, SourceId
from ambidex.kernel.problem import BadInput, Problem
from ambidex.kernel.values import dataclass, replace
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again

PURPOSE = "quote"
MINUTES_MAX = 24 * 60


@dataclass(frozen=True, slots=True)
class Held:
    """The answer, and the quote that keeps one of its options."""

    answer: Answer
    option: Option
    quote: NewQuote


async def hold_quote(
    tx: Tx, basket: Basket, *, minutes: int, option: str = "", instead_of: UUID | None = None
) -> Held:
    """Quote, and keep the units and the slots of one option ('' is the first). Raises what `quote` raises, and BadInput.

    Raises Again when somebody took the units or a slot between the look and the hold: then it is quoted anew. What the
    quote before held is given back after the slots are taken: limits are locked before stock.
    """
    tx.actor.must(Permission.ORDERS_PLACE)
    before = (
        None
        if instead_of is None
        else await quote_let_go.settle(tx, instead_of, why="another quote took its place")
    )
    quote_id = tx.new_id()
    answer = await quote(tx, basket, quote_id=quote_id, own=await quote_let_go.still_held(tx, before))
    chosen = answer.option(option)
    if chosen is None:
        expected = "one of " + ", ".join(one.key for one in answer.options)
        raise BadInput(errors=[{"field": "option", "expected": expected}])
    until = tx.now + timedelta(minutes=minutes)
    await quoted_slots.take(tx, answer, chosen, until=until)
    if before is not None:
        await inventory.release_holds(tx, before.holds)
    holds = await _hold(tx, answer, chosen, until=until)
    new = NewQuote(
        quote_id,
        basket.channel,
        basket.source,
        basket.country,
        basket.postcode,
        quotes.basket_of(basket.lines),
        _promised(answer, chosen, holds),
        until,
        _decided(answer, chosen),
    )
    await quotes.keep(tx, new)
    return Held(answer, chosen, new)


async def _hold(
    tx: Tx, answer: Answer, chosen: Option, *, until: datetime
) -> dict[tuple[LocationId, int], UUID]:
    """The holds by place and line."""
    wanted = [
        ((answer.view.item_of(line_no), share.place.location_id), line_no, units)
        for share in chosen.shares
        for line_no, units in sorted(share.units.items())
    ]
    kept = _kept(answer, chosen, tx.actor)
    try:
        made = await inventory.hold_all(
            tx, wanted, order_id=None, purpose=PURPOSE, expires_at=until, kept=kept
        )
    except Problem as gone:
        if gone.code != "not-enough":
            raise
        raise Again from gone
    return dict(zip([(at[1], line_no) for at, line_no, _ in wanted], made, strict=True))


def _kept(answer: Answer, chosen: Option, actor: Actor) -> Mapping[Place, int]:
    """What this customer may not have of each position: the same that the order would leave."""
    view = answer.view
    ask = chosen.asked_as or view.words.ask(view.basket, chosen.method)
    goods = {one.line_no: one for one in view.goods}
    shares = [(share.place, no, n) for share in chosen.shares for no, n in share.units.items()]
    parts = [replace(view.part(goods[no], place, ask), wanted=n) for place, no, n in shares]
    given = view.shelf.give(Decision(_draft(answer, actor), tuple(parts)))
    assert given is not None, "an option has what it offers"
    return view.shelf.kept()


def _draft(answer: Answer, actor: Actor) -> Draft:
    """The order that may come, as far as it is known."""
    basket, nobody = answer.view.basket, answer.view.quote_id
    lines = tuple(wish.new for wish in answer.view.wishes)
    new = NewOrder(basket.source, "", basket.channel, lines[0].unit_price.currency, Contact(), lines)
    return Draft(OrderId(nobody), SourceId(nobody), new, actor)


def _promised(answer: Answer, chosen: Option, holds: Mapping[tuple[LocationId, int], UUID]) -> Promised:
    view = answer.view

    def part(share: Share) -> QuotedPart:
        held = tuple(
            HeldUnits(
                no, view.item_of(no), view.goods[no - 1].item.sku, n, holds[share.place.location_id, no]
            )
            for no, n in sorted(share.units.items())
        )
        place = share.place
        return QuotedPart(place.location_id, place.code, share.starts_at, share.leaves_at, share.due_at, held)

    return Promised(
        chosen.key,
        chosen.method.value,
        chosen.speed,
        chosen.due_at,
        chosen.confidence,
        chosen.cost,
        tuple(part(share) for share in chosen.shares),
        view.policy.number,
        view.arm,
        view.basket.brand,
        "" if chosen.sent_to is None else chosen.sent_to.code,
    )


def _decided(answer: Answer, chosen: Option) -> dict[str, Any] | None:
    """The snapshot and the receipt that the order will carry; none where the customer chose the place."""
    snapshot = answer.view.snapshots.get(chosen.key)
    if snapshot is None:
        return None
    receipt = routing.decide(snapshot).receipt
    return {"snapshot": snapshot.as_json(), "receipt": routing.stored.receipt_json(receipt)}
