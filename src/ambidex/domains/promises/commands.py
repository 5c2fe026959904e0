"""Making, keeping, re-promising, breaking and releasing promises. Flows call these with the order locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.domains.promises import store
from ambidex.domains.promises.events import Broken, Kept, Made, MilestoneReached, Released, RePromised
from ambidex.domains.promises.model import (
    MilestoneKind,
    NewPromise,
    Promise,
    PromiseKind,
    PromiseState,
    PromiseVerb,
)
from ambidex.domains.promises.problems import KeptByNothing
from ambidex.kernel.event import Event
from ambidex.kernel.ids import LocationId, OrderId, child_id
from ambidex.kernel.problem import MovedOn
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx, Write


async def make(tx: Tx, new: Sequence[NewPromise]) -> list[int]:
    """Make promises (one statement for the list); their numbers, in order."""
    if not new:
        return []
    numbers = await store.make(tx, new)
    for one, number in zip(new, numbers, strict=True):
        tx.announce(
            _ref(one.order_id, number),
            Made(one.kind, one.work_no, one.due_at),
            order_id=one.order_id,
            location_id=one.location_id,
            actor=one.actor or tx.actor,
        )
    return numbers


def begin(tx: Tx, new: Sequence[NewPromise]) -> Write:
    """The first promises of orders that are being placed; the order's own event tells them."""
    return store.first(new, now=tx.now)


async def keep(
    tx: Tx,
    order_id: OrderId,
    *,
    kind: PromiseKind,
    proof: Sequence[str],
    work_no: int = 0,
    at: datetime | None = None,
) -> bool:
    """Keep the open promise of this kind by its proof; False when none is open (kept before, or released).

    `at` is when what was promised happened, where we hear of it later: that decides whether it was late.
    """
    if not proof:
        raise KeptByNothing(order_id=order_id, kind=kind)
    promise = await store.open_promise(tx, order_id, work_no=work_no, kind=kind)
    if promise is None:
        return False
    kept_at = min(at, tx.now) if at else tx.now
    late = max(0, int((kept_at - promise.due_at).total_seconds()))
    event = Kept(kind, work_no, promise.due_at, late)
    if not await store.move(tx, promise, PromiseVerb.KEEP, kept_by=tuple(proof), at=kept_at):
        raise MovedOn(promise=child_id(promise.order_id, promise.promise_no))
    _announce(tx, promise, event, evidence=tuple(proof), happened_at=at)
    return True


async def re_promise(
    tx: Tx,
    promise: Promise,
    *,
    due_at: datetime,
    cause: str,
    milestones: Mapping[MilestoneKind, datetime] | None = None,
    facts: Mapping[str, Any] | None = None,
    by: tuple[int, LocationId] | None = None,
) -> Promise:
    """Close this version and make the next one with a new time; nothing is overwritten.

    `by`: another work keeps it from now on, at its place.
    """
    work_no, location_id = by or (promise.work_no, promise.location_id)
    await _move(tx, promise, PromiseVerb.RE_PROMISE, cause=cause)
    new = NewPromise(
        order_id=promise.order_id,
        kind=promise.kind,
        due_at=due_at,
        work_no=work_no,
        location_id=location_id,
        facts=promise.facts if facts is None else facts,
        milestones=milestones or {},
    )
    [number] = await store.make(tx, [new], replaces=promise.promise_no)
    event = RePromised(promise.kind, promise.work_no, promise.due_at, due_at, promise.promise_no)
    _announce(tx, promise, event, cause=cause, number=number)
    return replace(
        promise,
        promise_no=number,
        work_no=work_no,
        location_id=location_id,
        state=PromiseState.MADE,
        due_at=due_at,
        made_at=tx.now,
        replaces=promise.promise_no,
        facts=new.facts,
    )


async def break_(tx: Tx, promise: Promise, *, cause: str) -> None:
    """It will not be true by then, and there is no new time to give."""
    event = Broken(promise.kind, promise.work_no, promise.due_at)
    await _close(tx, promise, PromiseVerb.BREAK, event, cause=cause)


async def release(
    tx: Tx, order_id: OrderId, *, cause: str, work_no: int | None = None, kind: PromiseKind | None = None
) -> int:
    """Nobody waits for it any more (canceled, chosen otherwise); how many were open."""
    released = await store.release(tx, order_id, cause=cause, work_no=work_no, kind=kind)
    for promise in released:
        _announce(tx, promise, Released(promise.kind, promise.work_no, promise.due_at), cause=cause)
    return len(released)


async def reach(tx: Tx, order_id: OrderId, *, work_no: int, kind: MilestoneKind) -> bool:
    """Mark a milestone of a work's open promise as reached; False when it was already, or is not set."""
    promise = await store.promise_of_work(tx, order_id, work_no=work_no)
    due_at = None if promise is None else await store.reach(tx, promise, kind)
    if promise is None or due_at is None:
        return False
    _announce(tx, promise, MilestoneReached(kind, work_no, due_at))
    return True


async def _close(tx: Tx, promise: Promise, verb: PromiseVerb, event: Event, *, cause: str = "") -> None:
    await _move(tx, promise, verb, cause=cause)
    _announce(tx, promise, event, cause=cause)


async def _move(tx: Tx, promise: Promise, verb: PromiseVerb, *, cause: str = "") -> None:
    if not await store.move(tx, promise, verb, cause=cause):
        raise MovedOn(promise=child_id(promise.order_id, promise.promise_no))


def _announce(tx: Tx, promise: Promise, event: Event, *, number: int | None = None, **details: Any) -> None:
    subject = _ref(promise.order_id, number or promise.promise_no)
    tx.announce(subject, event, order_id=promise.order_id, location_id=promise.location_id, **details)


def _ref(order_id: OrderId, number: int) -> Ref:
    return Ref("promise", child_id(order_id, number))
