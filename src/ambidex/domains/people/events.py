"""What happens to staff and shifts."""

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class StaffJoined(Event):
    """A person works here from now on."""

    name: ClassVar[str] = "people.joined"
    code: str


@dataclass(frozen=True)
class StaffChanged(Event):
    """Name, language or home of a person changed."""

    name: ClassVar[str] = "people.changed"
    code: str


@dataclass(frozen=True)
class ShiftsPlanned(Event):
    """Somebody will be on shift."""

    name: ClassVar[str] = "people.shifts-planned"
    code: str
    shifts: int
