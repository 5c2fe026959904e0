"""The customer chooses what becomes of what is missing: another place, wait, or cancel. Silence chooses the default."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from ambidex.domains import fulfillment, inventory, locations, orders, payments, promises, watch
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState
from ambidex.domains.promises import PromiseKind
from ambidex.domains.watch import WaitsFor
from ambidex.flows import offer_item, options, ownership, ship_to_store, take_offer
from ambidex.flows.offer_work import offer_work
from ambidex.flows.open_question import Choice, open_question
from ambidex.flows.options import CANCEL, COLLECT, SEND, WAIT
from ambidex.flows.promisable import already_bought
from ambidex.flows.say import say
from ambidex.flows.wait_for_stock import wait
from ambidex.flows.worth import taken_of, worth_of
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import ItemId, OrderId
from ambidex.runtime.db import Tx

PROOF = ("fulfillment.customer-chose",)
FIND_WITHIN = timedelta(hours=8)


async def choose(tx: Tx, *, order_id: OrderId, promise_no: int, option: str) -> None:
    """The customer's own word, or what they told staff."""
    tx.actor.must(Permission.ORDERS_CUSTOMER_CHOICE)
    offered = await offer_item.open_offer(tx, order_id)
    if offered is not None and offered.promise_no == promise_no:
        await take_offer.answer(tx, order_id=order_id, promise_no=promise_no, option=option)
        return
    choice = await open_question(tx, order_id, promise_no, option)
    work_no = choice.promise.work_no
    proof = _note(tx, choice, answered=True)
    await promises.keep(tx, order_id, work_no=work_no, kind=PromiseKind.ANSWER_BY, proof=proof)
    await _apply(tx, choice)


async def choose_default(tx: Tx, *, order_id: OrderId, promise_no: int) -> None:
    """No answer came in time: what we announced happens. For the watch only."""
    offered = await offer_item.open_offer(tx, order_id)
    if offered is not None and offered.promise_no == promise_no:
        await take_offer.answer(tx, order_id=order_id, promise_no=promise_no, option="", answered=False)
        return
    choice = await open_question(tx, order_id, promise_no, "")
    work_no = choice.promise.work_no
    _note(tx, choice, answered=False)
    cause = "no answer in time"
    await promises.release(tx, order_id, work_no=work_no, kind=PromiseKind.ANSWER_BY, cause=cause)
    await _apply(tx, choice)


def _note(tx: Tx, choice: Choice, *, answered: bool) -> tuple[str, ...]:
    name = fulfillment.CustomerSays.chose(
        tx,
        choice.order.order_id,
        work_no=choice.promise.work_no,
        location_id=choice.place.location_id,
        said=(choice.option, answered, choice.units),
    )
    return (name,)


async def _apply(tx: Tx, choice: Choice) -> None:
    order_id = choice.order.order_id
    await watch.resolve(tx, order_id, work_no=choice.promise.work_no, waits_for=WaitsFor.ANSWER)
    await options.let_holds_go(tx, choice.promise, but=choice.option)
    if choice.option == CANCEL:
        await _cancel(tx, choice)
    elif choice.option == WAIT:
        await _wait(tx, choice)
    elif choice.option.startswith(SEND):
        await _have_it_sent(tx, choice)
    else:
        await _go_elsewhere(tx, choice)
    sold_key = options.sold_key(choice.order, choice.place)
    await ownership.solved(tx, sold_key, outcome=f"the customer chose: {choice.option}")
    await ownership.settle(tx, order_id)


async def _go_elsewhere(tx: Tx, choice: Choice) -> None:
    """What was held there becomes a firm claim, and the place is offered the work."""
    place = await locations.by_code(tx, choice.option.removeprefix(COLLECT))
    held = choice.promise.facts["holds"][choice.option]
    _ = [
        await inventory.hold_to_reservation(
            tx,
            item_id=ItemId(UUID(item)),
            hold_id=UUID(hold),
            order_id=choice.order.order_id,
            line_no=line_no,
        )
        for line_no, item, hold in held
    ]
    await _offer(tx, choice, place)


async def _have_it_sent(tx: Tx, choice: Choice) -> None:
    """What was held there is sent to the place where the customer collects, and waits for nobody else."""
    sender = await locations.by_code(tx, choice.option.removeprefix(SEND))
    held = choice.promise.facts["holds"][choice.option]
    _ = [await inventory.release_hold(tx, ItemId(UUID(item)), UUID(hold)) for _, item, hold in held]
    due_at = await ship_to_store.send_here(
        tx, choice.order, sender, choice.place, units=choice.units, origin=choice.origin
    )
    by = f"{due_at.astimezone(choice.place.zone):%a %-I:%M %p}"
    words = (
        f"{sender.name} sends it to {choice.place.name}, where it is ready by {by}. "
        "Please wait for our “it’s ready”."
    )
    await _confirm(tx, choice, choice.place, words, ready_by=due_at)


async def _wait(tx: Tx, choice: Choice) -> None:
    """The place tries again: at once when it has the goods after all, else a person looks for them."""
    claims = choice.claims(choice.place)
    await inventory.lock_stock(tx, [claim.place for claim in claims])
    there = await already_bought(tx, {claim.place for claim in claims})
    if all(there.left.get(place, 0) >= count for place, count in choice.wanted_there.items()):
        await inventory.reserve(tx, claims, kept=there.kept)
        await _offer(tx, choice, choice.place)
        return
    due_at = choice.place.hours.after_open_time(tx.now, FIND_WITHIN) or tx.now + FIND_WITHIN
    await wait(tx, choice.order, choice.place, choice.units, origin=choice.origin, due_at=due_at)
    until = f"{due_at.astimezone(choice.place.zone):%a %-I:%M %p}"
    words = f"{choice.place.name} keeps looking, and you hear from us by {until}. Please do not set off yet."
    await _confirm(tx, choice, choice.place, words)


async def _cancel(tx: Tx, choice: Choice) -> None:
    order, units = choice.order, choice.units
    await orders.move_lines(tx, order.order_id, units, origin=choice.origin, to=LineState.CANCELED)
    amount = worth_of(order, units)
    await payments.refund_due(tx, order_id=order.order_id, amount=amount, cause=choice.cause)
    closed = await orders.close_if_done(tx, order)
    await say(
        tx,
        order,
        MessageKind.CANCELED,
        fact_key=f"canceled:{choice.promise.promise_no}",
        proof=PROOF,
        location=choice.place,
        work_no=choice.promise.work_no,
        cause_words="It could not be found.",
        amount=await taken_of(tx, order, amount),
        whole=closed is not None and closed.value == "canceled",
    )


async def _offer(tx: Tx, choice: Choice, place: Location) -> None:
    order = choice.order
    await orders.move_lines(tx, order.order_id, choice.units, origin=choice.origin, to=LineState.RESERVED)
    if place.location_id != choice.place.location_id:
        await _send_whole_lines(tx, choice, place)
    plan = promises.plan(place.hours, now=tx.now)
    await offer_work(tx, order, place, choice.units, plan)
    by = f"{plan.due_at.astimezone(place.zone):%a %-I:%M %p}"
    words = f"{place.name} has it and prepares it for you by {by}. Please wait for our “it’s ready”."
    await _confirm(tx, choice, place, words, ready_by=plan.due_at)


async def _send_whole_lines(tx: Tx, choice: Choice, place: Location) -> None:
    """Lines of which everything goes to the other place have it as their place from now on."""
    whole = [
        line.line_no for line in choice.order.lines if choice.units.get(line.line_no) == line.still_to_happen
    ]
    await orders.send_lines_to(tx, choice.order.order_id, whole, location_id=place.location_id)


async def _confirm(
    tx: Tx, choice: Choice, place: Location, words: str, *, ready_by: datetime | None = None
) -> None:
    await say(
        tx,
        choice.order,
        MessageKind.CHOICE_CONFIRMED,
        fact_key=f"choice:{choice.promise.promise_no}",
        proof=PROOF,
        location=place,
        work_no=choice.promise.work_no,
        choice_words=words,
        ready_by=ready_by,
    )
