"""Pure decisions about duty: which roles answer for a place, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from ambidex.domains.people.model import DUTY_ROLES, Duty, NewShift, NewStaff, Place, Staff
from ambidex.domains.people.problems import BadStaff
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import FieldError

SHIFT_LENGTH_MAX = timedelta(hours=24)
_AT_THE_PLACE = {"store": ("associate", "lead")}
_AT_OTHER_PLACES = ("picker", "supervisor")
_ABOVE = ("district", "experience")


def rungs(place: Place) -> tuple[tuple[str, LocationId | None], ...]:
    """The duty chain of a place, from the people on the floor up to head office on call."""
    at = _AT_THE_PLACE.get(str(place.kind), _AT_OTHER_PLACES)
    return (*((role, place.location_id) for role in at), *((role, None) for role in _ABOVE))


def chain(place: Place, on_shift: Sequence[tuple[str, LocationId | None, str, Staff]]) -> list[Duty]:
    """One rung after another; `on_shift` is (role, location, district, staff), in the order of preference.

    Nobody on shift at a rung leaves it without a person; the chain goes on and is never empty.
    """
    found = []
    for role, location_id in rungs(place):
        fitting = (
            staff
            for r, at, district, staff in on_shift
            if r == role
            and at == location_id
            and (location_id is not None or district in {"", place.district})
        )
        found.append(Duty(role, location_id, next(fitting, None)))
    return found


def check_staff(new: NewStaff) -> None:
    """Raise BadStaff naming every field that cannot be used."""
    errors: list[FieldError] = []
    if not 0 < len(new.code) <= 64 or new.code != new.code.strip():
        errors.append({"field": "code", "expected": "1 to 64 characters, no blanks around"})
    if not new.name.strip():
        errors.append({"field": "name", "expected": "a name"})
    if new.email and "@" not in new.email:
        errors.append({"field": "email", "expected": "an address with @"})
    if errors:
        raise BadStaff(f"staff {new.code!r}", errors=errors)


def check_shifts(shifts: Iterable[NewShift]) -> None:
    """Raise BadStaff when a shift runs backwards, too long, or as nothing we know."""
    for shift in shifts:
        if not timedelta() < shift.ends_at - shift.starts_at <= SHIFT_LENGTH_MAX:
            raise BadStaff(errors=[{"field": "ends_at", "expected": "after starts_at, within 24 hours"}])
        if shift.role not in DUTY_ROLES:
            raise BadStaff(errors=[{"field": "role", "expected": " | ".join(DUTY_ROLES)}])
