"""Which place serves which line of an order: the one that was chosen if it may, else the first that may and has it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from babel import Locale

from ambidex.domains.availability import Ask, LeftOut
from ambidex.domains.locations import Location
from ambidex.domains.orders import Draft, Method, NewLine, NewOrder
from ambidex.flows import kits
from ambidex.flows.kits import Wish
from ambidex.flows.placing import Decision, Part, Words
from ambidex.kernel.problem import BadInput, FieldError, Problem

Room = Callable[[Part], int]
KIND_RANK = {"warehouse": 0, "third_party": 1, "store": 2, "supplier": 3}
ISO_LETTERS = 2
NOBODY = "no place may serve this customer"


@dataclass(frozen=True, slots=True)
class Unserved:
    """Lines that no place may serve, or not the one that was chosen, and why."""

    lines: Sequence[tuple[Part, str]]
    was_chosen: bool


def understand(
    draft: Draft, words: Words, room: Room, *, now: datetime, is_sold: bool
) -> Decision | Unserved | Problem:
    """Items and places of the lines, kits taken apart. `room` says what an order may have of a position.

    `is_sold`: another system has sold it already, so places that may not serve are used rather than none.
    """
    new = draft.new
    errors: list[FieldError] = []
    for index, line in enumerate(new.lines):
        errors += [{**e, "field": f"lines[{index}].{e['field']}"} for e in _line_faults(line, words)]
    if errors:
        return BadInput("the order cannot be placed as sent", errors=errors)
    asks = _asks(new, now=now)
    wishes = kits.wishes(new.lines, words.items)
    chosen = [_part(no, wish, words, asks) for no, wish in enumerate(wishes, start=1)]
    open_parts = [part for part in chosen if part.routed]
    sent = _sent_from(open_parts, words, room, is_sold=is_sold) if open_parts else {}
    if isinstance(sent, Unserved):
        return sent
    parts = tuple(sent.get(part.line_no, part) for part in chosen)
    return (None if is_sold else _refused(parts, words)) or Decision(draft, parts)


def _line_faults(line: NewLine, words: Words) -> list[FieldError]:
    errors: list[FieldError] = []
    if line.sku not in words.items:
        errors.append({"field": "item", "expected": "a known SKU", "advice": f"Create {line.sku} first."})
    place = words.places.get(line.location or "")
    if line.location and place is None:
        errors.append({"field": "location", "expected": "a known place", "advice": "Check its code."})
    if not line.location and line.method is Method.PICKUP:
        advice = "Say where the customer collects it."
        errors.append({"field": "location", "expected": "the code of a store", "advice": advice})
    if place is not None and line.method is Method.PICKUP and not place.hands_over():
        errors.append({"field": "location", "expected": "a place that hands over to customers"})
    if not line.location and line.method is not Method.PICKUP and not words.senders:
        errors.append({"field": "location", "expected": "a location, as no place sends goods"})
    return errors


def _asks(new: NewOrder, *, now: datetime) -> Mapping[Method, Ask]:
    country, postcode = destination(new.address or {})
    return {
        method: Ask(now, new.channel, new.source, method.value, country, postcode)
        for method in {line.method for line in new.lines}
    }


def destination(address: Mapping[str, Any]) -> tuple[str, str]:
    """Country (ISO 3166-1, two letters) and postcode of an address as it was sent; '' where it says none."""
    said = (str(address.get(name) or "").strip() for name in ("country_code", "country"))
    country = next((code for text in said if (code := _country(text))), "")
    postcode = next((str(address[n]) for n in ("postcode", "postal_code", "zip") if address.get(n)), "")
    return country, postcode


def _country(text: str) -> str:
    if len(text) == ISO_LETTERS:
        return text.upper()
    return _countries().get(text.casefold(), "") if text else ""


@cache
def _countries() -> Mapping[str, str]:
    """Names of countries in English, as shop platforms send them."""
    names = Locale("en").territories.items()
    return {name.casefold(): code for code, name in names if len(code) == ISO_LETTERS}


def _part(line_no: int, wish: Wish, words: Words, asks: Mapping[Method, Ask]) -> Part:
    """With the place that was chosen; where none was, the first that sends stands in until one is found."""
    new = wish.new
    place = words.places[new.location] if new.location else words.senders[0]
    routed = not new.location
    return Part(line_no, wish.item, place, new, asks[new.method], wish.asked, routed, kit=wish.kit)


def _sent_from(
    parts: Sequence[Part], words: Words, room: Room, *, is_sold: bool
) -> dict[int, Part] | Unserved:
    """One place for all that is open when one has it; else each line, or kit, from the first that has it."""
    asks = {part.ask for part in parts}
    for place in words.senders:
        if words.plans[place.location_id] and all(words.book.may_serve(place, ask) for ask in asks):
            moved = [_at(part, place) for part in parts]
            if _has_all(moved, room):
                return {part.line_no: part for part in moved}
    groups: dict[object, list[Part]] = {}
    for part in parts:
        groups.setdefault(("kit", part.kit.no) if part.kit else part.line_no, []).append(part)
    found = [(group, _together(group, words, room, is_sold=is_sold)) for group in groups.values()]
    lost = [part for group, sent in found for part in group if not sent]
    if lost:
        return Unserved([(part, NOBODY) for part in lost], was_chosen=False)
    return {part.line_no: part for _, sent in found for part in sent}


def _together(group: Sequence[Part], words: Words, room: Room, *, is_sold: bool) -> list[Part]:
    """From the first place that may and has it all, else the one that has most; empty when none may."""
    ask = group[0].ask
    able = [place for place in words.senders if words.book.may_serve(place, ask)]
    if not able and is_sold:
        able = list(words.senders)
    moved = [[_at(part, place) for part in group] for place in _open_first(able, words)]
    has = (parts for parts in moved if _has_all(parts, room))
    return next(has, None) or max(moved, key=lambda parts: min(room(part) for part in parts), default=[])


def _open_first(places: Iterable[Location], words: Words) -> list[Location]:
    """Those that never open again only when there are no others."""
    found = list(places)
    return [place for place in found if words.plans[place.location_id] is not None] or found


def _at(part: Part, place: Location) -> Part:
    return Part(part.line_no, part.item, place, part.new, part.ask, part.asked, routed=True, kit=part.kit)


def _has_all(parts: Sequence[Part], room: Room) -> bool:
    """Whether a position has enough for all of these lines together."""
    wanted: dict[object, int] = {}
    for part in parts:
        wanted[part.position] = wanted.get(part.position, 0) + part.new.quantity
    return all(room(part) >= wanted[part.position] for part in parts)


def _refused(parts: Sequence[Part], words: Words) -> Unserved | None:
    """Lines whose chosen place may not serve this customer. What is closed for good is said by its plan."""
    wrong = [(part, reason.value) for part in parts if not part.routed and (reason := _why_not(part, words))]
    return Unserved(wrong, was_chosen=True) if wrong else None


def _why_not(part: Part, words: Words) -> LeftOut | None:
    reason = words.book.why_not(part.place, part.ask)
    return None if reason is LeftOut.CLOSED else reason
