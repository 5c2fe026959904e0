"""Reading a JSON document field by field: what is wrong is gathered with its field and line, all of it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ambidex.kernel.money import minor_digits
from ambidex.kernel.problem import FieldError

MILLS = 1000
GRAMS = 1000
AMOUNT_MAX = 10**12
# of one word of a rate card or a rule, in mills: dearer than any parcel, and small enough to be added up
MILLS_MAX = 10**9
NUMBER_MAX = 10**9
CODE_MAX = 100
_AMOUNT = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,5})?")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_CURRENCY = re.compile(r"[A-Z]{3}")
ERRORS_MAX = 20


def lines_of(document: Mapping[str, Any]) -> str:
    """The document as it is shown and numbered: two spaces a level."""
    return json.dumps(document, indent=2, ensure_ascii=False)


class Reading:
    """One document being read. Each question answers something usable, so that reading goes on after a mistake."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.errors: list[FieldError] = []
        self.currency = "USD"
        self._document = document
        self._lines: dict[str, int] | None = None

    def wrong(self, path: str, expected: str) -> None:
        """Note a field that cannot be used."""
        if len(self.errors) < ERRORS_MAX:
            line = self._line(path)
            written = lines_of(self._document).splitlines()[line - 1].strip()[:80]
            advice = f"Line {line} of the document: {written}"
            self.errors.append({"field": path or "document", "expected": expected, "advice": advice})

    def only(self, said: Mapping[str, Any], path: str, known: Collection[str]) -> None:
        """Nothing but these words."""
        for word in said:
            if word not in known:
                self.wrong(_join(path, word), f"one of {', '.join(sorted(known))}")

    def own_table(self, value: Any, path: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.wrong(path, "words with values in braces")
            return {}
        return value

    def table(self, said: Mapping[str, Any], word: str, path: str) -> Mapping[str, Any]:
        return self.own_table(said[word], _join(path, word)) if word in said else {}

    def list(self, said: Mapping[str, Any], word: str, path: str, *, most: int) -> Sequence[Any]:
        value = said.get(word, [])
        if not isinstance(value, list) or len(value) > most:
            self.wrong(_join(path, word), f"a list of at most {most}")
            return []
        return value

    def text(
        self, said: Mapping[str, Any], word: str, path: str, *, most: int, default: str | None = None
    ) -> str:
        value = said.get(word, default)
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= most:
            self.wrong(_join(path, word), f"1 to {most} letters")
            return ""
        if word == "currency" and not _CURRENCY.fullmatch(value):
            self.wrong(_join(path, word), "a currency such as USD")
            return "USD"
        return value.strip()

    def whole(
        self, said: Mapping[str, Any], word: str, path: str, *, most: int, default: int | None = None
    ) -> int:
        value = said.get(word, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.wrong(_join(path, word), f"a whole number from 0 to {most}")
            return 0
        return value

    def mills(self, said: Mapping[str, Any], word: str, path: str) -> int:
        """An amount such as "2.50", up to a thousandth of the smallest coin; never a benefit."""
        return self._cost(said.get(word), _join(path, word))

    def signed_mills(self, value: Any, path: str) -> int:
        """An amount above nothing."""
        found = self._cost(value, path)
        if found == 0:
            self.wrong(path, 'an amount above nothing, such as "2.50"')
        return found

    def _cost(self, value: Any, path: str) -> int:
        digits = minor_digits(self.currency)
        found = self._scaled(value, path, digits + 3)
        if found > MILLS_MAX:
            self.wrong(path, f"an amount of at most {MILLS_MAX // MILLS / 10**digits:.{digits}f}")
            return MILLS_MAX
        return found

    def minor(self, said: Mapping[str, Any], word: str, path: str) -> int | None:
        """An amount that a customer pays; None: not said."""
        if said.get(word) is None:
            return None
        return self._scaled(said[word], _join(path, word), minor_digits(self.currency))

    def amount(self, value: Any, path: str) -> int:
        return self._scaled(value, path, minor_digits(self.currency))

    def grams(self, said: Mapping[str, Any], word: str, path: str) -> int:
        return self.weight(said.get(word), _join(path, word))

    def weight(self, value: Any, path: str) -> int:
        """Kilograms, whole or as a decimal string, in grams."""
        is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= NUMBER_MAX
        return self._scaled(str(value) if is_number else value, path, 3)

    def minute(self, said: Mapping[str, Any], word: str, path: str) -> int:
        """A time such as "16:30" as a minute of the day."""
        match = _CLOCK.fullmatch(str(said.get(word)))
        if match is None:
            self.wrong(_join(path, word), 'a time such as "16:30"')
            return 0
        return int(match[1]) * 60 + int(match[2])

    def places(self, said: Mapping[str, Any], path: str, *, most: int) -> Sequence[str]:
        """The codes or kinds of places that stand before the colons, in order."""
        if len(said) > most:
            self.wrong(path, f"at most {most} places")
        wrong = [where for where in said if not 1 <= len(where.strip()) <= CODE_MAX]
        for where in wrong:
            self.wrong(_join(path, where), f"a place of 1 to {CODE_MAX} letters")
        return sorted(said.keys() - wrong)[:most]

    def rising(self, numbers: Sequence[int], path: str) -> None:
        """Bands go up, or a later one would never count."""
        if any(after <= before for before, after in pairwise(numbers)):
            self.wrong(path, "each band above the one before")

    def _scaled(self, value: Any, path: str, digits: int) -> int:
        text = value if isinstance(value, str) else ""
        scaled = Decimal(text).scaleb(digits) if _AMOUNT.fullmatch(text) else None
        if scaled is None or scaled != scaled.to_integral_value() or not 0 <= scaled <= AMOUNT_MAX:
            self.wrong(path, 'an exact amount such as "2.50"')
            return 0
        return int(scaled)

    def _line(self, path: str) -> int:
        """Of the nearest field that is written."""
        if self._lines is None:
            self._lines = {}
            _number(self._document, "", 1, self._lines)
        while path and path not in self._lines:
            path = re.sub(r"(\.?[^.\[\]]+|\[\d+\])$", "", path)
        return self._lines.get(path, 1)


def _number(value: Any, path: str, line: int, found: dict[str, int]) -> int:
    """The line of each field in `lines_of`; the line after this value's last."""
    found[path] = line
    if isinstance(value, Mapping):
        inside = [(_join(path, str(word)), one) for word, one in value.items()]
    else:
        inside = [(f"{path}[{at}]", one) for at, one in enumerate(value)] if isinstance(value, list) else []
    if not inside:
        return line + 1
    below = line + 1
    for name, one in inside:
        below = _number(one, name, below, found)
    return below + 1


def _join(path: str, word: str) -> str:
    return f"{path}.{word}" if path else word
