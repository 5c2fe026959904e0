"""What payments refuse."""

from __future__ import annotations

from ambidex.kernel.problem import Problem


class RefundExceedsCapture(Problem):
    """More would be given back than was taken."""

    status, code = 409, "refund-exceeds-capture"
    advice = "Check the amount against what was captured."


class ReportedOtherwise(Problem):
    """The same reference was reported with another amount."""

    status, code = 409, "money-reported-otherwise"
    advice = "Each payment, refund or void has a reference of its own at the provider; look there which one this is."


class MoneyMovedOtherwise(Problem):
    """This money fact does not fit what is known about the tender."""

    status, code = 409, "money-moved-otherwise"
    advice = "Look at the money of the order and at the payment provider."
