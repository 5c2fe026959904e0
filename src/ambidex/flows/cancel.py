"""Canceling: units leave the order, what was claimed for them is free, what lies about is put away, money goes back.

Until staging the reservation is released; after staging the units wait for a scan back to the shelf; what was handed
over is refused (offer a return). The customer hears it, also when we had said something else before.
"""

from __future__ import annotations

from collections.abc import Mapping

from ambidex.domains import inventory, orders, payments
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState, Order, OrderState
from ambidex.flows import ownership, parking
from ambidex.flows.cancel_words import close_questions, sentence_of, take_word_back, tell_canceled
from ambidex.flows.cancel_works import leave_works
from ambidex.flows.canceled_units import Plan, units_of
from ambidex.flows.wait_for_stock import stop_waiting
from ambidex.flows.worth import worth_of
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Tx


async def cancel(
    tx: Tx, order_id: OrderId, *, lines: Mapping[int, int | None] | None = None, reason: str
) -> Order:
    """Cancel units by line number (None: all of the line that can be); no lines: all of the order that can be.

    Raises TooLateToCancel for units that were handed over, NothingToCancel, UnknownLine.
    """
    order = await orders.lock_order(tx, order_id)
    asked = lines or _all_lines(order)
    for line in order.lines:
        if line.line_no in asked:
            tx.actor.must(Permission.ORDERS_CANCEL, at=line.location_id)
    plan = await orders.cancel_units(tx, order, asked, reason=reason)
    left = await leave_works(tx, order, plan, reason)
    await close_questions(tx, order, plan)
    await stop_waiting(tx, order, _none_waits(order, plan), outcome="canceled")
    await parking.leave(tx, order_id, outcome="canceled")
    amount = worth_of(order, units_of(plan))
    if amount.minor:
        cause = f"canceled:{order.version}"
        await payments.refund_due(tx, order_id=order_id, amount=amount, cause=cause)
    state = await orders.close_if_done(tx, order)
    whole = state is OrderState.CANCELED
    correction = await take_word_back(tx, order, left.were_ready, whole=whole)
    await tell_canceled(tx, order, plan, cause_words=sentence_of(reason), whole=whole, correction=correction)
    await ownership.settle(tx, order_id)
    if left.claims:
        await inventory.move(tx, left.claims, Move.RELEASE)
    return await orders.order(tx, order_id)


def _all_lines(order: Order) -> dict[int, None]:
    """Every line with something left; all of them when nothing is, so that the refusal says why."""
    left = {line.line_no: None for line in order.lines if line.may_be_canceled}
    return left or {line.line_no: None for line in order.lines}


def _none_waits(order: Order, plan: Plan) -> list[int]:
    """Lines of which everything that waited for stock is canceled."""
    gone = units_of(plan, LineState.BACKORDERED)
    return [
        line.line_no
        for line in order.lines
        if gone.get(line.line_no, 0) == line.units(LineState.BACKORDERED) > 0
    ]
