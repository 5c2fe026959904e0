"""What a wall screen adds to the open work of its place: how today's promises went."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text

from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

_TODAY = text("""
SELECT count(*) FILTER (WHERE p.state = 'kept' AND p.closed_at <= p.due_at) AS kept,
       count(*) FILTER (WHERE p.state = 'broken' OR (p.state = 'kept' AND p.closed_at > p.due_at)) AS broken
  FROM promises.promises p
 WHERE p.kind = 'ready_by' AND p.state IN ('kept','broken') AND p.closed_at >= :since
   AND (CAST(:everywhere AS boolean) OR p.location_id = ANY(CAST(:places AS uuid[])))
""")


@dataclass(frozen=True)
class Today:
    """Promises kept and broken since the morning."""

    kept: int
    broken: int


async def today(read: Read, *, places: Collection[LocationId] | None, since: datetime) -> Today:
    """How many promises of these places were kept and broken since then."""
    row = await read.one(
        _TODAY, {"since": since, "everywhere": places is None, "places": sorted(places or ())}
    )
    return Today(kept=row.kept, broken=row.broken)
