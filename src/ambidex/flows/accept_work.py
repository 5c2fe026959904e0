"""The place says yes: the units are allocated, and the person who said it owns the order."""

from __future__ import annotations

from ambidex.domains import fulfillment, inventory, orders, promises, watch
from ambidex.domains.fulfillment import Work
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState
from ambidex.domains.promises import DEFAULT_POLICY, MilestoneKind
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.flows import ownership
from ambidex.flows.locked_work import claims_of, lock_work, place_of, staff_of, wanted_units
from ambidex.runtime.db import Tx


async def accept_work(tx: Tx, *, work_id: str) -> Work:
    """Accept offered work. Accepting again as the same person changes nothing; another one hears who has it."""
    locked = await lock_work(tx, work_id)
    before, order_id = locked.work, locked.order.order_id
    work = await fulfillment.accept(tx, before)
    if work.state is before.state:
        return work
    units = wanted_units(work)
    await orders.move_lines(tx, order_id, units, origin=LineState.RESERVED, to=LineState.ALLOCATED)
    await inventory.move(tx, claims_of(work, units), Move.ALLOCATE)
    await promises.reach(tx, order_id, work_no=work.work_no, kind=MilestoneKind.ACCEPTED)
    await watch.resolve(tx, order_id, work_no=work.work_no, waits_for=WaitsFor.ACCEPT)
    await _watch_picking(tx, work)
    await ownership.settle(tx, order_id, assignee=await staff_of(tx, tx.actor))
    return work


async def _watch_picking(tx: Tx, work: Work) -> None:
    """From now on somebody is to begin picking: by its milestone, or, when that has passed, within the same length."""
    hours = (await place_of(tx, work)).hours
    made = await promises.promise_of_work(tx, work.order_id, work_no=work.work_no)
    milestones = await promises.milestones_of(tx, [made] if made else [])
    planned = [m.due_at for m in milestones if m.kind is MilestoneKind.PICK_BEGUN]
    length = DEFAULT_POLICY.pick_begun_within - DEFAULT_POLICY.accept_within
    due_at = next((at for at in planned if at > tx.now), None) or hours.after_open_time(tx.now, length)
    if due_at is None:
        return
    dog = NewWatchdog(work.order_id, WaitsFor.PICK_BEGUN, due_at, work.work_no, work.location_id, hours=hours)
    await watch.arm(tx, [dog])
