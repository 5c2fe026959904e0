"""Feeds are delivered: each feed's newest changes to its webhook, one message at a time, for as long as it takes.

Decide (for all feeds together: settle what came back, renew leases, read what is due), do (each message in a
task of its own, with its own time limit), record (the next decision). A slow or dead subscriber holds up nobody else.
The cursor moves only after the subscriber took the message: whatever dies in between is sent once more.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

import orjson
import structlog

from ambidex.domains import feeds
from ambidex.domains.feeds import Attempt, Feed, Lease
from ambidex.flows.webhook_port import WEBHOOKS, Answer, Message
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import FeedId
from ambidex.kernel.values import dataclass, field
from ambidex.reads import feeds as reading
from ambidex.reads.feeds import Due, ShownItem
from ambidex.runtime import crash
from ambidex.runtime.db import Tx
from ambidex.runtime.faults import go_if_called_off, is_passing, words
from ambidex.runtime.live import Live
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

CHANGES_MAX = 500
GATHER_SECONDS, ACTIVE_SECONDS, LOOK_SECONDS, AGAIN_SECONDS = 0.05, 1.0, 1.0, 0.5
RENEW_SECONDS, TRUSTED_SECONDS = 1.0, 2.5
SEND_SECONDS_MAX = 15.0
log = structlog.get_logger("ambidex.feeds")


@dataclass
class _Held:
    """What this worker may send, since when by the clock of its loop."""

    at: float = float("-inf")
    leases: dict[FeedId, Lease] = field(default_factory=dict)
    feeds: dict[FeedId, Feed] = field(default_factory=dict)


@dataclass
class Deliverer:
    """Sends the feeds of one worker. Any number may run: each feed is leased by one of them."""

    run: Run
    outside: Outside
    live: Live
    key: bytes
    worker: str
    _held: _Held = field(default_factory=_Held)
    _sending: dict[FeedId, asyncio.Task[None]] = field(default_factory=dict)
    _finished: list[Attempt] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        """Deliver until canceled; a failure of ours is logged and tried again."""
        while True:
            try:
                await self._deliver()
            except Exception as fault:  # noqa: BLE001  # delivering never ends; the failure is logged
                go_if_called_off(fault)
                report = log.info if is_passing(fault) else log.exception
                report("interrupted", reason=words(fault))
                await asyncio.sleep(AGAIN_SECONDS)

    async def close(self) -> None:
        """Drop what is under way and let others send at once; what was taken meanwhile is sent once more."""
        sending = list(self._sending.values())
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        await self.run.perform(SYSTEM, self._let_go, finished=list(self._finished))

    async def turn(self) -> int:
        """Settle what came back and send what is due; how many messages set out."""
        busy = frozenset(self._sending)  # before the list: what comes back meanwhile waits for the next turn
        finished = list(self._finished)
        now = asyncio.get_running_loop().time()
        renews = now - self._held.at >= RENEW_SECONDS
        if finished or renews:
            settled = await self.run.perform(
                SYSTEM, self._settle, finished=finished, now=now if renews else None
            )
            self._held = settled
            del self._finished[: len(finished)]
        free = [f for f in self._held.leases if f not in busy and f in self._held.feeds]
        dues = await self._due(free) if free else []
        crash.point("feed-decided")
        for due in dues:
            self._begin(due)
        return len(dues)

    async def _due(self, free: Sequence[FeedId]) -> Sequence[Due]:
        async with self.run.reading() as read:
            return await reading.due(read, self.worker, free, limit=CHANGES_MAX)

    async def until_sent(self) -> None:
        """Wait for everything under way (tests)."""
        await asyncio.gather(*self._sending.values())

    async def _deliver(self) -> None:
        loop = asyncio.get_running_loop()
        seen, active_at = -1, loop.time()
        while True:
            if await self.turn() or self.live.position > seen:
                active_at = loop.time()
            seen = self.live.position
            await asyncio.sleep(GATHER_SECONDS)
            if loop.time() - active_at > ACTIVE_SECONDS and not self._finished:
                await self._rest(seen)

    async def _rest(self, seen: int) -> None:
        """Until something is published, a message came back, or a lease wants to be renewed."""
        self._woken.clear()
        waits = [asyncio.ensure_future(self.live.beyond(seen, seconds=LOOK_SECONDS))]
        waits.append(asyncio.ensure_future(self._woken.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED, timeout=LOOK_SECONDS)
        finally:
            for wait in waits:
                wait.cancel()

    async def _settle(self, tx: Tx, *, finished: Sequence[Attempt], now: float | None) -> _Held:
        """Record what came back and, when `now` is given, renew; what this worker holds from then on."""
        if finished:
            await feeds.record(tx, finished)
        held = self._held
        if now is None:
            return _Held(held.at, {**held.leases, **_counted(finished, held.leases)}, held.feeds)
        leases = {lease.feed_id: lease for lease in await feeds.lease(tx, self.worker)}
        return _Held(now, leases, {feed.feed_id: feed for feed in await feeds.page(tx)})

    async def _let_go(self, tx: Tx, *, finished: Sequence[Attempt]) -> None:
        if finished:
            await feeds.record(tx, finished)
        await feeds.let_go(tx, self.worker)

    def _begin(self, due: Due) -> None:
        feed, lease = self._held.feeds[due.feed_id], self._held.leases[due.feed_id]
        task = asyncio.create_task(self._send(feed, lease, due), name=f"feed {feed.code}")
        self._sending[due.feed_id] = task
        task.add_done_callback(lambda _: self._back(due.feed_id))

    def _back(self, feed_id: FeedId) -> None:
        self._sending.pop(feed_id, None)
        self._woken.set()

    async def _send(self, feed: Feed, lease: Lease, due: Due) -> None:
        if asyncio.get_running_loop().time() - self._held.at > TRUSTED_SECONDS:
            return  # this program stood still for so long that another may send this feed by now
        message = changes_message(feed, due, self.run, key=self.key)
        crash.point("feed-before-send")
        answer = await _answer(self.outside, message)
        crash.point("feed-after-send")
        self._finished.append(
            Attempt(
                lease,
                due.upto,
                len(due.changes),
                answer.failure,
                retry_after_seconds=answer.retry_after_seconds,
                is_gone=answer.is_gone,
            )
        )


def changes_message(feed: Feed, due: Due, run: Run, *, key: bytes) -> Message:
    """These changes as they are sent. Nothing in it depends on when: the same content has the same id."""
    newest = due.changes[-1]
    about = {
        "feed": feed.code,
        "channel": feed.channel,
        "after": due.cursor,
        "position": newest.position,
        "changes": [shown(change) for change in due.changes],
    }
    return message_of(feed, "stock.changed", newest.changed_at.isoformat(), about, run=run, key=key)


def message_of(
    feed: Feed, kind: str, timestamp: str, about: dict[str, object], *, run: Run, key: bytes
) -> Message:
    """A message by Standard Webhooks, signed with every secret that is good now."""
    body = orjson.dumps({"type": kind, "timestamp": timestamp, "data": about})
    now = run.clock()
    secrets = feeds.secrets(key, feed, now)
    message_id = "msg_" + hashlib.sha256(feed.feed_id.bytes + body).hexdigest()[:32]
    return Message(message_id, feed.webhook_url, body, secrets, now)


def shown(item: ShownItem) -> dict[str, object]:
    """A value as channels read it: units or a band, never both."""
    value: dict[str, object] = {"band": item.band} if item.band else {"units": item.units}
    return {
        "item": item.item,
        **value,
        "version": item.version,
        "position": item.position,
        "changed_at": item.changed_at.isoformat(),
    }


async def _answer(outside: Outside, message: Message) -> Answer:
    try:
        async with asyncio.timeout(SEND_SECONDS_MAX):
            return await outside.via(WEBHOOKS).send(message)
    except TimeoutError:
        return Answer(f"no answer within {SEND_SECONDS_MAX:.0f} s")
    except Exception as fault:  # a carrier that fails is a failed attempt, tried again
        log.exception("carrier-failed", reason=words(fault))
        return Answer("could not be sent")


def _counted(finished: Sequence[Attempt], leases: dict[FeedId, Lease]) -> dict[FeedId, Lease]:
    """Leases with how often they have failed in a row by now."""
    return {
        a.lease.feed_id: Lease(
            a.lease.feed_id, leases[a.lease.feed_id].lease_no, a.lease.attempts + 1 if a.failure else 0
        )
        for a in finished
        if a.lease.feed_id in leases
    }
