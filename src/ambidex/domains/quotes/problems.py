"""What can be wrong with a quote."""

from ambidex.kernel.problem import NotFound, Problem


class UnknownQuote(NotFound):
    """There is no quote of this id here."""

    code = "unknown-quote"
    advice = 'Ask for a quote with "hold": true; its answer has the id.'


class QuoteUsed(Problem):
    """Another order has used this quote already."""

    status, code = 409, "quote-used"
    advice = "Ask for a new quote for this order."


class QuoteLetGo(Problem):
    """This quote was let go, or another took its place."""

    status, code = 409, "quote-let-go"
    advice = "Use the newer quote, or ask for one."


class QuoteOfOtherBasket(Problem):
    """This quote is for other goods."""

    status, code = 409, "quote-other-basket"
    advice = "Ask for a quote for exactly what is ordered; the old one expires by itself."


class QuoteOfOtherChannel(Problem):
    """This quote was made for another channel or source."""

    status, code = 409, "quote-other-channel"
    advice = "Ask for a quote as the channel and source that place the order."


class QuoteOfOtherDestination(Problem):
    """This quote is for another place, method or address."""

    status, code = 409, "quote-other-destination"
    advice = "Ask for a quote for where and how these goods are to go."
