"""Money as it is reported: once per reference, never more back than was taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.domains import payments
from ambidex.domains.payments import NewTender, RefundExceedsCapture, Tender, TenderState, rules
from ambidex.domains.payments.model import TENDER, TenderVerb
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import Clock

ORDER = OrderId(UUID(int=0xB1))
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def tender(state: str, *, expires_at: datetime | None = None) -> Tender:
    nothing = usd("0.00")
    return Tender(1, "card", "r", TenderState(state), usd("10.00"), nothing, nothing, expires_at)


@pytest.mark.parametrize(
    ("tenders", "secured"),
    [
        ([], True),
        ([tender("pending")], False),
        ([tender("authorized")], True),
        ([tender("authorized", expires_at=NOON + timedelta(hours=1))], True),
        ([tender("authorized", expires_at=NOON)], False),
        ([tender("captured")], True),
        ([tender("captured"), tender("pending")], False),
        ([tender("captured"), tender("voided")], True),
        ([tender("voided")], False),
        ([tender("failed")], False),
        ([tender("disputed")], False),
        ([tender("partly_refunded")], True),
        ([tender("refunded")], False),
    ],
)
def test_when_money_is_secured(*, tenders: list[Tender], secured: bool) -> None:
    assert rules.is_secured(tenders, now=NOON) is secured


@pytest.mark.parametrize("state", list(TenderState))
@pytest.mark.parametrize("verb", list(TenderVerb))
def test_every_state_and_verb(state: TenderState, verb: TenderVerb) -> None:
    ended = state in {TenderState.REFUNDED, TenderState.VOIDED, TenderState.EXPIRED, TenderState.FAILED}
    assert not (ended and TENDER.allows(state, verb)), "nothing leads out of an end"


async def report(run: Run, kind: str, amount: str, reference: str) -> bool:
    return await run.perform(
        SYSTEM,
        payments.report,
        order_id=ORDER,
        kind=kind,
        amount=usd(amount),
        reference=reference,
        reported_by="shopify:main",
        happened_at=NOON,
    )


async def begun(tx: Tx, tenders: list[NewTender]) -> None:
    await tx.write(*payments.begin(tx, tenders))


async def test_a_report_that_comes_twice_is_one_fact(run: Run) -> None:
    new = NewTender(ORDER, TenderState.AUTHORIZED, usd("39.80"), "card", "auth-1", reported_by="web:main")
    await run.perform(SYSTEM, begun, [new])
    assert await report(run, "captured", "39.80", "cap-1")
    assert not await report(run, "captured", "39.80", "cap-1")
    assert await report(run, "refunded", "10.00", "ref-1")
    async with run.reading() as read:
        money = await payments.money(read, ORDER)
        assert await payments.is_secured(read, ORDER)
    assert (money.captured, money.refunded) == (usd("39.80"), usd("10.00"))
    assert [t.state.value for t in money.tenders] == ["partly_refunded"]


async def test_more_than_was_taken_is_never_given_back(run: Run) -> None:
    await report(run, "captured", "10.00", "cap-1")
    with pytest.raises(RefundExceedsCapture):
        await report(run, "refunded", "10.01", "ref-1")

    async def forge(tx: Tx) -> None:
        await tx.run(text("UPDATE payments.tenders SET refunded_minor = captured_minor + 1"))

    with pytest.raises(Problem) as refused:
        await run.perform(SYSTEM, forge)
    assert refused.value.code == "refund-within-capture"


async def test_what_is_due_is_said_once_and_ends_with_the_refund(run: Run, clock: Clock) -> None:
    await report(run, "captured", "10.00", "cap-1")
    for _ in range(2):
        await run.perform(SYSTEM, payments.refund_due, order_id=ORDER, amount=usd("4.00"), cause="canceled:1")
    async with run.reading() as read:
        assert (await payments.money(read, ORDER)).refund_due == usd("4.00")
    await report(run, "refunded", "4.00", "ref-1")
    async with run.reading() as read:
        assert (await payments.money(read, ORDER)).refund_due == usd("0.00")


async def test_money_facts_are_append_only(run: Run) -> None:
    await report(run, "captured", "10.00", "cap-1")

    async def forge(tx: Tx) -> None:
        await tx.run(text("DELETE FROM payments.facts"))

    with pytest.raises(Problem):
        await run.perform(SYSTEM, forge)
