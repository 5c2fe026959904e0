"""The door of payments: tenders, money facts as reported, and whether an order's money is secured."""

from ambidex.domains.payments.commands import agree, begin, is_secured, money, refund_due, report
from ambidex.domains.payments.model import NewTender, OrderMoney, Tender, TenderState
from ambidex.domains.payments.problems import MoneyMovedOtherwise, RefundExceedsCapture, ReportedOtherwise
from ambidex.domains.payments.rules import missing
from ambidex.domains.payments.store import with_refund_due

__all__ = [
    "MoneyMovedOtherwise",
    "NewTender",
    "OrderMoney",
    "RefundExceedsCapture",
    "ReportedOtherwise",
    "Tender",
    "TenderState",
    "agree",
    "begin",
    "is_secured",
    "missing",
    "money",
    "refund_due",
    "report",
    "with_refund_due",
]
