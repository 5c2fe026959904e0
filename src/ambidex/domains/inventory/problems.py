"""What inventory refuses."""

from __future__ import annotations

from ambidex.kernel.problem import MovedOn, NotFound, Problem


class SoldOut(Problem):
    """There is not enough of this left."""

    status, code = 409, "sold-out"
    advice = "Choose one of the places that still have it, fewer units, or another item."


class NotEnough(Problem):
    """There is not enough left here to hold."""

    status, code = 409, "not-enough"
    advice = "Choose another place."


class HoldIsGone(Problem):
    """This was held for a while, and the while is over."""

    status, code = 410, "hold-is-gone"
    advice = "Look again at what is available now."


class SomebodyMoved(MovedOn):
    """The stock here changed a moment ago."""

    code = "stock-moved"
    advice = "Look at the stock again; somebody else moved these units."


class UnknownStock(NotFound):
    """This item was never at this place."""

    code = "unknown-stock"
    advice = "Count it there first."
