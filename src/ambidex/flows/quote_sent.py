"""How a basket is sent: the cheapest plan of the engine at each speed, over as many places as it takes to be sure of it."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import routing
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method
from ambidex.flows import quote_options as options
from ambidex.flows import snapshots
from ambidex.flows.quote_course import Course, course
from ambidex.flows.quote_further import Looked, first_of, further
from ambidex.flows.quote_options import Missing, Option
from ambidex.flows.quote_view import View, see
from ambidex.flows.snapshots import Goods
from ambidex.kernel.values import replace
from ambidex.runtime.db import Read


async def sent(read: Read, view: View, method: Method) -> list[Option | Missing]:
    """The cheapest plan at each speed; deliveries have one. The cheapest for the customer first."""
    if not view.basket.country:
        return [Missing(method, options.WHERE_TO)]
    speeds = options.speeds_of(view.policy)
    found = [
        await _at_speed(read, view, course(view, method, speed))
        for speed in (speeds[:1] if method is Method.DELIVER else speeds)
    ]
    return sorted(found, key=_price_first)


def _price_first(one: Option | Missing) -> tuple[int, int]:
    if isinstance(one, Missing):
        return 1, 0
    return 0, one.cost if one.price is None else one.price.minor * 1_000


async def _at_speed(read: Read, view: View, course: Course) -> Option | Missing:
    planned = await planned_on(read, view, course)
    if planned is None:
        return Missing(course.method, options.NOBODY_SERVES, speed=course.speed.code)
    plan, snapshot = planned
    view.snapshots[course.key] = snapshot
    return options.sent(
        plan,
        snapshot,
        view.goods,
        speed=course.speed,
        method=course.method,
        place_of=view.words.senders.place,
    )


def first_looked_at(view: View, method: Method) -> list[Location]:
    """Where to look first for what is sent so, at the first speed."""
    return first_of(view, course(view, method, options.speeds_of(view.policy)[0]))


async def planned_on(read: Read, view: View, course: Course) -> tuple[routing.Plan, routing.Snapshot] | None:
    """The cheapest plan over all places; None when none may send."""
    first = first_of(view, course)
    return await _planned(read, view, course, first) if first else None


async def _planned(
    read: Read, view: View, course: Course, places: Sequence[Location]
) -> tuple[routing.Plan, routing.Snapshot]:
    """Looks further as long as a place not looked at could be part of a cheaper plan, or send what lacks."""
    await see(read, view, places)
    snapshot = _snapshot_of(view, course, places)
    seen = routing.further.seen(snapshot)
    more = await further(read, view, course, Looked(places, snapshot, seen))
    if not more:
        return seen.plan, snapshot
    return await _planned(read, view, course, [*places, *more])


def _snapshot_of(view: View, course: Course, places: Sequence[Location]) -> routing.Snapshot:
    ask, speed = course.ask, course.speed
    goods = [replace(one, kit_no=1) for one in view.goods] if course.together else view.goods
    demand = snapshots.demand_of(
        view.quote_id.hex, goods, ask=ask, point=course.point, brand=view.basket.brand
    )

    prices = view.words.rules.prices

    def shelf(goods: Goods, place: Location) -> routing.Shelf:
        free = view.room(goods, place, ask)
        if free <= 0:
            return routing.Shelf(0)
        price = prices.price(goods.item.sku, place.code, free=free, now=view.words.now)
        return routing.Shelf(free, view.chance(goods, place, free), price)

    return snapshots.snapshot_of(
        demand, goods, senders=view.words.sending, candidates=places, policy=speed.policy, shelf=shelf
    )
