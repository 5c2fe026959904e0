"""Arming, resolving, moving and owning. Flows call these with the order locked; none of it asks the actor,
because to answer for an order is nobody's privilege.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ambidex.domains.watch import rules, store
from ambidex.domains.watch.events import (
    Acknowledged,
    Armed,
    Closed,
    DueSoon,
    ExceptionOpened,
    ExceptionResolved,
    Fired,
    LetGo,
    MovedUp,
    Owned,
    Reminded,
)
from ambidex.domains.watch.model import (
    COLLECT_LADDER,
    Cause,
    NewOwner,
    NewWatchdog,
    Owner,
    Trouble,
    WaitsFor,
    Watchdog,
    WatchdogVerb,
)
from ambidex.domains.watch.problems import UnknownException
from ambidex.domains.watch.rules import Step
from ambidex.kernel.event import Event
from ambidex.kernel.ids import ExceptionId, LocationId, OrderId
from ambidex.kernel.problem import MovedOn
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx, Write


async def arm(tx: Tx, dogs: Sequence[NewWatchdog]) -> None:
    """Arm watchdogs (one statement, one event an order). One that is open already is armed anew."""
    if not dogs:
        return
    await store.arm(tx, dogs, _first_looks(tx.now, dogs))
    by_order: dict[OrderId, list[NewWatchdog]] = {}
    for dog in dogs:
        by_order.setdefault(dog.order_id, []).append(dog)
    for order_id, together in by_order.items():
        event = Armed({f"{d.waits_for}:{d.work_no}": d.due_at for d in together})
        _announce(tx, order_id, event, location_id=together[0].location_id, actor=together[0].actor)


def begin(tx: Tx, dogs: Sequence[NewWatchdog], owners: Sequence[NewOwner]) -> tuple[Write, ...]:
    """The first watchdogs and owners of orders that are being placed; the order's own event tells them."""
    return store.begun(dogs, _first_looks(tx.now, dogs), owners, now=tx.now)


async def resolve(tx: Tx, order_id: OrderId, *, waits_for: WaitsFor, work_no: int | None = None) -> int:
    """It happened: what was watched for it closes; how many did."""
    closed = await store.close(tx, order_id, WatchdogVerb.RESOLVE, work_no=work_no, waits_for=waits_for)
    _tell_closed(tx, closed, "resolved")
    return len(closed)


async def cancel(
    tx: Tx, order_id: OrderId, *, work_no: int | None = None, waits_for: WaitsFor | None = None
) -> int:
    """Nobody waits for it any more; how many were open."""
    closed = await store.close(tx, order_id, WatchdogVerb.CANCEL, work_no=work_no, waits_for=waits_for)
    _tell_closed(tx, closed, "canceled")
    return len(closed)


async def own(tx: Tx, rows: Sequence[NewOwner]) -> None:
    """Say who answers for each order from now on: one row an order, one statement for the list."""
    if not rows:
        return
    await store.own(tx, rows)
    for row in rows:
        event = Owned(
            role=row.role,
            staff_id=str(row.staff_id or ""),
            next_step=row.next_step,
            next_deadline=row.next_deadline,
            waiting_for=row.waiting_for,
        )
        _announce(tx, row.order_id, event, location_id=row.location_id, actor=row.actor)


async def let_go(tx: Tx, order_id: OrderId) -> None:
    """Nothing is left to happen on this order."""
    if await store.let_go(tx, order_id):
        _announce(tx, order_id, LetGo())


async def advance(
    tx: Tx, dog: Watchdog, step: Step, *, next_at: datetime | None, level: int | None = None, cause: str = ""
) -> Watchdog:
    """Take one step of the ladder; `next_at` is the next look, None when it needs none any more.

    Raises MovedOn when the watchdog is no longer as it was decided on.
    """
    level = dog.level if level is None else level
    verb = _verb(step, next_at)
    by = tx.actor.id if step is Step.ACKNOWLEDGE else ""
    moved = await store.move(tx, dog, verb, next_at=next_at, level=level, by=by)
    if moved is None:
        raise MovedOn(order=dog.order_id, waits_for=dog.waits_for)
    event = _step_event(dog, step, level)
    if event is not None:
        _announce(tx, dog.order_id, event, location_id=dog.location_id, cause=cause)
    return moved


async def move_up(
    tx: Tx, dog: Watchdog | None, owner: Owner, to: NewOwner, *, staff_name: str, passed_over: Sequence[str]
) -> None:
    """One hop of ownership, from `owner` to `to`; `dog` is what it did not happen for (None: an empty shift)."""
    await store.own(tx, [to])
    event = MovedUp(
        from_role=owner.role,
        from_staff_id=str(owner.staff_id or ""),
        to_role=to.role,
        to_staff_id=str(to.staff_id or ""),
        to_staff_name=staff_name,
        level=to.level,
        passed_over=tuple(passed_over),
        next_deadline=to.next_deadline,
    )
    cause = "nobody on shift" if dog is None else f"not in time: {dog.waits_for}"
    _announce(tx, to.order_id, event, location_id=to.location_id or owner.location_id, cause=cause)


async def open_exception(
    tx: Tx,
    *,
    kind: str,
    cause: Cause,
    detail: str,
    owner_role: str,
    due_at: datetime,
    order_id: OrderId | None = None,
    location_id: LocationId | None = None,
    facts: Mapping[str, Any] | None = None,
) -> ExceptionId:
    """Something needs a person: whose doing it is, who owns it, and until when."""
    trouble = Trouble(
        exception_id=tx.new_id(),
        order_id=order_id,
        work_no=(facts or {}).get("work_no"),
        location_id=location_id,
        kind=kind,
        cause=cause,
        detail=detail,
        facts=facts or {},
        owner_role=owner_role,
        opened_at=tx.now,
        due_at=due_at,
    )
    await store.add_exception(tx, trouble)
    event = ExceptionOpened(kind, cause, detail, owner_role, due_at)
    _announce(tx, order_id, event, location_id=location_id, exception_id=trouble.exception_id, cause=cause)
    return trouble.exception_id


async def resolve_exception(tx: Tx, exception_id: ExceptionId, *, outcome: str) -> Trouble:
    """A person solved it. Raises UnknownException when it is not open."""
    trouble = await store.close_exception(tx, exception_id, outcome=outcome)
    if trouble is None:
        raise UnknownException(exception_id=exception_id)
    event = ExceptionResolved(trouble.kind, outcome)
    _announce(tx, trouble.order_id, event, location_id=trouble.location_id, exception_id=exception_id)
    return trouble


def _first_looks(now: datetime, dogs: Sequence[NewWatchdog]) -> list[datetime]:
    known: dict[tuple[object, ...], datetime] = {}
    looks = []
    for dog in dogs:
        key = (id(dog.hours), dog.due_at, dog.look_at, dog.waits_for)
        if key not in known:
            known[key] = _first_look(now, dog)
        looks.append(known[key])
    return looks


def _first_look(now: datetime, dog: NewWatchdog) -> datetime:
    if dog.waits_for is WaitsFor.COLLECT:
        return now + COLLECT_LADDER[0]
    return rules.next_look(dog.hours, armed_at=now, due_at=dog.due_at, look_at=dog.look_at, now=now)


def _verb(step: Step, next_at: datetime | None) -> WatchdogVerb | None:
    if step is Step.HOP:
        return WatchdogVerb.NOTIFY if next_at is None else WatchdogVerb.MOVE_ON
    return {
        Step.WARN: WatchdogVerb.WARN,
        Step.FIRE: WatchdogVerb.FIRE,
        Step.ACKNOWLEDGE: WatchdogVerb.ACKNOWLEDGE,
    }.get(step)


def _step_event(dog: Watchdog, step: Step, level: int) -> Event | None:
    if step is Step.WARN:
        return DueSoon(dog.waits_for, dog.work_no, dog.due_at)
    if step is Step.FIRE:
        return Fired(dog.waits_for, dog.work_no, dog.due_at)
    if step is Step.REMIND:
        return Reminded(dog.waits_for, dog.work_no, level)
    if step is Step.ACKNOWLEDGE:
        return Acknowledged(dog.waits_for, dog.work_no)
    return None


def _tell_closed(tx: Tx, closed: Sequence[Watchdog], outcome: str) -> None:
    for dog in closed:
        event = Closed(dog.waits_for, dog.work_no, outcome)
        _announce(tx, dog.order_id, event, location_id=dog.location_id)


def _announce(
    tx: Tx, order_id: OrderId | None, event: Event, *, exception_id: UUID | None = None, **details: Any
) -> None:
    subject = Ref("exception", str(exception_id)) if exception_id else Ref("order", str(order_id))
    actor = details.pop("actor", None) or tx.actor
    tx.announce(subject, event, order_id=order_id, actor=actor, **details)
