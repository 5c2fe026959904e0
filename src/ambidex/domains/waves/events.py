"""What happens to waves, in the past tense."""

from __future__ import annotations

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class Planned(Event):
    """Works were put together for one walk."""

    name: ClassVar[str] = "waves.planned"
    number: int
    orders: int
    units: int
    carrier: str


@dataclass(frozen=True)
class Released(Event):
    """The walk may begin."""

    name: ClassVar[str] = "waves.released"
    number: int


@dataclass(frozen=True)
class PutIntoTote(Event):
    """A unit was scanned into the tote of its order."""

    name: ClassVar[str] = "waves.put-into-tote"
    number: int
    work_no: int
    item_id: ItemId
    tote_no: int
    units: int


@dataclass(frozen=True)
class ToteNamed(Event):
    """The label of a real tote was scanned for an order."""

    name: ClassVar[str] = "waves.tote-named"
    number: int
    work_no: int
    tote_no: int
    tote: str


@dataclass(frozen=True)
class WorkLeft(Event):
    """A work left the wave before it was picked."""

    name: ClassVar[str] = "waves.work-left"
    number: int
    work_no: int
    why: str


@dataclass(frozen=True)
class Ended(Event):
    """Nothing of this wave is left to pick, or it was called off."""

    name: ClassVar[str] = "waves.ended"
    number: int
    state: str
