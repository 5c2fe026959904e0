"""The invariants, asked while the house is open: of all that changed since the last look, and of the rest in turn.

A look costs what changed, not what is stored, and at most ORDERS_MAX and ITEMS_MAX: beyond forty orders a second the
rest is left to its turn, so that looking stays at one or two hundredths of the time. What is broken is logged, counted
and handed to a person, once each. What nobody announced is met when its turn comes; the whole audit is the command.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import structlog

from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import TaskId
from ambidex.kernel.values import dataclass, field
from ambidex.reads.audit import Violation
from ambidex.reads.audit_slice import Slice, audit_slice, changed, in_turn, lacks_statistics
from ambidex.runtime import live, publisher, telemetry
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.publisher import NOTHING_BEFORE

POSITIONS_MAX = 10_000
ORDERS_MAX, ITEMS_MAX = 400, 60
# an item in turn is asked with all its past, so there is one
ORDERS_IN_TURN, ITEMS_IN_TURN, CHAIN_PAGES = 100, 1, 1
OWNER = "admin"
log = structlog.get_logger("ambidex.invariants")


@dataclass
class LiveAudit:
    """Where one worker stands: the position it has asked up to, who comes next, and how far it walked the chain."""

    after: int | None = None
    last: Slice = field(default_factory=Slice)
    chain_at: int = 0
    chain_link: bytes = NOTHING_BEFORE

    async def beat(self, run: Run) -> None:
        """For the worker, which comes again at its own pace, whatever was found."""
        await self.look(run)

    async def look(self, run: Run) -> int:
        """One look; how many violations were found."""
        async with run.reading() as read:
            if await lacks_statistics(read):
                return 0
            found = [*await self._changed(read), *await self._in_turn(read), *await self._chain(read)]
        if found:
            await run.perform(SYSTEM, report, violations=found)
        return len(found)

    async def _changed(self, read: Read) -> list[Violation]:
        head = await live.head(read)
        after = head if self.after is None else max(self.after, head - POSITIONS_MAX)
        self.after = head
        of = await changed(read, after=after, upto=head) if head > after else Slice()
        return await audit_slice(read, Slice(of.orders[-ORDERS_MAX:], moved=of.moved[:ITEMS_MAX]))

    async def _in_turn(self, read: Read) -> list[Violation]:
        self.last = await in_turn(read, self.last, orders=ORDERS_IN_TURN, items=ITEMS_IN_TURN)
        return await audit_slice(read, self.last)

    async def _chain(self, read: Read) -> list[Violation]:
        walked = await publisher.verify_chain(
            read, after=self.chain_at, link=self.chain_link, pages=CHAIN_PAGES
        )
        again = not walked.checked
        self.chain_at, self.chain_link = (0, NOTHING_BEFORE) if again else (walked.position, walked.link)
        return [
            Violation("8 audit", "events are chained", "event chain", sentence) for sentence in walked.broken
        ]


async def report(tx: Tx, *, violations: Sequence[Violation]) -> None:
    """Log and count each, and hand it to a person; the same one again opens nothing new."""
    _ = [await _hand_over(tx, one) for one in violations]


async def _hand_over(tx: Tx, one: Violation) -> TaskId:
    telemetry.violations.labels(one.rule).inc()
    log.error("invariant-broken", rule=one.rule, subject=one.subject, detail=one.detail)
    digest = hashlib.blake2b(f"{one.rule} {one.subject}".encode(), digest_size=12).hexdigest()
    return await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="invariant-broken",
        cause=Cause.SYSTEM,
        title=f"Broken: {one.rule}",
        detail=f"{one.subject}: {one.detail}"[:500],
        key=f"invariant:{digest}",
        role=OWNER,
    )
