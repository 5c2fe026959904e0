"""The places hear of a cancellation: work ends or shrinks, what lies about is put away, claims on stock become free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from ambidex.domains import fulfillment, orders, watch
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.inventory import Claim
from ambidex.domains.orders import LineState, Order
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.flows.canceled_units import Plan, units_of
from ambidex.flows.locked_work import claims_of, place_of, wanted_units
from ambidex.flows.offer_work import release_promise, stop_watching
from ambidex.flows.pack import open_for
from ambidex.flows.pack_again import pack_again
from ambidex.flows.put_away import open_put_away
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Tx

IN_WORK = (
    LineState.RESERVED,
    LineState.ALLOCATED,
    LineState.PICKED,
    LineState.STAGED,
    LineState.READY,
    LineState.PACKED,
)
READY_AGAIN_WITHIN = timedelta(minutes=15)
_IN_HAND = {
    WorkState.STAGED: LineState.STAGED,
    WorkState.READY: LineState.READY,
    WorkState.PACKED: LineState.PACKED,
}


@dataclass(slots=True)
class Left:
    """What leaving works brings about: claims on stock that are free, and works whose "ready" is no longer true."""

    claims: list[Claim] = field(default_factory=list)
    were_ready: set[int] = field(default_factory=set)


async def leave_works(tx: Tx, order: Order, plan: Plan, reason: str) -> Left:
    """The places hear that units are not wanted any more."""
    shares = _shares(await fulfillment.works_of(tx, order.order_id), plan)
    left = units_of(plan, *IN_WORK)
    for _, mine in shares:
        left = {n: units - mine.get(n, 0) for n, units in left.items()}
    done = Left()
    done.claims = [c for work, mine in shares for c in await _leave_work(tx, order, work, mine, reason)]
    done.claims += [
        Claim(line.item_id, line.location_id, order.order_id, line.line_no, left[line.line_no])
        for line in order.lines
        if left.get(line.line_no) and line.location_id is not None
    ]
    done.were_ready = {work.work_no for work, _ in shares if work.state is WorkState.READY}
    return done


def _shares(works: Sequence[Work], plan: Plan) -> list[tuple[Work, dict[int, int]]]:
    """What each work loses: a unit that was staged is taken from a work that staged it, not from another one."""
    left = {(n, state): units for n, states in plan.items() for state, units in states.items()}
    shares = []
    for work in works:
        mine: Counter[int] = Counter()
        for line_no, state, here in _here(work) if work.is_open else ():
            taken = min(here, left.get((line_no, state), 0))
            left[line_no, state] = left.get((line_no, state), 0) - taken
            mine[line_no] += taken
        if any(mine.values()):
            shares.append((work, dict(+mine)))
    return shares


def _here(work: Work) -> Iterator[tuple[int, LineState, int]]:
    """Units that a work still has, by line and by the state in which the line counts them."""
    waiting = LineState.RESERVED if work.state is WorkState.OFFERED else LineState.ALLOCATED
    in_hand = _IN_HAND.get(work.state, LineState.PICKED)
    for line in work.lines:
        yield line.line_no, waiting, line.to_pick
        yield line.line_no, in_hand, line.picked - line.handed_over


async def _leave_work(tx: Tx, order: Order, work: Work, units: Mapping[int, int], reason: str) -> list[Claim]:
    if work.method != "pickup":
        await open_for(tx, work, units, reason=reason)
    dropped = await fulfillment.cancel_work(tx, work, units=units, reason=reason)
    await open_put_away(tx, dropped, order=order)
    match dropped.work.state:
        case WorkState.CANCELED:
            await release_promise(tx, work, cause=reason)
            await stop_watching(tx, work)
        case WorkState.HANDED_OVER:
            await watch.resolve(tx, order.order_id, work_no=work.work_no, waits_for=WaitsFor.COLLECT)
        case WorkState.STAGED if work.state is WorkState.READY:
            await _no_longer_ready(tx, work, units)
        case WorkState.PICKED if work.state is WorkState.PACKED:
            await pack_again(tx, dropped.work)
    return [*claims_of(work, dropped.waiting), *claims_of(work, dropped.in_hand)]


async def _no_longer_ready(tx: Tx, work: Work, gone: Mapping[int, int]) -> None:
    """What stays must be looked at and made ready anew, soon."""
    stays = {n: units - gone.get(n, 0) for n, units in wanted_units(work).items()}
    stays = {n: units for n, units in stays.items() if units}
    await orders.move_lines(tx, work.order_id, stays, origin=LineState.READY, to=LineState.STAGED)
    await watch.cancel(tx, work.order_id, work_no=work.work_no, waits_for=WaitsFor.COLLECT)
    location = await place_of(tx, work)
    due_at = location.hours.after_open_time(tx.now, READY_AGAIN_WITHIN) or tx.now + READY_AGAIN_WITHIN
    dog = NewWatchdog(work.order_id, WaitsFor.READY, due_at, work.work_no, work.location_id, location.hours)
    await watch.arm(tx, [dog])
