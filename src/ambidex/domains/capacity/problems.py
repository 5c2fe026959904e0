"""What capacity refuses."""

from __future__ import annotations

from ambidex.kernel.problem import BadInput, NotFound, Problem


class PlacePaused(Problem):
    """The place takes no new work of this kind at the moment."""

    status, code = 409, "place-paused"
    advice = "Offer another place, or delivery; `until` says when it takes work again, if anybody knows."
    retryable = True


class NoCapacity(Problem):
    """The place has no room in any slot of the coming weeks."""

    status, code = 409, "no-capacity"
    advice = "Offer another place; or raise the limit of this one."


class BadLimit(BadInput):
    """Something about these limits cannot be used."""

    code = "bad-limit"
    advice = "Correct the fields named and send them again."


class NotPaused(NotFound):
    """The place is not paused."""

    code = "not-paused"
    advice = "Somebody may have ended it; look at the place again."
