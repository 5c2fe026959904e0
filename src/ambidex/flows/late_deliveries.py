"""A delivery whose time has passed: a person finds out, and a customer who waits for it hears a new time at once.

The first time there is a new date; the second time nobody believes one, so the customer chooses again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from ambidex.domains import locations, promises, transfers
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order
from ambidex.domains.transfers import Delivery
from ambidex.domains.watch import Cause
from ambidex.flows import ownership, ship_to_store
from ambidex.flows.deliveries import late_key, lock_delivery
from ambidex.flows.ownership import About
from ambidex.flows.say import say
from ambidex.kernel.actor import SYSTEM, Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.deliveries import Late, late_deliveries
from ambidex.runtime.db import Tx
from ambidex.runtime.faults import is_passing
from ambidex.runtime.perform import Run

AT_ONCE = 100
ONE_DAY_MORE = timedelta(days=1)
log = structlog.get_logger("ambidex.watch")


async def sweep(run: Run, *, at_once: int = AT_ONCE) -> int:
    """One beat of the worker: every delivery that should be here by now is looked at once; how many could be."""
    looked, last = 0, None
    while True:
        late = await _late(run, limit=at_once, after=last)
        looked += sum([await _survive(run, str(delivery)) for _, delivery in late])
        if len(late) < at_once:
            return looked
        last = late[-1]


async def look_at_late(tx: Tx, *, delivery: str) -> bool:
    """Ask the lead of the place; tell the customer whose order waits for it. False: it came or has a new date."""
    locked = await lock_delivery(tx, delivery)
    late, order = locked.delivery, locked.order
    if late.expected_at is None or late.expected_at > tx.now or late.late_told_at is not None:
        return False
    if late.state.value not in {"approved", "picking", "in_transit", "announced"}:
        return False
    told = await transfers.tell_late(tx, late)
    place = await locations.by_id(tx, told.to_id)
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="delivery-late",
        cause=Cause.PLATFORM if told.from_id is None else Cause.PLACE,
        title=f"Find out when {told.reference} comes",
        detail=f"It was expected at {place.name} by now. Ask the sender, and say the new date.",
        key=late_key(told),
        role="lead",
        about=About(location_id=told.to_id, facts={"delivery": told.id, "reference": told.reference}),
    )
    if order is not None:
        await _tell_customer(tx, order, told, place)
    return True


async def redate(tx: Tx, *, delivery: str, expected_at: datetime, reason: str) -> Delivery:
    """Somebody found out when it comes: what is promised from it follows."""
    locked = await lock_delivery(tx, delivery)
    before = locked.delivery
    tx.actor.must(Permission.STOCK_MOVE, at=before.to_id)
    if expected_at <= tx.now:
        raise BadInput(errors=[{"field": "expected_at", "expected": "a time to come"}])
    now = await transfers.redate(tx, before, expected_at=expected_at, cause=reason)
    await ownership.solved(tx, late_key(before), outcome=f"expected {expected_at:%Y-%m-%d}: {reason}")
    if locked.order is not None:
        place = await locations.by_id(tx, now.to_id)
        await _promise_again(tx, locked.order, place, there=expected_at, proof="transfers.redated")
    return now


async def _tell_customer(tx: Tx, order: Order, late: Delivery, place: Location) -> None:
    found = await promises.open_promises(tx, order.order_id, work_no=0, kind=promises.PromiseKind.READY_BY)
    if found and found[0].replaces is None:
        await _promise_again(tx, order, place, there=tx.now + ONE_DAY_MORE, proof="transfers.late")
        return
    units = _waiting(order, late)
    if units:
        words = (
            f"What we wanted to send to {place.name} for you has not arrived, and we cannot say when it will."
        )
        await ship_to_store.ask_again(tx, order, place, units, words=words, proof=("transfers.late",))


async def _promise_again(tx: Tx, order: Order, place: Location, *, there: datetime, proof: str) -> None:
    """A new time when the old one cannot be kept any more; earlier is no news."""
    found = await promises.open_promises(tx, order.order_id, work_no=0, kind=promises.PromiseKind.READY_BY)
    due_at = promises.plan(place.hours, now=there).due_at
    if not found or due_at <= found[0].due_at:
        return
    new = await promises.re_promise(tx, found[0], due_at=due_at, cause=Cause.PLACE.value)
    await say(
        tx,
        order,
        MessageKind.LATE,
        fact_key=f"late:0:v{new.promise_no}",
        proof=[proof],
        location=place,
        old_ready_by=found[0].due_at,
        ready_by=due_at,
        cause_words="It is still on its way to the store.",
    )
    await ownership.settle(tx, order.order_id)


def _waiting(order: Order, late: Delivery) -> Mapping[int, int]:
    """Units of the order that wait for this delivery, by line."""
    asked = {line.order_line: line.asked for line in late.lines}
    return {
        line.line_no: units
        for line in order.lines
        if (units := min(line.units(LineState.BACKORDERED), asked.get(line.line_no, 0)))
    }


async def _late(run: Run, *, limit: int, after: Late | None) -> list[Late]:
    async with run.reading() as read:
        return await late_deliveries(read, limit=limit, after=after)


async def _survive(run: Run, delivery: str) -> bool:
    """One that cannot be looked at must not keep the others waiting; the next beat tries it again."""
    try:
        return await run.perform(SYSTEM, look_at_late, delivery=delivery)
    except Problem as refused:
        log.info("not-now", command="look_at_late", code=refused.code)
    except Exception as fault:
        if is_passing(fault):
            raise
        log.exception("cannot-look", command="look_at_late", delivery=delivery)
    return False
