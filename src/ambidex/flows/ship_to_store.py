"""Ship to store: what an order waits for is sent to its pickup place, from the shelf of another one.

The customer chose it; the units are held at the sender until the parcel leaves and are the order's again in the very
transaction in which they are scanned in. What does not arrive is asked about anew. Meanwhile the lead of the pickup
place answers for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ambidex.domains import inventory, locations, orders, promises, transfers
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order
from ambidex.domains.promises import NewPromise, PromiseKind
from ambidex.domains.quotes import Quote
from ambidex.domains.transfers import Delivery, DeliveryKind, NewDelivery, Purpose, Wanted
from ambidex.flows import options, ownership
from ambidex.flows.deliveries import lock_delivery
from ambidex.flows.offer_work import offer_work
from ambidex.flows.options import Question
from ambidex.flows.say import say
from ambidex.flows.transfer_goods import ask_to_send, call_off, keep
from ambidex.flows.wait_for_stock import stop_waiting, wait
from ambidex.reads.deliveries import unsent_for
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

ARRIVED = ("transfers.received",)
NOT_THERE = "it did not arrive whole"


async def send_as_quoted(tx: Tx, order: Order, quote: Quote) -> datetime:
    """A new order of which everything lies elsewhere, free since a moment ago: it is sent, and promised as quoted."""
    [part] = quote.promised.parts
    store = await locations.by_code(tx, quote.promised.sent_to)
    sender = await locations.by_id(tx, part.location_id)
    units = {line.line_no: short for line in order.lines if (short := line.units(LineState.SHORT))}
    due_at = quote.promised.due_at
    await send_here(tx, order, sender, store, units=units, origin=LineState.SHORT, due_at=due_at)
    await say(
        tx,
        order,
        MessageKind.CONFIRMED,
        fact_key=MessageKind.CONFIRMED.value,
        proof=("orders.placed",),
        location=store,
        ready_by=due_at,
    )
    return due_at


async def send_here(
    tx: Tx,
    order: Order,
    sender: Location,
    receiver: Location,
    *,
    units: Mapping[int, int],
    origin: LineState,
    due_at: datetime | None = None,
) -> datetime:
    """These units are sent from there to the pickup place; when they will be ready. The order is locked.

    `due_at`: when that was said already.
    """
    due_at = due_at or options.ready_by(sender, receiver, now=tx.now)
    assert due_at is not None, "it was offered because it can be done"
    approved = await _approved(tx, order, sender, receiver, units=units)
    await wait(
        tx, order, receiver, units, origin=origin, due_at=due_at,
        detail=f"It comes from {sender.name} as {approved.reference}. Scan it in, and the work goes on.",
    )  # fmt: skip
    await promises.make(
        tx,
        [
            NewPromise(
                order.order_id, PromiseKind.READY_BY, due_at, location_id=receiver.location_id,
                facts={"place": receiver.name, "from": sender.name, "transfer": approved.reference},
            )
        ],
    )  # fmt: skip
    await keep(tx, approved)
    return due_at


async def _approved(
    tx: Tx, order: Order, sender: Location, receiver: Location, *, units: Mapping[int, int]
) -> Delivery:
    """A transfer of the order's units that nobody needs to approve any more; its sender is asked to pick it."""
    items = {line.line_no: line.item_id for line in order.lines}
    requested = await transfers.request(
        tx,
        NewDelivery(
            kind=DeliveryKind.TRANSFER,
            purpose=Purpose.ORDER,
            to_id=receiver.location_id,
            from_id=sender.location_id,
            wanted=tuple(Wanted(items[n], count, order_line=n) for n, count in sorted(units.items())),
            order_id=order.order_id,
            note=f"for order {order.number}",
        ),
    )
    expected_at = options.sent_at(sender, receiver, now=tx.now)
    approved = await transfers.approve(tx, requested, expected_at=expected_at)
    await ask_to_send(tx, approved, sender, receiver)
    return approved


async def arrived(tx: Tx, order: Order, delivery: Delivery) -> None:
    """The order's units are scanned in and booked: they are its own again, and the work is offered."""
    waiting = {line.line_no: line.units(LineState.BACKORDERED) for line in order.lines}
    bound = [(line, line.order_line) for line in delivery.lines if line.order_line is not None]
    there = {n: min(line.received, waiting.get(n, 0)) for line, n in bound}
    missing = {n: min(line.asked, waiting.get(n, 0)) - there[n] for line, n in bound}
    there = {n: count for n, count in there.items() if count}
    missing = {n: count for n, count in missing.items() if count > 0}
    place = await locations.by_id(tx, delivery.to_id)
    if there:
        await _go_on(tx, order, place, there)
    if missing:
        await ask_again(tx, order, place, missing, words=_words(place, order, missing, there), proof=ARRIVED)
    elif there:
        await _free_promise(tx, order, cause="it arrived; the store prepares it")


async def _go_on(tx: Tx, order: Order, place: Location, units: Mapping[int, int]) -> None:
    lines = {line.line_no: line for line in order.lines}
    claims = [
        inventory.Claim(lines[n].item_id, place.location_id, order.order_id, n, count)
        for n, count in units.items()
    ]
    # they were bought long ago: safety stock is for those who come later
    await inventory.reserve(tx, claims, kept={claim.place: 0 for claim in claims})
    await orders.move_lines(tx, order.order_id, units, origin=LineState.BACKORDERED, to=LineState.RESERVED)
    promised = await promises.open_promises(tx, order.order_id, work_no=0, kind=PromiseKind.READY_BY)
    plan = promises.plan(place.hours, now=tx.now)
    work_no = await offer_work(tx, order, place, units, plan)
    by = f"{plan.due_at.astimezone(place.zone):%a %-I:%M %p}"
    late = promised and plan.due_at > promised[0].due_at
    await say(
        tx,
        order,
        MessageKind.LATE if late else MessageKind.CHOICE_CONFIRMED,
        fact_key=f"came:{work_no}",
        proof=ARRIVED,
        location=place,
        work_no=work_no,
        choice_words=f"It arrived: {place.name} prepares it for you by {by}. "
        "Please wait for our “it’s ready”.",
        old_ready_by=promised[0].due_at if promised else None,
        ready_by=plan.due_at,
        cause_words="It took longer on the road than we thought.",
    )
    await stop_waiting(tx, order, units, outcome="it arrived")
    await ownership.settle(tx, order.order_id)


async def ask_again(
    tx: Tx, order: Order, place: Location, units: Mapping[int, int], *, words: str, proof: Sequence[str]
) -> None:
    """These units will not come as we said: the customer is told and chooses anew."""
    await orders.move_lines(tx, order.order_id, units, origin=LineState.BACKORDERED, to=LineState.SHORT)
    open_ones = await promises.open_promises(tx, order.order_id, work_no=0, kind=PromiseKind.READY_BY)
    if open_ones:
        await promises.break_(tx, open_ones[0], cause=NOT_THERE)
    await stop_waiting(tx, order, units, outcome=NOT_THERE)
    fresh = await orders.order(tx, order.order_id)
    await options.propose(tx, fresh, place, Question(units, LineState.SHORT, words), proof=proof)


async def no_longer_wanted(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction to canceled units: a transfer that nobody waits for is called off, or fills the shelf."""
    canceled = sorted({event.order_id for event in events if event.order_id is not None})
    unsent = await unsent_for(tx, canceled)
    if unsent:
        await orders.lock_orders(tx, canceled)
    _ = [await _if_unwanted(tx, delivery) for delivery in unsent]


async def _if_unwanted(tx: Tx, label: str) -> bool:
    """Whether nobody waits for it any more."""
    locked = await lock_delivery(tx, label)
    order, delivery = locked.order, locked.delivery
    assert order is not None, "the transfer is for an order"
    waiting = {line.line_no for line in order.lines if line.units(LineState.BACKORDERED)}
    if waiting & {line.order_line for line in delivery.lines}:
        return False
    await _free_promise(tx, order, cause="canceled")
    if delivery.sent_at is None:
        await call_off(tx, delivery, reason="the order was canceled")
    return True


async def _free_promise(tx: Tx, order: Order, *, cause: str) -> None:
    await promises.release(tx, order.order_id, work_no=0, kind=PromiseKind.READY_BY, cause=cause)


def _words(place: Location, order: Order, missing: Mapping[int, int], there: Mapping[int, int]) -> str:
    names = ", ".join(f"{n} × {line.title}" for line in order.lines if (n := missing.get(line.line_no)))
    begin = "A part of it arrived" if there else "It did not arrive"
    return f"{begin} at {place.name}: {names} is missing."
