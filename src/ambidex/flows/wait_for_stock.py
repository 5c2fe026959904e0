"""A customer waits for what is missing: a person looks for it, and when it turns up the work goes on by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from uuid import UUID

from ambidex.domains import availability, inventory, locations, orders, promises
from ambidex.domains.inventory import Claim, Place
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import Line, LineState, Order
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.flows.fair_release import Waiting, release
from ambidex.flows.offer_work import offer_work
from ambidex.flows.say import say
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.reads.availability import stock_at
from ambidex.reads.waiting import WaitingLine, anybody_waits, waited_for, waiting_lines
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

FOUND = ("fulfillment.offered",)
SERVED_MAX, PLACES_MAX = 50, 200
LANDED_BY = frozenset({"inventory.moved", "availability.queue-moved"})

LOOK_AGAIN = "The customer chose to wait. Look again, or have it sent here, count it, and the work goes on."


async def wait(
    tx: Tx,
    order: Order,
    place: Location,
    units: Mapping[int, int],
    *,
    origin: LineState,
    due_at: datetime,
    detail: str = LOOK_AGAIN,
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
            detail=detail,
            key=_key(order.order_id, line.line_no),
            role="lead",
            about=ownership.About(location_id=place.location_id, due_at=due_at),
        )
        for line in lines
    ]


async def stop_waiting(tx: Tx, order: Order, lines: Iterable[int], *, outcome: str) -> None:
    """Nobody looks for units of these lines any more, because none of them wait. Who stood behind is looked at."""
    gone = [line for line_no in lines if (line := order.line(line_no)) is not None]
    _ = [await ownership.solved(tx, _key(order.order_id, line.line_no), outcome=outcome) for line in gone]
    availability.look_at_queue(
        tx, [(line.item_id, line.location_id) for line in gone if line.location_id], why=outcome
    )


async def serve_waiting(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction to stock that landed: those who wait are served by the written rule (fair_release.py).

    Looked at without locks first; then orders and stock are locked, in this order, and decided again. At most
    SERVED_MAX lines a turn: the rest is another event.
    """
    if not await anybody_waits(tx):
        return
    places = {
        (ItemId(UUID(item)), LocationId(UUID(at)))
        for event in events
        if not event.payload.get("behind")
        for item, at in event.payload["places"]
    }
    waited = await waited_for(tx, places)
    looked_at, later = waited[:PLACES_MAX], waited[PLACES_MAX:]
    first = await _decide(tx, looked_at)
    locked = {
        order_id: await orders.lock_order(tx, order_id)
        for order_id in sorted({one.order_id for one in first[:SERVED_MAX]})
    }
    if locked:
        await inventory.lock_stock(tx, looked_at)
        served = await _decide(tx, looked_at)
        ours = list(takewhile(lambda one: one.order_id in locked, served))
        await _serve(tx, locked, ours)
        later += [one.place for one in served[len(ours) :]]
    availability.look_at_queue(tx, later, why="there are more")


async def _decide(tx: Tx, places: Collection[Place]) -> list[Waiting]:
    """Who of those that wait at these places is served from what is free now."""
    queue = [_waiting(one) for one in await waiting_lines(tx, places)] if places else []
    if not queue:
        return []
    at = {one.place[1] for one in queue}
    stock = await stock_at(tx, {one.place[0] for one in queue}, at)
    known = await locations.by_ids(tx, at)
    opens = {place for place, one in known.items() if _opens_again(one, tx.now)}
    free = {place: one.unclaimed for place, one in stock.items() if place[1] in opens}
    return release(queue, free, now=tx.now)


def _waiting(one: WaitingLine) -> Waiting:
    place = (one.item_id, one.location_id)
    return Waiting(one.due_at, one.placed_at, one.order_id, one.line_no, place, one.units)


def _opens_again(place: Location, now: datetime) -> bool:
    return place.hours.after_open_time(now, promises.DEFAULT_POLICY.ready_within) is not None


async def _serve(tx: Tx, locked: Mapping[OrderId, Order], served: Sequence[Waiting]) -> None:
    """What they bought long ago is theirs before safety stock is anybody's."""
    if not served:
        return
    claims = [Claim(*one.place, one.order_id, one.line_no, one.units) for one in served]
    await inventory.reserve(tx, claims, kept={one.place: 0 for one in served})
    lines = [(locked[one.order_id], locked[one.order_id].line(one.line_no), one) for one in served]
    _ = [await go_on(tx, order, line, one.place[1], one.units) for order, line, one in lines if line]


async def go_on(tx: Tx, order: Order, line: Line, at: LocationId, count: int) -> int:
    """Units of a waiting line are reserved: the place is offered the work and the customer hears it. Its number."""
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
    return work_no


def _key(order_id: OrderId, line_no: int) -> str:
    return f"wait:{order_id.hex}:{line_no}"
