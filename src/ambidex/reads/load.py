"""How much work waits at each place. As of some seconds ago: whoever chooses a place need not count anew each time."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Read

# counted anew in each such slice of time
SECONDS = 15
_WAITING = text("""
SELECT location_id, count(*) AS works FROM fulfillment.work
 WHERE state NOT IN ('handed_over', 'canceled', 'refused', 'lapsed', 'taken_back', 'short')
   AND state IN ('offered', 'accepted', 'picking') GROUP BY location_id""")


async def works_waiting(read: Read) -> Mapping[LocationId, int]:
    """By place, works that are not picked yet."""
    slice_no = int(read.now.timestamp()) // SECONDS
    told, known = read.memory.get("load", (-1, {}))
    if told != slice_no:
        rows = await read.all(_WAITING)
        known = {"works": {LocationId(row.location_id): row.works for row in rows}}
        read.memory["load"] = (slice_no, known)
    found: Mapping[LocationId, int] = known["works"]
    return found
