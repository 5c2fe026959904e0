"""A customer waits for what is missing: a person looks for it, and when it turns up the work goes on by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ambidex.domains import inventory, locations, orders, promises
from ambidex.domains.inventory import Claim
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import Line, LineState, Order
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.flows.offer_work import offer_work
from ambidex.flows.ownership import About
from ambidex.flows.say import say
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.reads.waiting import WaitingLine, waiting_lines
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

FOUND = ("fulfillment.offered",)


async def wait(
    tx: Tx, order: Order, place: Location, units: Mapping[int, int], *, origin: LineState, due_at: datetime
) -> None:
    """These units wait at this place; its lead looks for them until then."""
    await orders.move_lines(tx, order.order_id, units, origin=origin, to=LineState.BACKORDERED)
    lines = [line for line in order.lines if line.line_no in units]
    _ = [
        await ownership.hand_to_person(
            tx,
            order_id=order.order_id,
            kind="customer-waits-for-stock",
            cause=Cause.STOCK,
            title=f"Find {units[line.line_no]} × {line.title} for order {order.number}",
            detail="The customer chose to wait. Look again, or have it sent here, count it, and the work goes on.",
            key=_key(order.order_id, line.line_no),
            role="lead",
            about=About(location_id=place.location_id, due_at=due_at),
        )
        for line in lines
    ]


async def stop_waiting(tx: Tx, order: Order, lines: Iterable[int], *, outcome: str) -> None:
    """Nobody looks for units of these lines any more, because none of them wait."""
    _ = [await ownership.solved(tx, _key(order.order_id, line_no), outcome=outcome) for line_no in lines]


async def serve_waiting(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction to counts: who waited longest for what was found is served first. Orders are locked before stock."""
    places = {
        (ItemId(UUID(event.payload["item_id"])), event.location_id)
        for event in events
        if event.location_id is not None
    }
    found = await waiting_lines(tx, places)
    if not found:
        return
    locked = {
        order_id: await orders.lock_order(tx, order_id)
        for order_id in sorted({one.order_id for one in found})
    }
    await inventory.lock_stock(tx, places)
    _ = [await _serve(tx, locked[one.order_id], one) for one in found]


async def _serve(tx: Tx, order: Order, one: WaitingLine) -> bool:
    """Whether there was enough for this line."""
    line = order.line(one.line_no)
    if line is None or line.location_id is None or not line.units(LineState.BACKORDERED):
        return False
    count, item_id, at = line.units(LineState.BACKORDERED), line.item_id, line.location_id
    left = await inventory.available(tx, [item_id], [at])
    if left.get((item_id, at), 0) < count:
        return False
    await inventory.reserve(tx, [Claim(item_id, at, order.order_id, line.line_no, count)])
    await _go_on(tx, order, line, at, count)
    return True


async def _go_on(tx: Tx, order: Order, line: Line, at: LocationId, count: int) -> None:
    units = {line.line_no: count}
    await orders.move_lines(tx, order.order_id, units, origin=LineState.BACKORDERED, to=LineState.RESERVED)
    place = await locations.by_id(tx, at)
    plan = promises.plan(place.hours, now=tx.now)
    work_no = await offer_work(tx, order, place, units, plan)
    by = f"{plan.due_at.astimezone(place.zone):%a %-I:%M %p}"
    await say(
        tx,
        order,
        MessageKind.CHOICE_CONFIRMED,
        fact_key=f"found:{work_no}",
        proof=FOUND,
        location=place,
        work_no=work_no,
        choice_words=f"{place.name} has it now and prepares it for you by {by}. "
        "Please wait for our “it’s ready”.",
    )
    await stop_waiting(tx, order, units, outcome="it was found")
    await ownership.settle(tx, order.order_id)


def _key(order_id: OrderId, line_no: int) -> str:
    return f"wait:{order_id.hex}:{line_no}"
