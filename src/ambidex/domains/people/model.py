"""Who works here, and who is on shift where, as what."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ambidex.kernel.ids import LocationId, StaffId
from ambidex.kernel.values import dataclass

DUTY_ROLES = ("associate", "lead", "picker", "supervisor", "agent", "district", "experience")


class Place(Protocol):
    """What duty needs to know about a location."""

    @property
    def location_id(self) -> LocationId:
        """Its id."""

    @property
    def kind(self) -> str:
        """Store, warehouse, third_party or supplier."""

    @property
    def district(self) -> str:
        """The district it belongs to."""


@dataclass(frozen=True)
class Staff:
    """A person who works here; `code` is what is printed on the badge."""

    staff_id: StaffId
    name: str
    code: str
    email: str = ""
    language: str = "en"
    home_location: LocationId | None = None


@dataclass(frozen=True)
class Duty:
    """Who answers for a role at a place at a time; `staff` is None when nobody is on shift."""

    role: str
    location_id: LocationId | None
    staff: Staff | None = None


@dataclass(frozen=True)
class NewStaff:
    """What somebody says about a person, to add or change them."""

    code: str
    name: str
    email: str = ""
    language: str = "en"
    home_location: LocationId | None = None


@dataclass(frozen=True)
class NewShift:
    """From when to when somebody works where, as what. No location: head office, for a district or for all."""

    staff_id: StaffId
    starts_at: datetime
    ends_at: datetime
    role: str
    location_id: LocationId | None = None
    district: str = ""
