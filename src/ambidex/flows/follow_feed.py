"""Somebody follows a feed: each new value within a moment of being published, for as long as they listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import structlog

from ambidex.kernel.ids import FeedId
from ambidex.reads import feeds as reading
from ambidex.reads.feeds import Changes, ShownItem
from ambidex.runtime.faults import go_if_called_off, is_passing, words
from ambidex.runtime.live import Live
from ambidex.runtime.perform import Run

PAGE = 500
AGAIN_SECONDS = 0.5
LOOK_SECONDS, ACTIVE_SECONDS, QUIET_SECONDS, HEARTBEAT_SECONDS = 0.05, 1.0, 2.0, 15.0
log = structlog.get_logger("ambidex.feeds")


class Heads:
    """The newest position, read for all followers of a program together while there are any."""

    def __init__(self, run: Run, live: Live) -> None:
        self._run = run
        self._live = live
        self._head = 0
        self._moved = asyncio.Event()
        self._followers = 0
        self._watching: asyncio.Task[None] | None = None

    async def follow(
        self, feed_id: FeedId, after: int, *, heartbeat_seconds: float = HEARTBEAT_SECONDS
    ) -> AsyncIterator[Sequence[ShownItem]]:
        """Lists of newest values after a position, for ever; an empty list when nothing changed for a while."""
        self._begin()
        try:
            while True:
                moved = self._moved
                found = await self._next(feed_id, after)
                after = found.upto
                if found.items:
                    yield found.items
                elif not await self._beyond(after, moved, seconds=heartbeat_seconds):
                    yield ()
        finally:
            self._end()

    async def _beyond(self, after: int, moved: asyncio.Event, *, seconds: float) -> bool:
        """Wait until something newer is published, at most so long; whether it is."""
        try:
            async with asyncio.timeout(seconds):
                while self._head <= after:
                    await moved.wait()
                    moved = self._moved
        except TimeoutError:
            return False
        return True

    def _begin(self) -> None:
        self._followers += 1
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="feed heads")

    def _end(self) -> None:
        self._followers -= 1
        if not self._followers and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def _watch(self) -> None:
        """Look until nobody follows; a failure is logged and tried again, for all followers hang on it."""
        while True:
            try:
                await self._look_on()
            except Exception as fault:  # noqa: BLE001  # looking never ends; the failure is logged
                go_if_called_off(fault)
                report = log.info if is_passing(fault) else log.exception
                report("interrupted", reason=words(fault))
                await asyncio.sleep(AGAIN_SECONDS)

    async def _look_on(self) -> None:
        """Look often for a while after anything was published: what is published follows a moment behind it."""
        loop = asyncio.get_running_loop()
        seen, active_at = -1, loop.time()
        while True:
            await self._look()
            if self._live.position > seen:
                seen, active_at = self._live.position, loop.time()
            if loop.time() - active_at < ACTIVE_SECONDS:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._live.beyond(seen, seconds=QUIET_SECONDS)

    async def _look(self) -> None:
        async with self._run.reading() as read:
            head = await reading.head(read)
        if head > self._head:
            self._head = head
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()

    async def _next(self, feed_id: FeedId, after: int) -> Changes:
        async with self._run.reading() as read:
            return await reading.changes(read, feed_id, after=after, limit=PAGE)
