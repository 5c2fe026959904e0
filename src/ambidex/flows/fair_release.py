"""Who gets stock that landed. Pure: the written rule, in five sentences.

1. Who waits at a place comes before whoever orders anew: what customers wait for is not promised to others.
2. Those who wait stand in a queue: by the date they were promised, then by when they placed the order, then by line.
3. A line is served whole or not at all.
4. Free units go down the queue. A line for which they do not suffice is passed over while its date lies ahead, so that
   units do not idle for it; a line behind never takes units that would have served one before it.
5. Once its date has passed nobody behind is served at that place: units gather for it. So nobody waits for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ambidex.domains.inventory import Place
from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """Units of one line that wait at one place; sorted as the queue stands."""

    due_at: datetime
    placed_at: datetime
    order_id: OrderId
    line_no: int
    place: Place
    units: int


def release(queue: Iterable[Waiting], free: Mapping[Place, int], *, now: datetime) -> list[Waiting]:
    """The lines that are served from these free units, in the order of the queue."""
    left = dict(free)
    kept: set[Place] = set()
    served = []
    for line in sorted(queue):
        if line.place in kept:
            continue
        if left.get(line.place, 0) >= line.units:
            left[line.place] -= line.units
            served.append(line)
        elif line.due_at <= now:
            kept.add(line.place)
    return served
