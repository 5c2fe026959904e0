"""Where a quote looks first, and where it has to look besides: only at places that could better the plan it has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ambidex.domains import routing
from ambidex.domains.locations import Location
from ambidex.flows.near_enough import Ints
from ambidex.flows.quote_course import Course, able
from ambidex.flows.quote_view import View
from ambidex.flows.snapshots import Goods
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass, replace
from ambidex.reads.quotes import who_has
from ambidex.runtime.db import Read

# what no more places than these ever had is looked at wherever it was
FEW = 16
# before more places than these are looked at, it is asked which of them have enough
MANY = 32
# places looked at besides: not all that could send what lacks are needed, while any of the others may be
SOME, WIDER = 32, 512
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at so far: places, what the engine was shown of them, and what it made of that."""

    places: Sequence[Location]
    snapshot: routing.Snapshot
    seen: routing.further.Seen


def first_of(view: View, course: Course) -> list[Location]:
    """The most promising places, and those of what only few ever had: the plan hangs on these."""
    search = course.search
    first = list(islice(able(view, course, search.below(None)), view.first_look))
    few = able(view, course, search.few_know(FEW))
    return [*first, *(place for place in few if place not in first)]


async def further(read: Read, view: View, course: Course, looked: Looked) -> list[Location]:
    """Places not looked at that could better this plan, or send what it lacks; none: it stands."""
    seen, search = looked.seen, course.search
    known = [place.code for place in looked.places]
    if seen.plan.unfilled or seen.parted:
        found = await _lacking(read, view, course, looked, search.below(None, known))
        if found or seen.plan.unfilled:
            return found
    at = search.below(seen.plan.cost, known)
    if seen.least is not None:
        at = _cheaper(course, looked, at, search.chances)
    if len(at) > MANY:
        # of a line that is parted a single unit may be enough
        lines = [replace(one, units=1) for one in view.goods] if seen.parted else view.goods
        enough = await _enough(read, course, lines)
        at = at[_any(enough)[at]]
        if seen.least is not None:
            at = _cheaper(course, looked, at, np.where(enough, search.chances, -1))
    return list(islice(able(view, course, at), WIDER))


async def _lacking(read: Read, view: View, course: Course, looked: Looked, at: Ints) -> list[Location]:
    """Of these places those that have a line whole which lacks or was parted; where nobody has, those with a part of it."""
    lines = _looked_for(view, course, looked.seen)
    enough = await _enough(read, course, lines)
    whole = _any([np.logical_and.reduce(enough[rows]) for rows in _groups(course, lines)])
    # as many as were looked at: what lacks is rarely at all of them
    found = list(islice(able(view, course, at[whole[at]]), max(SOME, len(looked.places))))
    alone = [lines[rows[0]] for rows in _groups(course, lines) if len(rows) == 1]
    several = [one for one in alone if one.units > 1]
    if found or course.together or not several or not looked.seen.plan.unfilled:
        return found
    some = _any(await _enough(read, course, [replace(one, units=1) for one in several]))
    return list(islice(able(view, course, at[some[at]]), WIDER))


def _looked_for(view: View, course: Course, seen: routing.further.Seen) -> Sequence[Goods]:
    """Lines that lack or were parted; all where parcels are few, as a place with two of the others may spare one."""
    if course.together or (seen.plan.unfilled and course.speed.policy.parts_max > 1):
        return view.goods
    numbers = seen.plan.unfilled.keys() | {view.goods[row].line_no for row in seen.parted}
    return [one for one in view.goods if one.line_no in numbers]


def _groups(course: Course, lines: Sequence[Goods]) -> Iterable[list[int]]:
    """Rows of lines that come from one place."""
    found: dict[tuple[int, int], list[int]] = {}
    for row, one in enumerate(lines):
        key = (0, 0) if course.together else (one.kit_no, 0 if one.kit_no else one.line_no)
        found.setdefault(key, []).append(row)
    return found.values()


def _cheaper(course: Course, looked: Looked, at: Ints, chances: Ints) -> Ints:
    """Those of these places that could better the plan, the most promising first."""
    if not len(at):
        return at
    at_best = course.search.at_best(looked.snapshot, chances)
    floors = routing.further.floors(looked.seen, at_best, course.search.map.columns[at])
    order = np.argsort(floors, kind="stable")
    return at[order[floors[order] < looked.seen.plan.cost]]


async def _enough(read: Read, course: Course, lines: Sequence[Goods]) -> Mask:
    """[line, place] of the map: whether the units of the line lie there."""
    wanted: dict[ItemId, int] = {}
    for one in lines:
        item_id = one.item.item_id
        wanted[item_id] = min(one.units, wanted.get(item_id, one.units))
    map_ = course.search.map
    found = {item_id: map_.that_are(ids) for item_id, ids in (await who_has(read, wanted)).items()}
    nowhere = np.zeros(len(map_.places), bool)
    return np.stack([found.get(one.item.item_id, nowhere) for one in lines])


def _any(masks: Mask | Sequence[Mask]) -> Mask:
    """Places of which one of these says yes."""
    found: Mask = np.logical_or.reduce(masks)
    return found
