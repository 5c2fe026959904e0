"""What somebody asks a quote for, and what the codes in it mean. Places and their clocks are remembered by the process.

A quote counts from the next full minute: what a place can promise is then the same for everybody who asks within one,
and never sooner than it can be kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from ambidex.domains import availability, channels, locations, routing
from ambidex.domains.availability import Ask, Rulebook
from ambidex.domains.catalogue import Item
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method, NewLine
from ambidex.flows import kits, order_words
from ambidex.flows.calendar import Calendar
from ambidex.flows.near_enough import Map
from ambidex.flows.postcodes import Point
from ambidex.flows.snapshots import Senders
from ambidex.kernel.problem import BadInput, FieldError, Problem
from ambidex.kernel.values import dataclass, replace
from ambidex.runtime.db import Read
from ambidex.runtime.memory import recall, versions

COLLECTED, SENDING = "places where customers collect", "places that send"


@dataclass(frozen=True, slots=True)
class Basket:
    """SKUs with units, who sells, and where to: an address, as far as it is known, or a place where it is collected.

    `methods` in the order in which they are answered; `brand` '' is any.
    """

    lines: tuple[tuple[str, int], ...]
    channel: str = "web"
    source: str = ""
    country: str = ""
    postcode: str = ""
    point: Point | None = None
    place: str = ""
    methods: tuple[Method, ...] = (Method.PICKUP, Method.SHIP, Method.DELIVER)
    brand: str = ""


@dataclass(frozen=True, slots=True)
class QuoteWords:
    """What one moment knows of places, items and rules. `place` is the one that was named; `point` where it goes to."""

    now: datetime
    items: Mapping[str, Item]
    senders: Map
    collected: Map
    place: Location | None
    point: Point | None
    book: Rulebook
    rules: routing.versions.Rulebook
    sending: Senders
    calendar: Calendar | None = None

    def ask(self, basket: Basket, method: Method) -> Ask:
        """Who asks, for one method."""
        country, postcode = basket.country, basket.postcode
        return Ask(self.now, basket.channel, basket.source, method.value, country, postcode)

    def goods(self, basket: Basket) -> list[kits.Wish]:
        """The lines with kits taken apart, at list prices."""
        lines = [NewLine(sku, units, self.items[sku].price, basket.methods[0]) for sku, units in basket.lines]
        return kits.wishes(lines, self.items)

    def policy_for(self, basket: Basket, quote_id: UUID) -> tuple[routing.Policy, str]:
        """The version of the rules, and which arm of it."""
        return self.rules.version_for(basket.brand, quote_id)


def full_minute(now: datetime) -> datetime:
    """The next one, or now when it is one."""
    whole = now.replace(second=0, microsecond=0)
    return whole if whole == now else whole + timedelta(minutes=1)


async def look_up(read: Read, basket: Basket) -> QuoteWords:
    """Everything that the basket names. Raises BadInput naming what is not known, and what the source's problem is."""
    now = await versions(read)
    items = await order_words.items_with_components(read, {sku for sku, _ in basket.lines}, now)
    named = {basket.place} if basket.place else set()
    places = await recall(read, "locations", named, locations.by_codes, now=now)
    errors = _faults(basket, items, places)
    if errors:
        raise BadInput("the basket cannot be quoted as sent", errors=errors)
    if basket.source:
        found = (await channels.sources_for(read, {basket.source}, now=now)).get(basket.source)
        if isinstance(found, Problem):
            raise found
    maps = await recall(read, "locations", [SENDING, COLLECTED], _maps, now=now)
    book = await availability.rulebook_of(read, now.get("availability"))
    at = full_minute(read.now)
    calendar = await order_words.calendar_for(read, (*maps[SENDING].places, *maps[COLLECTED].places), now)
    sending = await order_words.senders_now(read, maps[SENDING].places, book, calendar)
    return QuoteWords(
        at,
        items,
        maps[SENDING],
        maps[COLLECTED],
        place := places.get(basket.place),
        _point(basket, maps[SENDING], place),
        book,
        await routing.ask.rulebook_of(read, now.get("routing")),
        _shared(read, replace(sending, now=at)),
        calendar,
    )


def _shared(read: Read, sending: Senders) -> Senders:
    """Places on their clocks are worked out once a minute for everybody who asks within it, and once for each look at
    their load.
    """
    key = (sending.now, id(sending.load), id(sending.places), sending.book.version)
    told, known = read.memory.get("quoted sites", (None, {}))
    if told != key:
        known = {}
        read.memory["quoted sites"] = (key, known)
    return replace(sending, _sites=known)


def _faults(basket: Basket, items: Mapping[str, Item], places: Mapping[str, Location]) -> list[FieldError]:
    errors: list[FieldError] = [
        {"field": f"lines[{n}].item", "expected": "a known SKU", "advice": f"{sku} is not known here."}
        for n, (sku, _) in enumerate(basket.lines)
        if sku not in items
    ]
    if basket.place and basket.place not in places:
        errors.append({"field": "place", "expected": "a known place", "advice": "Check its code."})
    if not basket.place and not basket.country and basket.point is None:
        expected = "an address with its country, or a place"
        errors.append({"field": "address", "expected": expected, "advice": "Say where it is to go."})
    return errors


async def _maps(read: Read, _: Collection[str]) -> dict[str, Map]:
    senders = await order_words.load_senders(read, ())
    return {
        SENDING: Map(senders[order_words.SENDERS]),
        COLLECTED: Map(await locations.handing_over(read)),
    }


def _point(basket: Basket, senders: Map, place: Location | None) -> Point | None:
    """Where the customer is: as said, else by the postcode, else where they collect."""
    if basket.point is not None:
        return basket.point
    if basket.country and (point := senders.point_of(basket.country, basket.postcode)) is not None:
        return point
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return round(place.latitude * 1_000_000), round(place.longitude * 1_000_000)
