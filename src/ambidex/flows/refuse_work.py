"""A place does not do it: it refuses, does not answer in time, or cannot any more.

A pickup is never moved without the customer's consent: other places are held and proposed.
"""

from __future__ import annotations

from ambidex.domains import fulfillment, inventory, orders
from ambidex.domains.fulfillment import Dropped, Work, WorkState, WorkVerb
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState
from ambidex.flows import options
from ambidex.flows.locked_work import LockedWork, claims_of, lock_work, place_of
from ambidex.flows.options import Question
from ambidex.flows.put_away import open_put_away
from ambidex.flows.short_pick import give_up
from ambidex.runtime.db import Tx

_WORDS = {
    WorkVerb.REFUSE: "{place} cannot prepare your order.",
    WorkVerb.LAPSE: "{place} did not get to your order in time.",
    WorkVerb.TAKE_BACK: "{place} cannot prepare your order any more.",
}

_PROOF = {
    WorkVerb.REFUSE: "fulfillment.refused",
    WorkVerb.LAPSE: "fulfillment.lapsed",
    WorkVerb.TAKE_BACK: "fulfillment.taken-back",
}


async def refuse_work(tx: Tx, *, work_id: str, reason: str) -> Work:
    """The place says no, and why."""
    return await _leave(tx, await lock_work(tx, work_id), WorkVerb.REFUSE, reason)


async def lapse(tx: Tx, *, work_id: str, cause: str) -> Work:
    """The place did not answer, and nobody above it did."""
    return await _leave(tx, await lock_work(tx, work_id), WorkVerb.LAPSE, cause)


async def take_back(tx: Tx, *, work_id: str, cause: str) -> Work:
    """The place cannot do it any more, such as because it closes for good."""
    return await _leave(tx, await lock_work(tx, work_id), WorkVerb.TAKE_BACK, cause)


async def _leave(tx: Tx, locked: LockedWork, verb: WorkVerb, reason: str) -> Work:
    order, before = locked.order, locked.work
    dropped = await fulfillment.take_back(tx, before, verb=verb, reason=reason)
    await free_units(tx, before, dropped)
    await open_put_away(tx, dropped, order=order)
    await give_up(tx, dropped.work, cause=reason)
    location = await place_of(tx, before)
    units = {line.line_no: line.to_hand_over for line in before.lines if line.to_hand_over}
    words = _WORDS[verb].format(place=location.name)
    question = Question(units, LineState.OPEN, words, before.work_no)
    await options.propose(tx, order, location, question, proof=[_PROOF[verb]])
    return dropped.work


async def free_units(tx: Tx, before: Work, dropped: Dropped) -> None:
    """Units that the work lost have no claim any more; what is staged stays staged until it is put away."""
    order_id = before.order_id
    waiting = LineState.RESERVED if before.state is WorkState.OFFERED else LineState.ALLOCATED
    await orders.move_lines(tx, order_id, dropped.waiting, origin=waiting, to=LineState.OPEN)
    await orders.move_lines(tx, order_id, dropped.in_hand, origin=LineState.PICKED, to=LineState.OPEN)
    await orders.move_lines(tx, order_id, dropped.staged, origin=LineState.STAGED, to=LineState.RESERVED)
    await orders.move_lines(tx, order_id, dropped.staged, origin=LineState.RESERVED, to=LineState.OPEN)
    loose = [*claims_of(before, dropped.waiting), *claims_of(before, dropped.in_hand)]
    if loose:
        await inventory.move(tx, loose, Move.RELEASE)
