"""The customer's side of a pickup: on the way, and here. Somebody at the place goes to who waits."""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains import fulfillment, tasks, watch
from ambidex.domains.fulfillment import CustomerSide, Work
from ambidex.domains.tasks import TaskKind
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.flows import ownership
from ambidex.flows.locked_work import lock_work_of, place_of
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Tx

ATTEND_WITHIN = timedelta(minutes=4)


def attend_key(work: Work) -> str:
    """One task for one arrival, however often the customer taps; what is left may be collected later."""
    return f"attend:{work.id}:{sum(line.handed_over for line in work.lines)}"


async def on_the_way(tx: Tx, *, order_id: OrderId, work_no: int, note: str = "") -> Work:
    """The customer set off. Only what is ready can be travelled for."""
    locked = await lock_work_of(tx, order_id, work_no)
    return await fulfillment.CustomerSays.moves(tx, locked.work, side=CustomerSide.ON_THE_WAY, note=note)


async def here(tx: Tx, *, order_id: OrderId, work_no: int, note: str = "") -> Work:
    """The customer is here (`note`: where): a clock runs, and the floor gets a task."""
    locked = await lock_work_of(tx, order_id, work_no)
    before = locked.work
    work = await fulfillment.CustomerSays.moves(tx, before, side=CustomerSide.ARRIVED, note=note)
    if before.customer_side is CustomerSide.ARRIVED:
        return work
    location = await place_of(tx, work)
    due_at = location.hours.after_open_time(tx.now, ATTEND_WITHIN) or tx.now + ATTEND_WITHIN
    dog = NewWatchdog(order_id, WaitsFor.ATTEND, due_at, work_no, work.location_id, hours=location.hours)
    await watch.arm(tx, [dog])
    await tasks.open_task(
        tx,
        kind=TaskKind.ATTEND,
        title=f"{locked.order.contact.name or locked.order.number} is here",
        key=attend_key(work),
        role="associate",
        location_id=work.location_id,
        due_at=due_at,
        order_id=order_id,
        details={"work_no": work_no, "note": note, "place": work.staging_place},
    )
    await ownership.settle(tx, order_id)
    return work
