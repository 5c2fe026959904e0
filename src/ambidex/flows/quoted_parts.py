"""A quote as the decision of the order that names it: its parts where they are held, promised as quoted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from ambidex.domains import promises, routing
from ambidex.domains.availability import Ask
from ambidex.domains.locations import Location
from ambidex.domains.orders import Draft, Method, NewOrder
from ambidex.domains.promises import MilestoneKind, NeverOpensAgain, Plan
from ambidex.domains.quotes import Quote, QuotedPart
from ambidex.flows import kits
from ambidex.flows.kits import Wish
from ambidex.flows.placing import Decision, Part, Routed, Words
from ambidex.flows.serving import destination
from ambidex.kernel.ids import ItemId, LocationId

QUOTED, TO_STORE = "quoted", "to_store"


def decision_of(quote: Quote, draft: Draft, words: Words, *, now: datetime) -> Decision | None:
    """The quote as a decision; None when a place is closed for good or an item is made of something else now."""
    if quote.promised.sent_to:
        return _sent_to_store(quote, draft, words, now=now)
    places = {place.location_id: place for place in (*words.places.values(), *words.senders)}
    parts = _parts(quote, kits.wishes(draft.new.lines, words.items), _ask(draft.new, now), places)
    plans = {
        (part.location_id, Method(quote.promised.method)): plan
        for part in quote.promised.parts
        if part.location_id in places and (plan := _plan(places[part.location_id], part, quote, now=now))
    }
    if parts is None or len(plans) < len(quote.promised.parts):
        return None
    return Decision(draft, tuple(parts), plans, _routed(quote)).all_taken()


def _sent_to_store(quote: Quote, draft: Draft, words: Words, *, now: datetime) -> Decision | None:
    """All of it lacks where it is collected, and is sent there; None when that is gone, or a kit is made of something else."""
    store, wishes = words.places.get(quote.promised.sent_to), kits.wishes(draft.new.lines, words.items)
    held, wanted = Counter[ItemId](), Counter[ItemId]()
    for one in (one for part in quote.promised.parts for one in part.held):
        held[one.item_id] += one.units
    for wish in wishes:
        wanted[wish.item.item_id] += wish.new.quantity
    if store is None or held != wanted:
        return None
    ask = _ask(draft.new, now)
    parts = [
        Part(no, wish.item, store, wish.new, ask, wish.asked, wish.new.quantity, kit=wish.kit)
        for no, wish in enumerate(wishes, start=1)
    ]
    routed = _routed(quote, cause=TO_STORE)
    return Decision(draft, tuple(parts), routed=routed).taken([0] * len(parts))


def _ask(new: NewOrder, now: datetime) -> Ask:
    country, postcode = destination(new.address or {})
    return Ask(now, new.channel, new.source, new.lines[0].method.value, country, postcode)


def _parts(
    quote: Quote, wishes: Sequence[Wish], ask: Ask, places: Mapping[LocationId, Location]
) -> list[Part] | None:
    """Each line from where its units are held; lines may come in another order than they were quoted in."""
    pool: dict[ItemId, list[tuple[LocationId, int]]] = {}
    for part in quote.promised.parts:
        for one in part.held:
            pool.setdefault(one.item_id, []).append((part.location_id, one.units))
    found: list[Part] = []
    for line_no, wish in enumerate(wishes, start=1):
        taken = _from_pool(pool.get(wish.item.item_id, []), wish.new.quantity)
        if taken is None or any(at not in places for at, _ in taken):
            return None
        found += [
            Part(
                line_no,
                wish.item,
                places[at],
                wish.new,
                ask,
                wish.asked,
                n,
                not wish.new.location,
                kit=wish.kit,
            )
            for at, n in taken
        ]
    return None if any(pool.values()) else found


def _from_pool(pool: list[tuple[LocationId, int]], wanted: int) -> list[tuple[LocationId, int]] | None:
    """Units for one line, off the pool: held together where that fits, else from several."""
    whole = next((one for one in pool if one[1] == wanted), None)
    if whole is not None:
        pool.remove(whole)
        return [whole]
    found = []
    while wanted and pool:
        at, there = pool.pop(0)
        units = min(wanted, there)
        found.append((at, units))
        wanted -= units
        if there > units:
            pool.insert(0, (at, there - units))
    return None if wanted else found


def _plan(place: Location, part: QuotedPart, quote: Quote, *, now: datetime) -> Plan | None:
    """What was quoted, with inner deadlines planned backwards from it."""
    try:
        if part.leaves_at is not None:
            return promises.plan_delivery(
                place.hours, now=now, leaves_at=part.leaves_at, arrives_at=part.due_at
            )
        own = promises.plan(place.hours, now=quote.made_at)
    except NeverOpensAgain:
        return None
    return Plan(part.starts_at, part.due_at, {**own.milestones, MilestoneKind.READY: part.due_at})


def _routed(quote: Quote, *, cause: str = QUOTED) -> tuple[Routed, ...]:
    """The receipt of the quote becomes the order's."""
    if quote.decided is None:
        return ()
    receipt = routing.stored.receipt_of(quote.decided["receipt"])
    decided = routing.model.Decision(receipt.chosen, receipt)
    snapshot = routing.Snapshot.from_json(quote.decided["snapshot"])
    return (Routed(snapshot, decided, quote.promised.brand, quote.promised.arm, cause=cause),)
