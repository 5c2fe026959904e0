"""One way of sending a basket: who asks, where it goes to, and the places in the order in which they are worth a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ambidex.domains.availability import Ask
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method
from ambidex.flows.near_enough import Search
from ambidex.flows.postcodes import Point
from ambidex.flows.quote_options import Speed
from ambidex.flows.quote_view import View
from ambidex.kernel.values import dataclass


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


def able(view: View, course: Course, at: Iterable[int]) -> Iterator[Location]:
    """Those of these places of the map that may send this to this customer."""
    book, calendar, places = view.words.book, view.words.calendar, course.search.map.places
    for place in (places[one] for one in at):
        if place.code == course.without or (course.senders is not None and place.code not in course.senders):
            continue
        is_paused = calendar is not None and calendar.pause_of(place, course.ask.method) is not None
        if not is_paused and book.may_serve(place, course.ask):
            yield place
