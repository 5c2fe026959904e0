"""Reactions: what follows an event a moment later, in a transaction of its own, once per event and in order.

Each reaction has one cursor row. A turn locks it, reads at most BATCH events by position, applies them as a list,
moves the cursor and commits. When that fails the batch is halved until the one bad event is alone; only that one is
parked, with reason and owner, to be replayed. A failure that passes by itself (no server, no lock), or that is about
every event alike (a column is missing), parks nothing: the reaction waits, and goes on when it is repaired.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import structlog
from sqlalchemy import Row, text

from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.problem import NotFound
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import dataclass
from ambidex.runtime import crash, publisher, telemetry
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.faults import go_if_called_off, is_of_program, is_passing, words
from ambidex.runtime.perform import Run

BATCH = 500
FAR_BEHIND = 5_000
LOOK_SECONDS, AGAIN_SECONDS = 1.0, 0.5
PASSING_MAX, PASSING_SECONDS = 3, 0.1
# so long between two looks, however often something is published
BREATH_SECONDS = 0.05
log = structlog.get_logger("ambidex.reactions")

EVENT_COLUMNS = (
    "position, event_id, name, subject, order_id, location_id, actor, cause, evidence, payload, happened_at"
)
_BEGIN = text("""
INSERT INTO runtime.cursors (reaction, position, moved_at)
SELECT name, 0, :now FROM unnest(CAST(:names AS text[])) AS name ON CONFLICT DO NOTHING
""")
_LOCK = text("SELECT position FROM runtime.cursors WHERE reaction = :reaction FOR UPDATE SKIP LOCKED")
_HEAD = text("SELECT coalesce(max(position), 0) FROM runtime.chain_head")
# what is new since a look, unless that is too much to look at
_NEW = text("""
SELECT h.head, CASE WHEN h.head - :after <= :most THEN (
    SELECT array_agg(DISTINCT name) FROM runtime.events WHERE position > :after AND position <= h.head) END AS names
  FROM (SELECT coalesce(max(position), 0) AS head FROM runtime.chain_head) h
""")
_READ = text(f"""
SELECT {EVENT_COLUMNS} FROM runtime.events
WHERE position > :after AND position <= :head AND name = ANY(CAST(:names AS text[])) ORDER BY position LIMIT :limit
""")  # noqa: S608  # the columns are a constant of ours
# what was said in JSON costs more to read than all the rest
_READ_BARE = text("""
SELECT position, name, subject, order_id, location_id, happened_at, event_id FROM runtime.events
WHERE position > :after AND position <= :head AND name = ANY(CAST(:names AS text[])) ORDER BY position LIMIT :limit
""")
_TOLD = text(f"""
SELECT {EVENT_COLUMNS} FROM runtime.events
WHERE position = ANY(CAST(:positions AS bigint[])) ORDER BY position
""")  # noqa: S608  # the columns are a constant of ours
_READ_ONE = text(f"SELECT {EVENT_COLUMNS} FROM runtime.events WHERE position = :position")  # noqa: S608  # a constant of ours
_MOVE = text("UPDATE runtime.cursors SET position = :position, moved_at = :now WHERE reaction = :reaction")
_PARK = text("""
INSERT INTO runtime.parked_reactions (reaction, position, reason, owner, parked_at)
VALUES (:reaction, :position, :reason, :owner, :now)
ON CONFLICT (reaction, position) DO UPDATE
SET reason = excluded.reason, attempts = runtime.parked_reactions.attempts + 1, replayed_at = NULL
""")
_LOCK_PARKED = text("""
SELECT position FROM runtime.parked_reactions
WHERE reaction = :reaction AND position = :position AND replayed_at IS NULL FOR UPDATE
""")
_REPLAYED = text("""
UPDATE runtime.parked_reactions SET replayed_at = :now WHERE reaction = :reaction AND position = :position
""")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A published event as reactions see it."""

    position: int
    name: str
    subject: Ref
    order_id: OrderId | None
    location_id: LocationId | None
    payload: dict[str, Any]
    actor: dict[str, Any]
    happened_at: datetime
    event_id: UUID
    cause: str = ""
    evidence: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Row[Any]) -> StoredEvent:
        """From a row with the columns of this class."""
        values = {**row._asdict(), "subject": _ref(row.subject), "evidence": tuple(row.evidence)}
        return cls(**values)

    @classmethod
    def bare(cls, row: Row[Any]) -> StoredEvent:
        """From a row of `_READ_BARE`: only what it is about, and when."""
        values: Sequence[Any] = row
        position, name, subject, order_id, location_id, happened_at, event_id = values
        return cls(position, name, _ref(subject), order_id, location_id, {}, {}, happened_at, event_id)


def _ref(subject: str) -> Ref:
    kind, _, ident = subject.partition(":")
    return Ref(kind, ident)


class Live(Protocol):
    """What tells that something was published (runtime/live.py)."""

    async def beyond(self, position: int, *, seconds: float) -> int:
        """Wait until something newer than `position` is published, at most so long; the newest position."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """`apply` gets events of these names, in order, as a list; what it cannot do is parked for `owner` (a role).

    `rest_seconds`: after a turn it rests so long, so that events gather into lists. `bare`: it asks an event only what
    it is about; what was said is not read, or asked for where it matters (`told`).
    """

    name: str
    events: frozenset[str]
    apply: Callable[[Tx, Sequence[StoredEvent]], Awaitable[None]]
    owner: str = "admin"
    rest_seconds: float = 0
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did: events applied or parked, whether there may be more, and up to where nothing is left."""

    count: int
    more: bool
    quiet_to: int | None = None


class NotParked(NotFound):
    """No such reaction waits to be replayed."""

    code = "not-parked"
    advice = "It may have been replayed a moment ago; look at the list again."


class Reactor:
    """Runs the reactions of one worker. Several workers share them: a locked cursor is left to its holder."""

    def __init__(self, run: Run, reactions: Sequence[Reaction]) -> None:
        assert len({r.name for r in reactions}) == len(reactions), "two reactions of one name share a cursor"
        self.run = run
        self.reactions = reactions
        # up to where this worker knows that a reaction has nothing to do; up to where it looked at all
        self._quiet_to: dict[str, int] = {}
        self._looked_to: int | None = None
        self._moved_to: dict[str, int] = {}
        self._tried: dict[str, int] = {}

    async def begin(self) -> None:
        """Give each new reaction its cursor, before the first event."""
        await self.run.perform(SYSTEM, _begin, names=[reaction.name for reaction in self.reactions])

    async def watch(self, live: Live) -> None:
        """React to what is published until canceled: one look for all, and each reaction at its own pace."""
        wakes = {reaction.name: asyncio.Event() for reaction in self.reactions}
        async with asyncio.TaskGroup() as group:
            for reaction in self.reactions:
                group.create_task(
                    self._react(reaction, wakes[reaction.name]), name=f"reaction {reaction.name}"
                )
            group.create_task(self._wake(live, wakes), name="reactions")

    async def _wake(self, live: Live, wakes: Mapping[str, asyncio.Event]) -> None:
        """Wake whom something new concerns; a failure is logged and tried again."""
        seen = -1
        while True:
            try:
                await self.begin()
                while True:
                    seen = await live.beyond(seen, seconds=LOOK_SECONDS)
                    for reaction in await self._look():
                        wakes[reaction.name].set()
                    await asyncio.sleep(BREATH_SECONDS)
            except Exception as fault:  # noqa: BLE001  # looking never ends; the failure is logged
                go_if_called_off(fault)
                await _complain("looking", fault)

    async def _react(self, reaction: Reaction, wake: asyncio.Event) -> None:
        """A slow reaction, or one that waits for a repair, keeps no other waiting."""
        while True:
            await wake.wait()
            wake.clear()
            try:
                await self._finish(reaction, self._looked_to or 0)
                await asyncio.sleep(reaction.rest_seconds)
            except Exception as fault:  # noqa: BLE001  # reacting never ends; the failure is logged
                go_if_called_off(fault)
                await _complain(reaction.name, fault)
                wake.set()

    async def catch_up(self) -> int:
        """One turn of every reaction that something was published for; how many events were applied or parked."""
        due = await self._look()
        head = self._looked_to or 0
        turns = await asyncio.gather(*(self._finish(r, head) for r in due), return_exceptions=True)
        for fault in turns:
            if isinstance(fault, BaseException):
                raise fault
        return sum(turn for turn in turns if isinstance(turn, int))

    async def _look(self) -> list[Reaction]:
        """Those that something may be left for. One look tells which names are new; who has none costs nothing."""
        async with self.run.reading() as read:
            head, new = await self._new(read)
        due = [reaction for reaction in self.reactions if self._is_due(reaction, new, head)]
        for reaction in self.reactions:
            if reaction not in due:
                self._quiet_to[reaction.name] = head
        self._looked_to = head
        return due

    async def _new(self, read: Read) -> tuple[int, frozenset[str] | None]:
        """The newest position and the names of events since the last look; None: everything has to be looked at."""
        after = self._looked_to
        if after is None:
            return int(await read.value(_HEAD)), None
        row = await read.one(_NEW, {"after": after, "most": FAR_BEHIND})
        return row.head, None if row.head - after > FAR_BEHIND else frozenset(row.names or ())

    def _is_due(self, reaction: Reaction, new: frozenset[str] | None, head: int) -> bool:
        """Whether something new concerns it, something may be left of before, or its cursor lags far behind."""
        if new is None or self._quiet_to.get(reaction.name, -1) < (self._looked_to or 0):
            return True
        lags = head - self._moved_to.get(reaction.name, 0) > FAR_BEHIND
        return lags or not reaction.events.isdisjoint(new)

    async def _finish(self, reaction: Reaction, head: int) -> int:
        total, more = 0, True
        while more:
            turn = await self._turn(reaction, head)
            total, more = total + turn.count, turn.more
        return total

    async def _turn(self, reaction: Reaction, head: int) -> Turn:
        """Some events forward, up to `head`."""
        limit = BATCH
        while True:
            try:
                turn = await self.run.perform(SYSTEM, self._apply, reaction=reaction, head=head, limit=limit)
            except Exception as fault:
                if is_passing(fault) or is_of_program(fault):
                    raise
                if limit == 1:
                    return await self.run.perform(SYSTEM, self._park, reaction=reaction, fault=fault)
                limit = limit // 2
            else:
                # only what is committed is known
                self._quiet_to[reaction.name] = -1 if turn.quiet_to is None else turn.quiet_to
                return turn

    async def _apply(self, tx: Tx, *, reaction: Reaction, head: int, limit: int) -> Turn:
        cursor = await tx.value(_LOCK, {"reaction": reaction.name})
        if cursor is None:
            return Turn(0, more=False)
        after = max(cursor, self._quiet_to.get(reaction.name, 0))
        rows = await _read(tx, reaction, after=after, head=head, limit=limit)
        if rows:
            self._tried[reaction.name] = rows[0].position
            await reaction.apply(tx, rows)
        more = len(rows) == limit
        to = rows[-1].position if more else max(head, after)
        if rows or to - cursor > FAR_BEHIND:
            await tx.run(_MOVE, {"reaction": reaction.name, "position": to, "now": tx.now})
            cursor = to
        self._moved_to[reaction.name] = cursor
        crash.point("reaction-applied")
        telemetry.reacted.labels(reaction.name, "applied").inc(len(rows))
        return Turn(len(rows), more=more, quiet_to=None if more else to)

    async def _park(self, tx: Tx, *, reaction: Reaction, fault: Exception) -> Turn:
        """Park the one event that was tried alone, unless another worker has dealt with it meanwhile."""
        position, reason = self._tried[reaction.name], words(fault)
        cursor = await tx.value(_LOCK, {"reaction": reaction.name})
        if cursor is None or cursor >= position:
            return Turn(0, more=cursor is not None)
        log.warning("parked", reaction=reaction.name, position=position, reason=reason)
        telemetry.reacted.labels(reaction.name, "parked").inc()
        at = {"reaction": reaction.name, "position": position, "now": tx.now}
        await tx.run(_PARK, {**at, "reason": reason, "owner": reaction.owner})
        await tx.run(_MOVE, at)
        return Turn(1, more=True)


async def _complain(of: str, fault: Exception) -> None:
    report = log.info if is_passing(fault) else log.exception
    report("interrupted", reaction=of, reason=words(fault))
    await asyncio.sleep(AGAIN_SECONDS)


async def told(tx: Tx, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """These bare events with what was said."""
    asked = {"positions": [event.position for event in events]}
    return [StoredEvent.of(row) for row in await tx.all(_TOLD, asked)] if events else []


async def replay(tx: Tx, *, reaction: Reaction, position: int) -> None:
    """Apply a parked event again; it stays parked when that fails. Raises NotParked when it does not wait."""
    waits = await tx.maybe(_LOCK_PARKED, {"reaction": reaction.name, "position": position})
    if waits is None:
        raise NotParked(f"{reaction.name} at {position}")
    await reaction.apply(tx, [StoredEvent.of(await tx.one(_READ_ONE, {"position": position}))])
    await tx.run(_REPLAYED, {"reaction": reaction.name, "position": position, "now": tx.now})


async def settle(run: Run, reactions: Sequence[Reaction], *, rounds: int = 20) -> None:
    """Publish and react until nothing follows any more (tests, simulations, commands without a worker).

    What passes by itself is tried again like the worker does, PASSING_MAX times in a row.
    """
    reactor = Reactor(run, reactions)
    await reactor.begin()
    passing = 0
    for _ in range(rounds):
        published = await publisher.publish_all(run.database)
        try:
            followed = await reactor.catch_up()
        except Exception as fault:
            passing += 1
            if passing > PASSING_MAX or not is_passing(fault):
                raise
            log.info("interrupted", reaction="settling", reason=words(fault))
            await asyncio.sleep(passing * PASSING_SECONDS)
            continue
        passing = 0
        if not followed and not published:
            return
    raise AssertionError(f"reactions feed each other: not quiet after {rounds} rounds")


async def _begin(tx: Tx, *, names: list[str]) -> None:
    await tx.run(_BEGIN, {"names": names, "now": tx.now})


async def _read(tx: Tx, reaction: Reaction, *, after: int, head: int, limit: int) -> list[StoredEvent]:
    asked = {"after": after, "head": head, "names": sorted(reaction.events), "limit": limit}
    if reaction.bare:
        return [StoredEvent.bare(row) for row in await tx.all(_READ_BARE, asked)]
    return [StoredEvent.of(row) for row in await tx.all(_READ, asked)]
