"""On which clock somebody lives: that of the place nearest to their address, else of most places in their country, else of most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import cos, radians
from typing import Any

from sqlalchemy import text

from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

PLACES_MAX = 5_000
UTC = "UTC"
_PLACES = text("""
SELECT time_zone, latitude, longitude, upper(coalesce(nullif(address ->> 'country_code', ''), address ->> 'country', '')) AS country
  FROM locations.locations ORDER BY code LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as far as its clock is concerned."""

    zone: str
    latitude: float | None
    longitude: float | None
    country: str


@dataclass(frozen=True, slots=True)
class Zones:
    """The clocks of all places."""

    spots: Sequence[Spot]

    def of(self, address: Mapping[str, Any]) -> str:
        """The zone of whoever lives there; UTC where there is no place at all."""
        at = _point(address)
        near = [(_far(at, spot), spot.zone) for spot in self.spots if spot.latitude is not None] if at else []
        if near:
            return min(near)[1]
        country = str(address.get("country_code") or address.get("country") or "").upper()
        there = [spot.zone for spot in self.spots if country and spot.country == country]
        found = Counter(there or [spot.zone for spot in self.spots])
        return min(found, key=lambda zone: (-found[zone], zone), default=UTC)


async def zones(read: Read) -> Zones:
    """Those that count now."""
    rows = await read.all(_PLACES, {"limit": PLACES_MAX})
    return Zones([Spot(*tuple(row)) for row in rows])


def _point(address: Mapping[str, Any]) -> tuple[float, float] | None:
    said = [
        address.get(short) or address.get(long) for short, long in (("lat", "latitude"), ("lng", "longitude"))
    ]
    try:
        north, east = (float(one) for one in said if one is not None)
    except (TypeError, ValueError):
        return None
    return north, east


def _far(at: tuple[float, float], spot: Spot) -> float:
    """Good enough to say which is nearest."""
    assert spot.latitude is not None, "it is asked of places on the map"
    east = ((spot.longitude or 0.0) - at[1] + 180) % 360 - 180
    return float((spot.latitude - at[0]) ** 2 + (east * cos(radians(at[0]))) ** 2)
