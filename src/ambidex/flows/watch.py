"""The sweep: look at what is due, warn, fire, and move ownership hop by hop until somebody answers.

One transaction for each look, with the order locked first, so any number of workers may sweep. Everything about work at
a place runs on the clock of that place: while it is closed nothing moves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from ambidex.domains import locations, orders, tasks, watch
from ambidex.domains.locations import Location
from ambidex.domains.orders import Order
from ambidex.domains.watch import Cause, Step, WaitsFor, Watchdog
from ambidex.flows import (
    break_promises,
    climb,
    late_dispatch,
    serve_parked,
    uncollected,
    untold,
    watch_refunds,
)
from ambidex.flows.survive import survive
from ambidex.kernel.ids import OrderId
from ambidex.reads import attention
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import StoredEvent

AT_ONCE = 200
# whose deadline is a promise to the customer, and what is done when it cannot be kept any more
_AT_RISK = {WaitsFor.READY: break_promises, WaitsFor.DISPATCH: late_dispatch}
# what no place answers for
_OFF_THE_FLOOR: Mapping[WaitsFor, Callable[[Tx, Order, Watchdog], Awaitable[Step]]] = {
    WaitsFor.STOCK: serve_parked.look_at,
    WaitsFor.TELL: untold.look_at,
    WaitsFor.REFUND: watch_refunds.look_at,
}


async def sweep(run: Run) -> int:
    """One beat of the worker; how many watchdogs could be looked at. More than AT_ONCE due: call again at once.

    Those that could not do not count: they come again with the next beat, and not as fast as the machine can.
    """
    async with run.reading() as read:
        due = await watch.due(read, limit=AT_ONCE)
    looked = [await survive(run, look_at, order_id=order_id, key=key) for order_id, key in due]
    for order_id in await _deserted(run):
        await survive(run, climb.leave_empty_shift, order_id=order_id)
    async with run.reading() as read:
        late = await tasks.overdue(read, limit=AT_ONCE)
    for task_id in late:
        await survive(run, climb.move_task_up, task_id=task_id)
    return sum(looked)


async def look_at(tx: Tx, *, order_id: OrderId, key: tuple[int, WaitsFor]) -> Step:
    """Look at one watchdog under its order's lock and do what the ladder says."""
    order = await orders.lock_order(tx, order_id)
    dogs = await watch.open_watchdogs(tx, order_id)
    dog = next((d for d in dogs if d.key == key), None)
    if dog is None or dog.next_at is None or dog.next_at > tx.now:
        return Step.REST
    if dog.waits_for is WaitsFor.ANSWER:
        return await uncollected.decide_for_customer(tx, dog)
    if off_the_floor := _OFF_THE_FLOOR.get(dog.waits_for):
        return await off_the_floor(tx, order, dog)
    if dog.location_id is None:
        await climb.call_head_office(tx, dog, cause=Cause.PLATFORM)
        return Step.FIRE
    location = await locations.by_id(tx, dog.location_id)
    if location.hours.next_open(tx.now) is None and dog.waits_for is not WaitsFor.DELIVER:
        await break_promises.place_is_gone(tx, order, dog, location)
        return Step.FIRE
    if dog.waits_for is WaitsFor.COLLECT:
        return await uncollected.remind(tx, order, dog, location)
    return await _look_at_work(tx, order, dog, location, dogs)


async def look_again(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A place changed its hours, or closes for good: everything that waits there is looked at now."""
    await watch.look_now(tx, sorted({e.location_id for e in events if e.location_id is not None}))


async def _look_at_work(
    tx: Tx, order: Order, dog: Watchdog, location: Location, dogs: Sequence[Watchdog]
) -> Step:
    late = _AT_RISK.get(dog.waits_for)
    risk = await late.risk_at(tx, dog, location) if late else None
    if late is not None and risk is not None and risk <= tx.now:
        await late.tell_late(tx, order, dog, location)
        return Step.WARN
    others_climb = any(d.climbing and d.work_no == dog.work_no for d in dogs if d is not dog)
    look = watch.look(dog, hours=location.hours, now=tx.now, others_climb=others_climb)
    next_at = min((at for at in (look.next_at, risk) if at is not None), default=None)
    if look.step in {Step.REST, Step.WARN}:
        await watch.advance(tx, dog, look.step, next_at=next_at)
    else:
        await climb.up(tx, dog, location, step=look.step, next_at=look.next_at)
    return look.step


async def _deserted(run: Run) -> list[OrderId]:
    async with run.reading() as read:
        places = await locations.by_ids(read, await attention.deserted_places(read))
        awake = [place_id for place_id, place in places.items() if place.hours.is_open(read.now)]
        return await attention.deserted_orders(read, awake, limit=AT_ONCE) if awake else []
