"""How sure picks are at the best, by item and sender: it says where a quote looks first, and where not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from ambidex.flows.near_enough import Ints, Map
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.reads import confidence
from ambidex.reads.quotes import last_counts
from ambidex.runtime.db import Read

REMEMBERED_FOR, REMEMBERED_MAX = timedelta(minutes=1), 5_000
DAY = 86_400


async def sure_of(read: Read, senders: Map, items: set[ItemId], now: datetime) -> Mapping[ItemId, Ints]:
    """How sure picks are at the best. Remembered for a minute: it only says where to look first, and where not at all."""
    known: dict[ItemId, tuple[datetime, Map, Ints]]
    _, known = read.memory.setdefault("sure", (0, {}))
    stale = {
        item for item in items if (one := known.get(item)) is None or one[0] < now or one[1] is not senders
    }
    if stale:
        counts = await last_counts(read, stale)
        if len(known) > REMEMBERED_MAX:
            known.clear()
        until = now + REMEMBERED_FOR
        known.update({item: (until, senders, _chances(senders, counts[item], now)) for item in stale})
    return {item: known[item][2] for item in items}


def _chances(senders: Map, known: tuple[list[LocationId], list[int | None]], now: datetime) -> Ints:
    """The formula of reads/confidence.py for a shelf that is full and was never found short."""
    found = np.full(len(senders.places), -1, np.int64)
    places, counted = known
    at = np.array([senders.by_id.get(place, -1) for place in places], np.int64)
    never = int(now.timestamp()) - confidence.AGE_MAX * DAY
    seconds = np.array([never if one is None else one for one in counted], np.int64)
    days = np.maximum(0, (int(now.timestamp()) - seconds) // DAY)
    chances = confidence.BEST - np.minimum(confidence.AGE_MAX, confidence.A_DAY * days)
    found[at[at >= 0]] = chances[at >= 0]
    return found
