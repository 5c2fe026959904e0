"""How sure a pick succeeds: from when the shelf was counted, what was not found there lately, and how little is left.

A small written formula, in units per mille, so that a receipt can say it in one sentence:

    chance = 995
             - 2 for each day since the last count, at most 120 (never counted: 120)
             - 80 for each time within 90 days that units were not found there, at most 240
             - 60 while units are suspect (reported missing, not counted yet)
             - 60 for the last unit, 30 for the last three

It is never below 500: who doubts a shelf more than that keeps safety stock or counts it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import text

from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

Position = tuple[ItemId, LocationId]
BEST, LEAST = 995, 500
A_DAY, AGE_MAX = 2, 120
A_SHORT, SHORTS_MAX = 80, 240
SHORTS_WITHIN = timedelta(days=90)
WHILE_SUSPECT = 60
LAST_UNIT, LAST_FEW, FEW = 60, 30, 3

SHORTS = """(SELECT count(*) FROM inventory.ledger l WHERE l.item_id = p.item_id AND l.location_id = p.location_id
    AND l.happened_at > :since AND l.from_account = 'sellable' AND l.to_account = 'suspect')"""
_SHELVES = text(
    f"""
SELECT p.item_id, p.location_id, p.counted_at, p.suspect, {SHORTS} AS shorts
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id)
  JOIN inventory.positions p USING (item_id, location_id)"""  # noqa: S608  # a constant
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against finding units of an item at a place."""

    counted_at: datetime | None
    suspect: int
    shorts: int

    def chance(self, free: int, *, now: datetime) -> int:
        """Per mille that a pick of one line there finds its units."""
        age = (
            AGE_MAX if self.counted_at is None else min(AGE_MAX, A_DAY * max(0, (now - self.counted_at).days))
        )
        shorts = min(SHORTS_MAX, A_SHORT * self.shorts)
        suspect = WHILE_SUSPECT if self.suspect else 0
        few = LAST_UNIT if free <= 1 else LAST_FEW if free <= FEW else 0
        return max(LEAST, BEST - age - shorts - suspect - few)


NEVER_COUNTED = Doubt(None, 0, 0)


async def doubts(read: Read, positions: Collection[Position]) -> dict[Position, Doubt]:
    """What speaks against finding it at each of these positions."""
    asked = sorted(positions)
    if not asked:
        return {}
    values = {"items": [item for item, _ in asked], "places": [place for _, place in asked]}
    rows = await read.all(_SHELVES, values | {"since": read.now - SHORTS_WITHIN})
    return {(row.item_id, row.location_id): Doubt(row.counted_at, row.suspect, row.shorts) for row in rows}
