"""What counting refuses."""

from __future__ import annotations

from ambidex.kernel.problem import BadInput, MovedOn, NotAllowed, NotFound


class UnknownCount(NotFound):
    """There is no such count."""

    code = "unknown-count"
    advice = "Look at the list again."


class CountIsOver(MovedOn):
    """This count is not waiting for that any more."""

    code = "count-is-over"
    advice = "Look at the list again; somebody was quicker."


class OwnCount(NotAllowed):
    """You counted this yourself."""

    code = "own-count"
    advice = "Somebody else has to count it again or to decide."


class NotCountedYet(BadInput):
    """This count is dated in the future."""

    code = "not-counted-yet"
    advice = "Set the clock of this device."


class BadPolicy(BadInput):
    """These limits cannot be used."""

    code = "bad-count-policy"
    advice = "A lead decides above the limit at which another person counts, never below it."


class CountKeyReused(MovedOn):
    """This count was sent before with another number."""

    code = "count-key-reused"
    advice = "Count again and send it as a new count."
