"""Words of money: tenders, each with its own state, and the money facts that were reported about them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass


class TenderState(StrEnum):
    """Where the money of one tender stands."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    EXPIRED = "expired"
    FAILED = "failed"
    DISPUTED = "disputed"


class TenderVerb(StrEnum):
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    REFUND_SOME = "refund some"
    REFUND_ALL = "refund all"
    VOID = "void"
    EXPIRE = "expire"
    FAIL = "fail"
    DISPUTE = "dispute"


_S, _V = TenderState, TenderVerb
TENDER = States(
    name="payment",
    start=_S.PENDING,
    ends=frozenset({_S.REFUNDED, _S.VOIDED, _S.EXPIRED, _S.FAILED, _S.CAPTURED}),
    moves={
        (_S.PENDING, _V.AUTHORIZE): _S.AUTHORIZED,
        (_S.PENDING, _V.CAPTURE): _S.CAPTURED,
        (_S.PENDING, _V.VOID): _S.VOIDED,
        (_S.PENDING, _V.EXPIRE): _S.EXPIRED,
        (_S.PENDING, _V.FAIL): _S.FAILED,
        (_S.AUTHORIZED, _V.AUTHORIZE): _S.AUTHORIZED,
        (_S.AUTHORIZED, _V.CAPTURE): _S.CAPTURED,
        (_S.AUTHORIZED, _V.VOID): _S.VOIDED,
        (_S.AUTHORIZED, _V.EXPIRE): _S.EXPIRED,
        (_S.AUTHORIZED, _V.FAIL): _S.FAILED,
        (_S.CAPTURED, _V.CAPTURE): _S.CAPTURED,
        (_S.CAPTURED, _V.REFUND_SOME): _S.PARTLY_REFUNDED,
        (_S.CAPTURED, _V.REFUND_ALL): _S.REFUNDED,
        (_S.CAPTURED, _V.DISPUTE): _S.DISPUTED,
        (_S.PARTLY_REFUNDED, _V.REFUND_SOME): _S.PARTLY_REFUNDED,
        (_S.PARTLY_REFUNDED, _V.REFUND_ALL): _S.REFUNDED,
        (_S.PARTLY_REFUNDED, _V.DISPUTE): _S.DISPUTED,
        (_S.DISPUTED, _V.CAPTURE): _S.CAPTURED,
        (_S.DISPUTED, _V.REFUND_ALL): _S.REFUNDED,
    },
    waits={_S.PENDING: "the payment provider", _S.DISPUTED: "the payment provider"},
)

SECURED = frozenset({_S.AUTHORIZED, _S.CAPTURED, _S.PARTLY_REFUNDED})


@dataclass(frozen=True, slots=True)
class NewTender:
    """One tender of an order as it was told when the order was placed."""

    order_id: OrderId
    state: TenderState
    amount: Money
    method: str = ""
    provider_reference: str = ""
    expires_at: datetime | None = None
    reported_by: str = ""


@dataclass(frozen=True, slots=True)
class Tender:
    """One tender: what was authorized, captured and given back."""

    payment_no: int
    method: str
    provider_reference: str
    state: TenderState
    authorized: Money
    captured: Money
    refunded: Money
    expires_at: datetime | None

    def secured_at(self, now: datetime) -> bool:
        """Whether the money is ours to take: captured, or authorized and not run out."""
        if self.state is TenderState.AUTHORIZED:
            return self.expires_at is None or self.expires_at > now
        return self.state in SECURED

    def worth_at(self, now: datetime) -> int:
        """Minor units that it secures: what was taken, or may still be taken by its authorization."""
        runs = self.expires_at is None or self.expires_at > now
        return max(self.captured.minor, self.authorized.minor if runs else 0)


@dataclass(frozen=True, slots=True)
class MoneyFact:
    """Something reported about money, by whom and when."""

    fact_no: int
    kind: str
    amount: Money
    reported_by: str
    reference: str
    cause: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """All money of one order, derived from its tenders and facts."""

    currency: str
    tenders: tuple[Tender, ...]
    facts: tuple[MoneyFact, ...]

    @property
    def authorized(self) -> Money:
        return self._sum([t.authorized.minor for t in self.tenders])

    @property
    def captured(self) -> Money:
        return self._sum([t.captured.minor for t in self.tenders])

    @property
    def refunded(self) -> Money:
        return self._sum([t.refunded.minor for t in self.tenders])

    @property
    def refund_due(self) -> Money:
        """What is owed to the customer and not yet given back."""
        return Money(max(0, self._told("refund_due") - self.refunded.minor), self.currency)

    @property
    def waits_for_payment(self) -> bool:
        """Whether a tender is still to be paid."""
        return any(t.state is TenderState.PENDING for t in self.tenders)

    def secured_at(self, now: datetime) -> Money:
        """What goods may leave for: taken or safely authorized, and what a person agreed needs no money.

        What went back for units that left the order secures nothing any more. What a shop gave back of its own will is
        its goodwill, and the goods stay paid; a tender that went back whole secures nothing.
        """
        held = [t for t in self.tenders if t.secured_at(now) and t.authorized.currency == self.currency]
        back = min(sum(t.refunded.minor for t in held), self._told("refund_due"))
        return Money(sum(t.worth_at(now) for t in held) - back + self._told("agreed"), self.currency)

    def owed(self, total: Money) -> Money:
        """What was taken for units that left the order and has not gone back; `total` is what the whole order cost.

        Money that was only authorized is never taken for them: it runs out, or is voided.
        """
        due = self._told("refund_due")
        too_much = self.captured.minor - (total.minor - due)
        back = min(due, too_much, self.captured.minor) - self.refunded.minor
        return Money(max(0, back), self.currency)

    def _told(self, kind: str) -> int:
        return sum(f.amount.minor for f in self.facts if f.kind == kind)

    def _sum(self, minors: list[int]) -> Money:
        return Money(sum(minors), self.currency)
