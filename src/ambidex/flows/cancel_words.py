"""What the customer hears of a cancellation: questions that need no answer, words taken back, one letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambidex.domains import locations, messages, promises, watch
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order
from ambidex.domains.promises import NewPromise, Promise, PromiseKind
from ambidex.domains.watch import WaitsFor
from ambidex.flows import offer_item, options, ownership
from ambidex.flows.canceled_units import MADE_TRUE_BY, Plan, units_of
from ambidex.flows.options import Question
from ambidex.flows.say import CORRECT_WITHIN, say
from ambidex.flows.worth import taken_of, worth_of
from ambidex.runtime.db import Tx

UNTRUE_THEN = (MessageKind.READY, MessageKind.REMINDER, MessageKind.LAST_CALL, MessageKind.LATE)
NOTHING_TO_COLLECT = "There is nothing to collect any more."
READY_LATER = "A part of it was canceled; we tell you when the rest is ready."


async def close_questions(tx: Tx, order: Order, plan: Plan) -> None:
    """Questions about units that are canceled now need no answer; about the rest they are asked anew."""
    found = await promises.open_promises(tx, order.order_id, kind=PromiseKind.ANSWER_BY)
    _ = [await _close_question(tx, order, promise, plan) for promise in found]


async def _close_question(tx: Tx, order: Order, promise: Promise, plan: Plan) -> bool:
    """Whether it was about any of these units."""
    origin = LineState(promise.facts["origin"])
    gone = units_of(plan, origin)
    asked = options.units_of(promise)
    if not any(gone.get(n) for n in asked):
        return False
    if "instead" in promise.facts:
        await offer_item.let_go(tx, promise, cause="canceled")
        return True
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


async def take_word_back(tx: Tx, order: Order, were_ready: set[int], *, whole: bool) -> str | None:
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


def sentence_of(reason: str) -> str:
    """A reason as somebody typed it, as the sentence a customer reads after "Your order is canceled."."""
    said = reason.strip()
    return said[:1].upper() + said[1:] + ("" if said.endswith((".", "!", "?", "…")) or not said else ".")


async def tell_canceled(tx: Tx, order: Order, plan: Plan, **facts: Any) -> None:
    units = units_of(plan)
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
        amount=await taken_of(tx, order, worth_of(order, units)),
        **facts,
    )


async def _place(tx: Tx, order: Order, units: Mapping[int, int]) -> Location | None:
    at = next((line.location_id for line in order.lines if line.line_no in units and line.location_id), None)
    return None if at is None else await locations.by_id(tx, at)
