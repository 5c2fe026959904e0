"""What feeds show, by SKU: changes after a position, a snapshot by item, and what is due to be sent.

Positions become visible in order (the publisher holds the feed's row), so whoever reads up to one has missed none
before it. An item stands once, with its newest value, at the position of its last change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import FeedId, ItemId
from ambidex.runtime.db import Read

PAGE_MAX = 1_000


@dataclass(frozen=True, slots=True)
class ShownItem:
    """The newest value of an item in a feed. `band` is "" in a feed of units."""

    item: str
    units: int
    band: str
    version: int
    position: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What one feed has to send now: the changes after its cursor, at most a page."""

    feed_id: FeedId
    changes: tuple[ShownItem, ...]
    cursor: int


_COLUMNS = "i.sku AS item, s.units, s.band, s.version, s.position, s.changed_at"
_CHANGES = text(f"""
SELECT {_COLUMNS} FROM feeds.shown s JOIN catalogue.items i USING (item_id)
 WHERE s.feed_id = :feed_id AND s.position > :after ORDER BY s.position LIMIT :limit""")  # noqa: S608  # a constant of ours
_SNAPSHOT = text(f"""
SELECT {_COLUMNS}, s.item_id FROM feeds.shown s JOIN catalogue.items i USING (item_id)
 WHERE s.feed_id = :feed_id AND s.item_id > :after ORDER BY s.item_id LIMIT :limit""")  # noqa: S608  # a constant of ours
_POSITION = text("SELECT position FROM feeds.feeds WHERE feed_id = :feed_id")
_POSITIONS = text("SELECT feed_id, position FROM feeds.feeds WHERE state <> 'closed' LIMIT 10000")
_DUE = text(f"""
SELECT d.feed_id, d.position AS cursor, c.* FROM feeds.deliveries d JOIN feeds.feeds f USING (feed_id)
 CROSS JOIN LATERAL (
   SELECT {_COLUMNS} FROM feeds.shown s JOIN catalogue.items i USING (item_id)
    WHERE s.feed_id = d.feed_id AND s.position > d.position ORDER BY s.position LIMIT :limit) c
 WHERE d.feed_id = ANY(CAST(:feeds AS uuid[])) AND d.leased_by = :worker AND f.state = 'active'
   AND f.position > d.position AND (d.next_at IS NULL OR d.next_at <= :now)
 ORDER BY d.feed_id, c.position""")  # noqa: S608  # a constant of ours
_STOCKED = text("""
SELECT item_id FROM (
  SELECT item_id FROM inventory.positions WHERE item_id > CAST(:after AS uuid)
  UNION SELECT item_id FROM feeds.shown WHERE item_id > CAST(:after AS uuid)) AS known
 ORDER BY item_id LIMIT :limit""")


async def changes(read: Read, feed_id: FeedId, *, after: int, limit: int) -> list[ShownItem]:
    """Items whose last change stands after this position, in order; each only with its newest value."""
    rows = await read.all(_CHANGES, {"feed_id": feed_id, "after": after, "limit": limit})
    return [_shown(row) for row in rows]


async def position(read: Read, feed_id: FeedId) -> int:
    """The newest position of a feed. Read it before a snapshot: what the snapshot lacks stands after it."""
    newest: int | None = await read.value(_POSITION, {"feed_id": feed_id})
    return newest or 0


async def positions(read: Read) -> dict[FeedId, int]:
    """The newest position of every feed."""
    return {FeedId(row.feed_id): row.position for row in await read.all(_POSITIONS)}


async def snapshot(
    read: Read, feed_id: FeedId, *, after: UUID, limit: int
) -> tuple[list[ShownItem], UUID | None]:
    """Everything a feed shows, by item; the item to go on after, None at the end."""
    rows = await read.all(_SNAPSHOT, {"feed_id": feed_id, "after": after, "limit": limit})
    return [_shown(row) for row in rows], rows[-1].item_id if len(rows) == limit else None


async def due(read: Read, worker: str, feed_ids: Sequence[FeedId], *, limit: int) -> list[Due]:
    """What these feeds of this worker have to send now. One statement for any number of feeds."""
    values = {"feeds": list(feed_ids), "worker": worker, "now": read.now, "limit": limit}
    found: dict[FeedId, tuple[int, list[ShownItem]]] = {}
    for row in await read.all(_DUE, values):
        found.setdefault(FeedId(row.feed_id), (row.cursor, []))[1].append(_shown(row))
    return [Due(feed_id, tuple(shown), cursor) for feed_id, (cursor, shown) in found.items()]


async def items_after(read: Read, after: ItemId, *, limit: int) -> list[ItemId]:
    """Items that ever had stock or are shown, in order of id."""
    return [ItemId(row.item_id) for row in await read.all(_STOCKED, {"after": after, "limit": limit})]


def _shown(row: Row[Any]) -> ShownItem:
    return ShownItem(row.item, row.units, row.band, row.version, row.position, row.changed_at)
