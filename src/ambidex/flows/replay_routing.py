"""Every decision of a day made once more from what was known then: each must come out the same, to the bit.

A difference means that the engine, a version or a receipt is not what it was; somebody owns it. The worker does
yesterday by itself, step by step; `ambidex routing replay --day` does any day at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import structlog

from ambidex.domains import routing, tasks
from ambidex.domains.routing import Policy
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run

ask, change, stored, trials = routing.ask, routing.change, routing.stored, routing.trials
STEP_DECISIONS = 60
OWNER = "admin"
Difference = tuple[UUID, int, str]
log = structlog.get_logger("ambidex.routing")


async def step(run: Run) -> bool:
    """The next few decisions of yesterday (UTC); whether there is more."""
    async with run.reading() as read:
        day = (read.now - timedelta(days=1)).date()
        known = await ask.replay(read, day)
    if known is not None and known.ended_at is not None:
        return False
    if known is None:
        known = await run.perform(SYSTEM, change.begin_replay, day)
    return await _step(run, known)


async def replay_day(run: Run, day: date) -> trials.Replay:
    """All of it now, also if it was done before."""
    replay = await run.perform(SYSTEM, change.begin_replay, day, anew=True)
    while await _step(run, replay):
        replay = await run.perform(SYSTEM, change.begin_replay, day)
    return await run.perform(SYSTEM, change.begin_replay, day)


async def _step(run: Run, replay: trials.Replay) -> bool:
    begin = datetime.combine(replay.day, time(), UTC)
    span = ask.Span(begin, begin + timedelta(days=1))
    async with run.reading() as read:
        found = await ask.decided(read, span, after=replay.after, limit=STEP_DECISIONS)
        policies = await ask.policies(read, [(one.brand, one.version) for one in found])
    differences = await asyncio.to_thread(differing, found, policies)
    last = found[-1] if len(found) == STEP_DECISIONS else None
    after = trials.After(last.decided_at, last.order_id, last.receipt_no) if last else None
    await run.perform(SYSTEM, _record, replay, looked=len(found), differences=differences, after=after)
    return after is not None


def differing(
    found: Sequence[ask.StoredReceipt], policies: Mapping[tuple[str, int], Policy]
) -> list[Difference]:
    """Which decisions do not come out as they are stored, and in what."""
    said = [(one, _difference(one, policies.get((one.brand, one.version)))) for one in found]
    return [(one.order_id, one.receipt_no, what) for one, what in said if what]


def _difference(one: ask.StoredReceipt, policy: Policy | None) -> str:
    """What is not as it was; '' when all of it is."""
    if policy is None:
        return f"version {one.version} is not there"
    try:
        snapshot = one.seen_by(policy)
        if snapshot.fingerprint != one.fingerprint:
            return "what was known then is not what was stored"
        again = stored.receipt_json(routing.decide(snapshot).receipt)
    except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as fault:
        return f"it cannot be decided again: {type(fault).__name__}"
    differ = sorted(
        name for name in again.keys() | one.receipt.keys() if again.get(name) != one.receipt.get(name)
    )
    return f"{', '.join(differ).replace('_', ' ')} came out otherwise" if differ else ""


async def _record(
    tx: Tx,
    replay: trials.Replay,
    *,
    looked: int,
    differences: Sequence[Difference],
    after: trials.After | None,
) -> None:
    """Keep how far it went; at the end of the day what differs is handed to a person."""
    if not await change.step_replay(tx, replay, looked=looked, differences=differences, after=after):
        return
    for order_id, receipt_no, what in differences:
        log.warning("not-replayed", order_id=str(order_id), receipt_no=receipt_no, reason=what)
    if after is None:
        same = replay.same + looked - len(differences)
        await _settle(tx, replay, total=replay.total + looked, same=same)


async def _settle(tx: Tx, replay: trials.Replay, *, total: int, same: int) -> None:
    """What differs is a person's; what came out the same after all is nobody's any more."""
    key = f"replay:{replay.day.isoformat()}"
    if same == total:
        await ownership.solved(tx, key, outcome="replayed once more, all the same")
        return
    known = await tasks.by_key(tx, key)
    if known is not None and known.state in tasks.TASK.ends:
        key = f"{key}:{tx.now.isoformat()}"
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="decisions_differ",
        cause=Cause.SYSTEM,
        title=f"{total - same} of {total} routing decisions of {replay.day:%-d %B} do not replay",
        detail="Decided again from the same facts they come out otherwise: the engine, a version or a receipt changed.",
        key=key,
        role=OWNER,
        about=ownership.About(facts={"subject": "/routing", "day": replay.day.isoformat()}),
    )
