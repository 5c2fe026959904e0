"""Reading capacity. The version is read each time, limits and pauses only when they changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from ambidex.domains.capacity.model import Fence, Limit, Pause, Slot, Taken
from ambidex.domains.capacity.rules import CapacityBook, by_slot
from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Read
from ambidex.runtime.memory import versions

FAMILY = "capacity"
ROWS_MAX = 100_000
_LIMITS = text("""
SELECT l.limit_id, l.location_id, l.name, l.method, l.days, l.opens, l.closes, l.slot_minutes, l.works,
       coalesce((SELECT array_agg(f.works || ';' || f.method || ';' || f.channel ORDER BY f.fence_no)
                   FROM capacity.fences f WHERE f.limit_id = l.limit_id), '{}') AS fences
  FROM capacity.limits l ORDER BY l.limit_id LIMIT :limit""")
_PAUSES = text("""
SELECT pause_id, location_id, method, starts_at, ends_at, reason, paused_by FROM capacity.pauses
 WHERE ends_at IS NULL OR ends_at > :now ORDER BY starts_at, pause_id LIMIT :limit""")
_TAKEN_BETWEEN = text("""
SELECT b.limit_id, b.starts_at, b.fence_no, count(*) AS works FROM capacity.bookings b
 WHERE b.limit_id = ANY(CAST(:limits AS uuid[])) AND b.starts_at >= :begin AND b.starts_at < :end
   AND b.released_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > :now)
 GROUP BY b.limit_id, b.starts_at, b.fence_no""")


async def book_now(read: Read) -> CapacityBook:
    """What counts now: what was committed before this call is in it."""
    return await book_of(read, (await versions(read)).get(FAMILY))


async def book_of(read: Read, version: int | None) -> CapacityBook:
    """What counts at a version that the caller read a moment ago; None: nothing was ever written."""
    if version is None:
        return CapacityBook()
    told, known = read.memory.get(FAMILY, (None, {}))
    if told != version:
        known = {FAMILY: await _load(read, version)}
        read.memory[FAMILY] = (version, known)
    found: CapacityBook = known[FAMILY]
    return found


async def _load(read: Read, version: int) -> CapacityBook:
    limits = [
        Limit(
            row.limit_id, LocationId(row.location_id), row.works, row.method, row.name, frozenset(row.days),
            row.opens, row.closes, row.slot_minutes, tuple(_fence(said) for said in row.fences),
        )
        for row in await read.all(_LIMITS, {"limit": ROWS_MAX})
    ]  # fmt: skip
    pauses = [
        Pause(row.pause_id, LocationId(row.location_id), row.method, row.starts_at, row.ends_at, row.reason, row.paused_by)
        for row in await read.all(_PAUSES, {"limit": ROWS_MAX, "now": read.now})
    ]  # fmt: skip
    return CapacityBook.of(version, limits, pauses)


def _fence(said: str) -> Fence:
    works, method, channel = said.split(";", 2)
    return Fence(int(works), method, channel)


async def taken_between(
    read: Read, limits: Iterable[Limit], begin: datetime, end: datetime
) -> dict[Slot, Taken]:
    """How full the slots of these limits are in a time."""
    ids = sorted(limit.limit_id for limit in limits)
    if not ids:
        return {}
    rows = await read.all(_TAKEN_BETWEEN, {"limits": ids, "begin": begin, "end": end, "now": read.now})
    return by_slot((Slot(row.limit_id, row.starts_at), row.fence_no, row.works) for row in rows)
