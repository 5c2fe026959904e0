"""A parcel is with its carrier: somebody watches that it arrives."""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.domains import promises, watch
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.promises import MilestoneKind, PromiseKind
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.runtime.db import Tx

# a parcel without a promise is asked after when it takes longer
ARRIVES_WITHIN = timedelta(days=5)
TRIED_WITHIN = timedelta(days=3)
# as the promise that is broken by it says, to staff and customer
_WHY = {
    WorkState.RETURNED_TO_SENDER: "the parcel comes back to us",
    WorkState.LOST: "the parcel got lost",
}


async def on_its_way(tx: Tx, work: Work) -> None:
    """All of it left: until the promised day nobody needs to look."""
    order_id, no = work.order_id, work.work_no
    await promises.reach(tx, order_id, work_no=no, kind=MilestoneKind.DISPATCHED)
    await watch.resolve(tx, order_id, work_no=no, waits_for=WaitsFor.DISPATCH)
    made = await promises.open_promises(tx, order_id, work_no=no, kind=PromiseKind.DELIVERED_BY)
    due_at = made[0].due_at if made and made[0].due_at > tx.now else tx.now + ARRIVES_WITHIN
    await watch.arm(tx, [NewWatchdog(order_id, WaitsFor.DELIVER, due_at, no, work.location_id)])


async def tried_again(tx: Tx, work: Work) -> None:
    """It is on its way once more."""
    due_at = tx.now + TRIED_WITHIN
    dog = NewWatchdog(work.order_id, WaitsFor.DELIVER, due_at, work.work_no, work.location_id)
    await watch.arm(tx, [dog])


async def arrived(tx: Tx, work: Work, *, kept: bool, at: datetime | None = None) -> None:
    """Nothing of it is under way any more; the promise is kept by the carrier's word (`at`: in its time), or broken."""
    order_id, no, kind = work.order_id, work.work_no, PromiseKind.DELIVERED_BY
    await watch.resolve(tx, order_id, work_no=no, waits_for=WaitsFor.DELIVER)
    if kept:
        await promises.keep(tx, order_id, work_no=no, kind=kind, proof=("shipping.delivered",), at=at)
        return
    made = await promises.open_promises(tx, order_id, work_no=no, kind=kind)
    if made:
        await promises.break_(tx, made[0], cause=_WHY.get(work.state, "the parcel did not arrive"))
