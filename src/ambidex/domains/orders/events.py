"""What happens to an order, in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass, field


@dataclass(frozen=True)
class OrderPlaced(Event):
    """An order exists: what was agreed, where it came from, what is short from the beginning.

    What begins with it is told here too: the earliest promise, the role that owns it, what is watched for until when
    ("accept:1"), and who confirms it to the customer (us, or the platform).
    """

    name: ClassVar[str] = "orders.placed"
    number: str
    source: str
    reference: str
    channel: str
    total: Money
    units: int
    short: int
    due_at: datetime | None = None
    owner: str = ""
    waits_for: Mapping[str, datetime] = field(default_factory=dict)
    speaker: str = ""


@dataclass(frozen=True)
class UnitsCanceled(Event):
    """Units were canceled, with a reason."""

    name: ClassVar[str] = "orders.units-canceled"
    units: list[dict[str, Any]]
    reason: str


@dataclass(frozen=True)
class ItemReplaced(Event):
    """The customer agreed to another item in place of units of a line; `more` is what they pay more, below zero: less."""

    name: ClassVar[str] = "orders.item-replaced"
    line_no: int
    new_line_no: int
    item: str
    units: int
    price: Money
    more: Money


@dataclass(frozen=True)
class OrderConfirmed(Event):
    """Money and stock are secured."""

    name: ClassVar[str] = "orders.confirmed"


@dataclass(frozen=True)
class OrderClosed(Event):
    """Nothing is left to happen."""

    name: ClassVar[str] = "orders.closed"


@dataclass(frozen=True)
class OrderReopened(Event):
    """Something is left to happen again."""

    name: ClassVar[str] = "orders.reopened"


@dataclass(frozen=True)
class OrderCanceled(Event):
    """Every unit of the order is canceled."""

    name: ClassVar[str] = "orders.canceled"


@dataclass(frozen=True)
class SourceVersionNoted(Event):
    """A newer version of the source's own record was applied."""

    name: ClassVar[str] = "orders.source-version-noted"
    version_at: str


@dataclass(frozen=True)
class AddressChanged(Event):
    """What is still to be sent goes to another address."""

    name: ClassVar[str] = "orders.address-changed"


@dataclass(frozen=True)
class ContactChanged(Event):
    """The customer is reached differently from now on."""

    name: ClassVar[str] = "orders.contact-changed"
