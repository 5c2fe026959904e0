"""Goods that will not leave in time. Nobody answered: another place sends them. Else the customer hears a new day, once.

A second time nobody believes one, so the promise is broken in time and a person talks to the customer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.domains import fulfillment, promises, routing, watch
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import Order
from ambidex.domains.promises import MilestoneKind, Plan, Promise
from ambidex.domains.watch import Cause, NewWatchdog, WaitsFor, Watchdog
from ambidex.flows import ownership, refuse_work, snapshots
from ambidex.flows.locked_work import claims_of, wanted_units
from ambidex.flows.offer_work import date_claims, stop_watching
from ambidex.flows.ownership import About
from ambidex.flows.say import say
from ambidex.kernel.ids import child_id
from ambidex.kernel.values import replace
from ambidex.runtime.db import Read, Tx

NO_ANSWER = "nobody answered before it had to leave"
# the departure that is missed is not the next one
A_MOMENT = timedelta(seconds=1)
# when there is still so much time by the calendar, it is the opening hours that lack
TIME_LEFT = timedelta(hours=1)
TIMES_LATE = "times_late"
_WORDS = "It did not leave when it should have."


async def risk_at(read: Read, dog: Watchdog, location: Location) -> datetime | None:
    """The instant from which the rest of the work no longer fits before it has to leave; None when nothing was promised."""
    promise = await promises.promise_of_work(read, dog.order_id, work_no=dog.work_no)
    if promise is None:
        return None
    milestones = await promises.milestones_of(read, [promise])
    leaves_at = next((m.due_at for m in milestones if m.kind is MilestoneKind.DISPATCHED), None)
    reached = {m.kind for m in milestones if m.reached_at is not None}
    return None if leaves_at is None else promises.too_late_after(location.hours, leaves_at, reached=reached)


async def tell_late(tx: Tx, order: Order, dog: Watchdog, location: Location) -> None:
    """Another place when this one never answered; else a new day, or a person when there was a new day already."""
    promise = await promises.promise_of_work(tx, dog.order_id, work_no=dog.work_no)
    assert promise is not None, "risk_at found it in this transaction"
    work = await fulfillment.work(tx, dog.order_id, dog.work_no)
    if work.state is WorkState.OFFERED:
        await _give_away(tx, promise, work, location)
        return
    plan = None if promise.facts.get(TIMES_LATE) else await _next(tx, order, promise, location)
    if plan is None:
        await _give_up(tx, order, promise, work, location)
        return
    await _promise_again(tx, order, promise, work, location, plan=plan)


async def _give_away(tx: Tx, promise: Promise, work: Work, location: Location) -> None:
    """Nobody began: it is sent from elsewhere. People who were never given the time are not said to have kept silent."""
    left_at = await _leaves_at(tx, promise)
    worked = location.hours.open_time_between(work.offered_at, tx.now)
    if (
        left_at is not None
        and left_at > tx.now + TIME_LEFT
        and worked < promises.DEFAULT_POLICY.accept_within
    ):
        await refuse_work.take_back(
            tx, work_id=work.id, cause="its opening hours changed", why="hours_changed"
        )
        return
    await refuse_work.lapse(tx, work_id=work.id, cause=NO_ANSWER)


async def _leaves_at(read: Read, promise: Promise) -> datetime | None:
    milestones = await promises.milestones_of(read, [promise])
    return next((m.due_at for m in milestones if m.kind is MilestoneKind.DISPATCHED), None)


async def _next(tx: Tx, order: Order, promise: Promise, location: Location) -> Plan | None:
    """With the next departure of the place, and as long on the road as before; None when there is none."""
    book = await routing.rulebook(tx)
    policy, _ = book.version_for(str(order.terms.get("brand") or ""), order.order_id)
    left_at = await _leaves_at(tx, promise)
    assert left_at is not None, "risk_at found it in this transaction"
    leaves_at = snapshots.next_departure(location, policy, after=max(tx.now, left_at) + A_MOMENT)
    if leaves_at is None:
        return None
    arrives_at = promise.due_at + (leaves_at - left_at)
    return promises.plan_delivery(location.hours, now=tx.now, leaves_at=leaves_at, arrives_at=arrives_at)


async def _promise_again(
    tx: Tx, order: Order, promise: Promise, work: Work, location: Location, *, plan: Plan
) -> None:
    facts = {**promise.facts, TIMES_LATE: 1}
    new = await promises.re_promise(
        tx, promise, due_at=plan.due_at, cause=Cause.PLACE.value, milestones=plan.milestones, facts=facts
    )
    claims = claims_of(work, wanted_units(work)) if work.state in _CLAIMING else []
    await date_claims(tx, [replace(claim, due_at=plan.due_at) for claim in claims])
    leaves_at = plan.milestones[MilestoneKind.DISPATCHED]
    where = (work.work_no, location.location_id, location.hours)
    too_late = promises.too_late_after(location.hours, leaves_at)
    await watch.arm(tx, [NewWatchdog(order.order_id, WaitsFor.DISPATCH, leaves_at, *where, too_late)])
    await say(
        tx,
        order,
        MessageKind.LATE,
        fact_key=f"late:{work.work_no}:v{new.promise_no}",
        proof=["promises.re-promised"],
        location=location,
        work_no=work.work_no,
        old_arrives_by=promise.due_at,
        arrives_by=plan.due_at,
        cause_words=_WORDS,
    )
    await ownership.settle(tx, order.order_id)


async def _give_up(tx: Tx, order: Order, promise: Promise, work: Work, location: Location) -> None:
    await promises.break_(tx, promise, cause=Cause.PLACE.value)
    await stop_watching(tx, work)
    await say(
        tx,
        order,
        MessageKind.CORRECTION,
        fact_key=f"correction:{work.work_no}:late",
        proof=["promises.broken"],
        location=location,
        work_no=work.work_no,
        correction="We cannot give you a day we would believe ourselves. A colleague calls you.",
    )
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind="promise-broken",
        cause=Cause.PLACE,
        title="It did not leave twice: see this order through and talk to the customer",
        detail=f"{location.name} has it as {work.state.value.replace('_', ' ')}.",
        key=f"promise-broken:{child_id(order.order_id, promise.promise_no)}",
        role="experience",
        about=About(facts={"work_no": work.work_no, "place": location.code}),
    )


_CLAIMING = frozenset({WorkState.ACCEPTED, WorkState.PICKING, WorkState.PICKED})
