"""An amount is exact or none: never rounded, never guessed."""

from __future__ import annotations

import pytest

from ambidex.kernel.money import Money


@pytest.mark.parametrize(
    ("said", "currency", "minor"),
    [
        ("19.90", "USD", 1990),
        ("19.9", "USD", 1990),
        ("0", "USD", 0),
        ("-3.10", "EUR", -310),
        ("1.000", "USD", 100),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("007.00", "USD", 700),
    ],
)
def test_an_exact_amount_is_taken(said: str, currency: str, minor: int) -> None:
    assert Money.parse(said, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "said",
    [
        "", " ", " 1.00", "1.00\n", "1.005", "NaN", "sNaN", "Infinity", "-Infinity", "1e2", "1E-2", "1e999999999",
        "1_9.90", "١٩.٩٠", "１９.９０", "+1.00", "1,00", "1.", ".5", "--1", "0x10", "0.0099999999999999999999999999999",
        "1.0000000000000000000000000000001", "9" * 17, "1" * 1_000_000, "99999999999999.00",
    ],
)  # fmt: skip
def test_what_is_no_exact_amount_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        Money.parse(said, "USD")
