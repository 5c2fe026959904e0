"""A version of the rules against the live one, over decisions of the past as they were stored.

The worker does it step by step: whoever asked may go away, a worker that ends is followed by the next, and each step
is short. Both versions see the same facts; what one decision would have left for the next is not played.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from ambidex.domains import routing
from ambidex.domains.routing import Policy
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Run

ask, change, trials = routing.ask, routing.change, routing.trials
STEP_DECISIONS = 60
TRIAL_DECISIONS = 5_000
OWNER = "experience"
log = structlog.get_logger("ambidex.routing")


@dataclass(frozen=True, slots=True)
class Period:
    """Over which days, and at most how many decisions (drawn evenly when there are more)."""

    from_at: datetime
    until_at: datetime
    decisions_max: int = TRIAL_DECISIONS


async def simulate(tx: Tx, brand: str, number: int, *, period: Period) -> trials.Trial:
    """Ask for it; the worker begins within a second. UnknownVersion, TooManyTrials, BadInput."""
    version = await ask.version(tx, brand, number)
    against = await _live(tx, brand)
    return await change.ask_trial(
        tx,
        version,
        (against.brand, against.number),
        from_at=period.from_at,
        until_at=period.until_at,
        decisions_max=period.decisions_max,
    )


async def step(run: Run) -> bool:
    """The next few decisions of the trial that is on; whether there is more. One that breaks ends, and others go on."""
    async with run.reading() as read:
        trial = await ask.next_trial(read)
    if trial is None:
        return False
    try:
        return await _step(run, trial)
    except trials.BROKEN as cause:
        log.exception("trial-broke", trial=str(trial.trial_id))
        await run.perform(SYSTEM, give_up, trial, reason=f"{type(cause).__name__}: {cause}")
        return True


async def give_up(tx: Tx, trial: trials.Trial, *, reason: str) -> None:
    """It cannot be ended: somebody sees why. What waits behind it has its turn."""
    if not await change.break_off(tx, trial):
        return
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="trial_broke",
        cause=Cause.SYSTEM,
        title=f"A simulation of version {trial.number} of routing could not be ended",
        detail=reason[:500],
        key=f"trial:{trial.trial_id}",
        role=OWNER,
        about=ownership.About(facts={"subject": "/routing", "version": trial.number, "brand": trial.brand}),
    )


async def _step(run: Run, trial: trials.Trial) -> bool:
    sides = (trial.against_brand, trial.against), (trial.brand, trial.number)
    async with run.reading() as read:
        span = ask.Span(trial.from_at, trial.until_at, trial.against_brand)
        if trial.state is trials.TrialState.ASKED:
            begun = await ask.count_decided(read, span)
        else:
            found = await ask.decided(read, span, after=trial.after, limit=STEP_DECISIONS)
            both = await ask.policies(read, sides)
    if trial.state is trials.TrialState.ASKED:
        return await run.perform(SYSTEM, change.begin_trial, trial, total=begun)
    if not found:
        return await _finish(run, trial)
    live, other = (both[side] for side in sides)
    drawn = [one for one in found if _is_drawn(trial, one)]
    pairs = await asyncio.to_thread(_decided_by_both, drawn, live, other)
    after = trials.After(found[-1].decided_at, found[-1].order_id, found[-1].receipt_no)
    await run.perform(SYSTEM, change.step_trial, trial, looked=len(found), after=after, pairs=pairs)
    return True


async def finish_all(run: Run) -> None:
    """Every trial that waits, to its end (commands, tests)."""
    while await step(run):
        pass


async def _finish(run: Run, trial: trials.Trial) -> bool:
    async with run.reading() as read:
        pairs = await ask.pairs(read, trial.trial_id)
    seed = trial.trial_id.int & 0xFFFF_FFFF
    result = await asyncio.to_thread(trials.summed_up, pairs, seed=seed)
    return await run.perform(SYSTEM, change.finish_trial, trial, result=result)


def _decided_by_both(found: Sequence[ask.StoredReceipt], live: Policy, other: Policy) -> list[trials.Pair]:
    pairs = []
    for one in found:
        snapshot = one.seen_by(live)
        pairs.append(trials.pair(snapshot, routing.plan(snapshot), routing.plan(one.seen_by(other))))
    return pairs


def _is_drawn(trial: trials.Trial, one: ask.StoredReceipt) -> bool:
    """Of a brand that has no version yet, only its own orders."""
    is_its = one.brand == trial.brand or one.snapshot["demand"]["brand"] == trial.brand
    drawn = routing.versions.is_chosen(str(trial.trial_id), one.receipt_no, one.order_id, share=trial.share)
    return is_its and drawn


async def _live(read: Read, brand: str) -> Policy:
    """What decides for the brand now."""
    book = await routing.rulebook(read)
    return book.live[book.brand_of(brand)]
