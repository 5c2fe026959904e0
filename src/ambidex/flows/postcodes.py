"""Where a postcode is, as far as own places tell: at the one whose own begins like it the longest. Pure.

The beginnings of all postcodes are laid out once for as long as the places stand, so nobody looks through all places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ambidex.domains.locations import Location
from ambidex.kernel.postcode import plain_postcode
from ambidex.runtime.db import Read

Point = tuple[int, int]
ANYWHERE, UNKNOWN = "*", ""
_MEMORY = "postcodes of"


class Postcodes:
    """Beginnings of postcodes by country -> the first place, by code, whose own begins so, and its point."""

    def __init__(self, places: Iterable[Location]) -> None:
        self._known: dict[tuple[str, str], tuple[str, Point]] = {}
        for place in places:
            if place.latitude is not None and place.longitude is not None:
                self._add(place, (round(place.latitude * 1_000_000), round(place.longitude * 1_000_000)))

    def point_of(self, country: str, postcode: str) -> Point | None:
        """In millionths of a degree; a place that does not say its country may be in any, and so may who asks."""
        plain = plain_postcode(postcode)
        countries = (country, UNKNOWN) if country else (ANYWHERE,)
        for length in range(len(plain), 0, -1):
            found = [self._known.get((of, plain[:length])) for of in countries]
            if known := [one for one in found if one is not None]:
                return min(known)[1]
        return None

    def _add(self, place: Location, point: Point) -> None:
        address = place.address
        own = plain_postcode(str(address.get("postcode") or address.get("zip") or ""))
        country = str(address.get("country") or address.get("country_code") or "").upper()
        for of in (country, ANYWHERE):
            for length in range(1, len(own) + 1):
                key = of, own[:length]
                self._known[key] = min(self._known.get(key, (place.code, point)), (place.code, point))


def postcodes_of(read: Read, places: Sequence[Location]) -> Postcodes:
    """Laid out anew only when these are other places than the last time."""
    told, known = read.memory.get(_MEMORY, (None, {}))
    if told is not places:
        known = {_MEMORY: Postcodes(places)}
        read.memory[_MEMORY] = (places, known)
    found: Postcodes = known[_MEMORY]
    return found
