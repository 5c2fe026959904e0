"""What a rate card says in mills and days, of many places or parcels at once; rounded in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ambidex.domains.routing.model import FAR_METRES, Rates, Wanted
from ambidex.domains.routing.rules.snapshot import Ints, Network

HOUR, DAY = 3_600, 86_400


def weight(rates: Rates, metres: Ints, grams: Ints) -> Ints:
    """Mills of a package's weight over a distance."""
    by_weight = times(rates.per_kg, grams)
    found = rounded(by_weight, 1_000) + rounded(
        times(rates.per_kg_1000km, grams * metres // 1_000), 1_000_000
    )
    if rates.bands:
        upto = np.array([band for band, _ in rates.bands], np.int64)
        mills = np.array([mills for _, mills in rates.bands], np.int64)
        found = found + mills[np.minimum(np.searchsorted(upto, grams), len(mills) - 1)]
    return found


def times(rate: int, amount: Ints) -> Ints:
    """The product; no more than a number can hold, which is dearer than any parcel counts."""
    if not rate:
        return np.zeros_like(amount)
    found: Ints = rate * np.minimum(amount, (1 << 61) // rate)
    return found


def transit_days(rates: Rates, metres: Ints) -> Ints:
    """Days that a carrier takes, by the bands of the rate card; the last one where the distance is unknown."""
    if not rates.transit:
        return np.zeros_like(metres)
    upto = np.array([kilometres * 1_000 for kilometres, _ in rates.transit], np.int64)
    days = np.array([days for _, days in rates.transit], np.int64)
    band = np.minimum(np.searchsorted(upto, metres), len(days) - 1)
    return days[np.where(metres == FAR_METRES, len(days) - 1, band)]


def late_share(rates: Rates, hours: Ints, lines: Sequence[Wanted]) -> Ints:
    """Mills of one unit that comes so many hours after the promise: its share of what an hour costs, a begun mill counts."""
    return hours * -(-rates.late_hour // max(1, sum(line.units for line in lines)))


@lru_cache(maxsize=64)
def handling(rates: Rates, network: Network) -> tuple[Ints, Ints]:
    """Per package and per unit, of every place. Remembered, as a network serves many orders."""
    found = [rates.handling_at(site.code, site.kind) for site in network.sites] if rates.handling else []
    each = [(one.per_package, one.per_unit) for one in found] or [(0, 0)] * len(network.sites)
    columns = np.array(each, np.int64).reshape(len(network.sites), 2)
    return columns[:, 0], columns[:, 1]


def rounded(dividend: Ints, divisor: int) -> Ints:
    """Half up."""
    return (dividend + divisor // 2) // divisor
