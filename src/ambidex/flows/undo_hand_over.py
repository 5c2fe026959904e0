"""A hand-over was a mistake: within minutes, and with a reason, the goods are back at their place and we say so."""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains import channels, fulfillment, inventory, orders, watch
from ambidex.domains.fulfillment import Work
from ambidex.domains.inventory import Move
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState
from ambidex.domains.watch import Cause, NewWatchdog, WaitsFor
from ambidex.flows import ownership
from ambidex.flows.locked_work import LockedWork, claims_of, lock_work, place_of
from ambidex.flows.offer_work import stop_watching
from ambidex.flows.ownership import About
from ambidex.flows.say import unsay
from ambidex.runtime.db import Tx

READY_AGAIN_WITHIN = timedelta(minutes=15)
# it is not collected, and until somebody has looked at it again it is not ready either
UNTRUE_NOW = (MessageKind.COLLECTED, MessageKind.READY, MessageKind.REMINDER, MessageKind.LAST_CALL)


async def undo_hand_over(tx: Tx, *, work_id: str, reason: str) -> Work:
    """Take back what was just handed over by mistake; somebody makes it ready again."""
    locked = await lock_work(tx, work_id)
    order, before = locked.order, locked.work
    undone = await fulfillment.undo_hand_over(tx, before, reason=reason)
    work, order_id = undone.work, order.order_id
    await orders.move_lines(tx, order_id, undone.units, origin=LineState.HANDED_OVER, to=LineState.STAGED)
    still_ready = {line.line_no: line.to_hand_over for line in before.lines if line.to_hand_over}
    await orders.move_lines(tx, order_id, still_ready, origin=LineState.READY, to=LineState.STAGED)
    await orders.close_if_done(tx, order)
    claims = claims_of(work, undone.units)
    cause = f"hand-over undone: {reason}"
    await inventory.move(tx, claims, Move.TAKE_BACK, evidence=undone.evidence, cause=cause)
    location = await place_of(tx, work)
    await _watch_again(tx, work, location)
    await _correct(tx, LockedWork(order, work), location, undone.evidence, times=undone.times)
    await ownership.settle(tx, order_id)
    return work


async def _watch_again(tx: Tx, work: Work, location: Location) -> None:
    await stop_watching(tx, work)
    due_at = location.hours.after_open_time(tx.now, READY_AGAIN_WITHIN) or tx.now + READY_AGAIN_WITHIN
    dog = NewWatchdog(
        work.order_id, WaitsFor.READY, due_at, work.work_no, location.location_id, hours=location.hours
    )
    await watch.arm(tx, [dog])


async def _correct(
    tx: Tx, after: LockedWork, location: Location, evidence: tuple[str, ...], *, times: int
) -> None:
    order, work = after.order, after.work
    await unsay(
        tx,
        order,
        UNTRUE_NOW,
        reason="the hand-over was undone",
        correction=f"Your order was not collected: it is at {location.name}, and we tell you when it is ready again.",
        fact_key=f"undone:{work.work_no}:{times}",
        proof=evidence,
        location=location,
        work_no=work.work_no,
    )
    withdrawn = await channels.withdraw_tellings(
        tx, order.order_id, kinds=["collected"], reason="the hand-over was undone"
    )
    told = [t for t in await channels.tellings_of(tx, order.order_id) if t.kind == "collected"]
    if told and not withdrawn:
        await ownership.hand_to_person(
            tx,
            order_id=order.order_id,
            kind="source-told-too-early",
            cause=Cause.PEOPLE,
            title=f"Correct order {order.number} at its source: it was not collected",
            detail="The source was told that the order is collected; the hand-over was undone.",
            key=f"untell:{work.id}:{times}",
            role="agent",
            about=About(location_id=None),
        )
