"""People: staff, their shifts, and who has the duty for a place now."""

from ambidex.domains.people.commands import plan_shifts, put_staff
from ambidex.domains.people.model import DUTY_ROLES, Duty, NewShift, NewStaff, Place, Staff
from ambidex.domains.people.problems import BadStaff, UnknownStaff
from ambidex.domains.people.queries import (
    duty_chain,
    on_duty,
    staff_at,
    staff_by_code,
    staff_by_codes,
    staff_by_ids,
)
from ambidex.domains.people.rules import rungs

__all__ = [
    "DUTY_ROLES",
    "BadStaff",
    "Duty",
    "NewShift",
    "NewStaff",
    "Place",
    "Staff",
    "UnknownStaff",
    "duty_chain",
    "on_duty",
    "plan_shifts",
    "put_staff",
    "rungs",
    "staff_at",
    "staff_by_code",
    "staff_by_codes",
    "staff_by_ids",
]
