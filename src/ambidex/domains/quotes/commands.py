"""Keeping quotes, using them once, and letting them go. Stock is held and taken by the flow, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ambidex.domains.quotes import rules, store
from ambidex.domains.quotes.events import QuoteHeld, QuoteLetGo, QuoteUsed
from ambidex.domains.quotes.model import NewQuote, Quote, QuoteState, Used
from ambidex.domains.quotes.problems import UnknownQuote
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import NotAllowed
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Again


async def keep(tx: Tx, new: NewQuote) -> None:
    """Write down what was promised; the flow has held the units."""
    await store.add(tx, new)
    units = sum(one.units for part in new.promised.parts for one in part.held)
    due_at, until = new.promised.due_at.isoformat(), new.expires_at.isoformat()
    tx.announce(_ref(new.quote_id), QuoteHeld(new.promised.option, due_at, until, units))


async def lock(tx: Tx, quote_ids: Collection[UUID]) -> Mapping[UUID, Quote]:
    """Quotes that orders want to use: first of all that such a flow locks."""
    return await store.lock(tx, quote_ids) if quote_ids else {}


async def use(tx: Tx, used: Sequence[Used], *, actors: Mapping[OrderId, Actor]) -> None:
    """The orders of this list have used these quotes, which are locked and open."""
    if not used:
        return
    if await store.use(tx, used) < len(used):
        raise Again
    for one in used:
        told = QuoteUsed(one.quote_id, one.kept, json_value(list(one.differences)))
        tx.announce(Ref("order", one.order_id.hex), told, order_id=one.order_id, actor=actors[one.order_id])


async def let_go(tx: Tx, quote_id: UUID, *, why: str) -> Quote | None:
    """Settle an open quote; None when it was settled before, which is no fault. Raises UnknownQuote, NotAllowed."""
    quote = (await store.lock(tx, [quote_id])).get(quote_id)
    if quote is None:
        raise UnknownQuote(str(quote_id))
    if not rules.may_let_go(quote, tx.actor):
        raise NotAllowed(
            f"{tx.actor.name} did not make this quote", permission=Permission.ORDERS_CANCEL.value
        )
    if quote.state is not QuoteState.OPEN:
        return None
    await store.let_go(tx, quote_id)
    tx.announce(_ref(quote_id), QuoteLetGo(why))
    return quote


async def purge(tx: Tx, *, before: datetime, limit: int) -> list[UUID]:
    """Quotes that were over before then are not known any more; which. What an order got stands with the order."""
    tx.actor.must_everywhere(Permission.SETTINGS_CHANGE)
    return await store.purge(tx, before=before, limit=limit)


async def quote(read: Read, quote_id: UUID) -> Quote:
    """The quote of this id. Raises UnknownQuote."""
    found = await store.one(read, quote_id)
    if found is None:
        raise UnknownQuote(str(quote_id))
    return found


def is_live(quote: Quote, now: datetime) -> bool:
    """Whether its time is not over."""
    return quote.state is QuoteState.OPEN and now < quote.expires_at


def _ref(quote_id: UUID) -> Ref:
    return Ref("quote", quote_id.hex)
