"""What a letter to a customer may say: the facts that every message of an order shares, as JSON.

Nothing secret is among them: the link and the pickup code are made from the installation's key when the letter is
rendered (`with_link`, `with_code`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ambidex.domains import fulfillment, orders
from ambidex.domains.locations import Location
from ambidex.domains.messages import Message, MessageKind
from ambidex.domains.orders import Line, Order
from ambidex.kernel.address import address_lines
from ambidex.kernel.event import json_value
from ambidex.runtime.db import Read

CLOSED = "closed today"
WITH_CODE = frozenset({MessageKind.READY, MessageKind.REMINDER, MessageKind.LAST_CALL})


def facts_for(order: Order, location: Location | None, *, now: datetime, **more: Any) -> dict[str, Any]:
    """The facts of one message. `more` are those of its kind (README of messages: Words); None is left out."""
    place = None if location is None else place_facts(location, now=now)
    said = {name: json_value(value) for name, value in more.items()}
    return {name: value for name, value in {**order_facts(order, place), **said}.items() if value is not None}


def order_facts(order: Order, place: Mapping[str, str] | None) -> dict[str, Any]:
    """Those that every message of an order shares; the same place says the same to all."""
    return {
        "name": order.contact.name,
        "email": order.contact.email,
        "language": order.language,
        "number": order.source_number or order.number,
        "link_version": order.link_version,
        "place": place,
        "items": [item_facts(line) for line in order.lines if line.still_to_happen],
    }


def place_facts(location: Location, *, now: datetime) -> dict[str, str]:
    """A place as customers are told about it."""
    return {
        "name": location.name,
        "address": ", ".join(address_lines({**location.address, "city": location.city})),
        "phone": location.phone,
        "hours_today": hours_today(location, now=now),
        "zone": location.zone.key,
    }


def item_facts(line: Line) -> dict[str, Any]:
    """A line as customers read it."""
    return {"name": line.title, "quantity": line.quantity}


def hours_today(location: Location, *, now: datetime) -> str:
    """The rest of today's opening hours on the clock of the place."""
    opens, closes = location.hours.next_open(now), location.hours.closes_at(now)
    local_day = now.astimezone(location.zone).date()
    if opens is None or closes is None or opens.astimezone(location.zone).date() != local_day:
        return CLOSED
    if location.hours.is_open(now):
        return f"until {closes.astimezone(location.zone):%-I:%M %p}"
    return f"{opens.astimezone(location.zone):%-I:%M %p} to {closes.astimezone(location.zone):%-I:%M %p}"


def with_link(message: Message, *, key: bytes) -> Mapping[str, Any]:
    """The facts with the customer's link, which only the installation's key can make."""
    link = orders.customer_link(key, message.order_id, int(message.facts["link_version"]))
    return {**message.facts, "link": link}


async def with_code(read: Read, message: Message, *, key: bytes) -> Mapping[str, Any]:
    """The facts with link and live pickup code."""
    work = await fulfillment.work(read, message.order_id, message.work_no)
    code = await fulfillment.PickupCodes(key).shown(read, work) or ""
    return {**with_link(message, key=key), "code": code}
