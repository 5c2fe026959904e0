"""The door of quotes: what was promised and held before there is an order, and what the order then got."""

from ambidex.domains.quotes.commands import is_live, keep, let_go, lock, purge, quote, use
from ambidex.domains.quotes.model import (
    QUOTE,
    Basket,
    HeldUnits,
    NewQuote,
    Promised,
    Quote,
    QuotedPart,
    QuoteState,
    Used,
)
from ambidex.domains.quotes.problems import (
    QuoteLetGo,
    QuoteOfOtherBasket,
    QuoteOfOtherChannel,
    QuoteOfOtherDestination,
    QuoteUsed,
    UnknownQuote,
)
from ambidex.domains.quotes.rules import basket_of, may_use

__all__ = [
    "QUOTE",
    "Basket",
    "HeldUnits",
    "NewQuote",
    "Promised",
    "Quote",
    "QuoteLetGo",
    "QuoteOfOtherBasket",
    "QuoteOfOtherChannel",
    "QuoteOfOtherDestination",
    "QuoteState",
    "QuoteUsed",
    "QuotedPart",
    "UnknownQuote",
    "Used",
    "basket_of",
    "is_live",
    "keep",
    "let_go",
    "lock",
    "may_use",
    "purge",
    "quote",
    "use",
]
