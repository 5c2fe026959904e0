"""Words of search: what an order is found by, and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from ambidex.kernel.ids import OrderId


@dataclass(frozen=True, slots=True)
class Document:
    """An order with everything that people may remember of it, as it was written.

    `codes` are numbers, references, SKUs, postcodes; `texts` are names and titles; phones in any format.
    """

    order_id: OrderId
    codes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the dictionary that fits a token, how often it was seen, and how far off it is (0: the same)."""

    word: str
    seen: int
    off: int = 0
