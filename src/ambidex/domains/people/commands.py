"""Adding people and planning their shifts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ambidex.domains.people import queries, rules, store
from ambidex.domains.people.events import ShiftsPlanned, StaffChanged, StaffJoined
from ambidex.domains.people.model import NewShift, NewStaff, Staff
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def put_staff(tx: Tx, news: Sequence[NewStaff]) -> list[Staff]:
    """Add these people, or change those whose codes are known. Codes in one list must differ."""
    for new in news:
        _must(tx, new.home_location)
        rules.check_staff(new)
    put = await store.put_staff(tx, news)
    for new in news:
        said = StaffJoined(new.code) if put[new.code][1] else StaffChanged(new.code)
        tx.announce(Ref("staff", new.code), said, location_id=new.home_location)
    known = await queries.staff_by_codes(tx, list(put))
    return [known[new.code] for new in news]


async def plan_shifts(tx: Tx, shifts: Sequence[NewShift]) -> None:
    """Say who works when, where, as what."""
    for shift in shifts:
        _must(tx, shift.location_id)
    rules.check_shifts(shifts)
    await store.put_shifts(tx, shifts)
    staff = await queries.staff_by_ids(tx, {shift.staff_id for shift in shifts})
    for staff_id, count in Counter(shift.staff_id for shift in shifts).items():
        code = staff[staff_id].code
        tx.announce(Ref("staff", code), ShiftsPlanned(code, count))


def _must(tx: Tx, at: LocationId | None) -> None:
    """Staff of one place need that place; head office needs all of them."""
    if at is None:
        tx.actor.must_everywhere(Permission.STAFF_CHANGE)
    else:
        tx.actor.must(Permission.STAFF_CHANGE, at=at)
