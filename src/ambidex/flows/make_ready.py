"""Ready: every unit is proven and lies at its place. Only then the customer hears of it, once, and so does the source."""

from __future__ import annotations

from datetime import datetime

from ambidex.domains import channels, fulfillment, messages, orders, promises, watch
from ambidex.domains.fulfillment import PickupCodes, Work, WorkState
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState
from ambidex.domains.promises import MilestoneKind, PromiseKind
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.flows import ownership
from ambidex.flows.kits import sold_lines
from ambidex.flows.locked_work import LockedWork, lock_work, place_of, wanted_units
from ambidex.flows.say import say
from ambidex.kernel.actor import Permission
from ambidex.runtime.db import Tx


async def make_ready(tx: Tx, *, work_id: str, codes: PickupCodes) -> Work:
    """Make staged work ready: promise kept, code issued, customer and source told. Ready already: nothing happens."""
    locked = await lock_work(tx, work_id)
    tx.actor.must(Permission.WORK_DO, at=locked.work.location_id)
    if locked.work.state is WorkState.READY:
        return locked.work
    work, proof = await fulfillment.make_ready(tx, locked.work)
    order_id, no = work.order_id, work.work_no
    await orders.move_lines(tx, order_id, wanted_units(work), origin=LineState.STAGED, to=LineState.READY)
    await promises.reach(tx, order_id, work_no=no, kind=MilestoneKind.READY)
    await promises.keep(tx, order_id, work_no=no, kind=PromiseKind.READY_BY, proof=proof)
    await watch.resolve(tx, order_id, work_no=no, waits_for=WaitsFor.READY)
    dog = NewWatchdog.to_collect(order_id, work_no=no, location_id=work.location_id, ready_at=tx.now)
    await watch.arm(tx, [dog])
    code_no = await codes.issue(tx, work)
    await _tell(tx, LockedWork(locked.order, work), code_no=code_no, proof=proof, collect_until=dog.due_at)
    await ownership.settle(tx, order_id)
    return work


async def _tell(
    tx: Tx, ready: LockedWork, *, code_no: int, proof: tuple[str, ...], collect_until: datetime
) -> None:
    """Each time it becomes ready is a fact of its own; the source hears it once."""
    order, work = ready.order, ready.work
    fact = f"ready:{work.work_no}"
    said = await messages.of_order(tx, order.order_id)
    before = [m for m in said if m.kind is MessageKind.READY and m.work_no == work.work_no]
    titles = {line.line_no: line.title for line in order.lines}
    await say(
        tx,
        order,
        MessageKind.READY,
        fact_key=f"{fact}:{len(before) + 1}" if before else fact,
        proof=proof,
        location=await place_of(tx, work),
        work_no=work.work_no,
        items=[{"name": titles[n], "quantity": units} for n, units in wanted_units(work).items()],
        code_no=code_no,
        collect_until=collect_until,
    )
    await tell_source(tx, order=order, work=work, kind="ready", fact_key=fact)


async def tell_source(tx: Tx, *, order: orders.Order, work: Work, kind: str, fact_key: str) -> None:
    """The source hears what is true of this work: "ready", "collected"."""
    units = {line.line_no: line.wanted for line in work.lines if line.wanted}
    facts = {"work_no": work.work_no, "lines": sold_lines(order, units)}
    await channels.queue_telling(
        tx, order_id=order.order_id, source_id=order.source_id, kind=kind, fact_key=fact_key, facts=facts
    )
