"""The answer to an item that was offered in place of what waits: it is sent at once, or the order waits on as it did.

Yes: the units of the line are substituted, another line is open, claimed and routed, and the money follows, in one
transaction. If what was held is gone all the same (a count, a place that closed), they are told so and wait on.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ambidex.domains import fulfillment, orders, payments, promises, routing, watch
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import Order
from ambidex.domains.promises import Promise, PromiseKind
from ambidex.domains.watch import WaitsFor
from ambidex.flows import options, ownership, parking
from ambidex.flows.choose_again import claim
from ambidex.flows.offer_item import INSTEAD, KEEP_WAITING, NoOffer, instead_of, looked_at, open_offer
from ambidex.flows.open_question import NothingToChoose
from ambidex.flows.route_order import OFFERED, carry_out
from ambidex.flows.say import say
from ambidex.flows.snapshots import instant
from ambidex.flows.worth import worth_of
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx

SENT, WAITS, GONE = "sent", "waits", "gone"
_CHOSEN = ("fulfillment.customer-chose",)


async def say_for_customer(tx: Tx, *, order_id: OrderId, takes_it: str) -> str:
    """The customer called: `instead` or `keep-waiting`; what became of it. Raises NoOffer, BadInput."""
    tx.actor.must(Permission.ORDERS_CANCEL)
    tx.actor.must(Permission.ORDERS_CUSTOMER_CHOICE)
    await orders.lock_order(tx, order_id)
    promise = await open_offer(tx, order_id)
    if promise is None:
        raise NoOffer(order_id=order_id.hex)
    return await answer(tx, order_id=order_id, promise_no=promise.promise_no, option=takes_it)


async def answer(tx: Tx, *, order_id: OrderId, promise_no: int, option: str, answered: bool = True) -> str:
    """SENT, WAITS or GONE. No `option`: nobody answered in time. Raises NothingToChoose, BadInput."""
    order = await orders.lock_order(tx, order_id)
    promise = await open_offer(tx, order_id)
    if promise is None or promise.promise_no != promise_no:
        raise NothingToChoose(promise=promise_no)
    option = option or KEEP_WAITING
    if option not in {INSTEAD, KEEP_WAITING}:
        raise BadInput(option, errors=[{"field": "option", "expected": f"{INSTEAD} | {KEEP_WAITING}"}])
    said = (option, answered, options.units_of(promise))
    fulfillment.CustomerSays.chose(tx, order_id, work_no=0, location_id=None, said=said)
    await options.let_holds_go(tx, promise)
    await watch.resolve(tx, order_id, work_no=0, waits_for=WaitsFor.ANSWER)
    became = await (_send if option == INSTEAD else _wait)(tx, order, promise, answered=answered)
    await ownership.settle(tx, order_id)
    return became


async def _wait(tx: Tx, order: Order, promise: Promise, *, answered: bool) -> str:
    """As it was; silence needs no letter, as it was announced what it means."""
    if not answered:
        cause = "no answer in time"
        await promises.release(tx, order.order_id, work_no=0, kind=PromiseKind.ANSWER_BY, cause=cause)
        return WAITS
    await _keep(tx, order)
    news = await parking.open_news(tx, order.order_id)
    until = "" if news is None else f", and you hear from us by {news.due_at:%A, %-d %B}"
    await _confirm(tx, order, promise, f"We keep looking for what you bought{until}.")
    return WAITS


async def _send(tx: Tx, order: Order, promise: Promise, *, answered: bool) -> str:
    assert answered, "silence never changes what was bought"
    instead = instead_of(promise)
    loose, case, routed = await looked_at(tx, order, instead)
    if not routed.decided.plan.parts or routed.decided.plan.unfilled:
        return await _gone(tx, order, promise)
    worth = worth_of(order, instead.replaces)
    await orders.Replacing.agree(tx, order, instead, worth=worth)
    await claim(tx, case, routed)
    places = {place.code: place for place in case.words.senders}
    await carry_out(tx, replace(loose, order=await orders.order(tx, order.order_id)), routed, places)
    await _keep(tx, order)
    less = worth - instead.price
    if less.minor > 0:
        cause = f"another item {promise.promise_no}"
        await payments.refund_due(tx, order_id=order.order_id, amount=less, cause=cause)
    await parking.leave(tx, order.order_id, outcome="the customer took another item", proof=OFFERED)
    days = [
        f"{places[part.site].name} sends it, and it arrives by {_day(part, places[part.site].zone)}."
        for part in routed.decided.plan.parts
    ]
    await _confirm(tx, order, promise, f"You get {instead.units} × {instead.title}. {' '.join(days)}")
    return SENT


async def _gone(tx: Tx, order: Order, promise: Promise) -> str:
    """It was kept for them, and is not there all the same: said plainly, nothing else changes."""
    await promises.break_(tx, promise, cause="it is gone")
    title = promise.facts["instead"]["title"]
    await say(
        tx, order, MessageKind.CORRECTION, fact_key=f"offer-gone:{promise.promise_no}", proof=("promises.broken",),
        correction=f"We kept {title} for you, but it is gone all the same, sorry. We keep looking for what you bought.",
    )  # fmt: skip
    return GONE


async def _keep(tx: Tx, order: Order) -> None:
    await promises.keep(tx, order.order_id, work_no=0, kind=PromiseKind.ANSWER_BY, proof=_CHOSEN)


async def _confirm(tx: Tx, order: Order, promise: Promise, words: str) -> None:
    await say(
        tx, order, MessageKind.CHOICE_CONFIRMED, fact_key=f"choice:{promise.promise_no}", proof=_CHOSEN,
        choice_words=words,
    )  # fmt: skip


def _day(part: routing.model.PlannedPart, zone: ZoneInfo) -> str:
    return f"{instant(part.arrives_at).astimezone(zone):%A, %-d %B}"
