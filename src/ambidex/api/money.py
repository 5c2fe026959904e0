"""The money of an order: as it stands, as it is reported by whoever is no connected shop, and what a person agrees to."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, operation
from ambidex.api.order_shapes import Amount, Sent
from ambidex.api.orders import PATH, parse_order_id
from ambidex.api.shapes import Moment, MoneyShape, read_money
from ambidex.domains import orders
from ambidex.flows import paid
from ambidex.flows.report_money import Told, report_money
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read, Tx

router = APIRouter(tags=["orders"])
MONEY = f"{PATH}/money"


class MoneyIn(Sent):
    """What happened at the payment provider. `reference` is its own and tells a repeated report; `payment` names the tender."""

    kind: Literal["authorized", "captured", "refunded", "voided"]
    amount: Amount
    reference: str = Field(min_length=1, max_length=200)
    payment: str = Field(default="", max_length=200)
    happened_at: Moment | None = None


class AgreeIn(Sent):
    """Why goods may leave although what was paid does not cover them."""

    reason: str = Field(min_length=1, max_length=300)


class OrderMoneyOut(BaseModel):
    """`secured` is what goods may leave for, `missing` what it lacks of the whole order, `owed` what goes back."""

    authorized: MoneyShape
    captured: MoneyShape
    refunded: MoneyShape
    secured: MoneyShape
    missing: MoneyShape
    owed: MoneyShape


@router.get(MONEY, dependencies=[operation(Permission.ORDERS_READ)])
async def get_money(order_id: str, runs: Runs) -> OrderMoneyOut:
    """The money of an order as it stands."""
    async with runs.reading() as read:
        return await _shown(read, parse_order_id(order_id))


@router.post(MONEY, dependencies=[operation(Permission.MONEY_REPORT)], response_model=OrderMoneyOut)
async def report(order_id: str, body: MoneyIn, asks: Asks) -> Response:
    """Money was authorized, captured, refunded or voided. Said again it changes nothing."""
    return await asks.answer(_shown, _report, order_id=parse_order_id(order_id), body=body)


@router.post(
    f"{MONEY}/agree",
    dependencies=[operation(Permission.MONEY_AGREE, place=Scope.OWN_PLACE)],
    response_model=OrderMoneyOut,
)
async def agree(order_id: str, body: AgreeIn, asks: Asks) -> Response:
    """What was paid is right as it is, for this reason; the rest of the order may leave."""
    return await asks.answer(_shown, _agree, order_id=parse_order_id(order_id), reason=body.reason)


async def _report(tx: Tx, *, order_id: OrderId, body: MoneyIn) -> OrderId:
    order = await orders.order(tx, order_id)
    if isinstance(body.amount, MoneyShape):
        amount = body.amount.read("amount")
    else:
        amount = read_money(body.amount, order.currency, "amount")
    told = Told(body.kind, amount, body.reference, body.payment, body.happened_at)
    await report_money(tx, order_id=order_id, told=told)
    return order_id


async def _agree(tx: Tx, *, order_id: OrderId, reason: str) -> OrderId:
    await paid.agree(tx, order_id=order_id, reason=reason)
    return order_id


async def _shown(read: Read, order_id: OrderId) -> OrderMoneyOut:
    stands = await paid.standing(read, await orders.order(read, order_id))
    return OrderMoneyOut(**{name: MoneyShape.of(amount) for name, amount in stands.items()})
