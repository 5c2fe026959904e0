"""A place has other hours on one day. What waits there is looked at again by a reaction to the change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ambidex.domains import locations
from ambidex.domains.locations import Location, NewLocation
from ambidex.kernel.clock import Interval
from ambidex.runtime.db import Tx


async def change_day(tx: Tx, *, code: str, day: date, spans: Sequence[tuple[str, str]] | None) -> Location:
    """Opening times of this day ("09:00", "13:00"), closed when there is none; None: as the week says."""
    await locations.lock(tx, code)
    place = await locations.by_code(tx, code)
    exceptions = {one.isoformat(): _spans(kept) for one, kept in place.hours.exceptions.items()}
    exceptions.pop(day.isoformat(), None)
    if spans is not None:
        exceptions[day.isoformat()] = [list(span) for span in spans]
    new = NewLocation(
        code=place.code,
        name=place.name,
        kind=place.kind,
        time_zone=place.zone.key,
        week={str(n): _spans(kept) for n, kept in place.hours.week.items()},
        exceptions=exceptions,
        closed_from=place.closed_from,
        phone=place.phone,
        address=place.address,
        city=place.city,
        district=place.district,
        capabilities=place.capabilities,
        latitude=place.latitude,
        longitude=place.longitude,
    )
    return await locations.put_location(tx, new)


def _spans(spans: Sequence[Interval]) -> list[list[str]]:
    """A span that ends at midnight is written 24:00."""
    return [[f"{opens:%H:%M}", f"{closes:%H:%M}".replace("00:00", "24:00")] for opens, closes in spans]
