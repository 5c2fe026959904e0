"""Which slot a work falls into, and whether there is room. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ambidex.domains.capacity.model import (
    ALL,
    METHODS,
    MINUTES_OF_A_DAY,
    Booking,
    Limit,
    Pause,
    Slot,
    Taken,
    Wanted,
)
from ambidex.domains.capacity.problems import BadLimit
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import FieldError
from ambidex.kernel.values import dataclass, field, replace

SLOT_MINUTES_MIN = 5
DAYS_AHEAD_MAX = 60


@dataclass(frozen=True, slots=True)
class CapacityBook:
    """All limits and pauses as they count now."""

    version: int = 0
    limits: Mapping[LocationId, tuple[Limit, ...]] = field(default_factory=dict)
    pauses: Mapping[LocationId, tuple[Pause, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, version: int, limits: Iterable[Limit], pauses: Iterable[Pause]) -> CapacityBook:
        by_place: dict[LocationId, list[Limit]] = {}
        for limit in limits:
            by_place.setdefault(limit.location_id, []).append(limit)
        paused: dict[LocationId, list[Pause]] = {}
        for pause in pauses:
            paused.setdefault(pause.location_id, []).append(pause)
        return cls(
            version, {k: tuple(v) for k, v in by_place.items()}, {k: tuple(v) for k, v in paused.items()}
        )

    def limits_for(self, location_id: LocationId, method: str) -> list[Limit]:
        """The limits that count for this method at this place."""
        return [limit for limit in self.limits.get(location_id, ()) if limit.method in ("", method)]

    def pause_of(self, location_id: LocationId, method: str, *, at: datetime) -> Pause | None:
        """What keeps new work of this method away now; the one that ends last."""
        holding = [pause for pause in self.pauses.get(location_id, ()) if pause.holds(method, at)]
        return max(holding, key=lambda p: (p.ends_at is None, p.ends_at or p.starts_at), default=None)

    def concerns(self, location_id: LocationId) -> bool:
        """Whether anything is written for this place."""
        return location_id in self.limits or location_id in self.pauses


def slot_of(limit: Limit, zone: ZoneInfo, at: datetime) -> Slot | None:
    """The slot of a moment; None when the limit does not count then. A day belongs to the place's own calendar."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if local.weekday() not in limit.days or not limit.opens <= minute < limit.closes:
        return None
    begins = limit.opens + (minute - limit.opens) // limit.slot_minutes * limit.slot_minutes
    return Slot(limit.limit_id, _instant(local, begins, zone))


def slot_ends(limit: Limit, slot: Slot, zone: ZoneInfo) -> datetime:
    """When a slot is over; the last of a day may be shorter."""
    local = slot.starts_at.astimezone(zone)
    begins = local.hour * 60 + local.minute
    return _instant(local, min(begins + limit.slot_minutes, limit.closes), zone)


def slots_between(limit: Limit, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Slot]:
    """The slots of a limit that begin in this time, in order; an hour that a clock skips has none of its own."""
    day = begin.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last = end.astimezone(zone).date()
    while day.date() <= last:
        if day.weekday() in limit.days:
            minutes = range(limit.opens, limit.closes, limit.slot_minutes)
            for starts_at in dict.fromkeys(_instant(day, minute, zone) for minute in minutes):
                if begin <= starts_at < end:
                    yield Slot(limit.limit_id, starts_at)
        day = datetime.combine(day.date() + timedelta(days=1), time(), tzinfo=zone)


def room(limit: Limit, taken: Taken, *, fence: int) -> int:
    """How many works of this ring-fence (ALL: of none) a slot still takes; below zero where it is overfull."""
    kept = sum(
        max(0, one.works - taken.of(no)) for no, one in enumerate(limit.fences, start=1) if no != fence
    )
    return limit.works - taken.of(ALL) - kept


def bookings_of(book: CapacityBook, wanted: Wanted, zone: ZoneInfo) -> list[Booking]:
    """The slots this work needs, one for each limit that counts."""
    found = (
        (limit, slot_of(limit, zone, wanted.at))
        for limit in book.limits_for(wanted.location_id, wanted.method)
    )
    return [
        Booking(wanted, slot, limit.fence_of(wanted.method, wanted.channel))
        for limit, slot in found
        if slot is not None
    ]


def rebooked(
    limits: Sequence[Limit], known: Iterable[Booking], zone: ZoneInfo
) -> tuple[list[Booking], list[Booking]]:
    """Where works stand once these are the limits of their place: the slots they have, and bookings that end.

    `known` are works with what they had; one that had nothing yet may stand in any slot.
    """
    before = {one.key: one for one in known}
    works = {(one.wanted.order_id, one.wanted.work_no): one for one in before.values()}
    book = CapacityBook.of(0, limits, ())
    stands = [
        replace(booking, until=one.until, over=was.over if (was := before.get(booking.key)) else False)
        for one in works.values()
        for booking in bookings_of(book, one.wanted, zone)
    ]
    has = {one.key for one in stands}
    return stands, [one for key, one in before.items() if key not in has]


def check(limits: Sequence[Limit]) -> None:
    """Raises BadLimit naming each field."""
    errors: list[FieldError] = []
    for at, limit in enumerate(limits):
        errors += [{**error, "field": f"limits[{at}].{error['field']}"} for error in _faults(limit)]
        if limit.limit_id in {other.limit_id for other in limits[:at]}:
            errors.append({"field": f"limits[{at}].id", "expected": "each limit once"})
    if errors:
        raise BadLimit(errors=errors)


def _faults(limit: Limit) -> Iterator[FieldError]:
    if limit.method not in ("", *METHODS):
        yield {"field": "method", "expected": f"empty or {' | '.join(METHODS)}"}
    if limit.works < 0:
        yield {"field": "works", "expected": "0 or more"}
    if not 0 <= limit.opens < limit.closes <= MINUTES_OF_A_DAY:
        yield {"field": "until", "expected": "a time after `from` on the same day; 24:00 is midnight"}
    if not SLOT_MINUTES_MIN <= limit.slot_minutes <= MINUTES_OF_A_DAY:
        yield {"field": "slot_minutes", "expected": f"{SLOT_MINUTES_MIN} to {MINUTES_OF_A_DAY}"}
    if not limit.days or not limit.days <= set(range(7)):
        yield {"field": "days", "expected": "days of the week, 0 is Monday"}
    if sum(fence.works for fence in limit.fences) > limit.works:
        yield {"field": "fences", "expected": "together no more than the limit"}
    for no, fence in enumerate(limit.fences):
        if fence.works < 1 or not (fence.method or fence.channel) or fence.method not in ("", *METHODS):
            yield {"field": f"fences[{no}]", "expected": "1 or more works for a method, a channel, or both"}


def _instant(day: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """The instant at which the clock of the place shows this minute of the day."""
    days, rest = divmod(minute, MINUTES_OF_A_DAY)
    wall = datetime.combine(day.date() + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=zone)
    return wall.astimezone(UTC)


def by_slot(rows: Iterable[tuple[Slot, int, int]]) -> dict[Slot, Taken]:
    """How full slots are, from rows of slot, ring-fence and works."""
    found: dict[Slot, Taken] = {}
    for slot, fence, works in rows:
        found.setdefault(slot, Taken()).add(fence if fence != ALL else ALL, works)
    return found
