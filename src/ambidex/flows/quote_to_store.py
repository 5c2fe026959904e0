"""Collected at a place that has not all of it: another place sends it there, and it lies ready some days later.

Who sends is the engine's choice, with the store as the address and all from one place; the day is the one of the clock
of transfers (options.py), so the order can keep it. It is offered at the place that was named, else at the nearest.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ambidex.domains import routing
from ambidex.domains.availability import Ask
from ambidex.domains.locations import Location, LocationKind
from ambidex.domains.orders import Method
from ambidex.flows import options as transfers
from ambidex.flows import quote_options as options
from ambidex.flows.postcodes import Point
from ambidex.flows.quote_course import Course, search_to
from ambidex.flows.quote_options import Missing, Option, Share, Speed
from ambidex.flows.quote_sent import planned_on
from ambidex.flows.quote_view import View
from ambidex.kernel.money import Money
from ambidex.runtime.db import Read

SENDERS = frozenset({LocationKind.STORE, LocationKind.WAREHOUSE})


def to_look_for(found: Iterable[Option | Missing], named: Location | None) -> Missing | None:
    """The place that was named, or the nearest, if it lacks something; `found` the nearest first."""
    first = next(iter(found), None)
    if not isinstance(first, Missing) or first.why != options.LACKS or first.place is None:
        return None
    return first if named is None or first.place.code == named.code else None


async def sent_to_store(read: Read, view: View, store: Location, metres: int | None) -> Option | None:
    """The cheapest place that has all of it sends it there; None when none has, or it could never lie ready."""
    course = _course(view, store)
    planned = await planned_on(read, view, course)
    if planned is None or planned[0].unfilled or len(planned[0].parts) != 1:
        return None
    [part] = planned[0].parts
    sender, words = view.words.senders.place(part.site), view.words
    arrives_at = transfers.sent_at(sender, store, now=words.now)
    if arrives_at is None:
        return None
    ask = words.ask(view.basket, Method.PICKUP)
    plan = options.ready_at(store, ask, words.calendar, arrives_at=arrives_at)
    if isinstance(plan, str):
        return None
    option = _option(view, course, store, (sender, part, plan.due_at), metres)
    view.snapshots[option.key] = planned[1]
    return option


def _option(
    view: View,
    course: Course,
    store: Location,
    sent: tuple[Location, routing.model.PlannedPart, datetime],
    metres: int | None,
) -> Option:
    sender, part, due_at = sent
    chances = [view.chance(one, sender, view.room(one, sender, course.ask)) for one in view.goods]
    over_the_counter = options.cost_of_handing_over(store, view.goods, view.policy, ())
    share = Share(sender, dict(part.lines), view.words.now, None, due_at, part.cost + over_the_counter)
    free = Money(0, view.goods[0].item.price.currency)
    return Option(
        f"{Method.PICKUP.value}:{store.code}:sent", Method.PICKUP, "", store.name, (share,),
        options.together(chances), free, metres, sent_to=store, asked_as=course.ask,
    )  # fmt: skip


def _course(view: View, store: Location) -> Course:
    """As the store asks for it: sent to its own address, in one parcel."""
    basket, policy = view.basket, view.policy
    code, country = (_said(store, *names) for names in (("postcode", "zip"), ("country", "country_code")))
    ask = Ask(view.words.now, basket.channel, basket.source, Method.SHIP.value, country.upper(), code)
    speed, point = Speed("", "", policy.at_speed(routing.model.TOGETHER)), _point(store)
    able = view.words.senders.of_kinds(SENDERS)
    search = search_to(view, Method.SHIP, speed, point)
    return Course(Method.PICKUP, speed, ask, search, point, able, without=store.code, together=True)


def _said(place: Location, *names: str) -> str:
    return next((str(said) for name in names if (said := place.address.get(name))), "")


def _point(place: Location) -> Point | None:
    if place.latitude is None or place.longitude is None:
        return None
    return round(place.latitude * 1_000_000), round(place.longitude * 1_000_000)
