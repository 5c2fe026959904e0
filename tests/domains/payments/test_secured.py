"""What tenders secure, and when that covers goods (ADR 0023): situation -> what is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ambidex.domains.payments import OrderMoney, Tender, TenderState, rules
from ambidex.domains.payments.model import MoneyFact
from ambidex.kernel.money import Money

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SOON, PAST = NOON + timedelta(hours=1), NOON


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def tender(
    state: str, authorized: int = 0, captured: int = 0, refunded: int = 0, *, ends: datetime | None = None
) -> Tender:
    return Tender(1, "card", "", TenderState(state), gbp(authorized), gbp(captured), gbp(refunded), ends)


def fact(kind: str, minor: int) -> MoneyFact:
    return MoneyFact(1, kind, gbp(minor), "ambidex", f"{kind}:{minor}", "", NOON)


@pytest.mark.parametrize(
    ("tenders", "facts", "missing"),
    [
        # all of it, in one or in two
        ([tender("authorized", 1990)], [], 0),
        ([tender("captured", 1990, 1990)], [], 0),
        ([tender("captured", 1000, 1000), tender("authorized", 990)], [], 0),
        # nothing was told of money
        ([], [], 1990),
        # each tender is secured, and together they are too little
        ([tender("authorized", 1000)], [], 990),
        ([tender("captured", 1000, 1000), tender("authorized", 900)], [], 90),
        # a part is still to be paid
        ([tender("captured", 1000, 1000), tender("pending")], [], 990),
        # more than enough, although one of them is not secured
        ([tender("captured", 1990, 1990), tender("failed")], [], 0),
        # an authorization that ran out, and one that has not yet
        ([tender("authorized", 1990, ends=PAST)], [], 1990),
        ([tender("authorized", 1990, ends=SOON)], [], 0),
        # taken in parts, as parcels leave: what may still be taken counts while it may
        ([tender("captured", 1990, 1000, ends=SOON)], [], 0),
        ([tender("captured", 1990, 1000, ends=PAST)], [], 990),
        # money that is no longer there
        ([tender("voided", 1990)], [], 1990),
        ([tender("disputed", 1990, 1990)], [], 1990),
        ([tender("refunded", 1990, 1990, 1990)], [], 1990),
        # given back of the shop's own will: the goods stay paid
        ([tender("partly_refunded", 1990, 1990, 500)], [], 0),
        # given back for units that left the order: they were a part of what was taken
        ([tender("partly_refunded", 2990, 2990, 1000)], [fact("refund_due", 1000)], 0),
        ([tender("partly_refunded", 1990, 1990, 1000)], [fact("refund_due", 1000)], 1000),
        # owed, and not yet given back
        ([tender("captured", 2990, 2990)], [fact("refund_due", 1000)], 0),
        # a person said that it is right
        ([tender("authorized", 1000)], [fact("agreed", 990)], 0),
        ([tender("authorized", 1000)], [fact("agreed", 900)], 90),
        ([], [fact("agreed", 1990)], 0),
    ],
)
def test_what_is_missing(tenders: list[Tender], facts: list[MoneyFact], missing: int) -> None:
    money = OrderMoney("GBP", tuple(tenders), tuple(facts))
    assert rules.missing(money, gbp(1990), now=NOON) == gbp(missing)


@pytest.mark.parametrize(
    ("due", "paid", "missing"),
    [
        # five of the smallest coin
        (500, 495, 0),
        (500, 494, 6),
        # half a percent
        (10_000, 9950, 0),
        (10_000, 9949, 51),
        # nothing to pay
        (0, 0, 0),
        (5, 0, 0),
    ],
)
def test_how_far_it_may_fall_short(due: int, paid: int, missing: int) -> None:
    money = OrderMoney("GBP", (tender("authorized", paid),), ())
    assert rules.missing(money, gbp(due), now=NOON) == gbp(missing)


def test_another_currency_covers_nothing() -> None:
    dollars = Money(1990, "USD")
    other = Tender(1, "card", "", TenderState.CAPTURED, dollars, dollars, Money(0, "USD"), None)
    assert rules.missing(OrderMoney("USD", (other,), ()), gbp(1990), now=NOON) == gbp(1990)
    assert rules.missing(OrderMoney("GBP", (other,), ()), gbp(1990), now=NOON) == gbp(1990)
