"""Hand-over: by the single-use code, or by name and check, to the customer or a collector, whole or in part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ambidex.domains import fulfillment, inventory, orders, payments, tasks, watch
from ambidex.domains.fulfillment import Dropped, HandOver, PickupCodes, Work, WorkState
from ambidex.domains.inventory import Move
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order
from ambidex.domains.watch import WaitsFor
from ambidex.flows import ownership
from ambidex.flows.locked_work import LockedWork, claims_of, lock_work, place_of
from ambidex.flows.make_ready import tell_source
from ambidex.flows.on_the_way import attend_key
from ambidex.flows.paid import must_be_paid
from ambidex.flows.put_away import open_put_away
from ambidex.flows.say import say
from ambidex.flows.worth import worth_of
from ambidex.kernel.actor import Permission
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Ask:
    """What the person at the counter says: a code, or what was checked and who collects.

    `units` are line numbers -> units that leave now (empty: all); `refused` are those the customer does not want.
    """

    code: str = ""
    checked: str = ""
    collector: str = ""
    units: Mapping[int, int] = field(default_factory=dict)
    refused: Mapping[int, int] = field(default_factory=dict)
    key: str = ""
    happened_at: datetime | None = None


async def hand_over(tx: Tx, *, work_id: str, ask: Ask, codes: PickupCodes) -> Work:
    """Give ready goods to who proves to be entitled to them. Nothing leaves unpaid."""
    locked = await lock_work(tx, work_id)
    order, before = locked.order, locked.work
    tx.actor.must(Permission.WORK_HAND_OVER, at=before.location_id)
    if await codes.given_before(tx, before, ask.key):
        return before
    await must_be_paid(tx, order, _leaving(before, ask))
    code_no = await codes.find(tx, ask.code, work=before) if ask.code else None
    handing = HandOver(
        collector=ask.collector.strip() or order.contact.name,
        code_no=code_no,
        checked=ask.checked.strip(),
        units=dict(ask.units),
        refused=dict(ask.refused),
        key=ask.key,
        happened_at=ask.happened_at,
    )
    handed = await fulfillment.hand_over(tx, before, handing)
    if not handed.units:
        return handed.work
    await orders.move_lines(
        tx, order.order_id, handed.units, origin=LineState.READY, to=LineState.HANDED_OVER
    )
    claims, proof = claims_of(before, handed.units), handed.evidence
    await inventory.move(tx, claims, Move.HAND_OVER, evidence=proof, happened_at=ask.happened_at)
    await _refuse_at_counter(tx, LockedWork(order, handed.work), handed.refused)
    await tasks.finish_by_key(tx, attend_key(before), proof={"evidence": list(handed.evidence)})
    await watch.resolve(tx, order.order_id, work_no=before.work_no, waits_for=WaitsFor.ATTEND)
    if handed.work.state is WorkState.HANDED_OVER:
        await _finish(tx, LockedWork(order, handed.work), handed.evidence, times=handed.times)
    else:
        # some is left: it waits on, under a new code
        await codes.issue(tx, handed.work)
        await ownership.settle(tx, order.order_id)
    return handed.work


def _leaving(work: Work, ask: Ask) -> dict[int, int]:
    """Units by line number that leave now."""
    wanted = ask.units or {line.line_no: line.to_hand_over for line in work.lines}
    return {n: units - (0 if ask.units else ask.refused.get(n, 0)) for n, units in wanted.items()}


async def _finish(tx: Tx, after: LockedWork, evidence: tuple[str, ...], *, times: int) -> None:
    """All is gone: customer and source hear it, and the order may close. `times`: undone hand-overs before."""
    order, work = after.order, after.work
    await watch.resolve(tx, order.order_id, work_no=work.work_no, waits_for=WaitsFor.COLLECT)
    fact = f"collected:{work.work_no}" + (f":{times}" if times else "")
    collector = "" if work.collector == order.contact.name else work.collector
    await say(
        tx,
        order,
        MessageKind.COLLECTED,
        fact_key=fact,
        proof=evidence,
        location=await place_of(tx, work),
        work_no=work.work_no,
        items=_items(order, work),
        collector=collector,
    )
    await tell_source(tx, order=order, work=work, kind="collected", fact_key=fact)
    await orders.close_if_done(tx, order)
    await ownership.settle(tx, order.order_id)


async def _refuse_at_counter(tx: Tx, after: LockedWork, refused: Mapping[int, int]) -> None:
    """What the customer left at the counter is canceled, paid back and put away."""
    if not refused:
        return
    order, work = after.order, after.work
    await orders.move_lines(tx, order.order_id, refused, origin=LineState.READY, to=LineState.CANCELED)
    amount = worth_of(order, refused)
    cause = f"refused at the counter: {work.id}"
    await payments.refund_due(tx, order_id=order.order_id, amount=amount, cause=cause)
    await open_put_away(tx, Dropped(work, {}, {}, dict(refused)), order=order)


def _items(order: Order, work: Work) -> list[dict[str, object]]:
    titles = {line.line_no: line.title for line in order.lines}
    return [
        {"name": titles[line.line_no], "quantity": line.handed_over}
        for line in work.lines
        if line.handed_over
    ]
