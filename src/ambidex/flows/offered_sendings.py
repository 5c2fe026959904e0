"""Offered work that is to be sent, and what the engine is asked about it as if it had not been given to anybody.

An order may have several such works: they are decided anew together, so that what left in two parcels may leave in one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ambidex.domains import fulfillment, orders, promises, routing
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.locations import Location
from ambidex.domains.orders import LineState, Method, Order
from ambidex.domains.promises import Promise, PromiseKind
from ambidex.domains.routing import Plan, Snapshot
from ambidex.flows.choose_again import Case, cases_of
from ambidex.flows.locked_work import wanted_units
from ambidex.flows.loose import Loose
from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass, replace
from ambidex.runtime.db import Tx

# line number -> units, by the code of a place
Held = Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """The offered works of an order, and what is known about their units. `promised` has every promise of theirs."""

    works: Sequence[Work]
    promised: Sequence[Promise]
    loose: Loose
    case: Case

    @property
    def places(self) -> Mapping[str, Location]:
        return {place.code: place for place in self.case.words.senders}

    @property
    def held(self) -> Held:
        """What each place was given."""
        codes = {place.location_id: place.code for place in self.case.words.senders}
        found: dict[str, Counter[int]] = {}
        for work in self.works:
            found.setdefault(codes[work.location_id], Counter()).update(wanted_units(work))
        return found


async def candidates(tx: Tx, order_ids: Sequence[OrderId], *, cause: str) -> list[Candidate]:
    """Those of these orders whose open works are all merely offered. The statements do not grow with the orders."""
    if not order_ids:
        return []
    every = await fulfillment.works_of(tx, *order_ids)
    known = await orders.ask.orders(tx, order_ids)
    promised = await promises.open_promises(tx, *order_ids, kind=PromiseKind.DELIVERED_BY)
    found = []
    for order_id in order_ids:
        works = _offered([work for work in every if work.order_id == order_id])
        if works:
            numbers = {work.work_no for work in works}
            mine = [one for one in promised if one.order_id == order_id and one.work_no in numbers]
            found.append((works, mine, _loose(known[order_id], works, mine, cause)))
    if not found:
        return []
    cases = await cases_of(tx, [loose for _, _, loose in found])
    made = [Candidate(*one, case) for one, case in zip(found, cases, strict=True)]
    return [one for one in made if _all_send(one)]


def _offered(works: Sequence[Work]) -> list[Work]:
    """The open works; none when one of them is more than offered, or anything was short."""
    if any(line.short for work in works for line in work.lines):
        return []
    mine = [work for work in works if work.is_open]
    methods = {work.method for work in mine}
    is_offered = all(work.state is WorkState.OFFERED for work in mine)
    return mine if is_offered and len(methods) == 1 and Method.PICKUP not in methods else []


def _all_send(one: Candidate) -> bool:
    """A place that sends no more is another flow's business."""
    senders = {place.location_id for place in one.case.words.senders}
    return all(work.location_id in senders for work in one.works)


def _loose(order: Order, works: Sequence[Work], promised: Sequence[Promise], cause: str) -> Loose:
    """All units, as they were promised: the earliest day counts for all of them."""
    units: Counter[int] = Counter()
    for work in works:
        units.update(wanted_units(work))
    first = min(promised, key=lambda one: (one.due_at, one.promise_no), default=None)
    told = None if first is None else first.due_at
    return Loose(order, dict(sorted(units.items())), LineState.OPEN, cause, "", first, told)


def with_own_units(asked: Sequence[Candidate]) -> list[Snapshot]:
    """As if none of these works had been given: what they reserve is there for each of them, above what a place keeps."""
    reserved: Counter[tuple[str, str]] = Counter()
    for one in asked:
        skus = {line.line_no: line.sku for line in one.loose.lines}
        for code, units in one.held.items():
            for line_no, count in units.items():
                reserved[code, skus[line_no]] += count
    return [_with_units(one, reserved) for one in asked]


def _with_units(one: Candidate, reserved: Mapping[tuple[str, str], int]) -> Snapshot:
    snapshot = one.case.snapshot
    free, index = snapshot.free.copy(), snapshot.network.index
    rows = {line.line_no: row for row, line in enumerate(snapshot.demand.lines)}
    places = one.places
    for part in one.case.parts:
        for (code, sku), units in reserved.items():
            if sku == part.item.sku and code in index:
                room = one.case.stand.room(part.sent_from(places[code], units))
                free[rows[part.line_no], index[code]] = max(0, room + units)
    return replace(snapshot, free=free)


def moves(one: Candidate, plan: Plan) -> bool:
    """Whether others send it, all of it, and nothing after the first day that was told."""
    sent = {part.site: dict(part.lines) for part in plan.parts}
    told = one.loose.promised_by
    is_late = told is not None and any(part.arrives_at > told.timestamp() for part in plan.parts)
    return not plan.unfilled and not is_late and sent != {code: dict(n) for code, n in one.held.items()}


def saved(one: Candidate, snapshot: Snapshot, plan: Plan) -> int:
    """Mills that the new plan is cheaper than leaving the works where they are.

    Hours after the first promise are not counted: what comes later may have been promised for later.
    """
    free, index = snapshot.free * 0, snapshot.network.index
    for code, units in one.held.items():
        if code in index:
            free[:, index[code]] = [units.get(line.line_no, 0) for line in snapshot.demand.lines]
    stays = routing.plan(replace(snapshot, free=free))
    return 0 if stays.unfilled else _paid(stays) - _paid(plan)


def _paid(plan: Plan) -> int:
    return plan.cost - sum(part.costs.get(routing.model.Cost.LATENESS, 0) for part in plan.parts)
