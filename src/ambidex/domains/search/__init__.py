"""The door of search: the codes and words that orders are found by."""

from ambidex.domains.search.commands import index
from ambidex.domains.search.model import FAR, PART, SAME, SLIP, Document, Group, Meaning, Word
from ambidex.domains.search.queries import fitting, orders_with, slips
from ambidex.domains.search.rules import barcodes, code, digits, fold, tokens

__all__ = [
    "FAR",
    "PART",
    "SAME",
    "SLIP",
    "Document",
    "Group",
    "Meaning",
    "Word",
    "barcodes",
    "code",
    "digits",
    "fitting",
    "fold",
    "index",
    "orders_with",
    "slips",
    "tokens",
]
