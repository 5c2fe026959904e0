"""Reading feeds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select

from ambidex.domains.feeds.model import Area, Bands, Feed, FeedState
from ambidex.domains.feeds.problems import UnknownFeed
from ambidex.domains.feeds.tables import feeds
from ambidex.kernel.ids import FeedId, ItemId, LocationId
from ambidex.runtime.db import Read, Tx

FEEDS_MAX = 1_000
_f = feeds.c


async def feed(read: Read, code: str, *, lock: bool = False) -> Feed:
    """The feed of this code. In a transaction it may be locked, before its terms are changed. Raises UnknownFeed."""
    if lock:
        assert isinstance(read, Tx), "only a transaction locks"
        return await locked(read, code)
    row = await read.maybe(_select().where(_f.code == code))
    if row is None:
        raise UnknownFeed(code)
    return _feed(row)


async def page(read: Read, *, after: str = "", limit: int = FEEDS_MAX) -> list[Feed]:
    """All feeds that are not closed, by code."""
    rows = await read.all(_select().where(_f.code > after).order_by(_f.code).limit(limit))
    return [_feed(row) for row in rows]


async def locked(tx: Tx, code: str) -> Feed:
    """The feed of this code, held until the end of the transaction. Raises UnknownFeed."""
    row = await tx.maybe(_select().where(_f.code == code).with_for_update(key_share=True))
    if row is None:
        raise UnknownFeed(code)
    return _feed(row)


def _select() -> Select[Any]:
    """Every feed that is not closed."""
    return select(
        _f.feed_id, _f.feed_no, _f.code, _f.name, _f.channel, _f.locations, _f.place_group, _f.country, _f.postcode, _f.method,
        _f.bands, _f.webhook_url, _f.state, _f.secret_no, _f.old_secret_until, _f.refresh_after, _f.refreshed_at,
        _f.created_at,
    ).where(_f.state != FeedState.CLOSED.value)  # fmt: skip


def _feed(row: Row[Any]) -> Feed:
    """One feed from a row of `_select`."""
    places = tuple(LocationId(place) for place in row.locations)
    return Feed(
        feed_id=FeedId(row.feed_id),
        feed_no=row.feed_no,
        code=row.code,
        name=row.name,
        channel=row.channel,
        area=Area(places, row.place_group, row.country, row.postcode, row.method),
        bands=None if row.bands is None else Bands(**row.bands),
        webhook_url=row.webhook_url,
        state=FeedState(row.state),
        secret_no=row.secret_no,
        old_secret_until=row.old_secret_until,
        refresh_after=None if row.refresh_after is None else ItemId(row.refresh_after),
        refreshed_at=row.refreshed_at,
        created_at=row.created_at,
    )
