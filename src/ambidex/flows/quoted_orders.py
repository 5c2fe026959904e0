"""Orders that name a quote: each takes exactly what was held for it where it was held, and is promised what was quoted.

When the time of a quote is over, or a physical fact took what was held, the order is placed anew like any other and is
told what differs. A quote of somebody else's basket, channel or destination, or one used before, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ambidex.domains import inventory, quotes
from ambidex.domains.orders import Draft, Method, NewOrder, Order
from ambidex.domains.quotes import Quote, UnknownQuote, Used
from ambidex.flows import quoted_slots, ship_to_store
from ambidex.flows.placing import Decision, Words
from ambidex.flows.quoted_parts import decision_of
from ambidex.flows.serving import destination
from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field, replace
from ambidex.reads.quotes import live_holds
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again

Difference = Mapping[str, Any]


@dataclass(slots=True)
class Quoted:
    """What the orders of one list named: taken as it was quoted, placed anew because of `facts`, or refused."""

    known: Mapping[UUID, Quote]
    words: Words
    decisions: dict[OrderId, Decision] = field(default_factory=dict)
    anew: dict[OrderId, list[Difference]] = field(default_factory=dict)
    refused: dict[OrderId, Problem] = field(default_factory=dict)
    named: dict[OrderId, Quote] = field(default_factory=dict)

    @property
    def kept(self) -> dict[inventory.Place, int]:
        """Who takes what was held for them leaves nothing to others that was not theirs."""
        return {part.position: 0 for decision in self.decisions.values() for part in decision.parts}

    def has_settled(self, draft: Draft) -> bool:
        """Whether nothing is left to decide about this order."""
        return draft.order_id in self.decisions or draft.order_id in self.refused

    async def take(self, tx: Tx, decisions: Sequence[Decision]) -> None:
        """Let the holds go just before the stock is taken, all positions of the list locked in order; settle the quotes.

        Raises Again when one of them is gone meanwhile.
        """
        placed = [one for one in decisions if one.draft.order_id in self.named]
        if not placed:
            return
        mine = [self.named[one.draft.order_id] for one in placed if one.draft.order_id in self.decisions]
        holds = {hold: item for quote in mine for hold, item in quote.holds.items()}
        taken = {part.position for one in decisions for part in one.parts if part.taken}
        await inventory.lock_stock(tx, taken | {place for quote in mine for place in held_at(quote)})
        if len(await inventory.release_holds(tx, holds)) < len(holds):
            raise Again
        if self.words.calendar is not None:
            await quoted_slots.give_back(tx, [self.named[order_id] for order_id in self.anew])
        actors: dict[OrderId, Actor] = {one.draft.order_id: one.draft.actor for one in placed}
        await quotes.use(tx, [self._used(one) for one in placed], actors=actors)

    def is_sent_to_store(self, decision: Decision) -> bool:
        """Whether what is short here comes from elsewhere, as it was quoted."""
        quote = self.named.get(decision.draft.order_id)
        return (
            quote is not None and bool(quote.promised.sent_to) and decision.draft.order_id in self.decisions
        )

    async def send_to_stores(
        self, tx: Tx, decisions: Sequence[Decision], written: Mapping[OrderId, Order]
    ) -> list[datetime]:
        """What was held elsewhere is sent to where it is collected, after `take`; when each lies ready there."""
        sent = [one.draft.order_id for one in decisions if self.is_sent_to_store(one)]
        return [await ship_to_store.send_as_quoted(tx, written[one], self.named[one]) for one in sent]

    def told(self, decision: Decision) -> dict[str, Any] | None:
        """How an answer says what became of the quote; None when the order named none."""
        if decision.draft.order_id not in self.named:
            return None
        used = self._used(decision)
        return {"id": str(used.quote_id), "kept": used.kept, "differences": list(used.differences)}

    def _used(self, decision: Decision) -> Used:
        order_id = decision.draft.order_id
        quote = self.named[order_id]
        facts = self.anew.get(order_id, [])
        return Used(
            quote.quote_id, order_id, (*facts, *_effects(quote, decision, self.words)) if facts else ()
        )


async def look(tx: Tx, asked: Sequence[Asked[NewOrder]]) -> Mapping[UUID, Quote]:
    """The quotes that a list of orders names, locked: before all else that placing locks."""
    wanted = {quote_id for one in asked if (quote_id := quote_of(one.command)) is not None}
    return await quotes.lock(tx, wanted)


def quote_of(new: NewOrder) -> UUID | None:
    """The quote that an order names."""
    named = new.terms.get("quote")
    try:
        return None if named is None else UUID(str(named))
    except ValueError:
        return None


def as_quoted(new: NewOrder, known: Mapping[UUID, Quote]) -> NewOrder:
    """What the order leaves open of where it is collected is what was quoted."""
    quote = known.get(quote_of(new) or UUID(int=0))
    if quote is None or quote.promised.method != Method.PICKUP.value:
        return new
    [place] = quote.promised.places
    lines = tuple(
        replace(line, location=place) if line.method is Method.PICKUP and not line.location else line
        for line in new.lines
    )
    return replace(new, lines=lines)


async def decide(tx: Tx, drafts: Sequence[Draft], words: Words, known: Mapping[UUID, Quote]) -> Quoted:
    """What becomes of the orders that name a quote. On a second try their stock is locked first."""
    quoted = Quoted(known, words)
    for draft in drafts:
        quote_id = quote_of(draft.new)
        if quote_id is not None:
            _sort(quoted, draft, quote_id)
    open_ones = [draft for draft in drafts if draft.order_id in quoted.named]
    holds = {hold: item for draft in open_ones for hold, item in quoted.named[draft.order_id].holds.items()}
    if tx.attempt and holds:
        await inventory.lock_stock(
            tx, {place for draft in open_ones for place in held_at(quoted.named[draft.order_id])}
        )
    live = await live_holds(tx, holds)
    for draft in open_ones:
        _settle(quoted, draft, words, live, now=tx.now)
    if words.calendar is not None:
        await quoted_slots.give_back(tx, [quoted.named[order_id] for order_id in quoted.decisions])
    return quoted


def held_at(quote: Quote) -> set[inventory.Place]:
    """The positions at which a quote holds something."""
    return {(one.item_id, part.location_id) for part in quote.promised.parts for one in part.held}


def _sort(quoted: Quoted, draft: Draft, quote_id: UUID) -> None:
    quote = quoted.known.get(quote_id)
    wrong = UnknownQuote(str(quote_id)) if quote is None else _wrong(quote, draft.new)
    if quote is not None and wrong is None and quote in quoted.named.values():
        wrong = quotes.QuoteUsed(quote=str(quote_id))
    if wrong is not None:
        quoted.refused[draft.order_id] = wrong
    elif quote is not None:
        quoted.named[draft.order_id] = quote


def _wrong(quote: Quote, new: NewOrder) -> Problem | None:
    country, postcode = destination(new.address or {})
    return quotes.may_use(
        quote,
        channel=new.channel,
        source=new.source,
        basket=quotes.basket_of((line.sku, line.quantity) for line in new.lines),
        wanted=[(line.method.value, line.location) for line in new.lines],
        destination=(country, postcode),
    )


def _settle(quoted: Quoted, draft: Draft, words: Words, live: set[UUID], *, now: datetime) -> None:
    """As it was quoted when everything is still held, else anew, with the fact that changed."""
    quote = quoted.named[draft.order_id]
    if not quotes.is_live(quote, now):
        fact = {"what": "expired", "expired_at": quote.expires_at.isoformat()}
        quoted.anew[draft.order_id] = [fact]
        return
    gone = [
        {"what": "stock", "item": one.sku, "location": part.location, "quantity": one.units}
        for part in quote.promised.parts
        for one in part.held
        if one.hold_id not in live
    ]
    decision = None if gone else decision_of(quote, draft, words, now=now)
    if decision is None:
        quoted.anew[draft.order_id] = list(gone) or [{"what": "place", "was": _places(quote)}]
    else:
        quoted.decisions[draft.order_id] = decision


def _effects(quote: Quote, decision: Decision, words: Words) -> list[Difference]:
    """What the order got that differs from what was quoted."""
    found: list[Difference] = []
    places = sorted({part.place.code for part in decision.parts})
    if places != _places(quote):
        found.append({"what": "places", "was": _places(quote), "is": places})
    keys = {(part.place.location_id, part.new.method) for part in decision.parts}
    plans = [decision.plans.get(key) or words.plans.get(key[0]) for key in keys]
    due_at = max((plan.due_at for plan in plans if plan is not None), default=None)
    if due_at is not None and due_at != quote.promised.due_at:
        found.append({"what": "due_at", "was": quote.promised.due_at.isoformat(), "is": due_at.isoformat()})
    return found


def _places(quote: Quote) -> list[str]:
    return quote.promised.places
