"""What feeds tell, for channels that ask: changes after a position, everything at once, or a stream that never ends.

A snapshot names the cursor it belongs to: its pages, then `changes?after=` that cursor, miss nothing whatever moves
meanwhile. A value comes with its version; one not above the version you have is old.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from ambidex.api.edge import House, Runs, house, operation
from ambidex.domains import feeds
from ambidex.flows.deliver_feeds import shown
from ambidex.flows.follow_feed import Heads
from ambidex.kernel.actor import SYSTEM, Permission
from ambidex.kernel.page import read_cursor, write_cursor
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads import feeds as reading
from ambidex.reads.feeds import PAGE_MAX, ShownItem
from ambidex.runtime.db import Read

router = APIRouter(tags=["feeds"], dependencies=[operation(Permission.STOCK_READ)])
STREAM = "text/event-stream"
FIRST = UUID(int=0)
POSITION_MAX = 2**63 - 1
DIGITS_MAX = 19
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
Position = Annotated[int, Query(ge=0, le=POSITION_MAX)]


class CursorAhead(Problem):
    """This position was never given: the cursor is not ours, or from before a backup was brought back."""

    status, code = 409, "cursor-ahead"
    advice = "Read a snapshot and go on after the cursor that it names."


class ShownOut(BaseModel):
    """The newest value of an item: units, or a band in a feed of bands."""

    item: str
    units: int | None = None
    band: Literal["in", "low", "out"] | None = None
    version: int
    position: int
    changed_at: datetime


class ChangesOut(BaseModel):
    """`cursor` is where to go on; `next` is the same while there is more now, else null."""

    items: list[ShownOut]
    cursor: int
    next: str | None


class SnapshotOut(BaseModel):
    """`cursor` is the position to read changes after, once the last page (`next` null) was read."""

    items: list[ShownOut]
    cursor: int
    next: str | None


@router.get("/feeds/{code}/changes")
async def get_changes(code: str, runs: Runs, after: Position = 0, limit: Limit = 500) -> ChangesOut:
    """Items whose last change stands after this position, in order."""
    async with runs.reading() as read:
        feed = await feeds.feed(read, code)
        found = await reading.changes(read, feed.feed_id, after=after, limit=limit)
        if not found.items:
            await _must_be_given(read, after)
    await runs.perform(SYSTEM, feeds.asked, feed, after=after)
    following = None if found.is_all else str(found.upto)
    return ChangesOut(items=_out(found.items), cursor=found.upto, next=following)


@router.get("/feeds/{code}/snapshot")
async def get_snapshot(code: str, runs: Runs, after: str | None = None, limit: Limit = 500) -> SnapshotOut:
    """Everything the feed shows, by pages; `after` is the `next` of the page before."""
    async with runs.reading() as read:
        feed = await feeds.feed(read, code)
        at, item = _place(after) if after else (await reading.head(read), FIRST)
        items, following = await reading.snapshot(read, feed.feed_id, after=item, limit=limit)
    return SnapshotOut(
        items=_out(items), cursor=at, next=None if following is None else write_cursor(at, following)
    )


@router.get("/feeds/{code}/stream", responses={200: {"content": {STREAM: {}}}}, response_model=None)
async def stream(
    code: str,
    runs: Runs,
    request: Request,
    *,
    after: Position = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Changes after a position (or Last-Event-ID) and then each new one, as server-sent events."""
    seen = max(after, _position(last_event_id))
    async with runs.reading() as read:
        feed = await feeds.feed(read, code)
        await _must_be_given(read, seen)
    follow = _heads(house(request)).follow(feed.feed_id, seen)
    return StreamingResponse(_lines(follow), media_type=STREAM, headers={"X-Accel-Buffering": "no"})


async def _lines(follow: AsyncIterator[Sequence[ShownItem]]) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    async for items in follow:
        lines = [
            f"id: {item.position}\nevent: stock.changed\n".encode()
            + b"data: "
            + orjson.dumps(shown(item))
            + b"\n\n"
            for item in items
        ]
        yield b"".join(lines) if lines else b": still here\n\n"


def _heads(of: House) -> Heads:
    """One for all who follow feeds in this program."""
    found = of.shared.setdefault("feed heads", Heads(of.run, of.live))
    assert isinstance(found, Heads)
    return found


def _out(items: Sequence[ShownItem]) -> list[ShownOut]:
    return [ShownOut.model_validate(shown(item)) for item in items]


async def _must_be_given(read: Read, after: int) -> None:
    """Whoever reads after a position that is still to come would hear of nothing until it has come."""
    if after > await reading.head(read):
        raise CursorAhead(after=after)


def _place(after: str) -> tuple[int, UUID]:
    keys = read_cursor(after)
    try:
        return int(keys[0]), UUID(str(keys[1]))
    except (ValueError, IndexError, TypeError) as cause:
        raise BadInput(errors=[{"field": "after", "expected": "the `next` of the page before"}]) from cause


def _position(last_event_id: str | None) -> int:
    if not last_event_id:
        return 0
    if not last_event_id.isdecimal() or len(last_event_id) > DIGITS_MAX or int(last_event_id) > POSITION_MAX:
        raise BadInput(errors=[{"field": "Last-Event-ID", "expected": "a position"}])
    return int(last_event_id)
