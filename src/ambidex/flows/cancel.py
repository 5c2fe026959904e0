"""Canceling: units leave the order, what was claimed for them is free, what lies about is put away, money goes back.

Until staging the reservation is released; after staging the units wait for a scan back to the shelf; what was handed
over is refused (offer a return). The customer hears it, also when we had said something else before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ambidex.domains import fulfillment, inventory, locations, messages, orders, payments, promises, watch
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.inventory import Claim
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order, OrderState
from ambidex.domains.promises import NewPromise, Promise, PromiseKind
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.flows import options, ownership
from ambidex.flows.locked_work import claims_of, place_of, wanted_units
from ambidex.flows.offer_work import stop_watching
from ambidex.flows.options import Question
from ambidex.flows.put_away import open_put_away
from ambidex.flows.say import CORRECT_WITHIN, say
from ambidex.flows.wait_for_stock import stop_waiting
from ambidex.flows.worth import worth_of
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Tx

IN_WORK = (LineState.RESERVED, LineState.ALLOCATED, LineState.PICKED, LineState.STAGED, LineState.READY)
UNTRUE_THEN = (MessageKind.READY, MessageKind.REMINDER, MessageKind.LAST_CALL, MessageKind.LATE)
MADE_TRUE_BY = ("orders.units-canceled",)
NOTHING_TO_COLLECT = "There is nothing to collect any more."
READY_LATER = "A part of it was canceled; we tell you when the rest is ready."
READY_AGAIN_WITHIN = timedelta(minutes=15)
_IN_HAND = {WorkState.STAGED: LineState.STAGED, WorkState.READY: LineState.READY}
Plan = Mapping[int, Mapping[LineState, int]]


async def cancel(
    tx: Tx, order_id: OrderId, *, lines: Mapping[int, int | None] | None = None, reason: str
) -> Order:
    """Cancel units by line number (None: all of the line that can be); no lines: all of the order that can be.

    Raises TooLateToCancel for units that were handed over, NothingToCancel, UnknownLine.
    """
    order = await orders.lock_order(tx, order_id)
    asked = lines or _all_lines(order)
    for line in order.lines:
        if line.line_no in asked:
            tx.actor.must(Permission.ORDERS_CANCEL, at=line.location_id)
    plan = await orders.cancel_units(tx, order, asked, reason=reason)
    left = await _leave_works(tx, order, plan, reason)
    await _close_questions(tx, order, plan)
    await stop_waiting(tx, order, _none_waits(order, plan), outcome="canceled")
    amount = worth_of(order, _units(plan))
    if amount.minor:
        cause = f"canceled:{order.version}"
        await payments.refund_due(tx, order_id=order_id, amount=amount, cause=cause)
    state = await orders.close_if_done(tx, order)
    whole = state is OrderState.CANCELED
    correction = await _take_word_back(tx, order, left.were_ready, whole=whole)
    await _tell(tx, order, plan, cause_words=reason, whole=whole, correction=correction)
    await ownership.settle(tx, order_id)
    if left.claims:
        await inventory.release(tx, left.claims)
    return await orders.order(tx, order_id)


def _all_lines(order: Order) -> dict[int, None]:
    """Every line with something left; all of them when nothing is, so that the refusal says why."""
    left = {line.line_no: None for line in order.lines if line.still_to_happen}
    return left or {line.line_no: None for line in order.lines}


def _units(plan: Plan, *states: LineState) -> dict[int, int]:
    """Units by line, in these states or in all."""
    counted = {
        line_no: sum(units for state, units in counts.items() if not states or state in states)
        for line_no, counts in plan.items()
    }
    return {line_no: units for line_no, units in counted.items() if units}


@dataclass(slots=True)
class Left:
    """What leaving works brings about: claims on stock that are free, and works whose "ready" is no longer true."""

    claims: list[Claim] = field(default_factory=list)
    were_ready: set[int] = field(default_factory=set)


async def _leave_works(tx: Tx, order: Order, plan: Plan, reason: str) -> Left:
    """The places hear that units are not wanted any more."""
    shares = _shares(await fulfillment.works_of(tx, order.order_id), plan)
    left = _units(plan, *IN_WORK)
    for _, mine in shares:
        left = {n: units - mine.get(n, 0) for n, units in left.items()}
    done = Left()
    done.claims = [c for work, mine in shares for c in await _leave_work(tx, order, work, mine, reason)]
    done.claims += [
        Claim(line.item_id, line.location_id, order.order_id, line.line_no, left[line.line_no])
        for line in order.lines
        if left.get(line.line_no) and line.location_id is not None
    ]
    done.were_ready = {work.work_no for work, _ in shares if work.state is WorkState.READY}
    return done


def _shares(works: Sequence[Work], plan: Plan) -> list[tuple[Work, dict[int, int]]]:
    """What each work loses: a unit that was staged is taken from a work that staged it, not from another one."""
    left = {(n, state): units for n, states in plan.items() for state, units in states.items()}
    shares = []
    for work in works:
        mine: Counter[int] = Counter()
        for line_no, state, here in _here(work) if work.is_open else ():
            taken = min(here, left.get((line_no, state), 0))
            left[line_no, state] = left.get((line_no, state), 0) - taken
            mine[line_no] += taken
        if any(mine.values()):
            shares.append((work, dict(+mine)))
    return shares


def _here(work: Work) -> Iterator[tuple[int, LineState, int]]:
    """Units that a work still has, by line and by the state in which the line counts them."""
    waiting = LineState.RESERVED if work.state is WorkState.OFFERED else LineState.ALLOCATED
    in_hand = _IN_HAND.get(work.state, LineState.PICKED)
    for line in work.lines:
        yield line.line_no, waiting, line.to_pick
        yield line.line_no, in_hand, line.picked - line.handed_over


async def _leave_work(tx: Tx, order: Order, work: Work, units: Mapping[int, int], reason: str) -> list[Claim]:
    dropped = await fulfillment.cancel_work(tx, work, units=units, reason=reason)
    await open_put_away(tx, dropped, order=order)
    match dropped.work.state:
        case WorkState.CANCELED:
            kind = PromiseKind.READY_BY
            await promises.release(tx, order.order_id, work_no=work.work_no, kind=kind, cause=reason)
            await stop_watching(tx, work)
        case WorkState.HANDED_OVER:
            await watch.resolve(tx, order.order_id, work_no=work.work_no, waits_for=WaitsFor.COLLECT)
        case WorkState.STAGED if work.state is WorkState.READY:
            await _no_longer_ready(tx, work, units)
    return [*claims_of(work, dropped.waiting), *claims_of(work, dropped.in_hand)]


async def _no_longer_ready(tx: Tx, work: Work, gone: Mapping[int, int]) -> None:
    """What stays must be looked at and made ready anew, soon."""
    stays = {n: units - gone.get(n, 0) for n, units in wanted_units(work).items()}
    stays = {n: units for n, units in stays.items() if units}
    await orders.move_lines(tx, work.order_id, stays, origin=LineState.READY, to=LineState.STAGED)
    await watch.cancel(tx, work.order_id, work_no=work.work_no, waits_for=WaitsFor.COLLECT)
    location = await place_of(tx, work)
    due_at = location.hours.after_open_time(tx.now, READY_AGAIN_WITHIN) or tx.now + READY_AGAIN_WITHIN
    dog = NewWatchdog(work.order_id, WaitsFor.READY, due_at, work.work_no, work.location_id, location.hours)
    await watch.arm(tx, [dog])


async def _take_word_back(tx: Tx, order: Order, were_ready: set[int], *, whole: bool) -> str | None:
    """We said "ready": what was not sent is withdrawn, and whoever heard it is owed the truth. The sentence for it."""
    if not were_ready:
        return None
    said = await messages.retract(tx, order.order_id, kinds=UNTRUE_THEN, works=were_ready, reason="canceled")
    if not said:
        return None
    if not await promises.open_promises(tx, order.order_id, work_no=0, kind=PromiseKind.CORRECTION_BY):
        owed = {"message": f"canceled:{order.version}"}
        due_at = tx.now + CORRECT_WITHIN
        await promises.make(tx, [NewPromise(order.order_id, PromiseKind.CORRECTION_BY, due_at, facts=owed)])
    return NOTHING_TO_COLLECT if whole else READY_LATER


def _none_waits(order: Order, plan: Plan) -> list[int]:
    """Lines of which everything that waited for stock is canceled."""
    gone = _units(plan, LineState.BACKORDERED)
    return [
        line.line_no
        for line in order.lines
        if gone.get(line.line_no, 0) == line.units(LineState.BACKORDERED) > 0
    ]


async def _close_questions(tx: Tx, order: Order, plan: Plan) -> None:
    """Questions about units that are canceled now need no answer; about the rest they are asked anew."""
    found = await promises.open_promises(tx, order.order_id, kind=PromiseKind.ANSWER_BY)
    _ = [await _close_question(tx, order, promise, plan) for promise in found]


async def _close_question(tx: Tx, order: Order, promise: Promise, plan: Plan) -> bool:
    """Whether it was about any of these units."""
    origin = LineState(promise.facts["origin"])
    gone = _units(plan, origin)
    asked = options.units_of(promise)
    if not any(gone.get(n) for n in asked):
        return False
    await options.let_holds_go(tx, promise)
    kind, number = PromiseKind.ANSWER_BY, promise.work_no
    await promises.release(tx, order.order_id, work_no=number, kind=kind, cause="canceled")
    await watch.cancel(tx, order.order_id, work_no=number, waits_for=WaitsFor.ANSWER)
    rest = {n: units - gone.get(n, 0) for n, units in asked.items() if units > gone.get(n, 0)}
    assert promise.location_id is not None, "a question is about a place"
    place = await locations.by_id(tx, promise.location_id)
    if not rest:
        await ownership.solved(tx, options.sold_key(order, place), outcome="canceled")
    else:
        words = str(promise.facts["cause_words"])
        question = Question(rest, origin, words, promise.work_no)
        await options.propose(tx, order, place, question, proof=MADE_TRUE_BY)
    return True


async def _tell(tx: Tx, order: Order, plan: Plan, **facts: Any) -> None:
    units = _units(plan)
    named = [
        {"name": line.title, "quantity": units[line.line_no]} for line in order.lines if line.line_no in units
    ]
    await say(
        tx,
        order,
        MessageKind.CANCELED,
        fact_key=f"canceled:{order.version}",
        proof=MADE_TRUE_BY,
        location=await _place(tx, order, units),
        items=named,
        amount=worth_of(order, units),
        **facts,
    )


async def _place(tx: Tx, order: Order, units: Mapping[int, int]) -> Location | None:
    at = next((line.location_id for line in order.lines if line.line_no in units and line.location_id), None)
    return None if at is None else await locations.by_id(tx, at)
