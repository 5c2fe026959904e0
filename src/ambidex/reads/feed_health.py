"""How each feed fares: where it stands, how far behind its subscriber is, what failed and when it is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

# "more than this many" is all anybody needs to know
BEHIND_MAX = 10_000
FEEDS_MAX = 1_000
STUCK_AFTER, SILENT_AFTER = timedelta(minutes=5), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """`behind` are items whose newest value the subscriber has not got, `waiting_since` the oldest of these.

    A channel that pulls or streams is measured by where it last asked from.
    """

    code: str
    name: str
    channel: str
    state: str
    is_pushed: bool
    host: str
    tells: str
    upto: int
    behind: int
    waiting_since: datetime | None
    delivered_at: datetime | None
    delivered: int
    attempts: int
    failing_since: datetime | None
    failure: str
    next_at: datetime | None
    asked_at: datetime | None
    is_filling: bool
    stuck_since: datetime | None

    def trouble(self, now: datetime) -> str:
        """Why a person should look after it; "" when it keeps up, is only late, or was paused by somebody."""
        if self.state == "disabled":
            return f"it was stopped: {self.failure or 'the subscriber is gone'}"
        if self.state != "active":
            return ""
        if self.is_pushed and self.failing_since and now - self.failing_since >= STUCK_AFTER:
            return (
                f"the subscriber has not taken anything since {self.failing_since:%H:%M} UTC: {self.failure}"
            )
        if self.is_pushed and self.lag_seconds(now) >= STUCK_AFTER.total_seconds():
            return "changes wait and nothing is sent"
        if not self.is_pushed and self.asked_at and self.behind and now - self.asked_at >= SILENT_AFTER:
            return f"the channel has not asked since {self.asked_at:%H:%M} UTC"
        return ""

    def lag_seconds(self, now: datetime) -> float:
        """How long the oldest value that is not delivered has been waiting."""
        return 0.0 if self.waiting_since is None else max(0.0, (now - self.waiting_since).total_seconds())


_HEALTH = text("""
SELECT f.code, f.name, f.channel, f.state, f.webhook_url <> '' AS is_pushed,
       coalesce(substring(f.webhook_url from '^[a-z]+://([^/?#]+)'), '') AS host,
       CASE WHEN f.bands IS NULL THEN 'units' ELSE 'bands' END AS tells, w.upto, b.behind,
       to_timestamp(b.waiting_ms / 1000.0) AS waiting_since, d.delivered_at, d.delivered, d.attempts, d.failing_since,
       d.failure, d.next_at, d.asked_at, f.refresh_after IS NOT NULL AS is_filling, d.stuck_since
  FROM feeds.feeds f JOIN feeds.deliveries d USING (feed_id)
 CROSS JOIN LATERAL (SELECT CASE WHEN f.webhook_url = '' THEN d.asked_from ELSE d.position END AS upto) w
 CROSS JOIN LATERAL (
   SELECT count(*)::integer AS behind, min(x.at_ms) AS waiting_ms FROM (
     SELECT CAST(s.told -> CAST(f.feed_no AS text) ->> 4 AS bigint) AS at_ms FROM feeds.shown s
      WHERE s.position > w.upto AND CAST(s.told -> CAST(f.feed_no AS text) ->> 3 AS bigint) > w.upto
      LIMIT :most) x) b
 WHERE f.state <> 'closed' AND (CAST(:code AS text) IS NULL OR f.code = :code)
 ORDER BY f.code LIMIT :limit""")


async def feed_health(read: Read, code: str | None = None) -> list[FeedHealth]:
    """Every feed, or the one of this code. One statement for any number."""
    rows = await read.all(_HEALTH, {"code": code, "most": BEHIND_MAX, "limit": FEEDS_MAX})
    return [FeedHealth(**row._asdict()) for row in rows]


@dataclass(frozen=True, slots=True)
class ChannelShows:
    """What one channel was told of an item. No `version`: nothing yet."""

    code: str
    name: str
    channel: str
    tells: str
    units: int | None
    band: str
    version: int | None
    changed_at: datetime | None
    is_delivered: bool


_OF_ITEM = text("""
SELECT f.code, f.name, f.channel, CASE WHEN f.bands IS NULL THEN 'units' ELSE 'bands' END AS tells,
       CAST(t.told ->> 0 AS integer) AS units, coalesce(t.told ->> 1, '') AS band,
       CAST(t.told ->> 2 AS bigint) AS version, to_timestamp(CAST(t.told ->> 4 AS bigint) / 1000.0) AS changed_at,
       coalesce(CAST(t.told ->> 3 AS bigint) <= CASE WHEN f.webhook_url = '' THEN d.asked_from ELSE d.position END,
         false) AS is_delivered
  FROM feeds.feeds f JOIN feeds.deliveries d USING (feed_id)
  LEFT JOIN LATERAL (SELECT s.told -> CAST(f.feed_no AS text) AS told FROM feeds.shown s
   WHERE s.item_id = (SELECT i.item_id FROM catalogue.items i WHERE i.sku = :sku)) t ON true
 WHERE f.state <> 'closed' ORDER BY f.code LIMIT :limit""")


async def shown_of(read: Read, sku: str) -> Sequence[ChannelShows]:
    """What every channel was told of one item, and whether that has arrived."""
    return [_shows(row) for row in await read.all(_OF_ITEM, {"sku": sku, "limit": FEEDS_MAX})]


def _shows(row: Row[Any]) -> ChannelShows:
    return ChannelShows(**row._asdict())
