"""What customers are to be told leaves in time, or somebody tells them: a letter that still waits gets a watchdog.

It is armed when a letter is late, not when it is queued: nearly all leave within a second, and an order belongs to whom its
goods wait for. It is the order's and no work's, so that it keeps no watchdog of a work quiet. Many late letters at once are one
trouble of the mail, which has one owner.
"""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains import orders, watch
from ambidex.domains.orders import Order
from ambidex.domains.watch import NewWatchdog, Step, WaitsFor, Watchdog
from ambidex.flows import climb, ownership
from ambidex.flows.survive import survive
from ambidex.kernel.actor import SYSTEM
from ambidex.reads import untold
from ambidex.reads.untold import LateLetter
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run

LATE_AFTER = timedelta(minutes=5)
# counted from when it was queued; a carrier that is busy is tried five times until then
TELL_WITHIN = timedelta(minutes=15)
LOOK_EVERY = timedelta(minutes=5)
MANY = 50
STUCK = "letters-wait"
OWNER = "experience"


async def watch_letters(run: Run) -> None:
    """A loop: who was not told for LATE_AFTER is watched; more than MANY of them are the trouble of the mail."""
    async with run.reading() as read:
        late = await untold.late_letters(read, before=read.now - LATE_AFTER, limit=MANY + 1)
        stuck = await untold.open_trouble(read, STUCK)
    if len(late) > MANY:
        if not stuck:
            await run.perform(SYSTEM, note_stuck)
        return
    if stuck:
        await run.perform(SYSTEM, ownership.solved, stuck, outcome="letters leave again")
    for letter in late:
        await survive(run, watch_letter, letter=letter)


async def watch_letter(tx: Tx, *, letter: LateLetter) -> None:
    """Somebody asks after it, unless it has left meanwhile or is asked after."""
    order_id = letter.order_id
    await orders.lock_order(tx, order_id)
    asked = any(dog.waits_for is WaitsFor.TELL for dog in await watch.open_watchdogs(tx, order_id))
    if asked or not await untold.letter_waits(tx, order_id):
        return
    await watch.arm(tx, [NewWatchdog(order_id, WaitsFor.TELL, letter.queued_at + TELL_WITHIN)])
    await ownership.settle(tx, order_id)


async def look_at(tx: Tx, _: Order, dog: Watchdog) -> Step:
    """It left (or a person has it already): nobody needs to ask. It still waits when it is due: an agent calls."""
    if not await untold.letter_waits(tx, dog.order_id):
        await watch.resolve(tx, dog.order_id, waits_for=WaitsFor.TELL)
        await ownership.settle(tx, dog.order_id)
        return Step.REST
    again = tx.now + LOOK_EVERY
    if tx.now < dog.due_at:
        await watch.advance(tx, dog, Step.REST, next_at=min(again, dog.due_at))
    elif dog.climbing:
        await watch.advance(tx, dog, Step.REST, next_at=again)
    else:
        fired = await climb.call_desk(
            tx, dog, detail="The letter is still here, and the customer does not know."
        )
        await watch.advance(tx, fired, Step.REST, next_at=again)
        return Step.FIRE
    return Step.REST


async def note_stuck(tx: Tx) -> None:
    """Nearly nothing leaves: whoever runs the mail is asked once, not an agent for each customer."""
    minutes = int(LATE_AFTER.total_seconds() // 60)
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind=STUCK,
        cause="system",
        title="Letters to customers do not leave",
        detail=f"More than {MANY} have waited longer than {minutes} minutes. Look at the mail server.",
        key=f"{STUCK}:{tx.now:%Y-%m-%dT%H:%M}",
        role=OWNER,
    )
