"""Quotes: what would we promise for this basket, for product page, cart and checkout; and keeping it until the order."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, operation
from ambidex.api.lean import LeanRoute
from ambidex.api.order_shapes import as_json
from ambidex.api.quote_shapes import HeldOut, QuoteIn, QuoteOut, QuotesOut, quote_out, shown
from ambidex.domains import quotes
from ambidex.domains.quotes import UnknownQuote
from ambidex.flows import hold_quote, quote_let_go
from ambidex.flows.hold_quote import Held
from ambidex.flows.quote import quote
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import new_id
from ambidex.runtime.db import Tx
from ambidex.runtime.idempotency import Answer as Answered

router = APIRouter(tags=["quotes"])
lean = APIRouter(tags=["quotes"], route_class=LeanRoute)


@lean.post("/promises:quote", dependencies=[operation(Permission.STOCK_READ)], response_model=QuotesOut)
async def ask_quote(body: QuoteIn, asks: Asks) -> Response:
    """Everything that may be promised: 409 `sold-out`, `may-not-serve` or `never-opens-again` when nothing may."""
    run, basket = asks.house.run, body.read()
    if not body.hold:
        async with run.reading() as read:
            answer = await quote(read, basket, quote_id=new_id(read.now))
        return Response(as_json(shown(answer)), media_type="application/json")
    minutes = body.minutes or min(asks.house.settings.quote_minutes, hold_quote.MINUTES_MAX)
    held = partial(hold_quote.hold_quote, option=body.option, minutes=minutes, instead_of=body.instead_of)
    return await asks.answer(_held, held, basket)


@router.get("/quotes/{quote_id}", dependencies=[operation(Permission.STOCK_READ)])
async def get_quote(quote_id: str, runs: Runs) -> QuoteOut:
    """One that was held, and what became of it."""
    async with runs.reading() as read:
        return quote_out(await quotes.quote(read, _id(quote_id)))


@router.post(
    "/quotes/{quote_id}/let-go", dependencies=[operation(Permission.ORDERS_PLACE)], response_model=QuoteOut
)
async def let_go(quote_id: str, asks: Asks) -> Response:
    """What it held is free again; one that was settled before stays as it is."""
    return await asks.answer(_shown, _let_go, _id(quote_id))


async def _let_go(tx: Tx, quote_id: UUID) -> UUID:
    await quote_let_go.let_go(tx, quote_id)
    return quote_id


async def _shown(tx: Tx, quote_id: UUID) -> QuoteOut:
    return quote_out(await quotes.quote(tx, quote_id))


async def _held(_: Tx, held: Held) -> Answered:
    kept = HeldOut(id=str(held.quote.quote_id), option=held.option.key, expires_at=held.quote.expires_at)
    return Answered(201, as_json({**shown(held.answer), "quote": kept.model_dump(mode="json")}))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as cause:
        raise UnknownQuote(text) from cause
