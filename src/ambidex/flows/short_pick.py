"""A unit cannot be found: it becomes suspect, a count opens, and the customer is asked before travelling.

The units leave this work at once and what is found goes on: the customer never waits for what is not there.
"""

from __future__ import annotations

from datetime import datetime

from ambidex.domains import catalogue, fulfillment, inventory, orders, promises
from ambidex.domains.counting import CountKind
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState, Method, Order
from ambidex.domains.promises import MilestoneKind
from ambidex.flows import options
from ambidex.flows.locked_work import claims_of, lock_work, place_of
from ambidex.flows.loose import Loose
from ambidex.flows.need_count import need_count
from ambidex.flows.offer_work import stop_watching
from ambidex.flows.options import Question
from ambidex.flows.pick import begin_picking
from ambidex.flows.route_order import route
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.runtime.db import Tx


async def short_pick(
    tx: Tx,
    *,
    work_id: str,
    line_no: int,
    quantity: int,
    reason: str,
    key: str = "",
    happened_at: datetime | None = None,
) -> Work:
    """So many units of a line are not to be found; maybe a while ago. The same key again changes nothing."""
    locked = await lock_work(tx, work_id)
    order, before = locked.order, locked.work
    proof = Proof(EvidenceKind.TYPED, reason=reason, happened_at=happened_at, key=key)
    work, evidence = await fulfillment.miss(tx, before, line_no=line_no, units=quantity, proof=proof)
    if not evidence:
        return work
    units = {line_no: quantity}
    await orders.move_lines(tx, order.order_id, units, origin=LineState.ALLOCATED, to=LineState.SHORT)
    if before.state is WorkState.ACCEPTED:
        await begin_picking(tx, before)
    is_sent = work.method != Method.PICKUP
    promise = await promises.promise_of_work(tx, work.order_id, work_no=work.work_no) if is_sent else None
    await _follow_work(tx, work)
    location = await place_of(tx, work)
    claims = claims_of(work, units)
    [item] = (await catalogue.by_ids(tx, [claims[0].item_id])).values()
    await need_count(tx, location, item, kind=CountKind.SHORT_PICK, order_id=order.order_id)
    await inventory.move(tx, claims, Move.SUSPECT, evidence=evidence)
    words = f"{location.name} could not find {quantity} × {_title(order, line_no)}."
    if is_sent:
        told = None if promise is None else promise.due_at
        free = promise if work.state is WorkState.SHORT else None
        await route(tx, Loose(order, units, LineState.SHORT, "short", words, free, told))
        return work
    question = Question(units, LineState.SHORT, words, work.work_no)
    await options.propose(tx, order, location, question, proof=evidence)
    return work


async def _follow_work(tx: Tx, work: Work) -> None:
    if work.state is WorkState.PICKED:
        await promises.reach(tx, work.order_id, work_no=work.work_no, kind=MilestoneKind.PICKED)
    if work.state is WorkState.SHORT and work.method != Method.PICKUP:
        await stop_watching(tx, work)
    elif work.state is WorkState.SHORT:
        await give_up(tx, work, cause="nothing of it could be found")


async def give_up(tx: Tx, work: Work, *, cause: str) -> None:
    """This work ends without its goods: its promise is broken, in good time, and nobody waits for it here."""
    promise = await promises.promise_of_work(tx, work.order_id, work_no=work.work_no)
    if promise is not None:
        await promises.break_(tx, promise, cause=cause)
    await stop_watching(tx, work)


def _title(order: Order, line_no: int) -> str:
    line = order.line(line_no)
    return "" if line is None else line.title
