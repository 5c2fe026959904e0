"""Ownership moves along the duty chain, one rung a hop: who took it, the duty at the place, its lead, the district,
order experience on call. A rung with nobody on shift is passed over at once; the last one answers in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambidex.domains import locations, orders, people, tasks, watch
from ambidex.domains.locations import Location
from ambidex.domains.people import Duty, Staff
from ambidex.domains.watch import Cause, NewOwner, Owner, Step, Waiting, WaitsFor, Watchdog
from ambidex.flows import ownership
from ambidex.flows.ownership import ASSIGNEE, DUTY, About
from ambidex.kernel.ids import LocationId, OrderId, TaskId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx

UNDONE = {
    WaitsFor.ACCEPT: "Nobody accepted this order",
    WaitsFor.PICK_BEGUN: "Nobody began to pick this order",
    WaitsFor.READY: "This order did not become ready",
    WaitsFor.DISPATCH: "This order did not leave in time",
    WaitsFor.DELIVER: "This parcel did not arrive in time",
    WaitsFor.ATTEND: "A customer is waiting and nobody came",
    WaitsFor.TELL: "The customer was not told",
    WaitsFor.REFUND: "A refund that is due was not reported",
}


@dataclass(frozen=True, slots=True)
class Hop:
    """Where ownership goes: the rung's number and duty, and the rungs where nobody was on shift."""

    level: int
    duty: Duty
    passed_over: tuple[str, ...]


def next_rung(chain: Sequence[Duty], *, start: int, floor: Sequence[Staff]) -> Hop:
    """The first rung from number `start` with somebody on shift; the last one even with nobody.

    `floor` are those on shift at the first rung who could take it (not who had it).
    """
    passed: list[str] = []
    for level, duty in list(enumerate(chain, start=DUTY))[start - DUTY :]:
        present = bool(floor) if level == DUTY else duty.staff is not None
        if present or level == len(chain):
            return Hop(level, duty, tuple(passed))
        passed.append(duty.role)
    return Hop(len(chain), chain[-1], tuple(passed))


async def up(tx: Tx, dog: Watchdog, location: Location, *, step: Step, next_at: datetime | None) -> None:
    """Fire or hop on: the next rung owns the order until `next_at`. At the top a person is asked, once."""
    owner = await watch.owner(tx, dog.order_id)
    assert owner is not None, "an order with an open watchdog has an owner"
    if step is Step.FIRE:
        dog = await watch.advance(tx, dog, Step.FIRE, next_at=next_at)
    chain = await people.duty_chain(tx, location=location, at=tx.now)
    hop = next_rung(chain, start=owner.level + 1, floor=await _floor(tx, location, owner))
    at_top = hop.level == len(chain)
    await watch.advance(tx, dog, Step.HOP, level=hop.level, next_at=None if at_top else next_at)
    if owner.level < hop.level:
        await _give(tx, dog, owner, hop, next_at=next_at or dog.due_at)
    if at_top:
        await _ask_head_office(tx, dog, chain)


async def leave_empty_shift(tx: Tx, *, order_id: OrderId) -> bool:
    """Nobody who owns this order is on shift though the place is open: it goes up at once. False: they are back."""
    await orders.lock_order(tx, order_id)
    owner = await watch.owner(tx, order_id)
    if owner is None or owner.location_id is None or owner.waiting_for is not Waiting.STAFF:
        return False
    location = await locations.by_id(tx, owner.location_id)
    there = await people.on_duty(tx, role=owner.role, location_id=owner.location_id, at=tx.now)
    present = bool(there) if owner.staff_id is None else any(s.staff_id == owner.staff_id for s in there)
    if present or not location.hours.is_open(tx.now):
        return False
    chain = await people.duty_chain(tx, location=location, at=tx.now)
    hop = next_rung(chain, start=max(owner.level, DUTY), floor=await _floor(tx, location, owner))
    climbing = [d for d in await watch.open_watchdogs(tx, order_id) if d.climbing and d.level == owner.level]
    if climbing:
        await watch.advance(tx, climbing[0], Step.REST, level=hop.level, next_at=climbing[0].next_at)
    await _give(tx, None, owner, hop, next_at=owner.next_deadline)
    return True


async def call_head_office(tx: Tx, dog: Watchdog, *, cause: Cause) -> None:
    """What no place can mend goes to head office at once."""
    fired = await watch.advance(tx, dog, Step.FIRE, next_at=tx.now)
    await watch.advance(tx, fired, Step.HOP, level=ownership.LEVELS["experience"], next_at=None)
    await _ask(tx, dog, cause=cause, detail="It did not happen in time, and no place can mend it.")


async def call_desk(tx: Tx, dog: Watchdog, *, detail: str) -> Watchdog:
    """What waits for no place is not there in time: a person at the desk that answers for it is asked."""
    role = ownership.TURNS[dog.waits_for].role
    fired = await watch.advance(tx, dog, Step.FIRE, next_at=tx.now)
    level = ownership.LEVELS.get(role, DUTY)
    moved = await watch.advance(tx, fired, Step.HOP, level=level, next_at=None)
    await _ask(tx, dog, cause=Cause.SYSTEM, detail=detail, role=role)
    return moved


async def move_task_up(tx: Tx, *, task_id: TaskId) -> None:
    """A task that was not done in time goes to the next duty with somebody on shift, with the same time again."""
    task = await tasks.of_id(tx, task_id)
    if task.order_id is not None:
        await orders.lock_order(tx, task.order_id)
        task = await tasks.of_id(tx, task_id)
    if task.state in tasks.TASK.ends or task.due_at > tx.now:
        return
    place = None if task.location_id is None else await locations.by_id(tx, task.location_id)
    opens = None if place is None else place.hours.next_open(tx.now)
    if opens is not None and opens > tx.now:
        await tasks.look_later(tx, task, next_at=opens)
        return
    chain = [] if place is None else await people.duty_chain(tx, location=place, at=tx.now)
    role, location_id = _above(chain, task.role)
    due_at = tx.now + ownership.SOLVE_WITHIN
    await tasks.move_up(tx, task, role=role, location_id=location_id, due_at=due_at)
    if task.order_id is not None:
        await ownership.settle(tx, task.order_id)


def _above(chain: Sequence[Duty], role: str) -> tuple[str, LocationId | None]:
    roles = [duty.role for duty in chain]
    if role not in roles or role == roles[-1]:
        return "experience", None
    duty = next_rung(chain, start=roles.index(role) + DUTY + 1, floor=()).duty
    return duty.role, duty.location_id


async def _floor(tx: Tx, location: Location, owner: Owner) -> list[Staff]:
    """Who else could take it on the floor; only asked when one person had it."""
    if owner.level not in {ASSIGNEE, DUTY}:
        return []
    role = people.rungs(location)[0][0]
    there = await people.on_duty(tx, role=role, location_id=location.location_id, at=tx.now)
    return [person for person in there if person.staff_id != owner.staff_id]


async def _give(tx: Tx, dog: Watchdog | None, owner: Owner, hop: Hop, *, next_at: datetime) -> None:
    named = hop.duty.staff if hop.level > DUTY else None
    to = NewOwner(
        order_id=owner.order_id,
        role=hop.duty.role,
        next_step=owner.next_step if dog is None else ownership.TURNS[dog.waits_for].next_step,
        next_deadline=next_at,
        location_id=hop.duty.location_id,
        staff_id=named.staff_id if named else None,
        level=hop.level,
    )
    await watch.move_up(
        tx, dog, owner, to, staff_name=named.name if named else "", passed_over=hop.passed_over
    )


async def _ask_head_office(tx: Tx, dog: Watchdog, chain: Sequence[Duty]) -> None:
    """Nobody below answered: whose doing that is depends on whether anybody was there to answer."""
    at_the_place = [duty for duty in chain if duty.location_id is not None]
    if any(duty.staff for duty in at_the_place):
        await _ask(tx, dog, cause=Cause.PEOPLE, detail="Asked along the whole duty chain, nobody answered.")
    else:
        await _ask(tx, dog, cause=Cause.PLACE, detail="Nobody is on shift at the place.")


async def _ask(tx: Tx, dog: Watchdog, *, cause: Cause, detail: str, role: str = "experience") -> TaskId:
    return await ownership.hand_to_person(
        tx,
        order_id=dog.order_id,
        kind=f"no-{dog.waits_for.value.replace('_', '-')}",
        cause=cause,
        title=UNDONE[dog.waits_for],
        detail=detail,
        key=f"watch:{dog.order_id.hex}:{ownership.name_of(dog)}:{int(dog.armed_at.timestamp())}",
        role=role,
        about=About(facts={"work_no": dog.work_no, "watchdog": ownership.name_of(dog)}),
    )
