"""Customers of the benches: names of eight scripts as often as in life, so a dictionary of names grows as it does in a shop."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import accumulate

from bench.vocabulary import entries, shares

# pairs of script and kind of name, drawn together: drawing one costs too much for clients that are to be cheap
DRAWN = 50_000


class Customers:
    """Full names; a few are very common and most are rare (Zipf's law). A name may come again: customers are told apart by
    number, phone and mail address.
    """

    def __init__(self, chance: random.Random) -> None:
        named: dict[tuple[int, str], list[str]] = defaultdict(list)
        for one in entries(chance, items=0, postcodes=0):
            named[one.script, one.kind].append(one.shown)
        scripts = chance.choices(range(len(shares())), shares(), k=DRAWN)
        self._names = [
            f"{_drawn(named[script, 'given'], chance)} {_drawn(named[script, 'family'], chance)}"
            for script in scripts
        ]
        self._at = 0

    def next(self) -> str:
        """The next customer's name, as JSON may hold it between quotes."""
        self._at = (self._at + 1) % DRAWN
        return self._names[self._at]


def _drawn(names: list[str], chance: random.Random) -> str:
    [name] = chance.choices(names, cum_weights=_weights(len(names)))
    return name


_known: dict[int, list[float]] = {}


def _weights(count: int) -> list[float]:
    """Zipf's: the second is half as common as the first."""
    if count not in _known:
        _known[count] = list(accumulate(1 / number for number in range(1, count + 1)))
    return _known[count]
