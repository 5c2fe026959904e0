"""What happens to the rules of routing, and what was decided by them."""

from __future__ import annotations

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class VersionWritten(Event):
    """A version was begun, changed or given another example; `what` says which."""

    name: ClassVar[str] = "routing.version-written"
    brand: str
    number: int
    what: str
    why: str = ""


@dataclass(frozen=True)
class VersionMoved(Event):
    """A version went on, was archived or was rolled back; orders are decided otherwise from now on."""

    name: ClassVar[str] = "routing.version-moved"
    brand: str
    number: int
    state: str
    why: str = ""


@dataclass(frozen=True)
class Routed(Event):
    """It was decided, after placing, which places send what; the receipt says why."""

    name: ClassVar[str] = "routing.routed"
    receipt_no: int
    sent_from: tuple[str, ...]
    version: int


@dataclass(frozen=True)
class TrialAsked(Event):
    """Somebody wants to know how a version would have done over days of the past."""

    name: ClassVar[str] = "routing.trial-asked"
    brand: str
    number: int
    trial: str


@dataclass(frozen=True)
class DayReplayed(Event):
    """All decisions of a day were made once more: how many, and how many came out the same to the bit."""

    name: ClassVar[str] = "routing.day-replayed"
    day: str
    total: int
    same: int


@dataclass(frozen=True)
class PricesMade(Event):
    """Prices of scarce stock were made and tried on seasons of the past, or stopped; `state` says whether they count."""

    name: ClassVar[str] = "routing.prices-made"
    number: int
    state: str
    saved_per_mille: int = 0
