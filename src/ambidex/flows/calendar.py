"""When the places of a list of orders have room: pauses, and slots as the orders before have left them.

Made for one list of decisions; a place for which nothing is written costs nothing. The look is not locked: booking
asks again, under the lock of the limits, and begins anew when a slot was filled meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from ambidex.domains import capacity
from ambidex.domains.capacity import CapacityBook, Pause, Slot, Taken
from ambidex.domains.locations import Location
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Read

# how far ahead a slot with room is looked for
LOOK_AHEAD = timedelta(days=21)


@dataclass(slots=True)
class Calendar:
    """Limits and pauses of places, and how full their slots are."""

    now: datetime
    book: CapacityBook = field(default_factory=CapacityBook)
    taken: dict[Slot, Taken] = field(default_factory=dict)

    def concerns(self, place: Location) -> bool:
        """Whether anything is written for this place."""
        return self.book.concerns(place.location_id)

    def pause_of(self, place: Location, method: str) -> Pause | None:
        """What keeps new work of this method away from the place now."""
        return self.book.pause_of(place.location_id, method, at=self.now)

    def full_until(self, place: Location, method: str, channel: str, at: datetime) -> datetime | None:
        """When the slot of this moment is over, if it is full; None: there is room. What lies beyond LOOK_AHEAD was not
        looked at, so it counts as full.
        """
        ends, unknown = None, at >= self.now + LOOK_AHEAD
        for limit in self.book.limits_for(place.location_id, method):
            slot = capacity.slot_of(limit, place.zone, at)
            if slot is None:
                continue
            taken = self.taken.get(slot) or Taken()
            if unknown or capacity.room(limit, taken, fence=limit.fence_of(method, channel)) < 1:
                over = capacity.slot_ends(limit, slot, place.zone)
                ends = over if ends is None else max(ends, over)
        return ends

    def first_room(self, place: Location, method: str, channel: str, at: datetime) -> datetime | None:
        """This moment, or the next one at which the place is open and has room; None: not within LOOK_AHEAD."""
        found: datetime | None = at
        while found is not None and found < self.now + LOOK_AHEAD:
            ends = self.full_until(place, method, channel, found)
            if ends is None:
                return found
            found = place.hours.next_open(ends)
        return None

    def add(self, place: Location, method: str, channel: str, at: datetime) -> None:
        """One more work must be done there by then."""
        for limit in self.book.limits_for(place.location_id, method):
            slot = capacity.slot_of(limit, place.zone, at)
            if slot is not None:
                self.taken.setdefault(slot, Taken()).add(limit.fence_of(method, channel))


async def calendar_of(read: Read, places: Collection[Location], *, book: CapacityBook) -> Calendar:
    """How these places stand; one statement where one of them has a limit."""
    limits = [limit for place in places for limit in book.limits.get(place.location_id, ())]
    if not limits:
        return Calendar(read.now, book)
    begin = read.now - timedelta(days=1)
    return Calendar(read.now, book, await capacity.taken_between(read, limits, begin, read.now + LOOK_AHEAD))


def paused_words(pause: Pause, place: Location) -> str:
    """Why a place takes no work, in words."""
    until = "" if pause.ends_at is None else f" until {pause.ends_at.astimezone(place.zone):%a %-I:%M %p}"
    return f"{place.name} is paused{until}: {pause.reason}"
