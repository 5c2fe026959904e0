"""Reading people: by id or code, who is on duty, and the duty chain of a place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select

from ambidex.domains.people import rules
from ambidex.domains.people.model import Duty, Place, Staff
from ambidex.domains.people.problems import UnknownStaff
from ambidex.domains.people.tables import shifts, staff
from ambidex.kernel.ids import LocationId, StaffId
from ambidex.kernel.page import PAGE_MAX
from ambidex.runtime.db import Read

_c = staff.c


async def staff_by_ids(read: Read, ids: Collection[StaffId]) -> dict[StaffId, Staff]:
    """The known ones among these, also those who have left."""
    rows = await read.all(_select().where(_c.staff_id.in_(list(ids)))) if ids else []
    return {StaffId(row.staff_id): _staff(row) for row in rows}


async def staff_by_codes(read: Read, codes: Collection[str]) -> dict[str, Staff]:
    """The known ones among these."""
    rows = await read.all(_select().where(_c.code.in_(list(codes)))) if codes else []
    return {row.code: _staff(row) for row in rows}


async def staff_by_code(read: Read, code: str) -> Staff:
    """The person with this badge; UnknownStaff when there is none."""
    found = (await staff_by_codes(read, [code])).get(code)
    if found is None:
        raise UnknownStaff(code, staff=code)
    return found


async def staff_at(read: Read, location_id: LocationId) -> list[Staff]:
    """Everybody whose home is this place, by name."""
    rows = await read.all(
        _select()
        .where(_c.home_location == location_id, _c.left_at.is_(None))
        .order_by(_c.name)
        .limit(PAGE_MAX)
    )
    return [_staff(row) for row in rows]


async def on_duty(read: Read, *, role: str, location_id: LocationId | None, at: datetime) -> list[Staff]:
    """Who is on shift in this role at this place (None: head office), who began first coming first."""
    s = shifts.c
    where = s.location_id.is_(None) if location_id is None else s.location_id == location_id
    rows = await read.all(
        _select()
        .join(shifts, and_(s.staff_id == _c.staff_id, s.role == role, where))
        .where(s.starts_at <= at, s.ends_at > at, _c.left_at.is_(None))
        .order_by(s.starts_at, _c.code)
        .limit(PAGE_MAX)
    )
    return [_staff(row) for row in rows]


async def duty_chain(read: Read, *, location: Place, at: datetime) -> list[Duty]:
    """Who answers for this place, rung by rung: the floor, the lead, the district, head office on call."""
    s = shifts.c
    roles = [role for role, _ in rules.rungs(location)]
    rows = await read.all(
        _select()
        .add_columns(s.role, s.location_id, s.district)
        .join(shifts, s.staff_id == _c.staff_id)
        .where(
            s.role.in_(roles),
            or_(s.location_id == location.location_id, s.location_id.is_(None)),
            s.starts_at <= at,
            s.ends_at > at,
            _c.left_at.is_(None),
        )
        .order_by(s.starts_at, _c.code)
        .limit(PAGE_MAX)
    )
    return rules.chain(location, [(row.role, row.location_id, row.district, _staff(row)) for row in rows])


def _select() -> Select[Any]:
    return select(_c.staff_id, _c.name, _c.code, _c.email, _c.language, _c.home_location)


def _staff(row: Row[Any]) -> Staff:
    return Staff(
        staff_id=StaffId(row.staff_id),
        name=row.name,
        code=row.code,
        email=row.email,
        language=row.language,
        home_location=None if row.home_location is None else LocationId(row.home_location),
    )
