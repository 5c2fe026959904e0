"""Duty: who answers for a place now, and a chain that is never empty."""

from datetime import timedelta
from uuid import UUID

import pytest

from ambidex.domains import locations, people
from ambidex.domains.locations import Location, LocationKind, NewLocation
from ambidex.domains.people import NewShift, NewStaff
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId
from ambidex.runtime.perform import Run
from tests.conftest import NOON

HOUR = timedelta(hours=1)


async def _place(run: Run, **more: str) -> Location:
    kind = LocationKind(more.get("kind", "store"))
    new = NewLocation(code=more.get("code", "store-01"), name="Camden", kind=kind, district="north")
    return await run.perform(SYSTEM, locations.put_location, new)


async def _on_shift(run: Run, *rows: tuple[str, str, LocationId | None, str]) -> None:
    staff = await run.perform(SYSTEM, people.put_staff, [NewStaff(code=code, name=code) for code, *_ in rows])
    shifts = [
        NewShift(
            who.staff_id, NOON - HOUR, NOON + HOUR, role=role, location_id=location_id, district=district
        )
        for who, (_, role, location_id, district) in zip(staff, rows, strict=True)
    ]
    await run.perform(SYSTEM, people.plan_shifts, shifts)


async def test_the_chain_climbs_from_the_floor_to_head_office(run: Run) -> None:
    here = await _place(run)
    at = here.location_id
    await _on_shift(
        run,
        ("Wanjirũ", "associate", at, ""),
        ("Søren", "lead", at, ""),
        ("南", "district", None, "south"),
        ("Bożena", "district", None, "north"),
        ("Thảo", "experience", None, ""),
    )
    async with run.reading() as read:
        chain = await people.duty_chain(read, location=here, at=NOON)
    assert [(duty.role, duty.staff and duty.staff.code) for duty in chain] == [
        ("associate", "Wanjirũ"),
        ("lead", "Søren"),
        ("district", "Bożena"),
        ("experience", "Thảo"),
    ]


async def test_an_empty_shift_names_nobody_and_the_chain_goes_on(run: Run) -> None:
    here = await _place(run)
    async with run.reading() as read:
        chain = await people.duty_chain(read, location=here, at=NOON)
        assert await people.on_duty(read, role="lead", location_id=here.location_id, at=NOON) == []
    assert [duty.role for duty in chain] == ["associate", "lead", "district", "experience"]
    assert all(duty.staff is None for duty in chain)


async def test_a_warehouse_has_its_own_floor(run: Run) -> None:
    dc = await _place(run, code="dc-north", kind="warehouse")
    await _on_shift(run, ("Ama", "supervisor", dc.location_id, ""))
    async with run.reading() as read:
        chain = await people.duty_chain(read, location=dc, at=NOON)
        (ama,) = await people.on_duty(read, role="supervisor", location_id=dc.location_id, at=NOON)
    assert [duty.role for duty in chain][:2] == ["picker", "supervisor"]
    assert ama.code == "Ama"


async def test_a_shift_ends_at_its_end(run: Run) -> None:
    here = await _place(run)
    await _on_shift(run, ("Ama", "lead", here.location_id, ""))
    async with run.reading() as read:
        at_end = await people.on_duty(read, role="lead", location_id=here.location_id, at=NOON + HOUR)
    assert at_end == []


@pytest.mark.parametrize("length", [timedelta(0), -HOUR, timedelta(hours=25)])
async def test_a_shift_that_cannot_be_is_refused(run: Run, length: timedelta) -> None:
    (ama,) = await run.perform(SYSTEM, people.put_staff, [NewStaff(code="A1", name="Ama")])
    with pytest.raises(people.BadStaff):
        await run.perform(
            SYSTEM, people.plan_shifts, [NewShift(ama.staff_id, NOON, NOON + length, role="lead")]
        )


async def test_unknown_staff_is_said(run: Run) -> None:
    async with run.reading() as read:
        with pytest.raises(people.UnknownStaff):
            await people.staff_by_code(read, "nobody")
        assert await people.staff_at(read, LocationId(UUID(int=1))) == []
