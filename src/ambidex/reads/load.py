"""How much work waits at each place. As of some seconds ago: whoever chooses a place need not count anew each time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import text

from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Read

REMEMBERED_FOR = timedelta(seconds=15)
_WAITING = text("""
SELECT location_id, count(*) AS works FROM fulfillment.work
 WHERE state NOT IN ('handed_over', 'canceled', 'refused', 'lapsed', 'taken_back', 'short')
   AND state IN ('offered', 'accepted', 'picking') GROUP BY location_id""")


async def works_waiting(read: Read) -> Mapping[LocationId, int]:
    """By place, works that are not picked yet."""
    known: Mapping[LocationId, int]
    until, known = read.memory.get("load", (None, {}))
    if until is None or read.now >= until:
        known = {LocationId(row.location_id): row.works for row in await read.all(_WAITING)}
        read.memory["load"] = (read.now + REMEMBERED_FOR, known)
    return known
