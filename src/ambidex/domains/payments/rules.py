"""Pure decisions about money: whether it is secured, and which verb a reported fact is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambidex.domains.payments.model import OrderMoney, Tender, TenderState, TenderVerb
from ambidex.kernel.money import Money

# ADR 0023: five of the smallest coin, or half a percent
TOLERANCE_MINOR, TOLERANCE_PART = 5, 200
_IGNORED = frozenset({TenderState.VOIDED})


def is_secured(tenders: Sequence[Tender], *, now: datetime) -> bool:
    """Whether nothing is left to be paid: no tenders (nothing to pay), or every one that counts is secured."""
    if not tenders:
        return True
    counting = [t for t in tenders if t.state not in _IGNORED]
    return bool(counting) and all(t.secured_at(now) for t in counting)


def tolerance(due: Money) -> Money:
    """How far what was paid may fall short of the goods: roundings of taxes, of cash, of another system's sums."""
    return Money(max(TOLERANCE_MINOR, due.minor // TOLERANCE_PART), due.currency)


def missing(money: OrderMoney, due: Money, *, now: datetime) -> Money:
    """What is not secured of what these goods cost; nothing within the tolerance."""
    secured = money.secured_at(now).minor if money.currency == due.currency else 0
    short = due.minor - secured
    return Money(short if short > tolerance(due).minor else 0, due.currency)


def verb_of(kind: str, tender: Tender, *, amount_minor: int) -> TenderVerb | None:
    """What a reported fact means for its tender; None when it only is written down."""
    match kind:
        case "authorized":
            return TenderVerb.AUTHORIZE
        case "captured":
            return TenderVerb.CAPTURE
        case "voided":
            return TenderVerb.VOID
        case "refunded":
            whole = tender.refunded.minor + amount_minor >= tender.captured.minor
            return TenderVerb.REFUND_ALL if whole else TenderVerb.REFUND_SOME
        case _:
            return None
