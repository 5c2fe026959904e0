"""What governance refuses."""

from __future__ import annotations

from ambidex.kernel.problem import BadInput, MovedOn, NotFound


class UnknownDrift(NotFound):
    """There is no such drift."""

    code = "unknown-drift"
    advice = "Look at the list of drifts again."


class DriftIsOver(MovedOn):
    """This drift was repaired or explained a moment ago."""

    code = "drift-is-over"
    advice = "Nothing is left to do; the list shows what became of it."


class NothingToBook(MovedOn):
    """This drift is about what is shown or said elsewhere; there is nothing to book."""

    code = "nothing-to-book"
    advice = "Change who may say it, or let it go with a reason."


class BadAuthority(BadInput):
    """Nobody of that name can have this authority."""

    code = "bad-authority"
    advice = "Name a kind of system, the code of a source that is registered, or ambidex."


class NumberReused(BadInput):
    """This number was sent before with other content."""

    code = "number-reused"
    advice = "Send corrections under a number of their own."
