"""A pause of a place, as those who work there read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambidex.domains import capacity, locations
from ambidex.domains.capacity import Pause
from ambidex.domains.locations import Location
from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Read
from ambidex.web.formats import local_when
from ambidex.web.words import translate as _

_WHAT = {
    "": _("No new work comes here %(until)s: %(why)s"),
    "pickup": _("No new pickup orders come here %(until)s: %(why)s"),
    "ship": _("No new orders to send come here %(until)s: %(why)s"),
    "deliver": _("No new deliveries come here %(until)s: %(why)s"),
}


async def pauses_here(read: Read, location_id: LocationId | None) -> Sequence[str]:
    """What is paused now at the place somebody works at, in sentences."""
    if location_id is None:
        return ()
    held = [
        one
        for one in (await capacity.book_now(read)).pauses.get(location_id, ())
        if one.holds(one.method, read.now)
    ]
    if not held:
        return ()
    place = await locations.by_id(read, location_id)
    return [
        _WHAT[one.method] % {"until": until_when(one, place, read.now), "why": one.reason} for one in held
    ]


def until_when(pause: Pause, place: Location, now: datetime) -> str:
    """Until when it holds, on the clock of the place."""
    if pause.ends_at is None:
        return _("until somebody ends it")
    return _("until %(when)s", when=local_when(pause.ends_at, place.zone.key, now))
