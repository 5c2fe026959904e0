"""Words of search: what an order is found by, and what is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass, field

# how far a match is from what was typed: the same, a beginning or end, one slip, a part or two slips
SAME, PART, SLIP, FAR = range(4)
ALTERNATIVES_MAX = 60


@dataclass(frozen=True, slots=True)
class Document:
    """An order with everything that people may remember of it, as it was written.

    `codes` name this order (numbers, references, tracking numbers), `marks` many orders (SKUs, postcodes); `texts` are
    names and titles; phones in any format.
    """

    order_id: OrderId
    codes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the dictionary that fits a token, how often it was seen, and how far off it is."""

    word: str
    seen: int
    off: int = SAME


@dataclass(slots=True)
class Meaning:
    """What a token may mean: words of the dictionary, and orders (by number in the index) whose codes fit, by distance."""

    token: str
    words: list[Word] = field(default_factory=list)
    orders: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def either(cls, meanings: Sequence[Meaning]) -> Meaning:
        """What any of these means."""
        joined = cls(" ".join(one.token for one in meanings))
        joined.words = [word for one in meanings for word in one.words]
        for off in range(FAR + 1):
            joined.orders[off] = [number for one in meanings for number in one.orders.get(off, ())]
        return joined

    @property
    def names_orders(self) -> bool:
        """Whether it is, as typed, the number, phone or e-mail of some order."""
        return bool(self.orders.get(SAME))

    def fits(self, off: int) -> bool:
        """Whether anything fits at this distance exactly."""
        return bool(self.orders.get(off)) or any(word.off == off for word in self.words)

    def within(self, off: int) -> Group:
        """Everything that fits at this distance or nearer."""
        numbers = {number for at, found in self.orders.items() if at <= off for number in found}
        words = sorted((w for w in self.words if w.off <= off), key=lambda w: (w.off, -w.seen, w.word))
        return Group(words[:ALTERNATIVES_MAX], sorted(numbers, reverse=True))


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives of which an order must have one: a word, or its number among these."""

    words: Sequence[Word]
    numbers: Sequence[int]

    @property
    def seen(self) -> int:
        """About how many orders have one."""
        return len(self.numbers) + sum(word.seen for word in self.words)
