"""A place does not do it: it refuses, does not answer in time, or cannot any more.

What is to be sent is routed again at once. A pickup is never moved without the customer's consent: other places are
held and proposed.
"""

from __future__ import annotations

from collections.abc import Mapping

from ambidex.domains import catalogue, fulfillment, inventory, orders, promises, shipping
from ambidex.domains.counting import CountKind
from ambidex.domains.fulfillment import Dropped, Work, WorkState, WorkVerb
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState, Method
from ambidex.flows import options
from ambidex.flows.locked_work import LockedWork, claims_of, lock_work, place_of, wanted_units
from ambidex.flows.loose import Loose
from ambidex.flows.need_count import need_counts
from ambidex.flows.offer_work import stop_watching
from ambidex.flows.options import Question
from ambidex.flows.pack import packages_of
from ambidex.flows.put_away import open_put_away
from ambidex.flows.route_order import route
from ambidex.flows.short_pick import give_up
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Tx

_WORDS = {
    WorkVerb.REFUSE: "{place} cannot prepare your order.",
    WorkVerb.LAPSE: "{place} did not get to your order in time.",
    WorkVerb.TAKE_BACK: "{place} cannot prepare your order any more.",
}

# what the receipt of the new decision says happened
CAUSES = {WorkVerb.REFUSE: "refused", WorkVerb.LAPSE: "lapsed", WorkVerb.TAKE_BACK: "taken_back"}
# reasons that speak of the shelf: what was not found, or is broken, is sold to nobody else before it is counted
ABOUT_THE_SHELF = frozenset({"not in stock", "damaged"})
_STILL_IN_HAND = frozenset(
    {WorkState.OFFERED, WorkState.ACCEPTED, WorkState.PICKING, WorkState.PICKED, WorkState.STAGED}
)
_PART_PROOF = "fulfillment.units-dropped"
_PROOF = {
    WorkVerb.REFUSE: "fulfillment.refused",
    WorkVerb.LAPSE: "fulfillment.lapsed",
    WorkVerb.TAKE_BACK: "fulfillment.taken-back",
}


class TooLateToRefuse(Problem):
    """These units are ready or lie in a package."""

    status, code = 409, "too-late-to-refuse"
    advice = "Open the package first; what stands ready is given to the customer or canceled by an agent."


async def refuse_work(tx: Tx, *, work_id: str, reason: str, units: Mapping[int, int] | None = None) -> Work:
    """The place says no, and why; to all of it, or to these units (line number -> units): then it keeps the rest."""
    locked = await lock_work(tx, work_id)
    if not units or dict(units) == wanted_units(locked.work):
        return await _leave(tx, locked, WorkVerb.REFUSE, reason)
    return await _refuse_part(tx, locked, units, reason)


async def keep_only(tx: Tx, *, work_id: str, reason: str, keeps: Mapping[int, int]) -> Work:
    """The place does these units (line number -> units) and says no to the rest; said twice it is once."""
    locked = await lock_work(tx, work_id)
    wanted = wanted_units(locked.work)
    units = {no: count - keeps.get(no, 0) for no, count in wanted.items() if count > keeps.get(no, 0)}
    if units == wanted:
        return await _leave(tx, locked, WorkVerb.REFUSE, reason)
    tx.actor.must(Permission.WORK_DO, at=locked.work.location_id)
    return await _refuse_part(tx, locked, units, reason) if units else locked.work


async def lapse(tx: Tx, *, work_id: str, cause: str) -> Work:
    """The place did not answer, and nobody above it did."""
    return await _leave(tx, await lock_work(tx, work_id), WorkVerb.LAPSE, cause)


async def take_back(tx: Tx, *, work_id: str, cause: str, why: str = "") -> Work:
    """The place cannot do it any more, such as because it closes for good. `why` is the cause that a receipt names."""
    return await _leave(tx, await lock_work(tx, work_id), WorkVerb.TAKE_BACK, cause, why=why)


async def _refuse_part(tx: Tx, locked: LockedWork, units: Mapping[int, int], reason: str) -> Work:
    order, before = locked.order, locked.work
    tx.actor.must(Permission.WORK_DO, at=before.location_id)
    await _must_be_in_hand(tx, before, units)
    dropped = await fulfillment.cancel_work(tx, before, units=units, reason=reason)
    await _free_or_doubt(tx, before, dropped, reason)
    await open_put_away(tx, dropped, order=order)
    location = await place_of(tx, before)
    words = f"{location.name} cannot do all of your order."
    if before.method == Method.PICKUP:
        question = Question(units, LineState.OPEN, words, before.work_no)
        await options.propose(tx, order, location, question, proof=[_PART_PROOF])
        return dropped.work
    promise = await promises.promise_of_work(tx, before.order_id, work_no=before.work_no)
    told = None if promise is None else promise.due_at
    not_from = {location.code: reason}
    await route(tx, Loose(order, units, LineState.OPEN, "refused_in_part", words, None, told, not_from))
    return dropped.work


async def _must_be_in_hand(tx: Tx, work: Work, units: Mapping[int, int]) -> None:
    """Refuse what is ready, or closed in a package."""
    packed = shipping.packed_units(await packages_of(tx, work))
    free = {line.line_no: line.to_hand_over - packed.get(line.line_no, 0) for line in work.lines}
    closed = any(packed.get(line_no) and count > free.get(line_no, 0) for line_no, count in units.items())
    if closed or work.state not in _STILL_IN_HAND:
        raise TooLateToRefuse(f"the work is {work.state.value}", state=work.state.value)


async def _leave(tx: Tx, locked: LockedWork, verb: WorkVerb, reason: str, *, why: str = "") -> Work:
    order, before = locked.order, locked.work
    dropped = await fulfillment.take_back(tx, before, verb=verb, reason=reason)
    await _free_or_doubt(tx, before, dropped, reason if verb is WorkVerb.REFUSE else "")
    await open_put_away(tx, dropped, order=order)
    location = await place_of(tx, before)
    units = {line.line_no: line.to_hand_over for line in before.lines if line.to_hand_over}
    words = _WORDS[verb].format(place=location.name)
    if before.method != Method.PICKUP:
        await stop_watching(tx, before)
        promise = await promises.promise_of_work(tx, before.order_id, work_no=before.work_no)
        told = None if promise is None else promise.due_at
        loose = Loose(
            order, units, LineState.OPEN, why or CAUSES[verb], words, promise, told, {location.code: reason}
        )
        await route(tx, loose)
        return dropped.work
    await give_up(tx, dropped.work, cause=reason)
    question = Question(units, LineState.OPEN, words, before.work_no)
    await options.propose(tx, order, location, question, proof=[_PROOF[verb]])
    return dropped.work


async def _free_or_doubt(tx: Tx, before: Work, dropped: Dropped, reason: str) -> None:
    """What a place has not in stock, or broken, becomes suspect and is counted, as where a picker cannot find it."""
    doubted = claims_of(before, dropped.waiting) if reason in ABOUT_THE_SHELF else []
    if doubted:
        items = await catalogue.by_ids(tx, [one.item_id for one in doubted])
        kind, cause = CountKind.SHORT_PICK, f"an order was refused: {reason}"
        at = await place_of(tx, before)
        await need_counts(tx, at, items.values(), kind=kind, cause=cause, order_id=before.order_id)
    await free_units(tx, before, dropped, to=Move.SUSPECT if doubted else Move.RELEASE)


async def free_units(tx: Tx, before: Work, dropped: Dropped, *, to: Move = Move.RELEASE) -> None:
    """Units that the work lost have no claim any more; what is staged stays staged until it is put away.

    `to`: what becomes of units that nobody had in hand.
    """
    order_id = before.order_id
    waiting = LineState.RESERVED if before.state is WorkState.OFFERED else LineState.ALLOCATED
    await orders.move_lines(tx, order_id, dropped.waiting, origin=waiting, to=LineState.OPEN)
    await orders.move_lines(tx, order_id, dropped.in_hand, origin=LineState.PICKED, to=LineState.OPEN)
    await orders.move_lines(tx, order_id, dropped.staged, origin=LineState.STAGED, to=LineState.RESERVED)
    await orders.move_lines(tx, order_id, dropped.staged, origin=LineState.RESERVED, to=LineState.OPEN)
    lying, in_hand = claims_of(before, dropped.waiting), claims_of(before, dropped.in_hand)
    if to is Move.RELEASE:
        lying, in_hand = [], [*lying, *in_hand]
    await inventory.move(tx, lying, to)
    await inventory.move(tx, in_hand, Move.RELEASE)
