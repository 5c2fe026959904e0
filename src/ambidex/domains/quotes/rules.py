"""Pure decisions of quotes: which order may use one, and how it is written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ambidex.domains.quotes.model import Basket, HeldUnits, Promised, Quote, QuotedPart, QuoteState
from ambidex.domains.quotes.problems import (
    QuoteLetGo,
    QuoteOfOtherBasket,
    QuoteOfOtherChannel,
    QuoteOfOtherDestination,
    QuoteUsed,
)
from ambidex.kernel.actor import Actor, ActorKind, Permission
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.postcode import plain_postcode
from ambidex.kernel.problem import Problem

PICKUP = "pickup"


def basket_of(lines: Iterable[tuple[str, int]]) -> Basket:
    """Each SKU once, by name: two lines of one item are the same basket as one."""
    units: dict[str, int] = {}
    for sku, quantity in lines:
        units[sku] = units.get(sku, 0) + quantity
    return tuple(sorted(units.items()))


def may_use(
    quote: Quote,
    *,
    channel: str,
    source: str,
    basket: Basket,
    wanted: Iterable[tuple[str, str | None]],
    destination: tuple[str, str],
) -> Problem | None:
    """Why an order may not use this quote; None when it may. `wanted` are method and place (None: ours to choose)
    of its lines, `destination` its country and plain postcode ('' is not known).
    """
    if quote.state is not QuoteState.OPEN:
        return (QuoteUsed if quote.state is QuoteState.USED else QuoteLetGo)(quote=str(quote.quote_id))
    if channel != quote.channel or quote.source not in {"", source}:
        return QuoteOfOtherChannel(quote=str(quote.quote_id), channel=quote.channel, source=quote.source)
    if basket != quote.basket:
        return QuoteOfOtherBasket(quote=str(quote.quote_id), quoted=[list(one) for one in quote.basket])
    if not _goes_there(quote, wanted, destination):
        return QuoteOfOtherDestination(
            quote=str(quote.quote_id),
            method=quote.promised.method,
            places=quote.promised.places,
            country=quote.country,
            postcode=quote.postcode,
        )
    return None


def may_let_go(quote: Quote, actor: Actor) -> bool:
    """Whoever made it, and people who may cancel orders; a shop does not let go of what another one holds."""
    is_staff = actor.kind is not ActorKind.SOURCE and actor.may(Permission.ORDERS_CANCEL)
    return actor.id == quote.made_by or is_staff


def _goes_there(quote: Quote, wanted: Iterable[tuple[str, str | None]], destination: tuple[str, str]) -> bool:
    promised = quote.promised
    places = {*promised.places, None}
    if any(method != promised.method or place not in places for method, place in wanted):
        return False
    if promised.method == PICKUP:
        return True
    country, postcode = destination
    return country.upper() == quote.country.upper() and plain_postcode(postcode) == plain_postcode(
        quote.postcode
    )


def as_json(promised: Promised) -> dict[str, Any]:
    """As it is stored."""
    return {
        "option": promised.option,
        "method": promised.method,
        "speed": promised.speed,
        "due_at": promised.due_at.isoformat(),
        "confidence": promised.confidence,
        "cost": promised.cost,
        "version": promised.version,
        "arm": promised.arm,
        "brand": promised.brand,
        "sent_to": promised.sent_to,
        "parts": [
            {
                "location_id": str(part.location_id),
                "location": part.location,
                "starts_at": part.starts_at.isoformat(),
                "leaves_at": None if part.leaves_at is None else part.leaves_at.isoformat(),
                "due_at": part.due_at.isoformat(),
                "held": [
                    [one.line_no, str(one.item_id), one.sku, one.units, str(one.hold_id)] for one in part.held
                ],
            }
            for part in promised.parts
        ],
    }


def from_json(stored: Mapping[str, Any]) -> Promised:
    """As it was stored."""
    return Promised(
        option=stored["option"],
        method=stored["method"],
        speed=stored["speed"],
        due_at=datetime.fromisoformat(stored["due_at"]),
        confidence=stored["confidence"],
        cost=stored["cost"],
        parts=tuple(_part(part) for part in stored["parts"]),
        version=stored["version"],
        arm=stored["arm"],
        brand=stored["brand"],
        sent_to=stored["sent_to"],
    )


def _part(stored: Mapping[str, Any]) -> QuotedPart:
    leaves_at = stored["leaves_at"]
    return QuotedPart(
        LocationId(UUID(stored["location_id"])),
        stored["location"],
        datetime.fromisoformat(stored["starts_at"]),
        None if leaves_at is None else datetime.fromisoformat(leaves_at),
        datetime.fromisoformat(stored["due_at"]),
        tuple(
            HeldUnits(line_no, ItemId(UUID(item)), sku, units, UUID(hold))
            for line_no, item, sku, units, hold in stored["held"]
        ),
    )
