"""The place says yes: the units are allocated, and the person who said it owns the order."""

from __future__ import annotations

from ambidex.domains import fulfillment, inventory, orders, promises, watch
from ambidex.domains.fulfillment import Work
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState
from ambidex.domains.promises import MilestoneKind
from ambidex.domains.watch import WaitsFor
from ambidex.flows import ownership
from ambidex.flows.locked_work import claims_of, lock_work, staff_of, wanted_units
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
    await ownership.settle(tx, order_id, assignee=await staff_of(tx, tx.actor))
    return work
