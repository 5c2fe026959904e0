"""Orders and the room of places: what is paused is refused, what is full is promised later, and works take their slots."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ambidex.domains import capacity, promises
from ambidex.domains.capacity import NoCapacity, PlacePaused, Wanted
from ambidex.domains.fulfillment import NewWork
from ambidex.domains.orders import Method
from ambidex.domains.promises import MilestoneKind, Plan
from ambidex.flows.calendar import Calendar, paused_words
from ambidex.flows.placing import Decision, Part, Words
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import replace
from ambidex.reads.capacity import missed_by_limits, wholly_short, works_without_slot
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Again, Run
from ambidex.runtime.reactions import StoredEvent, told

CAME_UP_SHORT = "fulfillment.came-up-short"
OFFERED = "fulfillment.offered"
ENDED_BY = frozenset({
    "fulfillment.refused", "fulfillment.lapsed", "fulfillment.taken-back", "fulfillment.canceled", CAME_UP_SHORT,
})  # fmt: skip
FOLLOWED = ENDED_BY | {OFFERED}
# no transaction lasts longer than that; so far around a change of limits it is looked for what neither side saw
MISSED_WITHIN, MISSED_MAX = timedelta(minutes=10), 200


def fit(wish: Decision, words: Words, *, is_sold: bool) -> Decision | Problem:
    """The order with what it collects promised for when there is room; why not, where a place takes no work.

    `is_sold`: it is taken in any case, as another system has sold it.
    """
    calendar = words.calendar
    if calendar is None:
        return wish
    chosen = {(part.place.location_id, part.new.method): part for part in wish.parts if not part.routed}
    later: dict[tuple[LocationId, Method], Plan] = {}
    for key, part in chosen.items():
        found = _planned(part, words, calendar, is_sold=is_sold)
        if isinstance(found, Problem):
            return found
        if found is not None:
            later[key] = found
    return replace(wish, plans={**wish.plans, **later}) if later else wish


def _planned(part: Part, words: Words, calendar: Calendar, *, is_sold: bool) -> Plan | Problem | None:
    """A plan of its own where the place's usual one does not fit; nothing where it does."""
    place, method = part.place, part.new.method
    if not calendar.concerns(place):
        return None
    paused = calendar.pause_of(place, method.value)
    if paused is not None and not is_sold:
        return PlacePaused(paused_words(paused, place), location=place.code, until=paused.ends_at)
    usual = words.plans[place.location_id]
    if method is not Method.PICKUP or usual is None:
        return None
    ready_by = calendar.first_room(place, method.value, part.ask.channel, usual.due_at)
    if ready_by is None:
        return None if is_sold else NoCapacity(location=place.code)
    if ready_by == usual.due_at:
        return None
    return promises.plan(place.hours, now=calendar.now, not_before=ready_by)


def done_by(method: str, plan: Plan) -> datetime:
    """When the place must have done its part: ready, or gone."""
    return plan.due_at if method == Method.PICKUP.value else plan.milestones[MilestoneKind.DISPATCHED]


def note(decision: Decision, words: Words) -> None:
    """The orders after this one in the list find these slots taken."""
    if words.calendar is None:
        return
    for place, method, _ in decision.groups:
        plan = decision.plans.get((place.location_id, method)) or words.plans[place.location_id]
        if plan is not None:
            channel = decision.draft.new.channel
            words.calendar.add(place, method.value, channel, done_by(method.value, plan))


async def book(tx: Tx, words: Words, decisions: Sequence[Decision], works: Iterable[NewWork]) -> None:
    """Every work takes its slots. Raises Again when one was filled since the look; then limits are locked before it."""
    if words.calendar is None:
        return
    known = {decision.draft.order_id: decision for decision in decisions}
    places = {part.place.location_id: part.place for one in decisions for part in one.parts}
    wanted = [
        (_wanted(work, known[work.order_id], words), places[work.location_id].zone)
        for work in works
        if words.calendar.concerns(places[work.location_id])
    ]
    if not await capacity.try_book(tx, words.calendar.book, wanted, above=bool(tx.attempt)):
        raise Again


def _wanted(work: NewWork, decision: Decision, words: Words) -> Wanted:
    plan = decision.plans.get((work.location_id, Method(work.method))) or words.plans[work.location_id]
    assert plan is not None, "no work goes to a place that never opens again"
    channel = decision.draft.new.channel
    return Wanted(
        work.order_id, work.work_no, work.location_id, work.method, channel, done_by(work.method, plan)
    )


async def follow_works(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction to works that were offered after placing and to works that ended undone.

    The ones take their slots, above the limit where they must, the others leave theirs. It has a transaction of its own, as
    whoever offers work anew has moved stock before, and limits are locked before stock.
    """
    offered = [event for event in events if event.name == OFFERED]
    book = await capacity.book_now(tx) if offered else capacity.CapacityBook()
    limited = {event.position for event in offered if event.location_id in book.limits}
    known = await told(tx, [one for one in events if one.name in ENDED_BY or one.position in limited])
    await _take_slots(tx, book, known)
    ended = {found: event.name for event in known if (found := _work_of(event)) and event.name in ENDED_BY}
    missed = {found for found, name in ended.items() if name == CAME_UP_SHORT}
    goes_on = missed - await wholly_short(tx, missed)
    await capacity.release(tx, sorted(ended.keys() - goes_on))


async def catch_up(run: Run) -> bool:
    """A beat: works that were given while their place wrote a limit, and that neither saw, take their slots.

    Who looked while the place had no limit books nothing, and who wrote the limit saw no work that was not committed.
    """
    async with run.reading() as read:
        near = await missed_by_limits(read, since=read.now - MISSED_WITHIN, limit=MISSED_MAX)
        missed = await _with_a_slot(read, near) if near else []
    if missed:
        await run.perform(SYSTEM, take_missed, works=missed)
    return False


async def _with_a_slot(read: Read, works: Collection[tuple[OrderId, int]]) -> list[tuple[OrderId, int]]:
    """Those for which there is a slot to be taken; a limit may count at other hours only."""
    book = await capacity.book_now(read)
    return [
        (one.order_id, one.work_no)
        for one, zone in await works_without_slot(read, works)
        if any(
            capacity.slot_of(limit, zone, one.at) for limit in book.limits_for(one.location_id, one.method)
        )
    ]


async def take_missed(tx: Tx, *, works: Collection[tuple[OrderId, int]]) -> bool:
    """Also above the limit, as a promise goes before it."""
    book = await capacity.book_now(tx)
    return await capacity.try_book(tx, book, await works_without_slot(tx, works), above=True)


async def _take_slots(tx: Tx, book: capacity.CapacityBook, events: Sequence[StoredEvent]) -> bool:
    """What placing booked is booked, and what ended meanwhile needs no slot: the query leaves both out."""
    offered = [event for event in events if event.name == OFFERED]
    works = {found for event in offered if (found := _work_of(event)) is not None}
    return await capacity.try_book(tx, book, await works_without_slot(tx, works), above=True)


def _work_of(event: StoredEvent) -> tuple[OrderId, int] | None:
    facts: Mapping[str, object] = event.payload
    number = facts.get("work_no")
    return None if event.order_id is None or not isinstance(number, int) else (event.order_id, number)
