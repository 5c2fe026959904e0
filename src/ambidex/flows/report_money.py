"""Money as somebody tells it who is not a connected shop: the shop's own program, or an agent who looked at the provider."""

from __future__ import annotations

from datetime import datetime

from ambidex.domains import channels, orders, payments
from ambidex.flows.place_order import NotYourSource
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Told:
    """`kind` is authorized, captured, refunded or voided; `reference` tells a repeated report, `payment` which tender."""

    kind: str
    amount: Money
    reference: str
    payment: str = ""
    happened_at: datetime | None = None


async def report_money(tx: Tx, *, order_id: OrderId, told: Told) -> bool:
    """Write it down, once; False when it is known. Orders of a connected shop hear of money from the shop only."""
    tx.actor.must(Permission.MONEY_REPORT)
    order = await orders.lock_order(tx, order_id)
    source = await channels.source_by_id(tx, order.source_id)
    if not source.is_our_api:
        raise NotYourSource(source=source.code)
    if told.amount.currency != order.currency or told.amount.minor < 1:
        expected = f"an amount in {order.currency}, more than nothing"
        raise BadInput("money", errors=[{"field": "amount", "expected": expected}])
    return await payments.report(
        tx,
        order_id=order_id,
        kind=told.kind,
        amount=told.amount,
        reference=told.reference,
        reported_by=tx.actor.id,
        happened_at=told.happened_at or tx.now,
        payment_reference=told.payment,
    )
