"""Nothing leaves unpaid: what was paid covers what leaves, or a person says why it is right all the same (ADR 0023).

Sums of other systems that do not cover an order are an exception with an owner from the moment work on it begins, so
that it is settled before somebody stands at the counter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains import orders, payments
from ambidex.domains.orders import Order
from ambidex.domains.payments import OrderMoney
from ambidex.flows import ownership
from ambidex.flows.worth import due_for
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, NotAllowed, Problem
from ambidex.kernel.words import seen
from ambidex.reads.uncovered import uncovered
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.reactions import StoredEvent

COMPARED_AFTER = frozenset({"fulfillment.accepted", "payments.reported"})
DIFFERS = "money-differs"


class NotPaid(Problem):
    """The money for this order is not secured."""

    status, code = 409, "not-paid"
    advice = "Take the payment first, or ask the lead."


class MoneyDoesNotCover(Problem):
    """What was paid does not cover what would leave."""

    status, code = 409, "money-does-not-cover"
    advice = "A lead or the contact center looks at the money on the order's page and says why it is right, or takes the rest."


async def must_be_paid(read: Read, order: Order, leaving: Mapping[int, int]) -> None:
    """Refuse to let these units (line number -> units) go unless they are paid. Raises NotPaid, MoneyDoesNotCover."""
    money = await payments.money(read, order.order_id)
    due = due_for(order, leaving)
    missing = payments.missing(money, due, now=read.now)
    if not missing.minor:
        return
    is_unpaid = money.waits_for_payment or not money.secured_at(read.now).minor
    refused = NotPaid if is_unpaid else MoneyDoesNotCover
    raise refused(f"{said(missing)} of {said(due)} are missing", order=order.number, missing=said(missing))


async def standing(read: Read, order: Order) -> dict[str, Money]:
    """The sums of an order: authorized, captured, refunded, secured, missing for all of it, owed to the customer."""
    money = await payments.money(read, order.order_id)
    return {
        "authorized": money.authorized,
        "captured": money.captured,
        "refunded": money.refunded,
        "secured": money.secured_at(read.now),
        "missing": _missing(money, order, read),
        "owed": money.owed(order.total),
    }


async def agree(tx: Tx, *, order_id: OrderId, reason: str) -> Money:
    """A person says that the rest of the order may leave with what was paid, and why; how much it lacked."""
    if not seen(reason):
        raise BadInput("agree", errors=[{"field": "reason", "expected": "why it is right"}])
    order = await orders.lock_order(tx, order_id)
    places = [line.location_id for line in order.lines if line.location_id is not None]
    if not tx.actor.may_at_one_of(Permission.MONEY_AGREE, places):
        raise NotAllowed(f"{tx.actor.name} lacks {Permission.MONEY_AGREE.value}")
    missing = _missing(await payments.money(tx, order_id), order, tx)
    if missing.minor:
        await payments.agree(tx, order_id=order_id, amount=missing, reason=seen(reason))
        await ownership.solved(tx, key_of(order_id), outcome=seen(reason))
    return missing


async def compare_money(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction: somebody looks at orders whose tenders, none of them waited for, do not cover them."""
    touched = sorted({event.order_id for event in events if event.order_id is not None})
    _ = [await _compare(tx, order_id) for order_id in await uncovered(tx, touched, kind=DIFFERS)]


def said(amount: Money) -> str:
    """An amount in a sentence."""
    return f"{amount.decimal} {amount.currency}"


def key_of(order_id: OrderId) -> str:
    """The task about the money of an order."""
    return f"{DIFFERS}:{order_id.hex}"


async def _compare(tx: Tx, order_id: OrderId) -> bool:
    """Whether somebody looks at it now."""
    order = await orders.lock_order(tx, order_id)
    money = await payments.money(tx, order_id)
    missing = _missing(money, order, tx)
    if not missing.minor or money.waits_for_payment:
        await ownership.solved(tx, key_of(order_id), outcome="what was paid covers it now")
        return False
    await ownership.hand_to_person(
        tx,
        order_id=order_id,
        kind=DIFFERS,
        cause="platform",
        title="What was paid does not cover the order",
        detail=(
            f"{said(missing)} are missing. Take them, or say on the order's page why it is right; "
            "until then it is not handed over."
        ),
        key=key_of(order_id),
        role="agent",
        about=ownership.About(facts={"missing": said(missing)}),
    )
    return True


def _missing(money: OrderMoney, order: Order, read: Read) -> Money:
    """Of what must be paid once all of it has left."""
    rest = {line.line_no: line.may_be_canceled for line in order.lines}
    return payments.missing(money, due_for(order, rest), now=read.now)
