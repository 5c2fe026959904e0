"""What happened to work for one location."""

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass, field


@dataclass(frozen=True)
class Offered(Event):
    """A location was offered work."""

    name: ClassVar[str] = "fulfillment.offered"
    work_no: int
    units: int


@dataclass(frozen=True)
class Accepted(Event):
    """The location said yes."""

    name: ClassVar[str] = "fulfillment.accepted"
    work_no: int


@dataclass(frozen=True)
class Refused(Event):
    """The location said no, and why."""

    name: ClassVar[str] = "fulfillment.refused"
    work_no: int
    reason: str


@dataclass(frozen=True)
class Lapsed(Event):
    """The location did not answer in time."""

    name: ClassVar[str] = "fulfillment.lapsed"
    work_no: int
    reason: str


@dataclass(frozen=True)
class TakenBack(Event):
    """The location cannot do it any more."""

    name: ClassVar[str] = "fulfillment.taken-back"
    work_no: int
    reason: str


@dataclass(frozen=True)
class Picked(Event):
    """A unit was found and proven in hand."""

    name: ClassVar[str] = "fulfillment.picked"
    work_no: int
    line_no: int
    item_id: ItemId
    units: int
    kind: str


@dataclass(frozen=True)
class CameUpShort(Event):
    """Units could not be found."""

    name: ClassVar[str] = "fulfillment.came-up-short"
    work_no: int
    line_no: int
    item_id: ItemId
    units: int
    reason: str


@dataclass(frozen=True)
class Staged(Event):
    """Everything picked lies at a scanned place."""

    name: ClassVar[str] = "fulfillment.staged"
    work_no: int
    place: str


@dataclass(frozen=True)
class BecameReady(Event):
    """Every unit is proven and lies at its place: the customer may come."""

    name: ClassVar[str] = "fulfillment.became-ready"
    work_no: int
    place: str
    units: int


@dataclass(frozen=True)
class HandedOver(Event):
    """Units left with the customer or their collector."""

    name: ClassVar[str] = "fulfillment.handed-over"
    work_no: int
    collector: str
    how: str
    units: dict[int, int] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True)
class HandOverUndone(Event):
    """A hand-over was a mistake and was taken back."""

    name: ClassVar[str] = "fulfillment.hand-over-undone"
    work_no: int
    reason: str
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class UnitsDropped(Event):
    """Units this work no longer has to hand over; the work itself goes on."""

    name: ClassVar[str] = "fulfillment.units-dropped"
    work_no: int
    reason: str
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Canceled(Event):
    """Nothing of this work is wanted any more."""

    name: ClassVar[str] = "fulfillment.canceled"
    work_no: int
    reason: str


@dataclass(frozen=True)
class PutAway(Event):
    """A unit nobody wants went back to the shelf."""

    name: ClassVar[str] = "fulfillment.put-away"
    work_no: int
    line_no: int
    item_id: ItemId
    units: int


@dataclass(frozen=True)
class CodeIssued(Event):
    """A new pickup code is out; earlier ones are worthless."""

    name: ClassVar[str] = "fulfillment.code-issued"
    work_no: int
    code_no: int


@dataclass(frozen=True)
class CustomerMoved(Event):
    """The customer is on the way, or here."""

    name: ClassVar[str] = "fulfillment.customer-moved"
    work_no: int
    side: str
    note: str


@dataclass(frozen=True)
class CustomerChose(Event):
    """What becomes of missing units was chosen: by the customer, or (not `answered`) by the announced default."""

    name: ClassVar[str] = "fulfillment.customer-chose"
    work_no: int
    option: str
    answered: bool
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SentOn(Event):
    """Work that is sent went a step on: packed, unpacked, dispatched, delivered, failed, sent back, lost."""

    name: ClassVar[str] = "fulfillment.sent-on"
    work_no: int
    step: str
