"""What a selling system tells us, in our words, and the port through which we ask and tell it.

Adapters (integrations/) turn a vendor's shapes into these values; flows never see a vendor's field. Whatever the
vendor did not say is "" or None here, never a default that looks like a fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from ambidex.domains import channels
from ambidex.domains.shipping import Tracked
from ambidex.flows.stock_port import SaidDocument
from ambidex.kernel.money import Money
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.inbox import Delivery
from ambidex.runtime.outside import Port


class Unreadable(ValueError):
    """What came cannot be understood; the text says where and why, for the person who repairs it."""


class PlatformDown(Problem):
    """The shop's own system does not answer."""

    status, code, retryable = 503, "platform-down", True
    advice = "Try again in a moment; meanwhile serve the customer from what they can show."


class PlatformRefused(Problem):
    """The shop's own system refuses what we ask."""

    status, code = 502, "platform-refused"
    advice = "Somebody with access to the shop's settings must look at the connection."


class Way(StrEnum):
    """How units reach the customer, as far as the platform said."""

    PICKUP = "pickup"
    SHIP = "ship"
    DELIVER = "deliver"
    NOTHING = "nothing"
    UNSAID = "unsaid"


class ReportKind(StrEnum):
    """What the platform reports about money."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    VOIDED = "voided"


@dataclass(frozen=True)
class Held:
    """An order as the platform holds it now: raw, so that it takes the same way in as a message."""

    reference: str
    number: str
    version: datetime
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """Some orders, where to go on, and whether there is more right now."""

    orders: Sequence[Held]
    cursor: str
    more: bool


@dataclass(frozen=True)
class ShopLine:
    """A line as ordered. `item` is what its SKU, or failing that its variant or title, is known by there."""

    line: str
    item: str
    title: str
    quantity: int
    unit_price: Money
    tax: Money
    discount: Money
    canceled: int
    physical: bool


@dataclass(frozen=True)
class MoneyReport:
    """A platform's word on money; `reference` is its own id of the movement."""

    kind: ReportKind
    amount: Money
    reference: str
    happened_at: datetime


@dataclass(frozen=True)
class ShopRefund:
    """Money given back, and what it says of units (line -> units).

    `canceled` leave the order; `money_only` stay with the customer or come back as a return; of `unclear` ones
    the platform does not say whether they still go to the customer.
    """

    reference: str
    order: str
    money: tuple[MoneyReport, ...]
    canceled: Mapping[str, int] = field(default_factory=dict)
    money_only: Mapping[str, int] = field(default_factory=dict)
    unclear: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ShopFulfillment:
    """The platform says that these units have gone to the customer (`units`: line -> units)."""

    reference: str
    order: str
    happened_at: datetime
    units: Mapping[str, int]


@dataclass(frozen=True)
class Entry:
    """A line inside a platform's fulfillment order: its own id there, and units not fulfilled yet."""

    reference: str
    left: int


@dataclass(frozen=True)
class ShopWork:
    """The platform's own fulfillment order: which units, where, and how they reach the customer.

    `entries` (by line) are how it is told of a part.
    """

    reference: str
    order: str
    place: str
    place_name: str
    way: Way
    state: str
    units: Mapping[str, int]
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it still stands (a moved one is closed or canceled and its units are in another)."""
        return self.state not in {"canceled", "cancelled", "incomplete"}


@dataclass(frozen=True)
class Buyer:
    """Who bought, as they wrote themselves."""

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    address: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ShopOrder:
    """An order as the platform holds it. `version` is its own updated-at; newer always wins."""

    reference: str
    number: str
    placed_at: datetime
    version: datetime
    currency: str
    total: Money
    tax: Money
    shipping: Money
    prices_include_tax: bool
    buyer: Buyer
    lines: tuple[ShopLine, ...]
    money: tuple[MoneyReport, ...]
    refunds: tuple[ShopRefund, ...]
    fulfillments: tuple[ShopFulfillment, ...]
    canceled_at: datetime | None
    cancel_reason: str
    fulfilled: bool
    remarks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ShopStock:
    """The platform's own word on stock: a report, never what is on hand."""

    item: str
    place: str
    available: int
    version: datetime


@dataclass(frozen=True)
class OrderTouched:
    """Something about this order changed; the message itself does not say what. Ask for the order."""

    order: str


@dataclass(frozen=True)
class Nothing:
    """A message that we understand and that changes nothing here; `why` is kept beside it."""

    why: str


Told: TypeAlias = (
    ShopOrder | ShopRefund | ShopFulfillment | ShopStock | OrderTouched | SaidDocument | Tracked | Nothing
)


@dataclass(frozen=True)
class Tracking:
    """Under which number what left can be followed; `instead_of` numbers of parcels whose goods are sent again in it."""

    carrier: str
    number: str
    url: str
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Telling:
    """What we tell the platform about one of our works: the order there, what the place is called there, the units.

    `speaker` says who tells the customer; when it is us, the platform must be told without its telling them too.
    """

    key: str
    order: str
    places: frozenset[str]
    units: Mapping[str, int]
    speaker: str
    tracking: Tracking | None = None


class ShopPort(Protocol):
    """One connected shop. Every call may raise PlatformDown (try again) or PlatformRefused (a person must look)."""

    async def order(self, reference: str) -> Held | None:
        """The order as it stands now; None when the platform does not know it."""

    async def find_orders(self, words: str) -> Sequence[Held]:
        """Newest orders whose number or e-mail is this, or whose buyer's name is; a few at most."""

    async def fulfillment_orders(self, reference: str) -> Sequence[ShopWork]:
        """How and where the platform wants the units of this order to be worked."""

    async def orders_updated_since(self, cursor: str) -> Answer:
        """Orders changed since the cursor ("" is the beginning), oldest change first; may repeat, never skips."""

    async def tell_ready(self, telling: Telling) -> str:
        """Say that the units wait at the place. Harmless when said before. Returns the platform's answer."""

    async def tell_shipped(self, telling: Telling) -> str:
        """Say that the units left, and how to follow them. Harmless when said before. Returns the platform's answer."""

    async def tell_collected(self, telling: Telling) -> str:
        """Say that the customer has the units. Harmless when said before. Returns the platform's answer."""


class SourceSystem(Protocol):
    """How one kind of system talks to us: its proof, its envelope, its shapes."""

    def delivery(self, source: str, headers: Mapping[str, str], body: bytes) -> Delivery:
        """The arrival with what its own headers say. Never fails, however odd the bytes; keeps no secret."""

    def is_signed(
        self, headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], at: datetime
    ) -> bool:
        """Whether one of these secrets signed exactly these bytes (compared in constant time), and not long ago
        where the proof is dated.
        """

    def read(self, topic: str, body: bytes) -> Sequence[Told]:
        """What the message says. Raises Unreadable."""


class Systems(Protocol):
    """All kinds of systems this installation can talk to, and its connections to single sources."""

    def of_kind(self, kind: str) -> SourceSystem | None:
        """How systems of this kind talk; None when we do not speak it."""

    def shop(self, source: channels.Source) -> ShopPort | None:
        """The connection to this source; None when it has none (it only sends)."""


SYSTEMS: Port[Systems] = Port("systems")
