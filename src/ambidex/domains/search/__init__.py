"""The door of search: the words that orders are found by."""

from ambidex.domains.search.commands import index
from ambidex.domains.search.model import Document, Word
from ambidex.domains.search.queries import fitting, orders_with
from ambidex.domains.search.rules import code, digits, fold, tokens

__all__ = ["Document", "Word", "code", "digits", "fitting", "fold", "index", "orders_with", "tokens"]
