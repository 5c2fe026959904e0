"""Who buys at the made-up retailer, and what they put into their baskets."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ambidex.integrations.fake.shapes import Visitor, Ware
from ambidex.kernel.money import Money

FIRST = (
    "Aisha", "Björn", "Carmen", "Dariusz", "Eilidh", "Farid", "Gabriela", "Haruka", "Ines", "Jamal", "Katya", "Liam",
    "Mariam", "Nkechi", "Oskar", "Paloma", "Qiang", "Renée", "Sanjay", "Teuila", "Ursula", "Vikram", "Wren", "Yara", "Zhi",
    "Ольга", "مريم", "健太", "Ηλέκτρα", "दीपा", "지우", "Łukasz",
)  # fmt: skip
LAST = (
    "Abara", "Bakker", "Castellanos", "Dvořák", "Evans", "Fukuda", "García Lorca", "Hassan", "Ivanova", "Jónsdóttir", "Kim",
    "Laurent", "Mbeki", "Nguyễn", "O'Connor", "Popescu", "Qureshi", "Rossi", "Sørensen", "Tanaka", "Ueda", "van Dijk",
    "Wiśniewska", "Ximénez", "Yılmaz", "Zhang",
)  # fmt: skip
LANGUAGES = ("en", "en", "en", "en", "es", "de", "fr")


@dataclass(frozen=True)
class Offer:
    """One item of the range, as the live day knows it."""

    sku: str
    title: str
    price: Money
    barcode: str


def visitor(chance: random.Random) -> Visitor:
    """Somebody made up, with an address that nobody has."""
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    number = chance.randrange(10_000, 99_999)
    phone = f"+1206555{chance.randrange(100, 200):04}"
    return Visitor(name, f"customer.{number}@mail.example", phone, chance.choice(LANGUAGES))


def basket(offers: Sequence[Offer], chance: random.Random) -> list[Ware]:
    """One to four lines, mostly of one unit; empty when nothing is offered."""
    size = chance.choices((1, 2, 3, 4), (50, 30, 14, 6))[0]
    picked = chance.sample(offers, min(size, len(offers)))
    return [Ware(one.sku, one.title, chance.choices((1, 2, 3), (80, 15, 5))[0], one.price) for one in picked]
