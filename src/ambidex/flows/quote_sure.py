"""How sure picks are at the best, by item and sender: it says where a quote looks first, and where not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from ambidex.flows.near_enough import Ints, Map
from ambidex.kernel.ids import ItemId
from ambidex.reads import confidence
from ambidex.reads.quotes import LastCounts, last_counts
from ambidex.runtime.db import Read

REMEMBERED_FOR, REMEMBERED_MAX = timedelta(minutes=1), 5_000
YEAR_2000, MICROSECOND, NEVER = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1), -(1 << 63)
DAY = timedelta(days=1) // MICROSECOND


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
        known.update({item: (until, senders, _chances(senders, counts.get(item), now)) for item in stale})
    return {item: known[item][2] for item in items}


def _chances(senders: Map, known: LastCounts | None, now: datetime) -> Ints:
    """The formula of reads/confidence.py for a shelf that is full and was never found short."""
    found = np.full(len(senders.places), -1, np.int64)
    if known is None:
        return found
    at = senders.of_ids(known.places)
    counted = np.frombuffer(known.counted, ">i8").astype(np.int64)
    since = (now - YEAR_2000) // MICROSECOND - np.where(counted == NEVER, 0, counted)
    days = np.where(counted == NEVER, confidence.AGE_MAX, np.maximum(0, since // DAY))
    chances = confidence.BEST - np.minimum(confidence.AGE_MAX, confidence.A_DAY * days)
    found[at[at >= 0]] = chances[at >= 0]
    return found
