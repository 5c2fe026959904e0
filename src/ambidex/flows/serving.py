"""Which place serves which line of an order: the one that was chosen, else those that the engine chooses. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from babel import Locale

from ambidex.domains.availability import Ask, LeftOut
from ambidex.domains.orders import Draft, Method, NewLine, NewOrder
from ambidex.flows import kits
from ambidex.flows.kits import Wish
from ambidex.flows.placing import Decision, Part, Words
from ambidex.flows.sending import Buyer, Chance, Room, Sent, planned_from, send
from ambidex.kernel.problem import BadInput, FieldError, Problem
from ambidex.kernel.values import dataclass

KIND_RANK = {"warehouse": 0, "third_party": 1, "store": 2, "supplier": 3}
ISO_LETTERS = 2
NOBODY = "no place may serve this customer"


@dataclass(frozen=True, slots=True)
class Unserved:
    """Lines that no place may serve, or not the one that was chosen, and why."""

    lines: Sequence[tuple[Part, str]]
    was_chosen: bool


def understand(
    draft: Draft, words: Words, room: Room, *, chance: Chance, now: datetime, is_sold: bool
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
    parts = tuple(_part(no, wish, words, asks) for no, wish in enumerate(wishes, start=1))
    if all(line.method is Method.PICKUP for line in new.lines):
        return (None if is_sold else _refused(parts, words)) or Decision(draft, parts)
    sent = _sent(draft, parts, words, (room, chance), is_sold=is_sold)
    if isinstance(sent, Unserved):
        return sent
    return (None if is_sold else _refused(sent.parts, words)) or Decision(
        draft, tuple(sent.parts), sent.plans, sent.routed
    )


def _sent(
    draft: Draft, parts: Sequence[Part], words: Words, stock: tuple[Room, Chance], *, is_sold: bool
) -> Sent | Unserved:
    """What is sent to the customer: by place and method when it arrives; where nobody chose the place, by the engine."""
    room, chance = stock
    buyer = Buyer.of(draft)
    done = Sent([part for part in parts if not part.routed])
    for method in (Method.SHIP, Method.DELIVER):
        open_parts = [part for part in parts if part.routed and part.new.method is method]
        if open_parts:
            one = send(buyer, open_parts, words, room=room, chance=chance, is_sold=is_sold)
            if one is None:
                return Unserved([(part, NOBODY) for part in open_parts], was_chosen=False)
            done = done.with_more(one)
    chosen = [part for part in parts if not part.routed and part.new.method is not Method.PICKUP]
    done.plans.update(planned_from(buyer, chosen, words))
    done.parts.sort(key=lambda part: part.line_no)
    return done


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
    return Part(
        line_no, wish.item, place, new, asks[new.method], wish.asked, new.quantity, routed, kit=wish.kit
    )


def _refused(parts: Sequence[Part], words: Words) -> Unserved | None:
    """Lines whose chosen place may not serve this customer. What is closed for good is said by its plan."""
    wrong = [(part, reason.value) for part in parts if not part.routed and (reason := _why_not(part, words))]
    return Unserved(wrong, was_chosen=True) if wrong else None


def _why_not(part: Part, words: Words) -> LeftOut | None:
    reason = words.book.why_not(part.place, part.ask)
    return None if reason is LeftOut.CLOSED else reason
