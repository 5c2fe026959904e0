"""What happened to packages."""

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass, field


@dataclass(frozen=True)
class PackagePacked(Event):
    """Units lie in a closed package."""

    name: ClassVar[str] = "shipping.packed"
    work_no: int
    grams: int
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PackageOpened(Event):
    """A package was opened before it left; what was in it is to be packed anew or put away."""

    name: ClassVar[str] = "shipping.opened"
    work_no: int
    reason: str


@dataclass(frozen=True)
class LabelWanted(Event):
    """A label was asked of a carrier, under a key that names the wish."""

    name: ClassVar[str] = "shipping.label-wanted"
    label_no: int
    carrier: str
    service: str
    key: str


@dataclass(frozen=True)
class LabelMade(Event):
    """The carrier gave a label."""

    name: ClassVar[str] = "shipping.label-made"
    label_no: int
    carrier: str
    service: str
    tracking_number: str


@dataclass(frozen=True)
class LabelRefused(Event):
    """The carrier will not take the package as it is, and why."""

    name: ClassVar[str] = "shipping.label-refused"
    label_no: int
    carrier: str
    reason: str


@dataclass(frozen=True)
class LabelUnwanted(Event):
    """A label is not needed any more; the carrier is asked to take it back."""

    name: ClassVar[str] = "shipping.label-unwanted"
    label_no: int
    reason: str


@dataclass(frozen=True)
class LabelVoided(Event):
    """The carrier took a label back, or says (`answer`) why not."""

    name: ClassVar[str] = "shipping.label-voided"
    label_no: int
    voided: bool
    answer: str


@dataclass(frozen=True)
class PackageDispatched(Event):
    """A package was scanned out to its carrier."""

    name: ClassVar[str] = "shipping.dispatched"
    work_no: int
    carrier: str
    tracking_number: str
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PackageDelivered(Event):
    """The carrier says that the customer has it."""

    name: ClassVar[str] = "shipping.delivered"
    work_no: int
    tracking_number: str
    signed_by: str


@dataclass(frozen=True)
class DeliveryFailed(Event):
    """The carrier could not deliver it."""

    name: ClassVar[str] = "shipping.delivery-failed"
    work_no: int
    tracking_number: str
    words: str


@dataclass(frozen=True)
class TriedAgain(Event):
    """The carrier tries again."""

    name: ClassVar[str] = "shipping.tried-again"
    work_no: int
    words: str


@dataclass(frozen=True)
class SentBack(Event):
    """The carrier sends it back to the place it came from."""

    name: ClassVar[str] = "shipping.sent-back"
    work_no: int
    tracking_number: str
    words: str


@dataclass(frozen=True)
class PackageCameBack(Event):
    """A package that had left was scanned in again."""

    name: ClassVar[str] = "shipping.came-back"
    work_no: int
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PackageLost(Event):
    """Nobody expects this package any more."""

    name: ClassVar[str] = "shipping.lost"
    work_no: int
    reason: str
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PackageSentAgain(Event):
    """The goods of a package that did not arrive are sent anew."""

    name: ClassVar[str] = "shipping.sent-again"
    work_no: int
    reason: str
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PackageScanned(Event):
    """The carrier told something new about a package."""

    name: ClassVar[str] = "shipping.scanned"
    status: str
    words: str


@dataclass(frozen=True)
class ManifestClosed(Event):
    """The carrier took the packages of a manifest."""

    name: ClassVar[str] = "shipping.manifest-closed"
    carrier: str
    packages: int
