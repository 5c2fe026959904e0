"""Duty: who answers for a role at a place now, and who is next when nobody does."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from ambidex.api.edge import Runs, operation
from ambidex.domains import locations, people
from ambidex.domains.locations import Location
from ambidex.domains.people import Duty, Staff
from ambidex.kernel.actor import Permission
from ambidex.runtime.db import Read

router = APIRouter(tags=["people"])


class StaffOut(BaseModel):
    """Somebody who works here."""

    id: str
    code: str
    name: str


class RungOut(BaseModel):
    """One rung of the duty chain; nobody on shift leaves it without staff."""

    role: str
    location: str | None
    staff: StaffOut | None


class DutyOut(BaseModel):
    """`items` are on shift in this role; `answers` is who answers now, further up when nobody is."""

    role: str
    location: str | None
    at: datetime
    items: list[StaffOut]
    answers: RungOut | None
    chain: list[RungOut]
    next: None = None


@router.get("/duty", dependencies=[operation(Permission.DUTY_READ)])
async def get_duty(runs: Runs, role: str, location: str | None = None, at: datetime | None = None) -> DutyOut:
    """Who answers now. Without a location: head office."""
    async with runs.reading() as read:
        place = None if location is None else await locations.by_code(read, location)
        return await _duty(read, role, place, at=at or read.now)


async def _duty(read: Read, role: str, place: Location | None, *, at: datetime) -> DutyOut:
    location_id = None if place is None else place.location_id
    on_duty = await people.on_duty(read, role=role, location_id=location_id, at=at)
    chain = [] if place is None else await people.duty_chain(read, location=place, at=at)
    code = None if place is None else place.code
    rungs = [_rung(duty, code) for duty in chain]
    return DutyOut(
        role=role,
        location=code,
        at=at,
        items=[_staff(one) for one in on_duty],
        answers=_answers(role, on_duty, rungs, code),
        chain=rungs,
    )


def _answers(role: str, on_duty: list[Staff], rungs: list[RungOut], code: str | None) -> RungOut | None:
    if on_duty:
        return RungOut(role=role, location=code, staff=_staff(on_duty[0]))
    names = [rung.role for rung in rungs]
    above = rungs[names.index(role) + 1 :] if role in names else rungs
    return next((rung for rung in above if rung.staff is not None), None)


def _rung(duty: Duty, code: str | None) -> RungOut:
    at = None if duty.location_id is None else code
    return RungOut(role=duty.role, location=at, staff=None if duty.staff is None else _staff(duty.staff))


def _staff(one: Staff) -> StaffOut:
    return StaffOut(id=str(one.staff_id), code=one.code, name=one.name)
