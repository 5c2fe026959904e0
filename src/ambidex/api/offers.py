"""Another item for an order in the parking queue: what could be promised, the offer, its answer by phone, and taking it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, operation
from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Listed, MoneyShape
from ambidex.domains.orders import Order
from ambidex.domains.promises import Promise
from ambidex.flows import offer_item, take_offer
from ambidex.flows.what_waits import choice
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.reads.other_items import OtherItem
from ambidex.runtime.db import Tx

router = APIRouter(prefix="/parked-orders/{order_id}", tags=["orders"])
READS, OFFERS = [operation(Permission.ORDERS_READ)], [operation(Permission.ORDERS_CANCEL)]


class OtherItemOut(BaseModel):
    """One that may be promised to this customer now; `price` is what it is listed for."""

    item: str
    title: str
    available: int
    price: MoneyShape


class OfferIn(Sent):
    """All that waits of this line is offered; where all of a kit waits, the kit, under any of its lines. No price: what was agreed, or what the other one is listed for if that is less."""

    line: int = Field(ge=1, le=32_767)
    item: str = Field(min_length=1, max_length=100)
    price_each: MoneyShape | None = None
    answer_hours: int = Field(default=24, ge=1, le=168)


class AnswerIn(Sent):
    """What the customer said."""

    answer: Literal["instead", "keep-waiting"]


class WithdrawIn(Sent):
    reason: str = Field(min_length=1, max_length=200)


class OfferOut(BaseModel):
    """What the customer was asked; it is kept for them until then. `price` is for all of it."""

    order: str
    line: int
    item: str
    title: str
    quantity: int
    price: MoneyShape
    answer_by: datetime


class AnsweredOut(BaseModel):
    """`sent`: it goes out; `waits`: the order waits on; `gone`: it is not there any more, and the customer is told so."""

    order: str
    became: Literal["sent", "waits", "gone"]


class WithdrawnOut(BaseModel):
    order: str


@router.get("/other-items", dependencies=READS)
async def list_other_items(
    order_id: UUID, runs: Runs, line: Annotated[int, Query(ge=1, le=32_767)]
) -> Listed[OtherItemOut]:
    """What could be offered in place of a line that waits, or of the kit that it is a part of; the most alike first."""
    async with runs.reading() as read:
        found = (await choice(read, OrderId(order_id), line)).found
    return Listed(items=[_other(one) for one in found])


@router.get("/offer", dependencies=READS)
async def get_offer(order_id: UUID, runs: Runs) -> OfferOut:
    """What the customer is asked now."""
    async with runs.reading() as read:
        promise = await offer_item.open_offer(read, OrderId(order_id))
        if promise is None:
            raise offer_item.NoOffer(order_id=order_id.hex)
        return _offer(promise)


@router.post("/offer", dependencies=OFFERS, response_model=OfferOut)
async def make_offer(order_id: UUID, body: OfferIn, asks: Asks) -> Response:
    """Ask the customer whether they would take that; nothing changes before they agree. The same offer again is the same."""
    price: Money | None = body.price_each.read("price_each") if body.price_each else None
    return await asks.answer(
        _offered,
        offer_item.offer_item,
        order_id=OrderId(order_id),
        line_no=body.line,
        item=body.item,
        price_each=price,
        answer_within=timedelta(hours=body.answer_hours),
    )


@router.post("/answer-offer", dependencies=OFFERS, response_model=AnsweredOut)
async def answer_offer(order_id: UUID, body: AnswerIn, asks: Asks) -> Response:
    """The customer said it on the phone."""

    async def answered(_: Tx, became: str) -> AnsweredOut:
        return AnsweredOut.model_validate({"order": order_id.hex, "became": became})

    return await asks.answer(
        answered, take_offer.say_for_customer, order_id=OrderId(order_id), takes_it=body.answer
    )


@router.post("/withdraw-offer", dependencies=OFFERS, response_model=WithdrawnOut)
async def withdraw_offer(order_id: UUID, body: WithdrawIn, asks: Asks) -> Response:
    """It is offered no more; the customer hears so and waits on."""
    return await asks.answer(
        _withdrawn, offer_item.withdraw_offer, order_id=OrderId(order_id), reason=body.reason
    )


async def _offered(_: Tx, promise: Promise) -> OfferOut:
    return _offer(promise)


async def _withdrawn(_: Tx, order: Order) -> WithdrawnOut:
    return WithdrawnOut(order=order.order_id.hex)


def _offer(promise: Promise) -> OfferOut:
    instead = offer_item.instead_of(promise)
    return OfferOut(
        order=promise.order_id.hex,
        line=instead.line_no,
        item=instead.sku,
        title=instead.title,
        quantity=instead.units,
        price=MoneyShape.of(instead.price),
        answer_by=promise.due_at,
    )


def _other(one: OtherItem) -> OtherItemOut:
    return OtherItemOut(
        item=one.sku, title=one.title, available=one.available, price=MoneyShape.of(one.price)
    )
