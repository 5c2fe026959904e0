"""What a channel says it shows, beside what may be sold there: only where both have stood still for a while."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from ambidex.domains.governance import Level, Measured, decide
from ambidex.kernel.ids import SourceId
from ambidex.runtime.db import Read

# on the way to a channel, through it and back; a difference younger than this is no drift
STILL_FOR = timedelta(minutes=10)

_SHOWN = text("""
SELECT r.source_id, i.item_id, p.location_id, r.available AS shown, r.version_at, i.price_minor, i.currency,
       greatest(0, s.sellable - s.reserved - s.held - s.safety) AS ours
  FROM channels.stock_reports r
  LEFT JOIN channels.mappings mi ON mi.source_id = r.source_id AND mi.kind = 'item' AND mi.external = r.item
  LEFT JOIN channels.mappings mp ON mp.source_id = r.source_id AND mp.kind = 'place' AND mp.external = r.place
  JOIN catalogue.items i ON i.sku = coalesce(mi.internal, r.item)
  JOIN locations.locations p ON p.code = coalesce(mp.internal, r.place)
  JOIN inventory.positions s ON s.item_id = i.item_id AND s.location_id = p.location_id
 WHERE r.reported_at < :before AND s.changed_at < :before
   AND r.available <> greatest(0, s.sellable - s.reserved - s.held - s.safety)
 ORDER BY abs(r.available - greatest(0, s.sellable - s.reserved - s.held - s.safety)) * i.price_minor DESC LIMIT 500""")


async def shown_wrongly(read: Read) -> list[Measured]:
    """Where a channel shows something else than it may sell, worth most first."""
    rows = await read.all(_SHOWN, {"before": read.now - STILL_FOR})
    return [
        Measured(
            level=Level(row.item_id, row.location_id, row.shown, row.version_at, "", counts=False),
            source_id=SourceId(row.source_id),
            book=row.ours,
            since=None,
            price_minor=row.price_minor,
            currency=row.currency,
            owner_role=decide.OWNER_ELSEWHERE,
        )
        for row in rows
    ]
