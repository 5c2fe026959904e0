"""What orders refuse."""

from __future__ import annotations

from ambidex.kernel.problem import NotFound, Problem


class ReferenceReused(Problem):
    """This reference belongs to another order of the same source."""

    status, code = 409, "reference-reused"
    advice = "Send the first content again to get the first order, or use a new reference."


class TooLateToCancel(Problem):
    """This line has already left the building."""

    status, code = 409, "too-late-to-cancel"
    advice = "Offer a return instead."


class NothingToCancel(Problem):
    """None of these units can be canceled any more."""

    status, code = 409, "nothing-to-cancel"
    advice = "Look at the order; they were canceled already."


class UnknownLine(NotFound):
    """The order has no line of that number."""

    code = "unknown-line"
    advice = "Use a line number of the order."
