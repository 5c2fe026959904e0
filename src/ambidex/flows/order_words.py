"""Looking up what the codes of a list of orders mean: sources, items, places and what each place can promise now.

Items, places, sources and rules are remembered by the process under their versions (runtime/memory.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from ambidex.domains import availability, capacity, catalogue, channels, locations, promises, routing
from ambidex.domains.availability import Rulebook
from ambidex.domains.catalogue import Item
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method, NewOrder
from ambidex.domains.promises import NeverOpensAgain, Plan
from ambidex.flows.calendar import Calendar, calendar_of
from ambidex.flows.placing import Words
from ambidex.flows.postcodes import Postcodes, postcodes_of
from ambidex.flows.serving import KIND_RANK
from ambidex.flows.snapshots import Senders
from ambidex.kernel.ids import LocationId
from ambidex.reads.load import works_waiting
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.memory import recall, remembered, versions

SENDERS = "senders"


async def look_up(tx: Tx, asked: Sequence[NewOrder]) -> Words:
    """Look everything up that the list names; one statement when all of it is remembered."""
    now = await versions(tx)
    # the first order of a source makes it, and others wait for that: before limits are locked
    sources = await channels.sources_for(tx, {new.source for new in asked}, now=now)
    lines = [line for new in asked for line in new.lines]
    codes = {line.location for line in lines if line.location}
    places = await recall(tx, "locations", codes, locations.by_codes, now=now)
    wanted = {SENDERS} if any(not line.location for line in lines) else set()
    senders = (await recall(tx, "locations", wanted, load_senders, now=now)).get(SENDERS, ())
    is_sent = any(line.method is not Method.PICKUP for line in lines)
    book = await availability.rulebook_of(tx, now.get("availability"))
    calendar = await calendar_for(tx, (*places.values(), *senders), now)
    asked_of = senders or tuple(places.values())
    near = postcodes_of(tx, senders) if senders else None
    return Words(
        sources=sources,
        items=await items_with_components(tx, {line.sku for line in lines}, now),
        places=places,
        senders=senders,
        plans=_plans(tx, (*places.values(), *senders), now),
        book=book,
        rules=await routing.ask.rulebook_of(tx, now.get("routing")) if is_sent else None,
        sending=await senders_now(tx, asked_of, book, calendar, near=near) if is_sent else None,
        calendar=calendar,
        here=remembered(tx, "here", _second(tx, now)).setdefault("known", {}),
    )


async def items_with_components(
    read: Read, skus: Collection[str], now: Mapping[str, int]
) -> Mapping[str, Item]:
    """The items by SKU, and the components of those that are kits."""
    items = await recall(read, "catalogue", skus, catalogue.by_skus, now=now)
    inside = {one.sku for item in items.values() for one in item.components} - items.keys()
    return (
        {**items, **await recall(read, "catalogue", inside, catalogue.by_skus, now=now)} if inside else items
    )


async def load_senders(read: Read, _: Collection[str]) -> dict[str, Sequence[Location]]:
    """Every place that sends, in the order in which they are asked."""
    found = await locations.senders(read)
    return {SENDERS: sorted(found, key=lambda place: (KIND_RANK[place.kind], place.code))}


async def sending_words(tx: Tx) -> Words:
    """What is to be known for sending what was bought before: who sends, by which rules, on which clocks."""
    now = await versions(tx)
    senders = (await recall(tx, "locations", {SENDERS}, load_senders, now=now)).get(SENDERS, ())
    book = await availability.rulebook_of(tx, now.get("availability"))
    calendar = await calendar_seen(tx, senders, now)
    return Words(
        sources={},
        items={},
        places={place.code: place for place in senders},
        senders=senders,
        plans=_plans(tx, senders, now),
        book=book,
        rules=await routing.ask.rulebook_of(tx, now.get("routing")),
        sending=await senders_now(tx, senders, book, calendar, near=postcodes_of(tx, senders)),
        calendar=calendar,
    )


async def senders_now(
    read: Read,
    places: Sequence[Location],
    book: Rulebook,
    calendar: Calendar | None = None,
    *,
    near: Postcodes | None = None,
) -> Senders:
    """The places that send as they stand now, with the work that waits at each (as of some seconds ago)."""
    return Senders(read.now, places, book, await works_waiting(read), calendar=calendar, near=near)


async def calendar_for(read: Read, places: Sequence[Location], now: Mapping[str, int]) -> Calendar | None:
    """When these places have room, for who books there before stock; on a second try nobody else books meanwhile."""
    if isinstance(read, Tx) and read.attempt:
        book = await capacity.book_of(read, now.get(capacity.FAMILY))
        concerned = {place.location_id for place in places if book.concerns(place.location_id)}
        await capacity.lock_limits(read, book, concerned)
    return await calendar_seen(read, places, now)


async def calendar_seen(read: Read, places: Sequence[Location], now: Mapping[str, int]) -> Calendar | None:
    """The same without a lock, for who has moved stock already and books in a transaction of its own (slots.py)."""
    book = await capacity.book_of(read, now.get(capacity.FAMILY))
    if not book.limits and not book.pauses:
        return None
    concerned = [place for place in places if book.concerns(place.location_id)]
    return await calendar_of(read, concerned, book=book) if concerned else None


def _plans(
    read: Read, places: Collection[Location], now: Mapping[str, int]
) -> Mapping[LocationId, Plan | None]:
    """What each place can promise, to the second: the lists of one second share it."""
    second = read.now.replace(microsecond=0)
    known = remembered(read, "plans", _second(read, now))
    for place in places:
        if place.code not in known:
            known[place.code] = _plan(place, second)
    return {place.location_id: known[place.code] for place in places}


def _second(read: Read, now: Mapping[str, int]) -> int:
    """The version of what holds for one second, while no place changes."""
    return now.get("locations", 0) << 40 | int(read.now.timestamp())


def _plan(place: Location, at: datetime) -> Plan | None:
    try:
        return promises.plan(place.hours, now=at)
    except NeverOpensAgain:
        return None
