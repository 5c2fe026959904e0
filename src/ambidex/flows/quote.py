"""What would we promise for this basket? From the stock of now, by the same rules and the same engine as the order to come.

The stock of the most promising places is looked at first, and of others only while they could make a better promise
(near_enough.py). Nothing is written, unless the units are to be held (hold_quote.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ambidex.domains import inventory
from ambidex.domains.availability import MayNotServe
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method
from ambidex.domains.promises import NeverOpensAgain
from ambidex.flows import quote_options as options
from ambidex.flows.quote_options import Missing, Option
from ambidex.flows.quote_sent import first_looked_at, sent
from ambidex.flows.quote_to_store import sent_to_store, to_look_for
from ambidex.flows.quote_view import FIRST_LOOK, View, see, view_of
from ambidex.flows.quote_words import Basket
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.reads.quotes import those_having
from ambidex.runtime.db import Read

NEAR_METRES = 100_000
# a place, and how far it is in metres where that is known
Near = tuple[Location, int | None]
PICKUPS, LOOKED_AT, WIDER = 5, 24, 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What may be promised, the best of each method first; and what is not, with the reason."""

    at: datetime
    options: tuple[Option, ...]
    missing: tuple[Missing, ...]
    view: View

    def option(self, key: str) -> Option | None:
        """The one of this key; '' is the first."""
        return next((one for one in self.options if key in {"", one.key}), None)


async def quote(
    read: Read,
    basket: Basket,
    *,
    quote_id: UUID,
    first_look: int = FIRST_LOOK,
    own: Mapping[inventory.Place, int] | None = None,
) -> Answer:
    """Every way in which this basket may be had. Raises BadInput, and SoldOut, MayNotServe or NeverOpensAgain when
    there is none. `first_look`: at how many senders before it is asked whether others could be cheaper.
    `own`: units that the customer's quote before holds.
    """
    view = await view_of(read, basket, quote_id, own=own)
    view.first_look = first_look
    near = _nearest(view) if Method.PICKUP in basket.methods else []
    await see(read, view, _first_looked_at(view, near))
    found: list[Option | Missing] = []
    if Method.PICKUP in basket.methods:
        found += await _collected(read, view, near)
    by_carrier = [method for method in basket.methods if method is not Method.PICKUP]
    found += [one for method in by_carrier for one in await sent(read, view, method)]
    order = {method: n for n, method in enumerate(basket.methods)}
    found.sort(key=lambda one: order[one.method])
    answer = Answer(
        view.words.now,
        tuple(one for one in found if isinstance(one, Option)),
        tuple(one for one in found if isinstance(one, Missing)),
        view,
    )
    if not answer.options:
        raise refusal(answer)
    return answer


def _first_looked_at(view: View, near: Sequence[Near]) -> list[Location]:
    """Near places to collect at, and those that would send it cheapest if they had it: one look for all methods."""
    basket = view.basket
    found = [place for place, _ in near[:LOOKED_AT]]
    if Method.SHIP in basket.methods and basket.country:
        found += first_looked_at(view, Method.SHIP)
    return found


def _nearest(view: View) -> list[Near]:
    """Places where this customer may collect, with metres: the one that was named first, then near ones."""
    words, ask = view.words, view.words.ask(view.basket, Method.PICKUP)
    metres = words.collected.metres_from(words.point)
    near = [at for at in metres.argsort(kind="stable")[: LOOKED_AT + WIDER] if metres[at] <= NEAR_METRES]
    found: list[Near] = [(words.collected.places[at], int(metres[at])) for at in near]
    if words.place is not None:
        at = words.collected.index.get(words.place.code)
        far = None if at is None or words.point is None else int(metres[at])
        found = [(words.place, far), *(one for one in found if one[0].code != words.place.code)]
    return [(place, far) for place, far in found if words.book.may_serve(place, ask)]


async def _collected(read: Read, view: View, near: Sequence[Near]) -> list[Option | Missing]:
    """At the near places that have all of it, the soonest first; the nearest that have not all are named with why not."""
    words, ask = view.words, view.words.ask(view.basket, Method.PICKUP)
    wanted = words.place
    if wanted is not None and wanted not in [place for place, _ in near]:
        why = words.book.why_not(wanted, ask)
        left_out = [Missing(Method.PICKUP, options.NOT_THERE if why is None else why.value, wanted)]
    else:
        left_out = []
    if not near:
        return [*left_out] or [Missing(Method.PICKUP, _why_nowhere(view))]
    found = _at_each(view, near[:LOOKED_AT])
    if sum(isinstance(one, Option) for one in found) < PICKUPS and len(near) > LOOKED_AT:
        others = near[LOOKED_AT:]
        having = await those_having(read, view.items, [place.location_id for place, _ in others])
        more = [one for one in others if one[0].location_id in having]
        await see(read, view, [place for place, _ in more])
        found += _at_each(view, more)
    found += await _sent_there(read, view, found, near)
    able = sorted(
        (one for one in found if isinstance(one, Option)),
        key=lambda one: (one.due_at, one.metres or 0, one.key),
    )
    unable = [one for one in found if isinstance(one, Missing)]
    if wanted is not None:
        able.sort(key=lambda one: one.collected_at != wanted)
    return [*able[:PICKUPS], *left_out, *unable[:PICKUPS]]


async def _sent_there(
    read: Read, view: View, found: Sequence[Option | Missing], near: Sequence[Near]
) -> list[Option]:
    """To the place that was named or the nearest, when it lacks something; not while enough others have all of it today."""
    wanted = view.words.place
    lacks = to_look_for(found, wanted)
    enough = wanted is None and sum(isinstance(one, Option) for one in found) >= PICKUPS
    if lacks is None or lacks.place is None or enough:
        return []
    metres = next((far for place, far in near if place == lacks.place), None)
    option = await sent_to_store(read, view, lacks.place, metres)
    return [] if option is None else [option]


def _why_nowhere(view: View) -> str:
    return options.WHERE_NEAR if view.words.point is None else options.NOT_NEAR


def _at_each(view: View, near: Sequence[Near]) -> list[Option | Missing]:
    ask = view.words.ask(view.basket, Method.PICKUP)
    stock = view.room, view.chance
    return [
        options.collected_at(
            place,
            view.goods,
            ask=ask,
            policy=view.policy,
            stock=stock,
            metres=metres,
            calendar=view.words.calendar,
        )
        for place, metres in near
    ]


def refusal(answer: Answer) -> Problem:
    """Why nothing can be promised: sold out, unless nobody may serve or open for it."""
    lacking = [one for one in answer.missing if one.left]
    words = sorted({_said(one) for one in answer.missing})
    if lacking:
        return inventory.SoldOut("; ".join(words), lines=_lines(lacking))
    if any(one.why == options.NEVER_OPENS for one in answer.missing):
        return NeverOpensAgain("; ".join(words))
    return MayNotServe("; ".join(words), reasons=words)


def _said(one: Missing) -> str:
    where = f" at {one.place.name}" if one.place else ""
    left = ", ".join(f"{sku}: {units} left" for sku, units in sorted(one.left.items()))
    return f"{one.method.value}{where}: {one.why}" + (f" ({left})" if left else "")


def _lines(lacking: Sequence[Missing]) -> list[Mapping[str, object]]:
    """What lacks, with the most that any way leaves of it."""
    most: dict[str, int] = {}
    for one in lacking:
        for sku, units in one.left.items():
            most[sku] = max(most.get(sku, 0), units)
    return [{"item": sku, "available": units} for sku, units in sorted(most.items())]
