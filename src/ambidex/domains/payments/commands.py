"""Money as it is reported to us. Nothing here moves money; a system's word is written down with its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambidex.domains.payments import rules, store
from ambidex.domains.payments.events import MoneyAgreed, MoneyReported, RefundDue
from ambidex.domains.payments.model import TENDER, NewTender, OrderMoney, Tender, TenderState
from ambidex.domains.payments.problems import MoneyMovedOtherwise, RefundExceedsCapture, ReportedOtherwise
from ambidex.domains.payments.store import NewFact
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import MovedOn
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import replace
from ambidex.runtime.db import Read, Tx, Write


def begin(tx: Tx, tenders: Sequence[NewTender]) -> tuple[Write, ...]:
    """The tenders of orders that are being placed, as they were told."""
    return store.begun(tenders, now=tx.now)


async def money(read: Read, order_id: OrderId) -> OrderMoney:
    return await store.money(read, order_id)


async def is_secured(read: Read, order_id: OrderId) -> bool:
    """Whether goods may be handed over: every tender that counts is captured or safely authorized."""
    return rules.is_secured((await store.money(read, order_id)).tenders, now=read.now)


async def report(
    tx: Tx,
    *,
    order_id: OrderId,
    kind: str,
    amount: Money,
    reference: str,
    reported_by: str,
    happened_at: datetime,
    payment_reference: str = "",
) -> bool:
    """A system reports authorized, captured, refunded or voided money. False when the same report is known.

    The tender is the one with `payment_reference`, else the only one, else a new one. Call with the order
    locked. Raises RefundExceedsCapture, MoneyMovedOtherwise, ReportedOtherwise.
    """
    known = await store.money(tx, order_id)
    tender = _tender(known, payment_reference) or await _new(tx, order_id, amount.currency)
    fact = NewFact(kind, amount, reported_by, reference, happened_at, tender.payment_no)
    if not await store.add_fact(tx, order_id, fact):
        _must_be_the_same(known, fact)
        return False
    moved = _after(kind, tender, amount)
    if moved != tender and not await store.move(tx, order_id, moved, was=tender.state):
        raise MovedOn(order_id=str(order_id))
    ref = Ref("order", order_id.hex)
    tx.announce(ref, MoneyReported(kind, amount, reference), order_id=order_id, happened_at=happened_at)
    return True


async def refund_due(tx: Tx, *, order_id: OrderId, amount: Money, cause: str) -> bool:
    """Money is owed to the customer; one fact per cause. False when it is known. Call with the order locked."""
    fact = NewFact("refund_due", amount, tx.actor.id, cause, tx.now, cause=cause)
    if not await store.add_fact(tx, order_id, fact):
        return False
    tx.announce(Ref("order", order_id.hex), RefundDue(amount, cause), order_id=order_id, cause=cause)
    return True


async def agree(tx: Tx, *, order_id: OrderId, amount: Money, reason: str) -> None:
    """So much of the price needs no money, a person says. Call with the order locked."""
    tx.actor.must(Permission.MONEY_AGREE)
    reference = f"{tx.actor.id}:{tx.now.isoformat()}"
    await store.add_fact(
        tx, order_id, NewFact("agreed", amount, tx.actor.id, reference, tx.now, cause=reason)
    )
    tx.announce(Ref("order", order_id.hex), MoneyAgreed(amount, reason), order_id=order_id, cause=reason)


def _must_be_the_same(known: OrderMoney, again: NewFact) -> None:
    """A report that comes twice says the same twice."""
    earlier = next(one for one in known.facts if (one.kind, one.reference) == (again.kind, again.reference))
    if earlier.amount != again.amount:
        raise ReportedOtherwise(reference=again.reference, known=earlier.amount, amount=again.amount)


def _tender(known: OrderMoney, reference: str) -> Tender | None:
    named = [t for t in known.tenders if reference and t.provider_reference == reference]
    if named:
        return named[0]
    return known.tenders[0] if len(known.tenders) == 1 else None


async def _new(tx: Tx, order_id: OrderId, currency: str) -> Tender:
    number = await store.add_tender(tx, order_id, currency)
    nothing = Money(0, currency)
    return Tender(number, "", "", TenderState.PENDING, nothing, nothing, nothing, None)


def _after(kind: str, tender: Tender, amount: Money) -> Tender:
    """The tender after the report; sums grow, the state follows its table."""
    if kind == "refunded" and tender.refunded.minor + amount.minor > tender.captured.minor:
        raise RefundExceedsCapture(captured=tender.captured, refunded=tender.refunded, amount=amount)
    verb = rules.verb_of(kind, tender, amount_minor=amount.minor)
    if verb is None:
        return tender
    if not TENDER.allows(tender.state, verb):
        raise MoneyMovedOtherwise(kind=kind, state=tender.state.value)
    sums = {
        "authorized": {"authorized": amount},
        "captured": {"captured": tender.captured + amount},
        "refunded": {"refunded": tender.refunded + amount},
    }.get(kind, {})
    return replace(tender, state=TENDER.after(tender.state, verb), **sums)  # type: ignore[arg-type]  # fields of Tender
