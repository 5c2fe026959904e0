"""What happened to goods on their way, in the past tense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass

Units = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Requested(Event):
    """A place asked another one for units."""

    name: ClassVar[str] = "transfers.requested"
    reference: str
    purpose: str
    lines: Units


@dataclass(frozen=True)
class Approved(Event):
    """The sending place said yes; the units are kept there."""

    name: ClassVar[str] = "transfers.approved"
    reference: str
    expected_at: datetime | None


@dataclass(frozen=True)
class Ended(Event):
    """Declined or canceled before anything was sent."""

    name: ClassVar[str] = "transfers.ended"
    reference: str
    state: str


@dataclass(frozen=True)
class Picked(Event):
    """Units were scanned into the parcel."""

    name: ClassVar[str] = "transfers.picked"
    reference: str
    lines: Units


@dataclass(frozen=True)
class Sent(Event):
    """The parcel left the sending place."""

    name: ClassVar[str] = "transfers.sent"
    reference: str
    lines: Units
    packages: Sequence[str]


@dataclass(frozen=True)
class Announced(Event):
    """A supplier will send goods by then; said again with other lines or another date."""

    name: ClassVar[str] = "transfers.announced"
    reference: str
    expected_at: datetime | None
    lines: Units


@dataclass(frozen=True)
class ReDated(Event):
    """It comes at another time than we thought."""

    name: ClassVar[str] = "transfers.redated"
    reference: str
    was_expected_at: datetime | None
    expected_at: datetime


@dataclass(frozen=True)
class UnitsScannedIn(Event):
    """Units came out of the parcel; the shelf hears of them when everything is scanned."""

    name: ClassVar[str] = "transfers.scanned-in"
    reference: str
    lines: Units


@dataclass(frozen=True)
class Received(Event):
    """Everything that came is scanned: units by line, with what differs from what was sent."""

    name: ClassVar[str] = "transfers.received"
    reference: str
    lines: Units


@dataclass(frozen=True)
class Settled(Event):
    """A person explained a difference."""

    name: ClassVar[str] = "transfers.settled"
    reference: str
    line_no: int
    quantity: int
    outcome: str


@dataclass(frozen=True)
class Late(Event):
    """It should be here by now and is not."""

    name: ClassVar[str] = "transfers.late"
    reference: str
    expected_at: datetime
