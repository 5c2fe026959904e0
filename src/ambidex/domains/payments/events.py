"""What happens to money, in the past tense."""

from __future__ import annotations

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class MoneyReported(Event):
    """A system reported that money was authorized, captured, refunded or voided."""

    name: ClassVar[str] = "payments.reported"
    kind: str
    amount: Money
    reference: str


@dataclass(frozen=True)
class MoneyAgreed(Event):
    """Somebody says that goods may leave although so much of their price was not paid, and why."""

    name: ClassVar[str] = "payments.agreed"
    amount: Money
    why: str


@dataclass(frozen=True)
class RefundDue(Event):
    """Money is owed to the customer."""

    name: ClassVar[str] = "payments.refund-due"
    amount: Money
    why: str
