"""Who owns an order now: exactly one duty or person, derived from what still waits on it.

Every flow that moves an order ends with `settle`. The earliest of the open watchdogs and exceptions says whose turn it
is and until when; when nothing waits any more, nobody needs to own it. All of it happens under the order's lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ambidex.domains import locations, orders, people, tasks, watch
from ambidex.domains.people import Duty
from ambidex.domains.tasks import Task, TaskKind
from ambidex.domains.watch import Cause, NewOwner, Owner, Trouble, Waiting, WaitsFor, Watchdog
from ambidex.kernel.ids import ExceptionId, LocationId, OrderId, StaffId, TaskId
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Tx

# rungs: who took it, the duty at the place, its lead, the district, order experience on call
ASSIGNEE, DUTY = 0, 1
LEVELS = {"lead": 2, "supervisor": 2, "district": 3, "experience": 4}
_KEPT = ("role", "location_id", "staff_id", "next_step", "next_deadline", "waiting_for", "level")
SOLVE_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is while something is waited for. No role: the people on the floor of the place."""

    next_step: str
    waiting_for: Waiting = Waiting.STAFF
    role: str = ""


TURNS: Mapping[WaitsFor, Turn] = {
    WaitsFor.ACCEPT: Turn("Accept or refuse the work"),
    WaitsFor.PICK_BEGUN: Turn("Begin picking"),
    WaitsFor.READY: Turn("Pick, stage and make ready"),
    WaitsFor.DISPATCH: Turn("Pick, pack and hand to the carrier"),
    WaitsFor.DELIVER: Turn("See that the parcel arrives", Waiting.SYSTEM, "agent"),
    WaitsFor.ATTEND: Turn("Go to the customer who is here"),
    WaitsFor.COLLECT: Turn("Hand over when the customer comes", Waiting.CUSTOMER),
    WaitsFor.ANSWER: Turn("Wait for the customer's choice", Waiting.CUSTOMER, "agent"),
    WaitsFor.STOCK: Turn("Find a place that can send it", role="experience"),
    WaitsFor.TELL: Turn("See that the customer is told", Waiting.SYSTEM, "agent"),
    WaitsFor.REFUND: Turn("See that the money goes back", Waiting.SYSTEM, "agent"),
}


@dataclass(frozen=True, slots=True)
class About:
    """More about what a person is asked to do."""

    location_id: LocationId | None = None
    due_at: datetime | None = None
    task: TaskKind = TaskKind.SOLVE_EXCEPTION
    facts: Mapping[str, Any] = field(default_factory=dict)

    def until(self, now: datetime) -> datetime:
        """Its deadline, or SOLVE_WITHIN from now."""
        return self.due_at or now + SOLVE_WITHIN


NOTHING_MORE = About()


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the duty chain by its number; above the floor the person on shift is named."""

    level: int
    duty: Duty

    @property
    def staff_id(self) -> StaffId | None:
        return self.duty.staff.staff_id if self.level > DUTY and self.duty.staff is not None else None


async def settle(tx: Tx, order_id: OrderId, *, assignee: StaffId | None = None) -> None:
    """Write the one ownership row of this order, or remove it when nothing is left to happen.

    `assignee` is who took the work just now; ownership that moved up stays there until what moved it is settled.
    """
    dogs = await watch.open_watchdogs(tx, order_id)
    troubles = await watch.open_exceptions(tx, order_id)
    happened = _happened_after_all(dogs, troubles)
    if happened and await solved(tx, happened, outcome="it happened after all"):
        await settle(tx, order_id, assignee=assignee)
        return
    if not dogs and not troubles:
        await watch.let_go(tx, order_id)
        return
    owner = await watch.owner(tx, order_id)
    first, until = _first(dogs, troubles)
    wanted = await _wanted(tx, first, until, owner=owner, assignee=assignee)
    if owner is None or not _same(owner, wanted):
        await watch.own(tx, [wanted])


async def hand_to_person(
    tx: Tx,
    *,
    order_id: OrderId | None,
    kind: str,
    cause: Cause | str,
    title: str,
    detail: str,
    key: str,
    role: str,
    about: About = NOTHING_MORE,
) -> TaskId:
    """Something needs a person: an exception, a task for the duty, and the order's owner, in one. Once for a key."""
    if known := await tasks.by_key(tx, key):
        return known.task_id
    exception_id = await watch.open_exception(
        tx,
        kind=kind,
        cause=Cause(cause),
        detail=detail,
        owner_role=role,
        due_at=about.until(tx.now),
        order_id=order_id,
        location_id=about.location_id,
        facts={**about.facts, "key": key},
    )
    task_id = await tasks.open_task(
        tx,
        kind=about.task,
        title=title,
        key=key,
        role=role,
        location_id=about.location_id,
        due_at=about.until(tx.now),
        order_id=order_id,
        details={**about.facts, "detail": detail, "exception_id": str(exception_id)},
    )
    if order_id is not None:
        await settle(tx, order_id)
    return task_id


async def take(tx: Tx, task_id: TaskId) -> Task:
    """A person takes a task; the order it is about is theirs until it is solved."""
    await _lock(tx, task_id)
    task = await tasks.claim(tx, task_id)
    if task.order_id is not None:
        await settle(tx, task.order_id)
    return task


async def solve(tx: Tx, task_id: TaskId, *, proof: Mapping[str, Any]) -> Task:
    """A person finished a task: what it was about is solved, and the order's owner follows."""
    before = await _lock(tx, task_id)
    task = await tasks.finish(tx, task_id, proof=proof)
    if before.state not in tasks.TASK.ends:
        await _resolve(tx, task, outcome=str(proof.get("outcome") or proof))
    return task


async def solved(tx: Tx, key: str, *, outcome: str) -> bool:
    """What a person was asked to do has happened by other means; False when nobody was asked or it was over."""
    task = await tasks.by_key(tx, key)
    if task is None or not await tasks.finish_by_key(tx, key, proof={"outcome": outcome}):
        return False
    await _resolve(tx, task, outcome=outcome)
    return True


async def _lock(tx: Tx, task_id: TaskId) -> Task:
    """The task as it stands once its order is locked."""
    task = await tasks.of_id(tx, task_id)
    if task.order_id is None:
        return task
    await orders.lock_order(tx, task.order_id)
    return await tasks.of_id(tx, task_id)


async def _resolve(tx: Tx, task: Task, *, outcome: str) -> None:
    exception_id = task.details.get("exception_id")
    if exception_id:
        await watch.resolve_exception(tx, ExceptionId(UUID(exception_id)), outcome=outcome)
    if task.order_id is not None:
        await settle(tx, task.order_id)


def _happened_after_all(dogs: Sequence[Watchdog], troubles: Sequence[Trouble]) -> str:
    """The key of an exception about a watchdog that no longer waits: no person needs to look any more."""
    waiting = {name_of(dog) for dog in dogs}
    about = ((trouble.facts.get("watchdog"), trouble.facts.get("key", "")) for trouble in troubles)
    return next((key for name, key in about if name is not None and name not in waiting), "")


def name_of(dog: Watchdog) -> str:
    """How the facts of an exception name a watchdog of its order."""
    return f"{dog.waits_for.value}:{dog.work_no}"


def _first(dogs: Sequence[Watchdog], troubles: Sequence[Trouble]) -> tuple[Watchdog | Trouble, datetime]:
    """What must happen first, and until when. At the top of the ladder an exception has taken over.

    While ownership of a work climbs because of one watchdog, the others of that work claim nothing.
    """
    climbing = {dog.work_no for dog in dogs if dog.climbing}
    turns = [(dog, dog.turn_ends_at) for dog in dogs if dog.climbing or dog.work_no not in climbing]
    waiting: list[tuple[Watchdog | Trouble, datetime]] = [(dog, at) for dog, at in turns if at is not None]
    waiting += [(trouble, trouble.due_at) for trouble in troubles]
    return min(waiting or [(dog, dog.due_at) for dog in dogs], key=lambda pair: pair[1])


async def _wanted(
    tx: Tx, first: Watchdog | Trouble, until: datetime, *, owner: Owner | None, assignee: StaffId | None
) -> NewOwner:
    if isinstance(first, Trouble):
        return await _solver(tx, first, owner)
    turn = TURNS[first.waits_for]
    if owner is not None and first.climbing and owner.level == first.level:
        return NewOwner(
            order_id=first.order_id,
            role=owner.role,
            next_step=turn.next_step,
            next_deadline=until,
            location_id=owner.location_id,
            staff_id=owner.staff_id,
            waiting_for=Waiting.STAFF,
            level=owner.level,
        )
    staff_id = _assignee(turn, owner, assignee, first.location_id)
    rung = await _rung(tx, turn, first.location_id, assigned=staff_id is not None)
    return NewOwner(
        order_id=first.order_id,
        role=rung.duty.role,
        next_step=turn.next_step,
        next_deadline=until,
        location_id=rung.duty.location_id,
        staff_id=staff_id or rung.staff_id,
        waiting_for=turn.waiting_for,
        level=ASSIGNEE if staff_id else rung.level,
    )


async def _solver(tx: Tx, trouble: Trouble, owner: Owner | None) -> NewOwner:
    """Who holds the task of an exception: its claimant, or its duty, which moves up while nobody solves it."""
    assert trouble.order_id is not None, "an exception of an order was asked for"
    task = await tasks.by_key(tx, str(trouble.facts.get("key", "")))
    role = trouble.owner_role if task is None else task.role
    on_call = owner.staff_id if owner is not None and owner.role == role else None
    return NewOwner(
        order_id=trouble.order_id,
        role=role,
        next_step=trouble.kind if task is None else task.title,
        next_deadline=trouble.due_at if task is None else task.due_at,
        location_id=trouble.location_id if task is None else task.location_id,
        staff_id=on_call if task is None else task.assignee_id or on_call,
        level=LEVELS.get(role, DUTY),
    )


def _assignee(
    turn: Turn, owner: Owner | None, assignee: StaffId | None, place: LocationId | None
) -> StaffId | None:
    """Who took the work keeps it as long as it waits for the staff of that place."""
    if turn.waiting_for is not Waiting.STAFF:
        return None
    stays = owner is not None and owner.level == ASSIGNEE and owner.location_id == place
    return assignee or (owner.staff_id if owner is not None and stays else None)


async def _rung(tx: Tx, turn: Turn, location_id: LocationId | None, *, assigned: bool) -> Rung:
    """Who answers when nobody in particular does: the floor; with an empty floor at once who stands above it."""
    if turn.role:
        return Rung(LEVELS.get(turn.role, DUTY), Duty(turn.role, None))
    assert location_id is not None, "work that waits for staff has a place"
    location = await locations.by_id(tx, location_id)
    floor = Rung(DUTY, Duty(*people.rungs(location)[0]))
    if assigned or turn.waiting_for is not Waiting.STAFF or not location.hours.is_open(tx.now):
        return floor
    chain = await people.duty_chain(tx, location=location, at=tx.now)
    present = [Rung(level, duty) for level, duty in enumerate(chain, start=DUTY) if duty.staff is not None]
    return present[0] if present else Rung(len(chain), chain[-1])


def _same(owner: Owner, wanted: NewOwner) -> bool:
    return all(getattr(owner, name) == getattr(wanted, name) for name in _KEPT)
