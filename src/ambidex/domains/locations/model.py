"""A place that can hold, send, receive or hand over goods, with its own hours and zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from ambidex.kernel.clock import Hours
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass, field

# Opening hours as they are stored and sent: {"0": [["09:00", "21:00"]]}, 0 is Monday.
WeekJson = Mapping[str, list[list[str]]]


class LocationKind(StrEnum):
    """What sort of place this is."""

    STORE = "store"
    WAREHOUSE = "warehouse"
    THIRD_PARTY = "third_party"
    SUPPLIER = "supplier"


@dataclass(frozen=True)
class StagingPlace:
    """A shelf, bin or locker where goods wait for the customer; `code` is on its label."""

    code: str
    label: str = ""


@dataclass(frozen=True)
class Location:
    """A place as it stands now. `hours` knows exceptions, closures and the zone."""

    location_id: LocationId
    code: str
    name: str
    kind: LocationKind
    hours: Hours
    phone: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)
    city: str = ""
    district: str = ""
    capabilities: frozenset[str] = frozenset()
    latitude: float | None = None
    longitude: float | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone its clocks show."""
        return self.hours.zone

    @property
    def closed_from(self) -> date | None:
        """The first local day on which it never opens again."""
        return self.hours.closed_from

    def hands_over(self) -> bool:
        """Whether customers collect here."""
        return "pickup" in self.capabilities


@dataclass(frozen=True)
class NewLocation:
    """What somebody says about a place, to create it or to change all of it. Hours not given: always open."""

    code: str
    name: str
    kind: LocationKind = LocationKind.STORE
    time_zone: str = "UTC"
    week: WeekJson | None = None
    exceptions: WeekJson = field(default_factory=dict)
    closed_from: date | None = None
    phone: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)
    city: str = ""
    district: str = ""
    capabilities: frozenset[str] | None = None
    latitude: float | None = None
    longitude: float | None = None
    # None leaves the staging places as they are
    staging: tuple[StagingPlace, ...] | None = None
