"""A place is paused, takes work again, or has other limits. What waits there unaccepted to be sent goes elsewhere at once.

What customers collect there stays: they chose the place, and its watchdogs say when it becomes late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from ambidex.domains import availability, capacity, locations
from ambidex.domains.capacity import Fence, Limit, Pause
from ambidex.domains.fulfillment import WorkState
from ambidex.domains.locations import Location
from ambidex.flows.locked_work import lock_work
from ambidex.flows.refuse_work import take_back
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass, field
from ambidex.reads.capacity import offered_at, works_due
from ambidex.reads.waiting import parked_for
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import StoredEvent

SENT = ("ship", "deliver")
# of a place that pauses; what is beyond lapses by its own watchdog
MOVED_MAX = 200
OPENED_BY = frozenset({"capacity.resumed", "capacity.limited"})
PAUSES_AT_ONCE, ITEMS_AT_ONCE = 50, 200


@dataclass(frozen=True, slots=True)
class LimitSaid:
    """A limit as somebody says it; `until` 00:00 is the end of the day. With `limit_id` it takes the place of that one."""

    works: int
    method: str = ""
    name: str = ""
    days: frozenset[int] = frozenset(range(7))
    opens: time = time(0)
    until: time = time(0)
    slot_minutes: int = 60
    fences: Sequence[Fence] = field(default_factory=tuple)
    limit_id: UUID | None = None


async def limit_place(tx: Tx, *, code: str, limits: Sequence[LimitSaid]) -> Location:
    """Exactly these limits count at the place from now on. Raises BadLimit."""
    place = await locations.by_code(tx, code)
    before = (await capacity.change.begin_change(tx, place.location_id)).limits.get(place.location_id, ())
    known = {limit.limit_id for limit in before}
    await _put(tx, place, [_limit(tx, place.location_id, said, known) for said in limits])
    return place


async def add_limit(tx: Tx, *, code: str, limit: LimitSaid) -> Location:
    """One more limit beside those that are, or another one in the place of the one it names. Raises BadLimit."""
    place = await locations.by_code(tx, code)
    before = (await capacity.change.begin_change(tx, place.location_id)).limits.get(place.location_id, ())
    new = _limit(tx, place.location_id, limit, {one.limit_id for one in before})
    kept = [one for one in before if one.limit_id != new.limit_id]
    await _put(tx, place, [*kept, new])
    return place


async def drop_limit(tx: Tx, *, code: str, limit_id: UUID) -> Location:
    """This limit counts no longer; one that was dropped before is no fault."""
    place = await locations.by_code(tx, code)
    before = (await capacity.change.begin_change(tx, place.location_id)).limits.get(place.location_id, ())
    await _put(tx, place, [one for one in before if one.limit_id != limit_id])
    return place


async def _put(tx: Tx, place: Location, limits: Sequence[Limit]) -> None:
    """With what is booked, and what was promised before there was a limit, in the slots it has now."""
    await capacity.put_limits(tx, place.location_id, limits)
    if limits:
        works = await works_due(tx, place.location_id)
        await capacity.change.rebook(tx, place.location_id, limits, works, zone=place.zone)


async def pause_place(
    tx: Tx, *, code: str, method: str = "", until: datetime | None = None, reason: str
) -> Pause:
    """No new work of this method ('' any) until then, or until somebody ends it."""
    place = await locations.by_code(tx, code)
    return await capacity.pause(tx, place.location_id, method=method, until=until, reason=reason)


async def resume_place(tx: Tx, *, code: str, method: str = "") -> Location:
    """It takes work again. Raises NotPaused."""
    place = await locations.by_code(tx, code)
    await capacity.resume(tx, place.location_id, method=method)
    return place


async def end_pauses(run: Run) -> bool:
    """A loop: pauses that end by the clock are told like those that somebody ends; whether there may be more."""
    return await run.perform(SYSTEM, capacity.end_run_out, limit=PAUSES_AT_ONCE)


async def serve_from_opened(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction to a place that takes work again, or more of it: those who wait for what lies there are looked at."""
    opened = {
        event.location_id
        for event in events
        if event.location_id is not None and event.payload.get("method", "") in ("", *SENT)
    }
    found = await parked_for(tx, opened) if opened else []
    for first in range(0, len(found), ITEMS_AT_ONCE):
        some = found[first : first + ITEMS_AT_ONCE]
        availability.look_at_queue(tx, some, why="the place takes work again")


async def route_paused(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction to a pause: what nobody accepted there yet is sent from elsewhere."""
    _ = [await _route_what_waits(tx, event) for event in events]


async def _route_what_waits(tx: Tx, event: StoredEvent) -> int:
    """How many works went elsewhere."""
    method, reason = str(event.payload["method"]), str(event.payload["reason"])
    methods = [one for one in SENT if method in ("", one)]
    if event.location_id is None or not methods:
        return 0
    works = await offered_at(tx, event.location_id, methods, limit=MOVED_MAX)
    return sum([await _take_back(tx, work, cause=f"paused: {reason}") for work in works])


async def _take_back(tx: Tx, work_id: str, *, cause: str) -> bool:
    """False for work that somebody accepted, or called off, since it was looked for: that stays as it is."""
    locked = await lock_work(tx, work_id)
    if locked.work.state is not WorkState.OFFERED:
        return False
    await take_back(tx, work_id=work_id, cause=cause, why="paused")
    return True


def _limit(tx: Tx, place: LocationId, said: LimitSaid, known: set[UUID]) -> Limit:
    """A limit that is not known gets an id of its own: nobody names the limit of another place."""
    is_known = said.limit_id is not None and said.limit_id in known
    return Limit(
        limit_id=said.limit_id if said.limit_id is not None and is_known else tx.new_id(),
        location_id=place,
        works=said.works,
        method=said.method,
        name=said.name,
        days=said.days,
        opens=_minute(said.opens),
        closes=_minute(said.until) or 24 * 60,
        slot_minutes=said.slot_minutes,
        fences=tuple(said.fences),
    )


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
