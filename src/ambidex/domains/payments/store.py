"""Reading and changing tenders and money facts for a decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from ambidex.domains.payments.model import MoneyFact, NewTender, OrderMoney, Tender, TenderState
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Tx, Write
from ambidex.runtime.inserts import Insert

_BEGUN = Insert.into(
    "payments.tenders",
    {
        "order_id": "uuid",
        "payment_no": "smallint",
        "method": "text",
        "provider_reference": "text",
        "state": "text",
        "currency": "text",
        "authorized_minor": "bigint",
        "captured_minor": "bigint",
        "expires_at": "timestamptz",
    },
)
_FIRST_FACTS = Insert.into(
    "payments.facts",
    {
        "order_id": "uuid",
        "fact_no": "smallint",
        "payment_no": "smallint",
        "kind": "text",
        "amount_minor": "bigint",
        "currency": "text",
        "reported_by": "text",
        "reference": "text",
    },
    same={"happened_at": ":now", "recorded_at": ":now"},
)


def begun(tenders: Sequence[NewTender], *, now: datetime) -> tuple[Write, Write]:
    """The tenders of freshly placed orders, numbered in the order given; each that has money has its first fact."""
    numbers: Counter[OrderId] = Counter()
    facts: Counter[OrderId] = Counter()
    rows, told = [], []
    for t in tenders:
        numbers[t.order_id] += 1
        rows.append(_row(t, numbers[t.order_id]))
        if t.state in _WITH_MONEY and t.amount.minor > 0:
            facts[t.order_id] += 1
            told.append(_first_fact(t, facts[t.order_id], numbers[t.order_id]))
    return _BEGUN.rows(rows), _FIRST_FACTS.rows(told, now=now)


_WITH_MONEY = frozenset({TenderState.AUTHORIZED, TenderState.CAPTURED})


def _row(t: NewTender, payment_no: int) -> tuple[Any, ...]:
    minor = t.amount.minor
    return (
        t.order_id,
        payment_no,
        t.method,
        t.provider_reference,
        t.state.value,
        t.amount.currency,
        minor if t.state in _WITH_MONEY else 0,
        minor if t.state is TenderState.CAPTURED else 0,
        t.expires_at,
    )


def _first_fact(t: NewTender, fact_no: int, payment_no: int) -> tuple[Any, ...]:
    kind, amount = t.state.value, t.amount
    reference = f"placed:{payment_no}"
    return (
        t.order_id,
        fact_no,
        payment_no,
        kind,
        amount.minor,
        amount.currency,
        t.reported_by,
        reference,
    )


_TENDERS = text("""
SELECT payment_no, method, provider_reference, state, currency, authorized_minor, captured_minor, refunded_minor,
  expires_at FROM payments.tenders WHERE order_id = :order_id ORDER BY payment_no""")
_FACTS = text("""
SELECT fact_no, kind, amount_minor, currency, reported_by, reference, cause, happened_at
  FROM payments.facts WHERE order_id = :order_id ORDER BY fact_no""")


async def money(read: Read, order_id: OrderId) -> OrderMoney:
    """Everything known about the money of one order."""
    tenders = [_tender(row) for row in await read.all(_TENDERS, {"order_id": order_id})]
    facts = [_fact(row) for row in await read.all(_FACTS, {"order_id": order_id})]
    currencies = [t.authorized.currency for t in tenders] + [f.amount.currency for f in facts]
    return OrderMoney(currencies[0] if currencies else "USD", tuple(tenders), tuple(facts))


_DUE = text("""
SELECT DISTINCT order_id FROM payments.facts WHERE order_id = ANY(CAST(:orders AS uuid[])) AND kind = 'refund_due'
 ORDER BY order_id""")


async def with_refund_due(read: Read, order_ids: Sequence[OrderId]) -> list[OrderId]:
    """Which of these orders owed money to their customer at any time, by id."""
    return [OrderId(row.order_id) for row in await read.all(_DUE, {"orders": list(order_ids)})]


def _tender(row: Row[Any]) -> Tender:
    return Tender(
        row.payment_no,
        row.method,
        row.provider_reference,
        TenderState(row.state),
        Money(row.authorized_minor, row.currency),
        Money(row.captured_minor, row.currency),
        Money(row.refunded_minor, row.currency),
        row.expires_at,
    )


def _fact(row: Row[Any]) -> MoneyFact:
    amount = Money(row.amount_minor, row.currency)
    return MoneyFact(
        row.fact_no, row.kind, amount, row.reported_by, row.reference, row.cause, row.happened_at
    )


_ADD_FACT = text("""
INSERT INTO payments.facts (order_id, fact_no, payment_no, kind, amount_minor, currency, reported_by, reference, cause,
  happened_at, recorded_at)
SELECT :order_id, coalesce((SELECT max(fact_no) FROM payments.facts WHERE order_id = :order_id), 0) + 1,
  CAST(:payment_no AS smallint), :kind, :minor, :currency, :reported_by, :reference, :cause, :happened_at, :now
ON CONFLICT (order_id, kind, reference) DO NOTHING""")


@dataclass(frozen=True, slots=True)
class NewFact:
    """A money fact to be written once; `reference` tells a repeated report."""

    kind: str
    amount: Money
    reported_by: str
    reference: str
    happened_at: datetime
    payment_no: int | None = None
    cause: str = ""


async def add_fact(tx: Tx, order_id: OrderId, fact: NewFact) -> bool:
    """Write it; False when the same report is known. Call with the order locked."""
    values = {
        "order_id": order_id,
        "payment_no": fact.payment_no,
        "kind": fact.kind,
        "minor": fact.amount.minor,
        "currency": fact.amount.currency,
        "reported_by": fact.reported_by,
        "reference": fact.reference,
        "cause": fact.cause,
        "happened_at": fact.happened_at,
        "now": tx.now,
    }
    return await tx.run(_ADD_FACT, values) == 1


_MOVE = text("""
UPDATE payments.tenders SET state = :state, authorized_minor = :authorized, captured_minor = :captured,
  refunded_minor = :refunded
 WHERE order_id = :order_id AND payment_no = :payment_no AND state = :was""")


async def move(tx: Tx, order_id: OrderId, tender: Tender, *, was: TenderState) -> bool:
    """Write a tender's new state and sums, provided that it is still in the state we decided on."""
    values = {
        "order_id": order_id,
        "payment_no": tender.payment_no,
        "state": tender.state.value,
        "authorized": tender.authorized.minor,
        "captured": tender.captured.minor,
        "refunded": tender.refunded.minor,
        "was": was.value,
    }
    return await tx.run(_MOVE, values) == 1


_ADD_TENDER = text("""
INSERT INTO payments.tenders (order_id, payment_no, state, currency)
SELECT :order_id, coalesce(max(payment_no), 0) + 1, 'pending', :currency FROM payments.tenders WHERE order_id = :order_id
RETURNING payment_no""")


async def add_tender(tx: Tx, order_id: OrderId, currency: str) -> int:
    """A tender that we first hear of by a report."""
    return int(await tx.value(_ADD_TENDER, {"order_id": order_id, "currency": currency}))
