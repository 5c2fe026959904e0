"""What feeds show, by SKU: changes after a position, a snapshot by item, and what is due to be sent.

Positions become visible in order (the publisher holds the head), so whoever reads up to one has missed none
before it. An item stands once, with its newest value, at the position of its last change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from ambidex.kernel.ids import FeedId, ItemId
from ambidex.kernel.values import dataclass
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
    """What one feed has to send now: the changes after its cursor, at most a page; they reach up to `upto`."""

    feed_id: FeedId
    changes: tuple[ShownItem, ...]
    cursor: int
    upto: int


_FOR = "s.told -> CAST(f.feed_no AS text)"
_AFTER = f"s.position > :after AND CAST({_FOR} ->> 3 AS bigint) > :after"
_CHANGES = text(f"""
SELECT i.sku, {_FOR} AS told FROM feeds.feeds f, feeds.shown s JOIN catalogue.items i USING (item_id)
 WHERE f.feed_id = :feed_id AND {_AFTER} ORDER BY CAST({_FOR} ->> 3 AS bigint) LIMIT :limit""")  # noqa: S608  # constants of ours
_SNAPSHOT = text(f"""
SELECT i.sku, {_FOR} AS told, s.item_id FROM feeds.feeds f, feeds.shown s JOIN catalogue.items i USING (item_id)
 WHERE f.feed_id = :feed_id AND s.item_id > :after AND s.told ? CAST(f.feed_no AS text)
 ORDER BY s.item_id LIMIT :limit""")  # noqa: S608  # constants of ours
_HEAD = text("SELECT position FROM feeds.head")
_DUE = text(f"""
SELECT d.feed_id, d.position AS cursor, c.* FROM feeds.deliveries d JOIN feeds.feeds f USING (feed_id)
 CROSS JOIN LATERAL (
   SELECT i.sku, {_FOR} AS told FROM feeds.shown s JOIN catalogue.items i USING (item_id)
    WHERE {_AFTER.replace(":after", "d.position")}
    ORDER BY CAST({_FOR} ->> 3 AS bigint) LIMIT :limit) c
 WHERE d.feed_id = ANY(CAST(:feeds AS uuid[])) AND d.leased_by = :worker AND f.state = 'active'
   AND (d.next_at IS NULL OR d.next_at <= :now)
 ORDER BY d.feed_id, CAST(c.told ->> 3 AS bigint)""")  # noqa: S608  # constants of ours
_ZONES = text("SELECT DISTINCT time_zone FROM locations.locations LIMIT 1000")
_STOCKED = text("""
SELECT item_id FROM (
  SELECT item_id FROM inventory.positions WHERE item_id > CAST(:after AS uuid)
  UNION SELECT item_id FROM feeds.shown WHERE item_id > CAST(:after AS uuid)) AS known
 ORDER BY item_id LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes in order; `upto` is where to go on, `is_all` whether there were no more at that moment."""

    items: tuple[ShownItem, ...]
    upto: int
    is_all: bool


async def changes(read: Read, feed_id: FeedId, *, after: int, limit: int) -> Changes:
    """Items whose last change stands after this position, in order; each only with its newest value."""
    newest = await head(read)
    rows = await read.all(_CHANGES, {"feed_id": feed_id, "after": after, "limit": limit})
    items = tuple(_shown(row) for row in rows)
    return Changes(items, _upto(items, max(newest, after), limit=limit), len(items) < limit)


def _upto(items: Sequence[ShownItem], newest: int, *, limit: int) -> int:
    """A full page reaches to its last; one that is not has everything up to the head that was read before it."""
    last = items[-1].position if items else 0
    return last if len(items) == limit else max(newest, last)


async def head(read: Read) -> int:
    """The newest position. Read it before a snapshot or changes: what they lack stands after it."""
    newest: int | None = await read.value(_HEAD)
    return newest or 0


async def snapshot(
    read: Read, feed_id: FeedId, *, after: UUID, limit: int
) -> tuple[list[ShownItem], UUID | None]:
    """Everything a feed shows, by item; the item to go on after, None at the end."""
    rows = await read.all(_SNAPSHOT, {"feed_id": feed_id, "after": after, "limit": limit})
    return [_shown(row) for row in rows], rows[-1].item_id if len(rows) == limit else None


async def due(read: Read, worker: str, feed_ids: Sequence[FeedId], *, limit: int) -> list[Due]:
    """What these feeds of this worker have to send now. Two statements for any number of feeds."""
    newest = await head(read)
    values = {"feeds": list(feed_ids), "worker": worker, "now": read.now, "limit": limit}
    found: dict[FeedId, tuple[int, list[ShownItem]]] = {}
    for row in await read.all(_DUE, values):
        found.setdefault(FeedId(row.feed_id), (row.cursor, []))[1].append(_shown(row))
    return [
        Due(feed_id, tuple(items), cursor, _upto(items, newest, limit=limit))
        for feed_id, (cursor, items) in found.items()
    ]


async def items_after(read: Read, after: ItemId, *, limit: int) -> list[ItemId]:
    """Items that ever had stock or are shown, in order of id."""
    return [ItemId(row.item_id) for row in await read.all(_STOCKED, {"after": after, "limit": limit})]


async def zones(read: Read) -> list[ZoneInfo]:
    """The time zones of all places."""
    return [ZoneInfo(row.time_zone) for row in await read.all(_ZONES)]


def _shown(row: Row[Any]) -> ShownItem:
    units, band, version, position, at_ms = row.told
    return ShownItem(row.sku, units, band, version, position, datetime.fromtimestamp(at_ms / 1000, UTC))
