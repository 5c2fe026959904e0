"""Writing feeds and what they show. Whoever publishes holds the rows of the feeds first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, text, update
from sqlalchemy.dialects.postgresql import insert

from ambidex.domains.feeds.model import (
    FEED,
    Attempt,
    Bands,
    Change,
    Feed,
    FeedState,
    FeedVerb,
    Lease,
    NewFeed,
    Told,
)
from ambidex.domains.feeds.tables import deliveries, feeds
from ambidex.kernel.ids import FeedId, ItemId
from ambidex.kernel.values import asdict
from ambidex.runtime.db import Tx

BEFORE_ALL = UUID(int=0)
_f = feeds.c
_HOLD_HEAD = text("""
INSERT INTO feeds.head (one) VALUES (true) ON CONFLICT (one) DO UPDATE SET position = feeds.head.position
RETURNING position""")
_TOLD = text("SELECT item_id, told FROM feeds.shown WHERE item_id = ANY(CAST(:items AS uuid[]))")
_PUBLISH = text("""
WITH put AS (
  INSERT INTO feeds.shown (item_id, position, told)
  SELECT item_id, position, CAST(told AS jsonb)
    FROM unnest(CAST(:items AS uuid[]), CAST(:positions AS bigint[]), CAST(:told AS text[])) AS n(item_id, position, told)
  ON CONFLICT (item_id) DO UPDATE SET position = excluded.position, told = excluded.told)
UPDATE feeds.head SET position = :head""")
_FORGET = text(
    "UPDATE feeds.shown SET told = told - CAST(:number AS text) WHERE told ? CAST(:number AS text)"
)


async def insert_feed(tx: Tx, new: NewFeed) -> FeedId | None:
    """Store it with nothing shown yet; None when the code is taken."""
    row = await tx.maybe(
        insert(feeds)
        .values(
            feed_id=tx.new_id(),
            code=new.code,
            refresh_after=BEFORE_ALL,
            refreshed_at=tx.now,
            created_at=tx.now,
            **_said(new),
        )
        .on_conflict_do_nothing(index_elements=["code"], index_where=text("state <> 'closed'"))
        .returning(_f.feed_id)
    )
    if row is None:
        return None
    await tx.run(insert(deliveries).values(feed_id=row.feed_id))
    return FeedId(row.feed_id)


async def change_feed(tx: Tx, feed_id: FeedId, new: NewFeed) -> None:
    """What it is from now on; every item is looked at again."""
    await tx.run(
        update(feeds)
        .where(_f.feed_id == feed_id)
        .values(refresh_after=BEFORE_ALL, refreshed_at=tx.now, **_said(new))
    )


def _said(new: NewFeed) -> dict[str, Any]:
    area = new.area
    return {
        "name": new.name,
        "channel": new.channel,
        "locations": list(area.locations),
        "place_group": area.group,
        "country": area.country,
        "postcode": area.postcode,
        "method": area.method,
        "bands": _bands(new.bands),
        "webhook_url": new.webhook_url,
    }


def _bands(bands: Bands | None) -> dict[str, int] | None:
    return None if bands is None else asdict(bands)


async def move(tx: Tx, feed: Feed, verb: FeedVerb) -> bool:
    """Into the verb's state, from the one decided on; whether it was still there."""
    row = await tx.maybe(
        update(feeds)
        .where(_f.feed_id == feed.feed_id, _f.state == feed.state.value)
        .values(state=FEED.after(feed.state, verb).value)
        .returning(_f.feed_id)
    )
    return row is not None


async def forget_shown(tx: Tx, feed: Feed) -> None:
    """A closed feed shows nothing."""
    await tx.run(_FORGET, {"number": str(feed.feed_no)})
    await tx.run(delete(deliveries).where(deliveries.c.feed_id == feed.feed_id))


async def rotate(tx: Tx, feed: Feed, *, old_until: datetime) -> None:
    """The next secret; the one before is good until then."""
    await tx.run(
        update(feeds)
        .where(_f.feed_id == feed.feed_id)
        .values(secret_no=feed.secret_no + 1, old_secret_until=old_until)
    )


async def refresh_all(tx: Tx) -> int:
    """Every item of every feed is to be looked at again; how many feeds."""
    return await tx.run(
        update(feeds)
        .where(_f.state != FeedState.CLOSED.value)
        .values(refresh_after=BEFORE_ALL, refreshed_at=tx.now)
    )


async def refreshed(tx: Tx, feed_ids: Sequence[FeedId], *, upto: ItemId | None) -> None:
    """These have been looked at up to this item; None: all items."""
    await tx.run(update(feeds).where(_f.feed_id.in_(feed_ids)).values(refresh_after=upto))


async def hold_head(tx: Tx) -> int:
    """The newest position; nobody else publishes until the end of the transaction."""
    row = await tx.one(_HOLD_HEAD)
    return int(row.position)


async def told_before(tx: Tx, item_ids: Sequence[ItemId]) -> dict[ItemId, dict[int, Told]]:
    """What feeds, by their number, tell of these items."""
    rows = await tx.all(_TOLD, {"items": item_ids})
    return {ItemId(r.item_id): {int(number): Told(*told) for number, told in r.told.items()} for r in rows}


async def publish(tx: Tx, changes: Sequence[Change]) -> None:
    """Tell this from now on. The caller holds the head."""
    await tx.run(
        _PUBLISH,
        {
            "items": [change.item_id for change in changes],
            "positions": [change.position for change in changes],
            "told": [json.dumps(change.told) for change in changes],
            "head": changes[-1].position,
        },
    )


_LEASE = text("""
UPDATE feeds.deliveries d
   SET leased_by = :worker, leased_until = :until, lease_no = d.lease_no + (d.leased_by <> :worker)::integer
  FROM (SELECT d.feed_id FROM feeds.deliveries d JOIN feeds.feeds f USING (feed_id)
         WHERE f.state = 'active' AND f.webhook_url <> ''
           AND (d.leased_by = :worker OR d.leased_until IS NULL OR d.leased_until <= :now)
         ORDER BY d.feed_id FOR UPDATE OF d SKIP LOCKED) ours
 WHERE d.feed_id = ours.feed_id
RETURNING d.feed_id, d.lease_no, d.attempts""")
_LET_GO = text("""
UPDATE feeds.deliveries SET leased_by = '', leased_until = NULL, lease_no = lease_no + 1 WHERE leased_by = :worker""")
_RECORD = text("""
UPDATE feeds.deliveries d SET
  position = CASE WHEN r.failure = '' THEN greatest(d.position, r.upto) ELSE d.position END,
  attempts = CASE WHEN r.failure = '' THEN 0 ELSE d.attempts + 1 END,
  next_at = r.next_at, failure = r.failure,
  failing_since = CASE WHEN r.failure = '' THEN NULL ELSE coalesce(d.failing_since, :now) END,
  delivered_at = CASE WHEN r.failure = '' THEN :now ELSE d.delivered_at END,
  delivered = d.delivered + CASE WHEN r.failure = '' THEN r.changes ELSE 0 END
  FROM unnest(CAST(:feeds AS uuid[]), CAST(:leases AS bigint[]), CAST(:uptos AS bigint[]), CAST(:counts AS integer[]),
              CAST(:failures AS text[]), CAST(:next_ats AS timestamptz[]))
       AS r(feed_id, lease_no, upto, changes, failure, next_at)
  JOIN feeds.feeds f USING (feed_id)
 WHERE d.feed_id = r.feed_id AND d.lease_no = r.lease_no
RETURNING d.feed_id, f.code, d.attempts, d.failing_since""")
_PASS_OVER = text("""
UPDATE feeds.deliveries d SET position = h.position FROM feeds.feeds f, feeds.head h
 WHERE f.feed_id = d.feed_id AND d.leased_by = :worker AND d.next_at IS NULL AND d.position < h.position
   AND NOT EXISTS (SELECT FROM feeds.shown s WHERE s.position > d.position
     AND CAST(s.told -> CAST(f.feed_no AS text) ->> 3 AS bigint) > d.position)""")
_DISABLE = text("""
UPDATE feeds.feeds SET state = 'disabled' WHERE feed_id = ANY(CAST(:feeds AS uuid[])) AND state = 'active'
RETURNING feed_id""")
_SET_BACK = text("""
UPDATE feeds.deliveries SET position = least(position, coalesce(CAST(:after AS bigint), position)), lease_no = lease_no + 1, leased_by = '',
  leased_until = NULL, attempts = 0, next_at = NULL, failing_since = NULL WHERE feed_id = :feed_id""")
_ASKED = text("""
UPDATE feeds.deliveries SET asked_at = :now, asked_from = :after
 WHERE feed_id = :feed_id AND (asked_at IS NULL OR asked_at < :often)""")


async def lease(tx: Tx, worker: str, *, until: datetime) -> list[Lease]:
    """Renew what this worker sends and take what nobody sends any more; all of its leases."""
    rows = await tx.all(_LEASE, {"worker": worker, "until": until, "now": tx.now})
    return [Lease(FeedId(row.feed_id), row.lease_no, row.attempts) for row in rows]


async def let_go(tx: Tx, worker: str) -> None:
    """This worker sends nothing any more."""
    await tx.run(_LET_GO, {"worker": worker})


async def record(tx: Tx, settled: Sequence[tuple[Attempt, datetime | None]]) -> dict[FeedId, Row[Any]]:
    """Settle attempts, each with its next try, whose lease still counts: code, attempts and failing_since of those, as they stand now."""
    attempts = [attempt for attempt, _ in settled]
    values = {
        "feeds": [attempt.lease.feed_id for attempt in attempts],
        "leases": [attempt.lease.lease_no for attempt in attempts],
        "uptos": [attempt.upto for attempt in attempts],
        "counts": [attempt.changes for attempt in attempts],
        "failures": [attempt.failure for attempt in attempts],
        "next_ats": [next_at for _, next_at in settled],
        "now": tx.now,
    }
    return {FeedId(row.feed_id): row for row in await tx.all(_RECORD, values)}


async def pass_over(tx: Tx, worker: str) -> None:
    """Where nothing of a feed changed its cursor follows the others, so that they are not looked through again."""
    await tx.run(_PASS_OVER, {"worker": worker})


async def disable(tx: Tx, feed_ids: Sequence[FeedId]) -> set[FeedId]:
    """Those of these that were active and are not any more."""
    return {FeedId(row.feed_id) for row in await tx.all(_DISABLE, {"feeds": list(feed_ids)})}


async def set_back(tx: Tx, feed_id: FeedId, *, after: int | None) -> None:
    """Send at once, again from this position (None: from where it stands); what is under way now will not count."""
    await tx.run(_SET_BACK, {"feed_id": feed_id, "after": after})


async def note_stuck(tx: Tx, code: str, *, since: datetime | None) -> bool:
    """A person is asked to look after it since then, or (None) not any more; whether that is news."""
    wanted = (_f.feed_id == deliveries.c.feed_id, _f.code == code, _f.state != FeedState.CLOSED.value)
    before = deliveries.c.stuck_since.is_(None) if since else deliveries.c.stuck_since.is_not(None)
    return bool(await tx.run(update(deliveries).where(*wanted, before).values(stuck_since=since)))


async def asked(tx: Tx, feed_id: FeedId, *, after: int, often: datetime) -> None:
    """A channel asked for changes; noted again only when the last note is older than `often`."""
    await tx.run(_ASKED, {"feed_id": feed_id, "after": after, "often": often, "now": tx.now})
