"""How sure picks are at the best, by item and sender: it says where a quote looks first, and where not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from ambidex.flows.near_enough import Ints, Map
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.reads.confidence import Doubt
from ambidex.reads.quotes import last_counts
from ambidex.runtime.db import Read

REMEMBERED_FOR, REMEMBERED_MAX = timedelta(minutes=1), 5_000
# so many units that the number of them is no reason to doubt
MANY = 1_000


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


def _chances(senders: Map, counted: Mapping[LocationId, datetime | None], now: datetime) -> Ints:
    found = np.full(len(senders.places), -1, np.int64)
    for location_id, at in counted.items():
        index = senders.by_id.get(location_id)
        if index is not None:
            found[index] = Doubt(at, 0, 0).chance(MANY, now=now)
    return found
