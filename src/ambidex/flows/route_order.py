"""Units that are to be sent and lost their place find another one at once, with the cause in the receipt.

Called with the order locked, in the transaction of what happened: refused, lapsed, short, taken back, stock landed.
Places that said no to this order are not asked again. The customer hears of it only if the day changes. What nobody
can send is parked (parking.py). A pickup is never moved here: its customer is asked (options.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from ambidex.domains import fulfillment, orders, routing
from ambidex.domains.fulfillment import WorkState
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState
from ambidex.domains.promises import Plan
from ambidex.domains.routing import NewReceipt
from ambidex.flows import ownership, parking, snapshots
from ambidex.flows.choose_again import case_of, claim
from ambidex.flows.loose import Loose
from ambidex.flows.offer_work import offer_work
from ambidex.flows.order_words import sending_words
from ambidex.flows.placing import Routed
from ambidex.flows.say import say
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx

# an order that more works than this gave back is not tossed on: a person decides
GIVEN_BACK_MAX = 5
# what we took back ourselves (a window, a pause, a place that closes) was given back by nobody
GAVE_BACK = frozenset({WorkState.REFUSED, WorkState.LAPSED, WorkState.SHORT})
OFFERED = ("fulfillment.offered",)


async def route(tx: Tx, loose: Loose) -> dict[int, int]:
    """Give these units to other places; what nobody can send is parked. What was parked, by line."""
    tossed = await was_tossed(tx, loose)
    nobody = tossed or not (await sending_words(tx)).senders
    if nobody:
        await parking.park(tx, loose, detail=parking.TOSSED if tossed else parking.LOOK)
        left = [dict(loose.units)]
    else:
        left = [await _route(tx, replace(loose, units=loose.of(method))) for method in loose.methods]
    await ownership.settle(tx, loose.order.order_id)
    return {n: units for one in left for n, units in one.items()}


async def _route(tx: Tx, loose: Loose) -> dict[int, int]:
    """The units of one method."""
    case = await case_of(tx, loose)
    routed = case.decided()
    await claim(tx, case, routed)
    places = {place.code: place for place in case.words.senders}
    return await carry_out(tx, loose, routed, places)


async def carry_out(tx: Tx, loose: Loose, routed: Routed, places: Mapping[str, Location]) -> dict[int, int]:
    """Do what was decided: places (by code) are offered the work, the receipt is kept, the rest is parked.

    Returns what was parked, by line. The units of the plan are reserved already.
    """
    order, plan = loose.order, routed.decided.plan
    await record(tx, loose, routed)
    sent: Counter[int] = Counter()
    for part in plan.parts:
        sent.update(part.lines)
    await orders.move_lines(tx, order.order_id, sent, origin=loose.origin, to=LineState.RESERVED)
    # the first part keeps what was promised, the others are new
    kept = replace(loose, promise=None)
    turns = zip([loose, *[kept] * len(plan.parts)], plan.parts, strict=False)
    _ = [await _offer(tx, mine, part, places[part.site]) for mine, part in turns]
    _ = [await _send_whole_lines(tx, loose, part, places[part.site]) for part in plan.parts]
    left = {n: units - sent[n] for n, units in loose.units.items() if units > sent[n]}
    if left:
        await parking.park(tx, replace(kept if plan.parts else loose, units=left))
    return left


async def record(tx: Tx, loose: Loose, routed: Routed) -> None:
    """Keep the receipt of a decision."""
    receipt = routed.decided.receipt
    new = NewReceipt(
        loose.order.order_id, routed.cause, routed.arm, routed.snapshot, receipt, tx.now, routed.took_us
    )
    await routing.record(tx, [new])


async def was_tossed(tx: Tx, loose: Loose) -> bool:
    """Whether so many works gave this order back that a person must decide."""
    works = await fulfillment.works_of(tx, loose.order.order_id)
    return sum(work.state in GAVE_BACK for work in works) > GIVEN_BACK_MAX


async def _offer(tx: Tx, loose: Loose, part: routing.model.PlannedPart, place: Location) -> int:
    """The number of the new work. The day the customer was told stands when the new place keeps it; else they hear the new one."""
    plan = snapshots.delivery_plan(place, part, now=tx.now)
    told = loose.promised_by
    if told is not None and plan.due_at <= told:
        plan = Plan(plan.starts_at, told, plan.milestones)
    work_no = await offer_work(
        tx, loose.order, place, part.lines, plan, instead_of=loose.promise, cause=loose.cause
    )
    if told is None or _day(plan.due_at, place) <= _day(told, place):
        return work_no
    await say(
        tx,
        loose.order,
        MessageKind.LATE,
        fact_key=f"late:{work_no}:routed",
        proof=OFFERED,
        location=place,
        work_no=work_no,
        old_arrives_by=told,
        arrives_by=plan.due_at,
        cause_words=loose.words,
    )
    return work_no


def _day(at: datetime, place: Location) -> date:
    return at.astimezone(place.zone).date()


async def _send_whole_lines(
    tx: Tx, loose: Loose, part: routing.model.PlannedPart, place: Location
) -> list[int]:
    """Which they are: lines of which everything goes to one place have it as their place from now on."""
    lines = [loose.order.line(n) for n in part.lines]
    whole = [line.line_no for line in lines if line and part.lines[line.line_no] == line.still_to_happen]
    if whole:
        await orders.send_lines_to(tx, loose.order.order_id, whole, location_id=place.location_id)
    return whole
