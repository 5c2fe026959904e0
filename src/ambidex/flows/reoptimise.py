"""Open work that is to be sent and that nobody has accepted yet is decided again, some orders together.

One by one, an order takes what is best for it; together they share better what is scarce. Nothing moves unless it
saves enough, no promise that was made is broken for it, and an order is moved at most once. What breaking its promise
would have saved stands in the receipt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ambidex.domains import fulfillment, orders, promises, routing
from ambidex.domains.fulfillment import Work, WorkState, WorkVerb
from ambidex.domains.locations import Location
from ambidex.domains.orders import LineState, Method, Order
from ambidex.domains.routing import Plan, Snapshot
from ambidex.flows import ownership
from ambidex.flows.choose_again import Case, case_of, claim
from ambidex.flows.locked_work import wanted_units
from ambidex.flows.loose import Loose
from ambidex.flows.offer_work import stop_watching
from ambidex.flows.placing import Routed
from ambidex.flows.refuse_work import free_units
from ambidex.flows.route_order import carry_out
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.reads.open_sendings import OpenSending, open_sendings
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.stopwatch import Stopwatch

CAUSE = "window"
REASON = "another place sends it cheaper"
# orders are locked while they are decided, so fewer than a window may hold
TOGETHER = 30
# mills that each move has to save on average: work that moves costs attention
SAVES_MIN = 25_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offered work, and what is known about its units."""

    work: Work
    loose: Loose
    case: Case
    at: Location


class Sweep:
    """Goes through all open work, some orders at a time, and begins again at the end."""

    def __init__(self, together: int = TOGETHER) -> None:
        self._together = together
        self._after: OpenSending | None = None

    async def step(self, run: Run) -> bool:
        """The next orders; True while there are more."""
        async with run.reading() as read:
            found = await open_sendings(read, cause=CAUSE, limit=self._together, after=self._after)
        self._after = found[-1] if len(found) == self._together else None
        if len(found) > 1:
            await run.perform(SYSTEM, reoptimise, [one.order_id for one in found])
        return self._after is not None


async def reoptimise(tx: Tx, order_ids: Sequence[OrderId]) -> int:
    """Decide the open works of these orders together and move what that makes cheaper; how many moved.

    Orders that somebody works on now are left out.
    """
    locked = await orders.lock_orders(tx, sorted(order_ids), skip_busy=True)
    asked = [one for order_id in locked if (one := await _candidate(tx, order_id)) is not None]
    if not asked:
        return 0
    watch = Stopwatch()
    together = routing.decide_window(_with_own_units(asked))
    took_us = watch.microseconds // len(asked)
    moves = [
        (
            one,
            Routed(
                found.snapshot, found.decision, one.case.asked.buyer.brand, one.case.asked.arm, took_us, CAUSE
            ),
        )
        for one, found in zip(asked, together, strict=True)
        if _moves(one, found.decision.plan)
    ]
    if not moves or sum(_saved(one, routed) for one, routed in moves) < SAVES_MIN * len(moves):
        return 0
    _ = [await _take_back(tx, one) for one, _ in moves]
    _ = [await _give(tx, one, routed) for one, routed in moves]
    return len(moves)


async def _candidate(tx: Tx, order_id: OrderId) -> Candidate | None:
    """The offered work of an order; None when it is not the only one, or not merely offered, or something was short."""
    every = await fulfillment.works_of(tx, order_id)
    works = [work for work in every if work.is_open]
    if any(line.short for work in every for line in work.lines):
        return None
    if len(works) != 1 or works[0].state is not WorkState.OFFERED or works[0].method == Method.PICKUP:
        return None
    work, order = works[0], await orders.order(tx, order_id)
    promise = await promises.promise_of_work(tx, order_id, work_no=work.work_no)
    told = None if promise is None else promise.due_at
    loose = Loose(order, wanted_units(work), LineState.OPEN, CAUSE, "", promise, told)
    case = await case_of(tx, loose)
    at = next((place for place in case.words.senders if place.location_id == work.location_id), None)
    return None if at is None else Candidate(work, loose, case, at)


def _with_own_units(asked: Sequence[Candidate]) -> list[Snapshot]:
    """As if none of these works had been given: what they reserve is there for each of them, above what a place keeps."""
    reserved: Counter[tuple[str, str]] = Counter()
    for one in asked:
        reserved.update(_held(one))
    return [_with_units(one, reserved) for one in asked]


def _held(one: Candidate) -> dict[tuple[str, str], int]:
    """(place, SKU) -> units that the work of an order reserves."""
    skus = {line.line_no: line.sku for line in one.loose.lines}
    found: Counter[tuple[str, str]] = Counter()
    for line_no, units in one.loose.units.items():
        found[one.at.code, skus[line_no]] += units
    return dict(found)


def _with_units(one: Candidate, reserved: Mapping[tuple[str, str], int]) -> Snapshot:
    snapshot = one.case.snapshot
    free, index = snapshot.free.copy(), snapshot.network.index
    rows = {line.line_no: row for row, line in enumerate(snapshot.demand.lines)}
    places = {place.code: place for place in one.case.words.senders}
    for part in one.case.parts:
        for (code, sku), units in reserved.items():
            if sku == part.item.sku and code in index:
                room = one.case.stand.room(part.sent_from(places[code], units))
                free[rows[part.line_no], index[code]] = max(0, room + units)
    return replace(snapshot, free=free)


def _moves(one: Candidate, plan: Plan) -> bool:
    """Whether other places send it, and all of it."""
    return plan.sites != (one.at.code,) and not plan.unfilled


def _saved(one: Candidate, routed: Routed) -> int:
    """Mills that the new plan is cheaper than leaving the work where it is."""
    snapshot = routed.snapshot
    free = snapshot.free * 0
    if one.at.code in snapshot.network.index:
        free[:, snapshot.network.index[one.at.code]] = [line.units for line in snapshot.demand.lines]
    stays = routing.plan(replace(snapshot, free=free))
    return 0 if stays.unfilled else stays.cost - routed.decided.plan.cost


async def _take_back(tx: Tx, one: Candidate) -> Order:
    dropped = await fulfillment.take_back(tx, one.work, verb=WorkVerb.TAKE_BACK, reason=REASON)
    await free_units(tx, one.work, dropped)
    await stop_watching(tx, one.work)
    return one.loose.order


async def _give(tx: Tx, one: Candidate, routed: Routed) -> OrderId:
    await claim(tx, one.case, routed)
    places = {place.code: place for place in one.case.words.senders}
    await carry_out(tx, one.loose, routed, places)
    await ownership.settle(tx, one.loose.order.order_id)
    return one.loose.order.order_id
