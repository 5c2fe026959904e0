"""How a canary does beside live: orders of each since it began, and sum and sum of squares of its metric over them.

It is asked every few seconds, so it looks at the newest decisions only, along an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from ambidex.domains import routing
from ambidex.runtime.db import Read

versions = routing.versions
# decisions of both sides that are looked at
NEWEST = 20_000
# what one order counts: per mille, or mills
_COUNTS = {
    versions.Metric.COST: "r.cost",
    versions.Metric.SPLIT: "CASE WHEN r.parts > 1 THEN 1000 ELSE 0 END",
    versions.Metric.LATE: """CASE WHEN r.late OR EXISTS (
      SELECT 1 FROM promises.promises p WHERE p.order_id = r.order_id AND p.state IN ('broken', 're_promised'))
      THEN 1000 ELSE 0 END""",
    versions.Metric.REFUSED: """CASE WHEN EXISTS (
      SELECT 1 FROM fulfillment.work w WHERE w.order_id = r.order_id AND w.state IN ('refused', 'lapsed', 'short'))
      THEN 1000 ELSE 0 END""",
}
_SIDES = {
    metric: text(f"""
SELECT arm, count(*) AS orders, coalesce(sum(counted), 0) AS total, coalesce(sum(counted::numeric * counted), 0) AS squares
  FROM (SELECT r.arm, {counts} AS counted FROM (
          SELECT order_id, arm, cost, parts, late FROM routing.receipts
           WHERE decided_at >= :since AND receipt_no = 1 AND brand = :brand AND (arm = 'live' OR version = :number)
           ORDER BY decided_at DESC LIMIT :most) r) one
 GROUP BY arm""")  # noqa: S608  # constants of ours
    for metric, counts in _COUNTS.items()
}


async def sides(
    read: Read, version: routing.versions.Version, *, newest: int = NEWEST
) -> tuple[versions.Side, versions.Side]:
    """The canary and live, over the newest decisions since it began."""
    assert version.canary is not None, "only a canary has terms"
    said = {"since": version.state_since, "brand": version.brand, "number": version.number, "most": newest}
    rows = await read.all(_SIDES[version.canary.metric], said)
    found = {row.arm: versions.Side(row.orders, int(row.total), int(row.squares)) for row in rows}
    nothing = versions.Side(0, 0, 0)
    return found.get(versions.CANARY, nothing), found.get(versions.LIVE, nothing)


_LAST = text("""
SELECT max(decided_at) FROM routing.receipts WHERE brand = ANY(CAST(:brands AS text[])) AND decided_at >= :since""")


async def last_decision(read: Read, brands: Sequence[str], *, since: datetime) -> datetime | None:
    """When something was last decided by the rules of these brands; a refusal is decided again at once."""
    found: datetime | None = await read.value(_LAST, {"brands": sorted(brands), "since": since})
    return found
