"""Money: integer minor units and an ISO 4217 currency. Floats never hold money."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from ambidex.kernel.values import dataclass

_DIGITS_OTHER_THAN_TWO = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0,
    "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0,
    "XOF": 0, "XPF": 0,
}  # fmt: skip


# No exponents, no other scripts' digits, no more places than any currency has twice over: nothing is ever rounded.
_AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,6})?")


def minor_digits(currency: str) -> int:
    """Digits after the decimal point (ISO 4217)."""
    return _DIGITS_OTHER_THAN_TWO.get(currency, 2)


@lru_cache(maxsize=4_096)
def _minor(text: str, currency: str) -> int:
    """Remembered, as the same prices are sent again and again."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not an amount")
    scaled = Decimal(text).scaleb(minor_digits(currency))
    if scaled != scaled.to_integral_value() or abs(scaled) > 10**15:
        raise ValueError(f"{text!r} is not an amount in {currency}")
    return int(scaled)


@lru_cache(maxsize=4_096)
def _decimal(minor: int, currency: str) -> str:
    """Remembered, as the same prices are told again and again."""
    digits = minor_digits(currency)
    if not digits:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{digits}}"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents) of one currency."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a decimal string such as "19.90"; ValueError when it is no exact amount of this currency."""
        return cls(_minor(text, currency), currency)

    @property
    def decimal(self) -> str:
        """The amount as a decimal string, as the API writes it."""
        return _decimal(self.minor, self.currency)

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def _same_currency(self, other: Money) -> None:
        assert self.currency == other.currency, f"{self.currency} and {other.currency} do not add up"


def apportion(total_minor: int, weights: list[int]) -> list[int]:
    """Split an amount by weight so that the parts add up exactly (largest remainder method)."""
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts = [total_minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_minor * weights[i] % whole), i))
    for i in by_remainder[: total_minor - sum(parts)]:
        parts[i] += 1
    return parts
