"""What is done to counts. Flows lock the orders before and book what was counted after, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from ambidex.domains.counting import events, problems, rules, store
from ambidex.domains.counting.model import (
    Count,
    CountKind,
    CountState,
    CountVerb,
    Entry,
    Place,
    Policy,
)
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Again


async def need(tx: Tx, item_id: ItemId, location_id: LocationId, *, kind: CountKind, cause: str) -> UUID:
    """The waiting count of this item at this place, opened now when there is none. Call before stock is locked."""
    return (await _need(tx, (item_id, location_id), kind=kind, cause=cause)).count_id


async def begin(tx: Tx, item_id: ItemId, location_id: LocationId, *, kind: CountKind, cause: str) -> Count:
    """Somebody stands at the shelf: the waiting count is theirs to fill in; another may still go on with it."""
    tx.actor.must(Permission.STOCK_COUNT, at=location_id)
    count = await _need(tx, (item_id, location_id), kind=kind, cause=cause)
    if count.state is CountState.RECOUNT:
        rules.must_be_another(count, tx.actor)
    if count.state is not CountState.OPEN:
        return count
    await _move(tx, count, CountVerb.BEGIN)
    _tell(tx, count, events.CountBegun(count.item_id, count.count_id))
    return await _again(tx, count)


async def entered_before(read: Read, place: Place, *, by: str, counted: int, key: str) -> Count | None:
    """The count that this person entered under this key. Raises CountKeyReused for another number or item."""
    known = await store.by_key(read, by, key) if key else None
    if known is None:
        return None
    if known[1] != counted or known[0].place != place:
        raise problems.CountKeyReused(key=key)
    return known[0]


async def enter(
    tx: Tx, place: Place, entry: Entry, *, kind: CountKind, cause: str, price_minor: int
) -> Count:
    """A person counted: it is settled, doubted or referred. The book was asked after `need`, so under its lock.

    Raises OwnCount for a recount by the same person, CountIsOver while a lead decides.
    """
    tx.actor.must(Permission.STOCK_COUNT, at=place[1])
    rules.must_have_been(entry.happened_at, now=tx.now)
    count = await _need(tx, place, kind=kind, cause=cause)
    rules.must_be_another(count, tx.actor)
    before = await store.entries_of(tx, count)
    verb = rules.verb_after([*before, entry], await policy(tx, place[1]), price_minor=price_minor)
    rules.must_allow(count, verb)
    if count.state is CountState.TO_APPROVE:
        raise problems.CountIsOver(count_id=str(count.count_id), state=count.state.value)
    await store.add_entry(tx, count, entry)
    await _move(tx, count, verb, entry=entry)
    after = await _again(tx, count)
    told = events.CountEntered(
        count.item_id, count.count_id, entry.counted, entry.expected, after.state.value
    )
    _tell(tx, count, told, happened_at=entry.happened_at)
    return after


async def decide(tx: Tx, count_id: UUID, verb: CountVerb, *, why: str = "") -> Count:
    """A lead who counted none of it says APPROVE or REJECT; CANCEL: nobody needs it any more."""
    count = await find(tx, count_id)
    tx.actor.must(Permission.STOCK_APPROVE, at=count.location_id)
    rules.must_allow(count, verb)
    rules.must_be_another(count, tx.actor)
    await _move(tx, count, verb, decided_by=tx.actor.id)
    return await _closed(tx, count, why=why)


async def answer(tx: Tx, counted: Mapping[Place, int]) -> list[Count]:
    """An authoritative count of these positions is being booked: what waited there is over. Those counts.

    Raises OwnCount when this person's own number is waiting for somebody else there.
    """
    done = await store.lock_all_waiting(tx, sorted(counted))
    for count in done:
        if count.state in {CountState.RECOUNT, CountState.TO_APPROVE}:
            rules.must_be_another(count, tx.actor)
    _ = [await _answer_one(tx, count, counted[count.place]) for count in done]
    return done


async def call_off(tx: Tx, places: Collection[Place], *, kind: CountKind, why: str) -> list[Count]:
    """Counts of this kind at these positions that nobody has begun are needed no more. Those counts."""
    waiting = await store.lock_all_waiting(tx, sorted(places)) if places else []
    idle = [count for count in waiting if count.kind is kind and count.state is CountState.OPEN]
    return [await _call_off(tx, count, why=why) for count in idle]


async def find(tx: Tx, count_id: UUID) -> Count:
    """A count, locked. Raises UnknownCount."""
    count = await store.lock(tx, count_id)
    if count is None:
        raise problems.UnknownCount(count_id=str(count_id))
    return count


async def place_of(read: Read, count_id: UUID) -> Place:
    """Which item at which place, without a lock: neither ever changes. Raises UnknownCount."""
    place = await store.place_of(read, count_id)
    if place is None:
        raise problems.UnknownCount(count_id=str(count_id))
    return place


async def policy(read: Read, location_id: LocationId) -> Policy:
    """What this place tolerates; the defaults where nothing was said."""
    return await store.policy_of(read, location_id) or Policy()


async def put_policy(tx: Tx, location_id: LocationId, wanted: Policy) -> Policy:
    """Change what this place tolerates. Raises BadPolicy when a lead would decide below the limit of a recount."""
    tx.actor.must(Permission.PLACES_CHANGE, at=location_id)
    for name in ("units", "value_minor"):
        low, high = getattr(wanted.recount, name), getattr(wanted.approve, name)
        if (low is not None and low < 0) or (low is not None and high is not None and high < low):
            raise problems.BadPolicy(errors=[{"field": f"approve.{name}", "expected": f"{low} or more"}])
    await store.put_policy(tx, location_id, wanted)
    told = events.PolicyChanged(
        wanted.recount.units, wanted.recount.value_minor, wanted.approve.units, wanted.approve.value_minor
    )
    tx.announce(Ref("location", str(location_id)), told, location_id=location_id)
    return wanted


async def _need(tx: Tx, place: Place, *, kind: CountKind, cause: str) -> Count:
    """Opened, or found and locked. Ended between the two: opened after all, or all of it once more."""
    opened = await store.open_one(tx, place, kind=kind, cause=cause)
    if opened is None and (waiting := await store.lock_waiting(tx, place)):
        return waiting
    opened = opened or await store.open_one(tx, place, kind=kind, cause=cause)
    if opened is None:
        raise Again
    _tell(tx, opened, events.CountOpened(opened.item_id, opened.count_id, kind.value, cause))
    return opened


async def _call_off(tx: Tx, count: Count, *, why: str) -> Count:
    await _move(tx, count, CountVerb.CANCEL)
    return await _closed(tx, count, why=why)


async def _answer_one(tx: Tx, count: Count, counted: int) -> Count:
    number = Entry(counted, None, tx.now, tx.actor.id, tx.actor.name)
    await _move(tx, count, CountVerb.SETTLE, entry=number)
    return await _closed(tx, count, why="answered by an authoritative count")


async def _closed(tx: Tx, count: Count, *, why: str) -> Count:
    after = await _again(tx, count)
    _tell(tx, count, events.CountClosed(count.item_id, count.count_id, after.state.value, why))
    return after


async def _move(
    tx: Tx, count: Count, verb: CountVerb, *, entry: Entry | None = None, decided_by: str = ""
) -> None:
    if not await store.move(tx, count, verb, entry=entry, decided_by=decided_by):
        raise problems.CountIsOver(count_id=str(count.count_id), state=count.state.value)


async def _again(tx: Tx, count: Count) -> Count:
    after = await store.lock(tx, count.count_id)
    assert after is not None, "counts are never deleted"
    return after


def _tell(tx: Tx, count: Count, event: Event, **details: object) -> None:
    tx.announce(Ref("item", str(count.item_id)), event, location_id=count.location_id, **details)
