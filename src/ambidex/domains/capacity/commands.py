"""Changing capacity, and booking works into slots."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from ambidex.domains.capacity import rules, store
from ambidex.domains.capacity.events import PlaceLimited, PlacePausedEvent, PlaceResumed
from ambidex.domains.capacity.model import METHODS, Booking, Limit, Pause, Taken, Wanted
from ambidex.domains.capacity.problems import BadLimit, NotPaused
from ambidex.domains.capacity.rules import CapacityBook
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.problem import FieldError
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def put_limits(tx: Tx, place: LocationId, limits: Sequence[Limit]) -> None:
    """Exactly these limits count at the place from now on. Raises BadLimit."""
    tx.actor.must(Permission.CAPACITY_CHANGE, at=place)
    rules.check(limits)
    await store.put_limits(tx, place, limits)
    tx.announce(_ref(place), PlaceLimited([_words(limit) for limit in limits]), location_id=place)


async def pause(tx: Tx, place: LocationId, *, method: str, until: datetime | None, reason: str) -> Pause:
    """No new work of this method ('' any) from now on; an earlier pause of the same method ends. Raises BadLimit."""
    tx.actor.must(Permission.CAPACITY_CHANGE, at=place)
    errors: list[FieldError] = []
    if method not in ("", *METHODS):
        errors.append({"field": "method", "expected": f"empty or {' | '.join(METHODS)}"})
    if not reason.strip():
        errors.append({"field": "reason", "expected": "why, in a few words"})
    if until is not None and until <= tx.now:
        errors.append({"field": "until", "expected": "a moment that is still to come"})
    if errors:
        raise BadLimit(errors=errors)
    await store.resume(tx, place, method)
    paused = await store.pause(tx, place, method=method, until=until, reason=reason.strip())
    tx.announce(_ref(place), PlacePausedEvent(method, until, paused.reason), location_id=place)
    return paused


async def resume(tx: Tx, place: LocationId, *, method: str) -> None:
    """The place takes work again. Raises NotPaused."""
    tx.actor.must(Permission.CAPACITY_CHANGE, at=place)
    if not await store.resume(tx, place, method):
        raise NotPaused(location=str(place), method=method)
    tx.announce(_ref(place), PlaceResumed(method), location_id=place)


async def end_run_out(tx: Tx, *, limit: int) -> bool:
    """Pauses whose time came to its end are over, and that is told; whether there may be more."""
    tx.actor.must_everywhere(Permission.CAPACITY_CHANGE)
    count, freed = await store.run_out(tx, limit=limit)
    for place, method in sorted(freed):
        tx.announce(_ref(place), PlaceResumed(method), location_id=place)
    return count == limit


async def lock_limits(tx: Tx, book: CapacityBook, places: Collection[LocationId]) -> None:
    """Nobody else books at these places until the end of the transaction."""
    await store.lock(tx, {limit.limit_id for place in places for limit in book.limits.get(place, ())})


async def try_book(
    tx: Tx, book: CapacityBook, wanted: Sequence[tuple[Wanted, ZoneInfo]], *, above: bool = False
) -> bool:
    """Book each work into its slots, or none when one of them is full; `above` books what does not fit as over the limit.

    Whether all fitted. Locks the limits: before stock in every flow.
    """
    needed = [booking for one, zone in wanted for booking in rules.bookings_of(book, one, zone)]
    if not needed:
        return True
    limits = _by_id(book, needed)
    still = await store.lock(tx, set(limits))
    needed = [one for one in needed if one.slot.limit_id in still]
    taken = dict(await store.taken(tx, {one.slot for one in needed}))
    booked = []
    for one in needed:
        slot = taken.setdefault(one.slot, Taken())
        over = rules.room(limits[one.slot.limit_id], slot, fence=one.fence) < 1
        if over and not above:
            return False
        slot.add(one.fence)
        booked.append(Booking(one.wanted, one.slot, one.fence, over))
    await store.book(tx, booked)
    return True


async def release(tx: Tx, works: Sequence[tuple[OrderId, int]]) -> int:
    """These works will not be done there: their slots are free. How many bookings ended."""
    return await store.release(tx, works)


def _by_id(book: CapacityBook, needed: Sequence[Booking]) -> dict[UUID, Limit]:
    places = {one.wanted.location_id for one in needed}
    return {limit.limit_id: limit for place in places for limit in book.limits.get(place, ())}


def _ref(place: LocationId) -> Ref:
    return Ref("location", str(place))


def _words(limit: Limit) -> str:
    name = limit.name or limit.method or "any work"
    return f"{name}: {limit.works} in {limit.slot_minutes} min"
