"""Loops: what the worker does again and again, each by one process at a time, and never given up.

A step must be safe to repeat (compare-and-set): a process that lost its connection may still be in the middle of one.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ambidex.kernel.values import dataclass
from ambidex.runtime import telemetry, wire
from ambidex.runtime.db import Database
from ambidex.runtime.faults import go_if_called_off, is_passing, words
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

BACKOFF_SECONDS_MAX = 30.0
# a turn that comes again sooner is kept so long, and then offered to other workers
KEPT_SECONDS = 5.0
# events a second that are a peak, and over how long they are counted
PEAK_EVENTS, PEAK_SECONDS, LONG_AGO_SECONDS = 100, 1.0, 60.0
log = structlog.get_logger("ambidex.loops")

Step = Callable[[Run, Outside], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Loop:
    """`step` comes back after `seconds`, sooner when it answers something true (there is more to do).

    `share` is how much of the time it may take while there is always more: 1 comes back at once, a quarter rests three
    times as long as it worked, so that what cannot wait (events, reactions, orders) is not slowed by what can.
    `calm_share` is the same while little is published.
    """

    name: str
    seconds: float
    step: Step
    share: float = 1.0
    calm_share: float = 1.0


def every(
    seconds: float, name: str, step: Step, *, share: float = 1.0, calm_share: float | None = None
) -> Loop:
    """The line that stands in a list of loops."""
    return Loop(name, seconds, step, share, share if calm_share is None else calm_share)


@dataclass
class Pace:
    """Whether much is published now: more than PEAK_EVENTS a second since it was asked before."""

    position: Callable[[], int]
    _seen: int = 0
    _at: float = float("-inf")
    _is_peak: bool = False

    def is_peak(self, now: float) -> bool:
        """Asked again within PEAK_SECONDS it says the same."""
        if now - self._at >= PEAK_SECONDS:
            position = self.position()
            self._is_peak = position - self._seen > PEAK_EVENTS * min(now - self._at, LONG_AGO_SECONDS)
            self._seen, self._at = position, now
        return self._is_peak


class Turns:
    """Who may take a step now: advisory locks, all on one connection of this process.

    Whoever comes again at once keeps the turn a while, unless its step failed: asking twice for every beat cost more than
    most beats. When the connection is lost meanwhile, another worker may take the same step (see above).
    """

    def __init__(
        self,
        database: Database,
        *,
        kept_seconds: float = KEPT_SECONDS,
        seconds_now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._kept_seconds = kept_seconds
        self._seconds_now = seconds_now
        self._connection: AsyncConnection | None = None
        self._one = asyncio.Lock()
        # until when a turn is kept
        self._kept: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, name: str, *, again_in: float = KEPT_SECONDS) -> AsyncIterator[bool]:
        """Whether it is ours; it is given back afterwards, or a while later by who comes again before."""
        if name not in self._kept and not await self._ask("SELECT pg_try_advisory_lock(:key)", name):
            yield False
            return
        until = self._kept.setdefault(name, self._seconds_now() + self._kept_seconds)
        try:
            yield True
        except BaseException:
            until = 0
            raise
        finally:
            if self._seconds_now() + again_in >= until:
                self._kept.pop(name, None)
                await self._ask("SELECT pg_advisory_unlock(:key)", name)

    async def close(self) -> None:
        """Give back whatever is held, by ending the connection."""
        connection, self._connection = self._connection, None
        self._kept.clear()
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def _ask(self, question: str, name: str) -> bool:
        async with self._one:
            if self._connection is None:
                connection = await self._database.engine.connect()
                # the lock is the connection's, no transaction's
                self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            try:
                answer = wire.only(await wire.fetch(self._connection, text(question), {"key": _key(name)}))
            except BaseException:
                await self.close()
                raise
            return bool(answer[0])


class Looper:
    """Runs all loops of one worker until it is told to stop; steps that have begun are finished."""

    def __init__(
        self, run: Run, outside: Outside, loops: Sequence[Loop], *, position: Callable[[], int] = lambda: 0
    ) -> None:
        assert len({loop.name for loop in loops}) == len(loops), (
            "two loops of one name would wait for each other"
        )
        self.run = run
        self.outside = outside
        self.loops = loops
        self.turns = Turns(run.database)
        self.pace = Pace(position)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Begin no further step."""
        self._stopping.set()

    async def watch(self) -> None:
        """Every loop at its own pace."""
        try:
            async with asyncio.TaskGroup() as group:
                for loop in self.loops:
                    group.create_task(self._repeat(loop), name=f"loop {loop.name}")
        finally:
            await self.turns.close()

    async def _repeat(self, loop: Loop) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                began = time.monotonic()
                more = await self._step(loop)
                failures = 0
                await (self._keep_share(loop, began) if more else self._rest(loop.seconds))
            except Exception as fault:  # noqa: BLE001  # a loop never dies; the failure is logged and waits longer
                go_if_called_off(fault)
                failures += 1
                telemetry.failures.labels(loop.name).inc()
                report = log.info if is_passing(fault) else log.exception
                report("step-failed", loop=loop.name, failures=failures, reason=words(fault))
                await self._rest(min(0.25 * 2**failures, BACKOFF_SECONDS_MAX))

    async def _keep_share(self, loop: Loop, began: float) -> None:
        """Rest as long as the step that began then asks for; a peak that is over ends it earlier."""
        ended = time.monotonic()
        while not self._stopping.is_set():
            now = time.monotonic()
            share = loop.share if self.pace.is_peak(now) else loop.calm_share
            left = (ended - began) * (1 / share - 1) - (now - ended)
            await self._rest(max(0, min(left, PEAK_SECONDS)))
            if left <= PEAK_SECONDS:
                return

    async def _step(self, loop: Loop) -> bool:
        async with self.turns.turn(loop.name, again_in=loop.seconds) as ours:
            if not ours:
                return False
            with telemetry.steps.labels(loop.name).time():
                return bool(await loop.step(self.run, self.outside))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _key(name: str) -> int:
    digest = hashlib.sha256(f"ambidex loop {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
