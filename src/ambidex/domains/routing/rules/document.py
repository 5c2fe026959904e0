"""A version of the rules as people write it, read into a policy. What cannot be used is named, with field and line.

The document is JSON that a store manager can read; docs/guide/routing.md says every word of it. Amounts are decimal
strings of the document's currency, weights kilograms, distances kilometres, times the clock of the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambidex.domains.routing.model import Handling, Policy, Rates, Speed
from ambidex.domains.routing.problems import BadRules
from ambidex.domains.routing.rules import conditions
from ambidex.domains.routing.rules.reading import Reading
from ambidex.kernel.values import fields

RULES_MAX, SPEEDS_MAX, PLACES_MAX, BANDS_MAX, PARTS_MAX = 200, 10, 2_000, 50, 99
DAYS_MAX, MINUTES_MAX = 365, 60 * 24 * 30
KEYS = frozenset(
    {"name", "currency", "rules", "costs", "parcels_max", "cut_offs", "handling_minutes", "speeds"}
)
# words of the document -> fields of the rate card
AMOUNTS = {
    "parcel": "package", "parcel_per_1000_km": "per_1000km", "kg": "per_kg", "kg_per_1000_km": "per_kg_1000km",
    "split": "split", "late_hour": "late_hour", "waiting": "waiting", "failed_pick": "failed_pick",
}  # fmt: skip
# what a rule may ask, for whoever offers it: lists of words (and which exist), figures (and how they are written)
WORDS, RANGES, KINDS = conditions.WORDS, conditions.RANGES, conditions.KINDS
LISTS = frozenset({"weight_bands", "handling", "transit"})
DEFAULT_DOCUMENT: Mapping[str, Any] = {
    "name": "Close and cheap",
    "currency": "USD",
    "rules": [],
    "costs": {
        "parcel": "4.00",
        "parcel_per_1000_km": "2.00",
        "kg": "0.60",
        "kg_per_1000_km": "0.30",
        "weight_bands": [],
        "handling": {
            "store": {"parcel": "1.00", "unit": "0.40"},
            "warehouse": {"parcel": "0.50", "unit": "0.20"},
        },
        "split": "1.50",
        "late_hour": "0.20",
        "waiting": "0.01",
        "failed_pick": "8.00",
        "transit": [
            {"up_to_km": 300, "days": 1},
            {"up_to_km": 800, "days": 2},
            {"up_to_km": 2000, "days": 3},
            {"up_to_km": 6000, "days": 5},
            {"up_to_km": 20000, "days": 8},
        ],
    },
    "parcels_max": 0,
    "cut_offs": {"store": "16:00", "warehouse": "18:00", "third_party": "16:00", "supplier": "12:00"},
    "handling_minutes": {"store": 120, "warehouse": 60, "third_party": 120, "supplier": 480},
    "speeds": [],
}


def parse(document: Mapping[str, Any], *, number: int = 0, brand: str = "") -> Policy:
    """The policy that a document says. BadRules names every field that cannot be used, and its line."""
    read = Reading(document)
    read.only(document, "", KEYS)
    currency = read.text(document, "currency", "", default="USD", most=3)
    read.currency = currency
    rates = _rates(read, read.table(document, "costs", ""), "costs", Rates())
    policy = Policy(
        number=number,
        name=read.text(document, "name", "", most=120),
        rules=tuple(
            rule
            for at, one in enumerate(read.list(document, "rules", "", most=RULES_MAX))
            for rule in conditions.rules_of(read, one, f"rules[{at}]")
        ),
        rates=rates,
        parts_max=read.whole(document, "parcels_max", "", default=0, most=PARTS_MAX),
        speeds=_speeds(read, document, rates),
        cut_offs=_cut_offs(read, read.table(document, "cut_offs", "")),
        handling_minutes=_minutes(read, read.table(document, "handling_minutes", "")),
        brand=brand,
    )
    if read.errors:
        raise BadRules(errors=read.errors)
    return policy


def _rates(read: Reading, said: Mapping[str, Any], path: str, otherwise: Rates) -> Rates:
    """What is not said stays as it is otherwise."""
    read.only(said, path, LISTS | AMOUNTS.keys())
    own = {name: getattr(otherwise, name) for name in (f.name for f in fields(Rates))}
    own |= {AMOUNTS[word]: read.mills(said, word, path) for word in AMOUNTS if word in said}
    if "weight_bands" in said:
        own["bands"] = _bands(read, said, path)
    if "handling" in said:
        own["handling"] = _handling(read, read.table(said, "handling", path), f"{path}.handling")
    if "transit" in said:
        own["transit"] = _transit(read, said, path)
    return Rates(**own)


def _bands(read: Reading, said: Mapping[str, Any], path: str) -> tuple[tuple[int, int], ...]:
    found = []
    for at, one in enumerate(read.list(said, "weight_bands", path, most=BANDS_MAX)):
        where = f"{path}.weight_bands[{at}]"
        band = read.own_table(one, where)
        read.only(band, where, {"up_to_kg", "cost"})
        found.append((read.grams(band, "up_to_kg", where), read.mills(band, "cost", where)))
    read.rising([upto for upto, _ in found], f"{path}.weight_bands")
    return tuple(found)


def _transit(read: Reading, said: Mapping[str, Any], path: str) -> tuple[tuple[int, int], ...]:
    found = []
    for at, one in enumerate(read.list(said, "transit", path, most=BANDS_MAX)):
        where = f"{path}.transit[{at}]"
        band = read.own_table(one, where)
        read.only(band, where, {"up_to_km", "days"})
        kilometres = read.whole(band, "up_to_km", where, most=50_000)
        found.append((kilometres, read.whole(band, "days", where, most=DAYS_MAX)))
    read.rising([upto for upto, _ in found], f"{path}.transit")
    if not found:
        read.wrong(f"{path}.transit", "one distance with its days at least")
    return tuple(found)


def _handling(read: Reading, said: Mapping[str, Any], path: str) -> tuple[Handling, ...]:
    found = []
    for where in read.places(said, path, most=PLACES_MAX):
        one = read.own_table(said[where], f"{path}.{where}")
        read.only(one, f"{path}.{where}", {"parcel", "unit"})
        costs = [
            read.mills(one, word, f"{path}.{where}") if word in one else 0 for word in ("parcel", "unit")
        ]
        found.append(Handling(where, *costs))
    return tuple(found)


def _speeds(read: Reading, document: Mapping[str, Any], rates: Rates) -> tuple[Speed, ...]:
    found = []
    for at, one in enumerate(read.list(document, "speeds", "", most=SPEEDS_MAX)):
        path = f"speeds[{at}]"
        said = read.own_table(one, path)
        read.only(said, path, {"code", "name", "price", "free_from", "costs"})
        found.append(
            Speed(
                read.text(said, "code", path, most=40),
                read.text(said, "name", path, most=80),
                read.minor(said, "price", path),
                read.minor(said, "free_from", path),
                _rates(read, read.table(said, "costs", path), f"{path}.costs", rates),
            )
        )
    if len({speed.code for speed in found}) < len(found):
        read.wrong("speeds", "a code of its own for each")
    return tuple(found)


def _cut_offs(read: Reading, said: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    listed = read.places(said, "cut_offs", most=PLACES_MAX)
    return tuple((where, read.minute(said, where, "cut_offs")) for where in listed)


def _minutes(read: Reading, said: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (where, read.whole(said, where, "handling_minutes", most=MINUTES_MAX))
        for where in read.places(said, "handling_minutes", most=PLACES_MAX)
    )
