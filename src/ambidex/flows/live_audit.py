"""The invariants, asked while the house is open: of all that changed since the last look, and of the rest in turn.

A look costs what changed, not what is stored, and at most ORDERS_MAX and ITEMS_MAX: beyond forty orders a second the
rest is left to its turn, so that looking stays at one or two hundredths of the time. What is broken is logged, counted
and handed to a person, once each. Rows that somebody edited past the program are noted by the database (runtime/touched.py):
the next look asks the rules about them and tells a person who edited what, broken or not. Who hides from that is met
in turn; the whole audit is the command.
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
from ambidex.reads.audit_checks import EACH_MAX, TRUTH
from ambidex.reads.audit_guards import AUDIT, RULE, switches
from ambidex.reads.audit_slice import Slice, audit_slice, changed, in_turn, lacks_statistics
from ambidex.reads.touched import Edit, Touched, chain_around, touched
from ambidex.runtime import live, publisher, telemetry
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.publisher import NOTHING_BEFORE
from ambidex.runtime.touched import forget

POSITIONS_MAX = 10_000
ORDERS_MAX, ITEMS_MAX = 400, 60
OWNER = "admin"
log = structlog.get_logger("ambidex.invariants")


@dataclass(frozen=True, slots=True)
class Turn:
    """How much of the rest a look asks in turn; an item is asked with all its past, so there is one."""

    orders: int = 100
    items: int = 1
    chain_pages: int = 1


@dataclass
class LiveAudit:
    """Where one worker stands: the position it has asked up to, who comes next, and how far it walked the chain."""

    after: int | None = None
    last: Slice = field(default_factory=Slice)
    chain_at: int = 0
    chain_link: bytes = NOTHING_BEFORE
    guards: dict[str, str] = field(default_factory=dict)
    turn: Turn = field(default_factory=Turn)
    # transactions past the program that were told and are not looked at to the end
    told: frozenset[str] = frozenset()

    async def beat(self, run: Run) -> None:
        """For the worker, which comes again at its own pace, whatever was found."""
        await self.look(run)

    async def look(self, run: Run) -> int:
        """One look; how many violations and edits were found."""
        async with run.reading() as read:
            by_hand = await touched(read)
            found = list(dict.fromkeys(await self._found(read, by_hand)))
        if found or by_hand.notes:
            fresh = [edit for edit in by_hand.edits if edit.transaction not in self.told]
            await run.perform(SYSTEM, report, violations=found, fresh=fresh, notes=by_hand.notes)
        self.told = frozenset(edit.transaction for edit in by_hand.edits)
        return len(found) + len(by_hand.edits)

    async def _found(self, read: Read, by_hand: Touched) -> list[Violation]:
        if await lacks_statistics(read):
            return await edited(read, by_hand, Slice()) if by_hand.notes else []
        return [
            *await edited(read, by_hand, await self._changed(read)),
            *await self._in_turn(read),
            *await self._chain(read),
            *await self._switched(read),
        ]

    async def _changed(self, read: Read) -> Slice:
        head = await live.head(read)
        after = head if self.after is None else max(self.after, head - POSITIONS_MAX)
        self.after = head
        of = await changed(read, after=after, upto=head) if head > after else Slice()
        return Slice(of.orders[-ORDERS_MAX:], moved=of.moved[:ITEMS_MAX])

    async def _switched(self, read: Read) -> list[Violation]:
        """Guards that were switched since the last look: what was edited meanwhile left no note."""
        before, self.guards = self.guards, await switches(read, TRUTH)
        return [
            Violation(
                AUDIT,
                RULE,
                f"trigger {name} ({switch})",
                "it was switched; what was edited meanwhile left no note",
            )
            for name, switch in self.guards.items()
            if before.get(name, switch) != switch
        ]

    async def _in_turn(self, read: Read) -> list[Violation]:
        self.last = await in_turn(read, self.last, orders=self.turn.orders, items=self.turn.items)
        return await audit_slice(read, self.last)

    async def _chain(self, read: Read) -> list[Violation]:
        walked = await publisher.verify_chain(
            read, after=self.chain_at, link=self.chain_link, pages=self.turn.chain_pages
        )
        again = not walked.checked
        self.chain_at, self.chain_link = (0, NOTHING_BEFORE) if again else (walked.position, walked.link)
        return [_of_chain(sentence) for sentence in walked.broken[:EACH_MAX]]


async def edited(read: Read, by_hand: Touched, of: Slice) -> list[Violation]:
    """What changed and what was edited, asked together; what is broken is told with the edit that is about it."""
    orders = sorted({*by_hand.of.orders, *of.orders})
    found = await audit_slice(read, Slice(orders, by_hand.of.items, of.moved))
    found += [_of_chain(sentence) for sentence in await chain_around(read, by_hand.positions)]
    return [by_hand.told(one) for one in found]


def _of_chain(sentence: str) -> Violation:
    return Violation(AUDIT, "events are chained", "event chain", sentence)


async def report(
    tx: Tx, *, violations: Sequence[Violation], fresh: Sequence[Edit], notes: Sequence[int]
) -> None:
    """Log and count each, and hand it to a person; the same one again opens nothing new. Then the notes are done with."""
    _ = [await _hand_over(tx, one) for one in violations]
    edits: dict[str, list[Edit]] = {}
    for edit in fresh:
        edits.setdefault(edit.transaction, []).append(edit)
    _ = [await _tell_of_edit(tx, each) for each in edits.values()]
    await forget(tx, notes)


async def _tell_of_edit(tx: Tx, edits: Sequence[Edit]) -> TaskId:
    """One transaction past the program: one thing for a person, whether it broke a rule or not."""
    places = sorted({edit.place for edit in edits})
    rows = "; ".join(f"{edit}, such as {', '.join(edit.keys[:2])}" for edit in edits)
    telemetry.edited.inc()
    log.error("edited-past-the-program", detail=rows)
    return await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="edited-past-the-program",
        cause=Cause.SYSTEM,
        title=f"Edited past the program: {', '.join(places)}"[:120],
        detail=f"{rows}. What breaks a rule is told apart."[:500],
        key=f"edited:{edits[0].transaction}",
        role=OWNER,
    )


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
