"""Changing capacity, and booking works into slots."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ambidex.domains.capacity import queries, rules, store
from ambidex.domains.capacity.events import PlaceLimited, PlacePausedEvent, PlaceResumed
from ambidex.domains.capacity.model import ALL, METHODS, Booking, Limit, Pause, Slot, Taken, Wanted
from ambidex.domains.capacity.problems import BadLimit, NotPaused
from ambidex.domains.capacity.rules import CapacityBook
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.problem import FieldError
from ambidex.kernel.ref import Ref
from ambidex.kernel.words import seen
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again

# how often limits may change while a booking waits for their lock
LOOKS_MAX = 5


async def begin_change(tx: Tx, place: LocationId) -> CapacityBook:
    """What counts now, and nobody else changes what is written for this place until the end of the transaction."""
    tx.actor.must(Permission.CAPACITY_CHANGE, at=place)
    await store.take_turn(tx, place)
    return await queries.book_now(tx)


async def put_limits(tx: Tx, place: LocationId, limits: Sequence[Limit]) -> None:
    """Exactly these limits count at the place from now on. Raises BadLimit."""
    tx.actor.must(Permission.CAPACITY_CHANGE, at=place)
    rules.check(limits)
    await store.take_turn(tx, place)
    await store.put_limits(tx, place, limits)
    tx.announce(_ref(place), PlaceLimited([_words(limit) for limit in limits]), location_id=place)


async def rebook(
    tx: Tx, place: LocationId, limits: Sequence[Limit], works: Iterable[Wanted], *, zone: ZoneInfo
) -> None:
    """These limits count now: what is booked finds its slots in them, and so does `works`, which is to be done there.

    Also above a limit: a promise goes before it. Called after put_limits, which holds the locks.
    """
    known = await store.live(
        tx, place, {limit.limit_id for limit in limits}, since=tx.now - timedelta(days=1)
    )
    booked = {(one.wanted.order_id, one.wanted.work_no) for one in known}
    fresh = [
        Booking(one, Slot(UUID(int=0), one.at), ALL)
        for one in works
        if (one.order_id, one.work_no) not in booked
    ]
    stands, gone = rules.rebooked(limits, [*known, *fresh], zone)
    await store.end(tx, [one.key for one in gone if one.slot.limit_id.int])
    await store.book(tx, stands)


async def pause(tx: Tx, place: LocationId, *, method: str, until: datetime | None, reason: str) -> Pause:
    """No new work of this method ('' any) from now on; an earlier pause of the same method ends. Raises BadLimit."""
    tx.actor.must(Permission.CAPACITY_CHANGE, at=place)
    errors: list[FieldError] = []
    if method not in ("", *METHODS):
        errors.append({"field": "method", "expected": f"empty or {' | '.join(METHODS)}"})
    if not seen(reason):
        errors.append({"field": "reason", "expected": "why, in a few words"})
    if until is not None and until <= tx.now:
        errors.append({"field": "until", "expected": "a moment that is still to come"})
    if errors:
        raise BadLimit(errors=errors)
    await store.take_turn(tx, place)
    await store.resume(tx, place, method)
    paused = await store.pause(tx, place, method=method, until=until, reason=seen(reason))
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
    tx: Tx,
    book: CapacityBook,
    wanted: Sequence[tuple[Wanted, ZoneInfo]],
    *,
    above: bool = False,
    until: datetime | None = None,
) -> bool:
    """Book each work into its slots, or none when one of them is full; `above` books what does not fit as over the limit.

    Whether all fitted. Locks the limits: before stock in every flow. `until`: for a quote, which claims nothing after it.
    """
    needed, limits = await _locked(tx, book, wanted)
    taken = dict(await store.taken(tx, {one.slot for one in needed}))
    booked = []
    for one in needed:
        slot = taken.setdefault(one.slot, Taken())
        over = rules.room(limits[one.slot.limit_id], slot, fence=one.fence) < 1
        if over and not above:
            return False
        slot.add(one.fence)
        booked.append(Booking(one.wanted, one.slot, one.fence, over, until))
    if booked:
        await store.book(tx, booked)
    return True


async def _locked(
    tx: Tx, book: CapacityBook, wanted: Sequence[tuple[Wanted, ZoneInfo]], *, looks: int = LOOKS_MAX
) -> tuple[list[Booking], Mapping[UUID, Limit]]:
    """The slots that these works need, and their limits, which nobody changes any more until the end.

    Who changed one while this waited for its lock is looked at again. Raises Again when that does not end.
    """
    needed = [booking for one, zone in wanted for booking in rules.bookings_of(book, one, zone)]
    if not needed:
        return [], {}
    limits = _by_id(book, needed)
    await store.lock(tx, set(limits))
    now = await queries.book_now(tx)
    if now.version == book.version:
        return needed, limits
    if not looks:
        raise Again
    return await _locked(tx, now, wanted, looks=looks - 1)


async def release(tx: Tx, works: Sequence[tuple[OrderId, int]]) -> int:
    """These works will not be done there: their slots are free. How many bookings ended."""
    return await store.release(tx, works)


async def forget(tx: Tx, order_ids: Collection[OrderId]) -> None:
    """Nobody asks any more what was booked for these (quotes that are purged)."""
    await store.forget(tx, order_ids)


def _by_id(book: CapacityBook, needed: Sequence[Booking]) -> dict[UUID, Limit]:
    places = {one.wanted.location_id for one in needed}
    return {limit.limit_id: limit for place in places for limit in book.limits.get(place, ())}


def _ref(place: LocationId) -> Ref:
    return Ref("location", str(place))


def _words(limit: Limit) -> str:
    name = limit.name or limit.method or "any work"
    return f"{name}: {limit.works} in {limit.slot_minutes} min"
