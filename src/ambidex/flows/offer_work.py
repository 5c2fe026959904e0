"""Offer work on units of an order to a place, with its promise and watchdogs; the units are reserved there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.domains import fulfillment, inventory, promises, watch
from ambidex.domains.fulfillment import NewWork, Work
from ambidex.domains.inventory import Claim, Move
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method, Order
from ambidex.domains.promises import MilestoneKind, NewPromise, Plan, Promise, PromiseKind
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.runtime.db import Tx

OF_THE_WORK = (
    WaitsFor.ACCEPT, WaitsFor.PICK_BEGUN, WaitsFor.READY, WaitsFor.DISPATCH, WaitsFor.DELIVER,
    WaitsFor.COLLECT, WaitsFor.ATTEND,
)  # fmt: skip


async def offer_work(
    tx: Tx,
    order: Order,
    location: Location,
    units: Mapping[int, int],
    plan: Plan,
    *,
    instead_of: Promise | None = None,
    cause: str = "",
) -> int:
    """Offer these units (line number -> units); the number of the new work. It takes its slot a moment later (slots.py).

    `instead_of`: what another place had promised, which this work keeps from now on because of `cause`.
    """
    lines = {line.line_no: line for line in order.lines}
    works = await fulfillment.works_of(tx, order.order_id)
    no = max((work.work_no for work in works), default=0) + 1
    new = NewWork(
        order_id=order.order_id,
        work_no=no,
        location_id=location.location_id,
        units=tuple((n, lines[n].item_id, count) for n, count in sorted(units.items())),
        method=lines[min(units)].method.value,
    )
    await tx.write(*fulfillment.begin(tx, [new]))
    facts = {"place": location.name, "quantity": sum(units.values())}
    await _promise(tx, new, plan, facts, instead_of=instead_of, cause=cause)
    await date_claims(
        tx,
        [
            Claim(item, location.location_id, order.order_id, n, count, plan.due_at)
            for n, item, count in new.units
        ],
    )
    await watch.arm(tx, dogs_of(new, location, plan))
    return no


async def _promise(
    tx: Tx, new: NewWork, plan: Plan, facts: Mapping[str, Any], *, instead_of: Promise | None, cause: str
) -> None:
    by = new.work_no, new.location_id
    if instead_of is not None:
        due_at, inner = plan.due_at, plan.milestones
        await promises.re_promise(
            tx, instead_of, due_at=due_at, cause=cause, milestones=inner, facts=facts, by=by
        )
        return
    kind = promise_kind(new.method)
    await promises.make(
        tx, [NewPromise(new.order_id, kind, plan.due_at, *by, facts=facts, milestones=plan.milestones)]
    )


def promise_kind(method: str) -> PromiseKind:
    """What is promised of work: that it lies ready, or that it is with the customer."""
    return PromiseKind.READY_BY if method == Method.PICKUP else PromiseKind.DELIVERED_BY


async def release_promise(tx: Tx, work: Work, *, cause: str) -> None:
    """Nobody waits any more for what this work promised."""
    kind = promise_kind(work.method)
    await promises.release(tx, work.order_id, work_no=work.work_no, kind=kind, cause=cause)


async def date_claims(tx: Tx, claims: Sequence[Claim]) -> None:
    """The units know when their promise is due: who has most time left goes short first."""
    await inventory.move(tx, claims, Move.DATE)


async def stop_watching(tx: Tx, work: Work) -> None:
    """Nobody waits for this work any more; a question to the customer about it stays watched."""
    _ = [
        await watch.cancel(tx, work.order_id, work_no=work.work_no, waits_for=waits_for)
        for waits_for in OF_THE_WORK
    ]


def dogs_of(work: NewWork, location: Location, plan: Plan) -> list[NewWatchdog]:
    """What is watched for freshly offered work, on the clock of its place; picking is, once somebody accepted it."""
    end, done_by = end_of_work(work.method, plan)
    too_late = promises.too_late_after(location.hours, done_by)
    where = (work.work_no, location.location_id, location.hours)
    accept_by = plan.milestones[MilestoneKind.ACCEPTED]
    return [
        NewWatchdog(work.order_id, WaitsFor.ACCEPT, accept_by, *where, None, work.actor),
        NewWatchdog(work.order_id, end, done_by, *where, too_late, work.actor),
    ]


def end_of_work(method: str, plan: Plan) -> tuple[WaitsFor, datetime]:
    """What the place has done when its part is over, and by when: it lies ready, or it left."""
    if method == Method.PICKUP:
        return WaitsFor.READY, plan.due_at
    return WaitsFor.DISPATCH, plan.milestones[MilestoneKind.DISPATCHED]
