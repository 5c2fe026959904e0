"""Live: everyone who follows events hears of them within a moment, from one LISTEN per process.

A follower holds nothing but its position. New events are read once into a ring shared by all; who is too slow for the
ring, or comes back after an absence, reads pages from the table until it has caught up. Nothing is lost or doubled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from itertools import islice

import asyncpg
import structlog
from sqlalchemy import text

from ambidex.kernel.values import dataclass, field
from ambidex.runtime import telemetry
from ambidex.runtime.db import Read
from ambidex.runtime.faults import go_if_called_off, is_passing, words
from ambidex.runtime.perform import Run
from ambidex.runtime.postgres import plain_url
from ambidex.runtime.publisher import CHANNEL
from ambidex.runtime.reactions import EVENT_COLUMNS, StoredEvent

RING = 5_000
PAGE = 500
LOOK_SECONDS = 2.0
RECONNECT_SECONDS = 0.5
log = structlog.get_logger("ambidex.live")

_HEAD = text("SELECT coalesce(max(position), 0) FROM runtime.chain_head")
_PAGE = text(f"""
SELECT {EVENT_COLUMNS} FROM runtime.events WHERE position > :after ORDER BY position LIMIT :limit
""")  # noqa: S608  # the columns are a constant of ours


async def page(read: Read, *, after: int, limit: int = PAGE) -> list[StoredEvent]:
    """The published events after a position, in order."""
    return [StoredEvent.of(row) for row in await read.all(_PAGE, {"after": after, "limit": limit})]


async def head(read: Read) -> int:
    """The newest position."""
    position: int = await read.value(_HEAD)
    return position


@dataclass
class Live:
    """`watch` runs for the life of the process; `follow` and `beyond` may be used meanwhile."""

    run: Run
    ring_size: int = RING
    position: int = 0
    followers: int = 0
    _listening: bool = False
    _ring: deque[StoredEvent] = field(default_factory=deque)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def listening(self) -> bool:
        """Whether the connection stands."""
        return self._listening

    @property
    def remembered(self) -> int:
        """How many events the ring holds."""
        return len(self._ring)

    async def watch(self) -> None:
        """Listen until canceled; a lost connection is made again, and what was missed is read."""
        while True:
            try:
                await self._listen()
            except Exception as fault:  # noqa: BLE001  # listening never ends; the failure is logged
                go_if_called_off(fault)
                report = log.info if is_passing(fault) else log.exception
                report("interrupted", reason=words(fault))
                await asyncio.sleep(RECONNECT_SECONDS)

    async def beyond(self, position: int, *, seconds: float) -> int:
        """Wait until something newer than `position` is published, at most so long; the newest position."""
        if self.position <= position:
            await self._wait(seconds)
        return self.position

    async def follow(
        self, after: int, *, heartbeat_seconds: float = 15
    ) -> AsyncIterator[Sequence[StoredEvent]]:
        """Lists of events after a position, for ever; an empty list when nothing happened for a while."""
        self.followers += 1
        telemetry.followers.inc()
        try:
            while True:
                events = self._from_ring(after)
                if events is None:
                    async with self.run.reading() as read:
                        events = await page(read, after=after)
                if not events and self.position <= after:
                    await self._wait(heartbeat_seconds)
                    if self.position > after:
                        continue
                after = events[-1].position if events else after
                yield events
        finally:
            self.followers -= 1
            telemetry.followers.dec()

    async def _listen(self) -> None:
        connection = await asyncpg.connect(plain_url(self.run.database.url), timeout=10)
        try:
            await connection.add_listener(CHANNEL, self._hear)
            connection.add_termination_listener(lambda *_: self._told.set())
            while not connection.is_closed():
                await self._read_new()
                self._listening = True
                await self._until_told()
        finally:
            self._listening = False
            connection.terminate()

    def _hear(self, *told: object) -> None:
        """The publisher tells the newest position; without followers that is all there is to know."""
        newest = str(told[-1])
        if self.followers or not newest.isdigit():
            self._told.set()
        elif self._listening:
            self._ring.clear()
            self._advance(int(newest))

    async def _until_told(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._told.wait()
        except TimeoutError:
            return
        finally:
            self._told.clear()

    async def _read_new(self) -> None:
        async with self.run.reading() as read:
            newest = await head(read)
            if not self.followers or newest - self.position > self.ring_size:
                self._ring.clear()
            else:
                await self._fill(read, newest)
        self._advance(newest)

    def _advance(self, newest: int) -> None:
        if newest > self.position:
            self.position = newest
            telemetry.head.set(newest)
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()

    async def _fill(self, read: Read, newest: int) -> None:
        after = self._ring[-1].position if self._ring else self.position
        while after < newest:
            events = await page(read, after=after)
            self._ring.extend(events)
            while len(self._ring) > self.ring_size:
                self._ring.popleft()
            if not events:
                return
            after = events[-1].position

    def _from_ring(self, after: int) -> list[StoredEvent] | None:
        """What the ring has after a position; None when it does not reach back so far."""
        if after >= self.position:
            return []
        if not self._ring or self._ring[0].position > after + 1:
            return None
        start = after + 1 - self._ring[0].position
        return list(islice(self._ring, start, start + PAGE))

    async def _wait(self, seconds: float) -> None:
        moved = self._moved
        try:
            async with asyncio.timeout(seconds):
                await moved.wait()
        except TimeoutError:
            return
