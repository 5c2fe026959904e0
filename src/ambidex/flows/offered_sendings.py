"""Offered work that is to be sent, and what the engine is asked about it as if it had not been given to anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ambidex.domains import fulfillment, orders, promises, routing
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.locations import Location
from ambidex.domains.orders import LineState, Method
from ambidex.domains.routing import Plan, Snapshot
from ambidex.flows.choose_again import Case, case_of
from ambidex.flows.locked_work import wanted_units
from ambidex.flows.loose import Loose
from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass, replace
from ambidex.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offered work, and what is known about its units."""

    work: Work
    loose: Loose
    case: Case
    at: Location


async def candidate(tx: Tx, order_id: OrderId, *, cause: str) -> Candidate | None:
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
    loose = Loose(order, wanted_units(work), LineState.OPEN, cause, "", promise, told)
    case = await case_of(tx, loose)
    at = next((place for place in case.words.senders if place.location_id == work.location_id), None)
    return None if at is None else Candidate(work, loose, case, at)


def with_own_units(asked: Sequence[Candidate]) -> list[Snapshot]:
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


def moves(one: Candidate, plan: Plan) -> bool:
    """Whether other places send it, and all of it."""
    return plan.sites != (one.at.code,) and not plan.unfilled


def saved(one: Candidate, snapshot: Snapshot, plan: Plan) -> int:
    """Mills that the new plan is cheaper than leaving the work where it is."""
    free = snapshot.free * 0
    if one.at.code in snapshot.network.index:
        free[:, snapshot.network.index[one.at.code]] = [line.units for line in snapshot.demand.lines]
    stays = routing.plan(replace(snapshot, free=free))
    return 0 if stays.unfilled else stays.cost - plan.cost
