"""Picking: each unit is proven in hand. Anybody at the place may go on where another stopped."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import fulfillment, inventory, orders, promises, watch
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState
from ambidex.domains.promises import MilestoneKind
from ambidex.domains.watch import WaitsFor
from ambidex.flows import ownership
from ambidex.flows.locked_work import claims_of, lock_work, scanned, staff_of
from ambidex.kernel.evidence import Proof
from ambidex.runtime.db import Tx


async def pick(tx: Tx, *, work_id: str, proofs: Sequence[Proof]) -> Work:
    """Units found, each with its proof. All are taken or none; a key sent before changes nothing."""
    locked = await lock_work(tx, work_id)
    order_id, before = locked.order.order_id, locked.work
    work, units = await fulfillment.pick(tx, before, await scanned(tx, list(proofs)))
    if not units:
        return work
    await orders.move_lines(tx, order_id, units, origin=LineState.ALLOCATED, to=LineState.PICKED)
    await inventory.move(tx, claims_of(work, units), Move.PICK)
    if before.state is WorkState.ACCEPTED:
        await begin_picking(tx, before)
    if work.state is WorkState.PICKED:
        await promises.reach(tx, order_id, work_no=work.work_no, kind=MilestoneKind.PICKED)
    assignee = None if before.assignee_id == tx.actor.id else await staff_of(tx, tx.actor)
    if before.state is WorkState.ACCEPTED or assignee is not None:
        await ownership.settle(tx, order_id, assignee=assignee or await staff_of(tx, tx.actor))
    return work


async def begin_picking(tx: Tx, work: Work) -> None:
    """Somebody is at it: the milestone is reached and nobody needs to watch for it."""
    await promises.reach(tx, work.order_id, work_no=work.work_no, kind=MilestoneKind.PICK_BEGUN)
    await watch.resolve(tx, work.order_id, work_no=work.work_no, waits_for=WaitsFor.PICK_BEGUN)
