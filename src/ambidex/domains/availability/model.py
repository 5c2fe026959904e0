"""Words of availability: three numbers as rules, groups of places, the areas they serve, and what follows for ATP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.values import dataclass, field

Place = tuple[ItemId, LocationId]
PICKUP, SHIP, DELIVER = METHODS = ("pickup", "ship", "deliver")


class Number(StrEnum):
    """The three numbers.

    `safety` stays at a place from everybody. Below `floor` routing does not bring a place; who chooses the place
    themselves may. `threshold` is kept from one channel, off the sum of what its places offer.
    """

    SAFETY = "safety"
    FLOOR = "floor"
    THRESHOLD = "threshold"


class LeftOut(StrEnum):
    """Why a place does not count for this customer."""

    NOT_SOLD_FROM = "the channel may not sell from it"
    CANNOT_SEND = "it does not send this way"
    DOES_NOT_SERVE = "it does not serve this address"
    DOES_NOT_HAND_OVER = "customers do not collect here"
    CLOSED = "it is closed for good"


class What(Protocol):
    """An item as rules see it."""

    @property
    def item_id(self) -> ItemId: ...
    @property
    def category(self) -> str: ...


class Where(Protocol):
    """A place as rules see it."""

    @property
    def location_id(self) -> LocationId: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def capabilities(self) -> frozenset[str]: ...
    @property
    def closed_from(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Where, for what and when a rule counts; what is left empty counts for all. Dates are the place's own, inclusive."""

    item_id: ItemId | None = None
    category: str = ""
    location_id: LocationId | None = None
    group: str = ""
    channel: str = ""
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def is_dated(self) -> bool:
        return self.starts_on is not None or self.ends_on is not None

    def holds_on(self, day: date) -> bool:
        """Whether it counts on this day of the place's calendar."""
        begun = self.starts_on is None or self.starts_on <= day
        return begun and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Rule:
    """So many units of one number, where and when the scope says."""

    rule_id: UUID
    number: Number
    units: int
    scope: Scope = field(default_factory=Scope)

    @classmethod
    def of(cls, row: Any) -> Rule:
        """From a row with the columns of the table."""
        scope = Scope(
            row.item_id,
            row.category,
            row.location_id,
            row.group_code,
            row.channel,
            row.starts_on,
            row.ends_on,
        )
        return cls(row.rule_id, Number(row.number), row.units, scope)


@dataclass(frozen=True, slots=True)
class Decided:
    """A number as it counts for one item at one place; no rule: what came with the stock, or nothing."""

    units: int = 0
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Places that are named together."""

    code: str
    name: str
    places: frozenset[LocationId] = frozenset()


@dataclass(frozen=True, slots=True)
class Seller:
    """A channel ("web") or one source ("shopify:main") that may sell from these groups only."""

    code: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Area:
    """Addresses that a place serves one way: a country, and postcodes that begin so ('' is the whole country)."""

    location_id: LocationId
    method: str
    country: str
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, and how the goods would reach them.

    `method` '' is any of METHODS; `country` '' is an address we do not know.
    """

    now: datetime
    channel: str = "web"
    source: str = ""
    method: str = PICKUP
    country: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """What the book says of one item at one place. `safety` came with the stock; `waiting` are units that
    customers chose to wait for here; `conditions` are units on hand that cannot be sold.
    """

    sellable: int
    reserved: int = 0
    held: int = 0
    safety: int = 0
    waiting: int = 0
    conditions: Mapping[str, int] = field(default_factory=dict)

    @property
    def unclaimed(self) -> int:
        """Sellable units that nobody claims; below zero where a physical fact lowered the stock below its claims."""
        return self.sellable - self.reserved - self.held

    @property
    def free(self) -> int:
        """Unclaimed units that nobody waits for either."""
        return self.unclaimed - self.waiting


@dataclass(frozen=True, slots=True)
class Offer:
    """One place's part of the answer, with everything that made it.

    `free` = sellable - reserved - held - waiting; `kept` = the greater of safety and floor; `available` = free - kept,
    not below zero unless free is: claims that lost their stock are told as they are. `offered` is what counts in
    the sum: never below zero, 0 for a place left out.
    """

    location_id: LocationId
    stock: Stock
    safety: Decided
    floor: Decided
    left_out: LeftOut | None = None

    @property
    def kept(self) -> int:
        return max(self.safety.units, self.floor.units)

    @property
    def available(self) -> int:
        left = self.stock.free - self.kept
        return left if left >= 0 else min(0, self.stock.free)

    @property
    def offered(self) -> int:
        return 0 if self.left_out else max(0, self.available)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A threshold and the places it decides for: what the channel may buy there in sum is `together` - its units."""

    decided: Decided
    places: frozenset[LocationId]
    together: int

    @property
    def left(self) -> int:
        return max(0, self.together - self.decided.units)


@dataclass(frozen=True, slots=True)
class Answer:
    """How many units this customer may have, with its parts.

    `total` is the sum of what the places offer, each threshold's places together no more than it leaves.
    """

    item_id: ItemId
    ask: Ask
    offers: tuple[Offer, ...]
    buckets: tuple[Bucket, ...] = ()

    @property
    def total(self) -> int:
        capped = sum(min(self._offered(b.places), b.left) for b in self.buckets)
        inside = frozenset[LocationId]().union(*(b.places for b in self.buckets))
        return capped + sum(o.offered for o in self.offers if o.location_id not in inside)

    @property
    def withheld(self) -> int:
        """Units that places offer and thresholds keep from this channel."""
        return sum(o.offered for o in self.offers) - self.total

    def at(self, location_id: LocationId) -> int:
        """What may be had from one place alone; below zero where claims lost their stock, 0 when left out."""
        for offer in self.offers:
            if offer.location_id == location_id:
                return 0 if offer.left_out else self._capped(offer)
        return 0

    def _capped(self, offer: Offer) -> int:
        caps = (b.left for b in self.buckets if offer.location_id in b.places)
        return min(offer.available, *caps) if offer.available > 0 and self.buckets else offer.available

    def _offered(self, places: frozenset[LocationId]) -> int:
        return sum(o.offered for o in self.offers if o.location_id in places)


@dataclass(frozen=True, slots=True)
class KitAnswer:
    """How many of a kit this customer may have: at each place as many as its scarcest component makes there.

    `parts` are the answers of the components, with how many units of each are in one kit.
    """

    item_id: ItemId
    ask: Ask
    parts: tuple[tuple[Answer, int], ...]

    @property
    def places(self) -> tuple[LocationId, ...]:
        """Places that know every component."""
        known = [{offer.location_id for offer in part.offers} for part, _ in self.parts]
        return tuple(sorted(set.intersection(*known))) if known else ()

    @property
    def total(self) -> int:
        together = sum(max(0, self.at(place)) for place in self.places)
        return min(together, *(part.total // units for part, units in self.parts)) if self.parts else 0

    def at(self, location_id: LocationId) -> int:
        return min((part.at(location_id) // units for part, units in self.parts), default=0)
