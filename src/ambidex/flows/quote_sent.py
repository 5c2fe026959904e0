"""How a basket is sent: the cheapest plan of the engine at each speed, over as many places as it takes to be sure of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from ambidex.domains import routing
from ambidex.domains.availability import Ask
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method
from ambidex.flows import quote_options as options
from ambidex.flows import snapshots
from ambidex.flows.near_enough import Ints, Search
from ambidex.flows.postcodes import Point
from ambidex.flows.quote_options import Missing, Option, Speed
from ambidex.flows.quote_view import View, see
from ambidex.flows.snapshots import Goods
from ambidex.kernel.values import dataclass, replace
from ambidex.reads.quotes import places_having
from ambidex.runtime.db import Read

# places looked at besides, where the nearest are not enough: looking at a few of them first seldom spares the others, and is paid twice
WIDER = 512
# what no more places than these ever had is looked at wherever it was
FEW = 16


@dataclass(frozen=True, slots=True)
class Course:
    """One method at one speed: who asks, where it goes to, and the places in the order in which they are worth a look.

    `senders`: codes of the only places that come into question; None: all. `without`: but this one. `together`: from one of them, all of it.
    """

    method: Method
    speed: Speed
    ask: Ask
    search: Search
    point: Point | None
    senders: frozenset[str] | None = None
    without: str = ""
    together: bool = False

    @property
    def key(self) -> str:
        return f"{self.method.value}:{self.speed.code}"


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


def course(view: View, method: Method, speed: Speed) -> Course:
    """Worked out once for each view, as who looks first and who plans ask the same."""
    key = f"{method.value}:{speed.code}"
    found: Course | None = view.courses.get(key)
    if found is None:
        found = view.courses[key] = _course(view, method, speed)
    return found


def _course(view: View, method: Method, speed: Speed) -> Course:
    point = view.words.point
    return Course(
        method, speed, view.words.ask(view.basket, method), search_to(view, method, speed, point), point
    )


def search_to(view: View, method: Method, speed: Speed, point: Point | None) -> Search:
    """Where to look first for what is sent there."""
    chances = [view.sure[one.item.item_id] for one in view.goods]
    return Search.of(
        view.words.senders, view.goods, point, speed.policy, method=method.value, chances=chances
    )


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


async def planned_on(read: Read, view: View, course: Course) -> tuple[routing.Plan, routing.Snapshot] | None:
    """The cheapest plan over all places; None when none may send."""
    first = first_of(view, course)
    return await _planned(read, view, course, first) if first else None


def first_of(view: View, course: Course) -> list[Location]:
    """The most promising places, and those of what only few ever had: the plan hangs on these."""
    search = course.search
    first = list(islice(_able(view, course, search.below(None)), view.first_look))
    few = _able(view, course, search.few_know(FEW))
    return [*first, *(place for place in few if place not in first)]


async def _planned(
    read: Read, view: View, course: Course, places: Sequence[Location]
) -> tuple[routing.Plan, routing.Snapshot]:
    """Looks further as long as a place not looked at could be part of a cheaper plan, or has some of what lacks."""
    await see(read, view, places)
    snapshot = _snapshot_of(view, course, places)
    found = routing.further.seen(snapshot)
    known = {place.code for place in places}
    if found.plan.unfilled:
        more = await _having(read, view, course, found.plan.unfilled, known)
    else:
        more = list(_able(view, course, _cheaper(course, snapshot, found, known)))
    if not more:
        return found.plan, snapshot
    return await _planned(read, view, course, [*places, *more[:WIDER]])


async def _having(
    read: Read, view: View, course: Course, lacking: Collection[int], known: Collection[str]
) -> list[Location]:
    """Places not looked at that have some of these lines, or all of them where all comes together."""
    items = {view.item_of(line_no) for line_no in lacking}
    having = await places_having(read, items, all_of_them=course.together)
    others = _able(view, course, course.search.below(None, known))
    return [place for place in others if place.location_id in having]


def _cheaper(
    course: Course, snapshot: routing.Snapshot, found: routing.further.Seen, known: Collection[str]
) -> Ints:
    """Places not looked at that could better this plan, the most promising first."""
    search, cost = course.search, found.plan.cost
    at = search.below(cost, known)
    if found.least is None or not len(at):
        return at
    floors = routing.further.floors(found, search.at_best(snapshot), search.map.columns[at])
    order = np.argsort(floors, kind="stable")
    return at[order[floors[order] < cost]]


def _able(view: View, course: Course, at: Iterable[int]) -> Iterator[Location]:
    """Those of these places of the map that may send this to this customer."""
    book, calendar, places = view.words.book, view.words.calendar, course.search.map.places
    for place in (places[one] for one in at):
        if place.code == course.without or (course.senders is not None and place.code not in course.senders):
            continue
        is_paused = calendar is not None and calendar.pause_of(place, course.ask.method) is not None
        if not is_paused and book.may_serve(place, course.ask):
            yield place


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
