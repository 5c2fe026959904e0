"""What happens to places."""

from datetime import date
from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class LocationCreated(Event):
    """A place is known from now on."""

    name: ClassVar[str] = "locations.created"
    code: str
    title: str


@dataclass(frozen=True)
class LocationChanged(Event):
    """Hours, address or another fact of a place changed."""

    name: ClassVar[str] = "locations.changed"
    code: str
    title: str


@dataclass(frozen=True)
class LocationClosed(Event):
    """A place is closed for good from a day on; its open work needs new owners."""

    name: ClassVar[str] = "locations.closed"
    code: str
    closed_from: str

    @classmethod
    def of(cls, code: str, day: date) -> "LocationClosed":
        """The event for this local day."""
        return cls(code, day.isoformat())
