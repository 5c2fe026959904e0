"""Who buys at the made-up retailer, and what they put into their baskets."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ambidex.integrations.fake.shapes import Visitor, Ware
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass

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
HOMES = (
    ("Portland", "ME", "04101", 43.66, -70.26), ("Boston", "MA", "02110", 42.36, -71.05),
    ("Philadelphia", "PA", "19103", 39.95, -75.17), ("Columbus", "OH", "43215", 39.96, -83.0),
    ("Atlanta", "GA", "30308", 33.77, -84.38), ("Chicago", "IL", "60622", 41.9, -87.68),
    ("Austin", "TX", "78704", 30.24, -97.76), ("Seattle", "WA", "98107", 47.67, -122.38),
    ("San Francisco", "CA", "94102", 37.78, -122.42), ("Denver", "CO", "80205", 39.76, -104.97),
)  # fmt: skip
STREETS = ("Elm Street", "Old Mill Road", "Harbor View", "Cedar Court", "Second Avenue", "Larkspur Lane")
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


def home(chance: random.Random) -> dict[str, str | float]:
    """Where somebody made up lives."""
    city, region, postcode, latitude, longitude = chance.choice(HOMES)
    street = f"{chance.randrange(2, 900)} {chance.choice(STREETS)}"
    return {
        "line1": street, "city": city, "region": region, "postcode": postcode, "country": "US",
        "latitude": latitude, "longitude": longitude,
    }  # fmt: skip


def basket(offers: Sequence[Offer], chance: random.Random) -> list[Ware]:
    """One to four lines, mostly of one unit; empty when nothing is offered."""
    size = chance.choices((1, 2, 3, 4), (50, 30, 14, 6))[0]
    picked = chance.sample(offers, min(size, len(offers)))
    return [Ware(one.sku, one.title, chance.choices((1, 2, 3), (80, 15, 5))[0], one.price) for one in picked]
