"""What happens when the customer does nothing: reminders, last call, back to stock; and answers that do not come.

Counted on the calendar from the moment the goods lay ready: 24 h, 72 h, the fifth day, the sixth.
"""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains import fulfillment, promises, watch
from ambidex.domains.fulfillment import CustomerSide, Work, WorkState
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import Order
from ambidex.domains.promises import PromiseKind
from ambidex.domains.watch import Step, WaitsFor, Watchdog
from ambidex.flows import cancel, choose_option
from ambidex.flows.say import say
from ambidex.runtime.db import Tx

ON_THEIR_WAY = frozenset({CustomerSide.ON_THE_WAY, CustomerSide.ARRIVED, CustomerSide.VERIFIED})
GRACE = timedelta(hours=2)


async def remind(tx: Tx, order: Order, dog: Watchdog, location: Location) -> Step:
    """The goods still lie there: remind, call for the last time, or take them back and give the money back."""
    work = await fulfillment.work(tx, dog.order_id, dog.work_no)
    if work.state is not WorkState.READY:
        await watch.cancel(tx, dog.order_id, work_no=dog.work_no, waits_for=WaitsFor.COLLECT)
        return Step.REST
    if work.customer_side in ON_THEIR_WAY:
        await watch.advance(tx, dog, Step.REST, next_at=tx.now + GRACE)
        return Step.REST
    look = watch.look(dog, hours=location.hours, now=tx.now)
    if look.step is Step.REST:
        await watch.advance(tx, dog, look.step, next_at=look.next_at)
        return look.step
    if dog.is_past_last_call:
        await cancel.cancel(tx, order.order_id, lines=_left(work), reason="It was not collected in time.")
        return Step.FIRE
    await watch.advance(tx, dog, look.step, next_at=look.next_at, level=dog.level + 1)
    await _say(tx, order, dog, work, location)
    return look.step


async def decide_for_customer(tx: Tx, dog: Watchdog) -> Step:
    """No answer came in time: what we said would happen then happens. Looked at earlier, the customer has time."""
    if tx.now < dog.due_at:
        await watch.advance(tx, dog, Step.REST, next_at=dog.due_at)
        return Step.REST
    found = await promises.open_promises(tx, dog.order_id, work_no=dog.work_no, kind=PromiseKind.ANSWER_BY)
    if found:
        await choose_option.choose_default(tx, order_id=dog.order_id, promise_no=found[0].promise_no)
        return Step.FIRE
    await watch.cancel(tx, dog.order_id, work_no=dog.work_no, waits_for=WaitsFor.ANSWER)
    return Step.REST


async def _say(tx: Tx, order: Order, dog: Watchdog, work: Work, location: Location) -> None:
    kind = MessageKind.LAST_CALL if dog.is_last_call else MessageKind.REMINDER
    await say(
        tx,
        order,
        kind,
        fact_key=f"{kind.value}:{work.work_no}:{int(dog.armed_at.timestamp())}:{dog.level + 1}",
        proof=["fulfillment.became-ready"],
        location=location,
        work_no=work.work_no,
        collect_until=dog.due_at,
    )


def _left(work: Work) -> dict[int, int | None]:
    return {line.line_no: line.to_hand_over for line in work.lines if line.to_hand_over}
