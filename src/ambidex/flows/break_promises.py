"""A promise that will not be kept: the customer hears before it breaks, with a new time or with options.

The first time there is a new time, once; a second time nobody believes one, so the customer chooses. A place that is
gone for good gives its work back and the people above it find another way.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.domains import fulfillment, people, promises, watch
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import Method, Order
from ambidex.domains.promises import NeverOpensAgain, Promise, PromiseKind
from ambidex.domains.watch import Cause, NewWatchdog, WaitsFor, Watchdog
from ambidex.flows import ownership, refuse_work
from ambidex.flows.locked_work import claims_of, wanted_units
from ambidex.flows.offer_work import date_claims, stop_watching
from ambidex.flows.ownership import About
from ambidex.flows.say import say, unsay
from ambidex.kernel.ids import child_id
from ambidex.kernel.values import replace
from ambidex.runtime.db import Read, Tx

# told later than this after a promise passed, it was we who slept
OUR_OWN_DELAY = timedelta(minutes=5)
READY_KINDS = (MessageKind.READY, MessageKind.REMINDER, MessageKind.LAST_CALL)
_WORDS = {
    WorkState.OFFERED: "The store has not started on your order yet.",
    WorkState.ACCEPTED: "The store has not started picking your order yet.",
    WorkState.PICKING: "Your order is still being picked.",
}
_NEARLY_THERE = "Your order is picked but does not lie at the pickup place yet."


async def risk_at(read: Read, dog: Watchdog, location: Location) -> datetime | None:
    """The instant from which the promise this watchdog guards cannot be kept any more; None when there is none."""
    promise = await _promise(read, dog)
    if promise is None:
        return None
    milestones = await promises.milestones_of(read, [promise])
    reached = {m.kind for m in milestones if m.reached_at is not None}
    return promises.too_late_after(location.hours, promise.due_at, reached=reached)


async def tell_late(tx: Tx, order: Order, dog: Watchdog, location: Location) -> None:
    """It will be late: a new time the first time, options or a person the second time."""
    promise = await _promise(tx, dog)
    assert promise is not None, "risk_at found it in this transaction"
    work = await fulfillment.work(tx, dog.order_id, dog.work_no)
    if promise.replaces is not None:
        await _give_up(tx, order, promise, work, location)
        return
    try:
        await _promise_again(tx, order, promise, work, location)
    except NeverOpensAgain:
        await place_is_gone(tx, order, dog, location)


async def place_is_gone(tx: Tx, order: Order, dog: Watchdog, location: Location) -> None:
    """The place never opens again: the customer is told, and the people above it find another way."""
    work = await fulfillment.work(tx, dog.order_id, dog.work_no)
    if work.state is WorkState.READY:
        await stop_watching(tx, work)
        await _untell_ready(tx, order, work, location)
    elif not work.is_open:
        await stop_watching(tx, work)
        return
    elif work.state is WorkState.PACKED:
        await _leave_packed(tx, work)
    else:
        await refuse_work.take_back(tx, work_id=work.id, cause="the place closed for good", why="closed")
        if work.method != Method.PICKUP:
            return
    await ownership.hand_to_person(
        tx,
        order_id=dog.order_id,
        kind="place-closed",
        cause=Cause.PLACE,
        title=f"{location.name} closed for good: find another way for this order",
        detail=f"The work was {work.state.value.replace('_', ' ')} when the place closed.",
        key=f"place-closed:{work.id}",
        role=await _office(tx, location),
        about=About(facts={"work_no": work.work_no, "place": location.code}),
    )


async def _leave_packed(tx: Tx, work: Work) -> None:
    """Parcels stand in a place that is closed for good: nobody else can send them, so a person has them fetched."""
    promise = await promises.promise_of_work(tx, work.order_id, work_no=work.work_no)
    if promise is not None:
        await promises.break_(tx, promise, cause=Cause.PLACE.value)
    await stop_watching(tx, work)


async def _promise_again(tx: Tx, order: Order, promise: Promise, work: Work, location: Location) -> None:
    plan = promises.plan_again(location.hours, now=tx.now, was_due_at=promise.due_at)
    cause = await _cause(tx, promise, location)
    new = await promises.re_promise(
        tx, promise, due_at=plan.due_at, cause=cause.value, milestones=plan.milestones
    )
    claims = claims_of(work, wanted_units(work))
    await date_claims(tx, [replace(claim, due_at=plan.due_at) for claim in claims])
    dog = NewWatchdog(
        order_id=order.order_id,
        waits_for=WaitsFor.READY,
        due_at=plan.due_at,
        work_no=work.work_no,
        location_id=location.location_id,
        hours=location.hours,
        look_at=promises.too_late_after(location.hours, plan.due_at),
    )
    await watch.arm(tx, [dog])
    await say(
        tx,
        order,
        MessageKind.LATE,
        fact_key=f"late:{work.work_no}:v{new.promise_no}",
        proof=["promises.re-promised"],
        location=location,
        work_no=work.work_no,
        old_ready_by=promise.due_at,
        ready_by=plan.due_at,
        cause_words=_WORDS.get(work.state, _NEARLY_THERE),
    )
    await ownership.settle(tx, order.order_id)


async def _give_up(tx: Tx, order: Order, promise: Promise, work: Work, location: Location) -> None:
    cause = await _cause(tx, promise, location)
    if work.state is WorkState.OFFERED:
        await refuse_work.lapse(tx, work_id=work.id, cause=cause.value)
    else:
        await promises.break_(tx, promise, cause=cause.value)
        await stop_watching(tx, work)
        await _say_we_cannot_tell(tx, order, work, location)
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind="promise-broken",
        cause=cause,
        title="We were late twice: see this order through and talk to the customer",
        detail=f"{location.name} has it as {work.state.value.replace('_', ' ')}.",
        key=f"promise-broken:{child_id(order.order_id, promise.promise_no)}",
        role="experience",
        about=About(facts={"work_no": work.work_no, "place": location.code}),
    )


async def _say_we_cannot_tell(tx: Tx, order: Order, work: Work, location: Location) -> None:
    until = tx.now + ownership.SOLVE_WITHIN
    at = f"{until.astimezone(location.zone):%-I:%M %p}"
    await unsay(
        tx,
        order,
        [MessageKind.CONFIRMED, MessageKind.LATE],
        reason="the new time cannot be kept either",
        correction=f"We cannot give you a time we would believe ourselves. A colleague calls you by {at}. "
        "Please do not set off before our “it’s ready”.",
        fact_key=f"correction:{work.work_no}:late",
        proof=["promises.broken"],
        location=location,
        work_no=work.work_no,
    )


async def _untell_ready(tx: Tx, order: Order, work: Work, location: Location) -> None:
    await unsay(
        tx,
        order,
        READY_KINDS,
        reason="the place closed for good",
        correction=f"{location.name} has closed for good. Your order is safe; a colleague tells you how you get it. "
        "Please do not travel there.",
        fact_key=f"correction:{work.work_no}:closed",
        proof=["watch.exception-opened"],
        location=location,
        work_no=work.work_no,
    )


async def _promise(read: Read, dog: Watchdog) -> Promise | None:
    found = await promises.open_promises(read, dog.order_id, work_no=dog.work_no, kind=PromiseKind.READY_BY)
    return found[0] if found else None


async def _cause(tx: Tx, promise: Promise, location: Location) -> Cause:
    """People are only named when somebody was there and was asked in time."""
    if tx.now > promise.due_at + OUR_OWN_DELAY:
        return Cause.SYSTEM
    chain = await people.duty_chain(tx, location=location, at=tx.now)
    return Cause.PEOPLE if any(duty.staff for duty in chain if duty.location_id) else Cause.PLACE


async def _office(tx: Tx, location: Location) -> str:
    """The district when somebody is on shift for it, else order experience on call."""
    chain = await people.duty_chain(tx, location=location, at=tx.now)
    return next((d.role for d in chain if d.location_id is None and d.staff is not None), chain[-1].role)
