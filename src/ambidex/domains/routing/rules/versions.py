"""The life of a version of the rules, which version decides an order, and when a canary has done harm."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from math import sqrt
from typing import Any
from uuid import UUID

from ambidex.domains.routing.model import Policy, Receipt
from ambidex.domains.routing.problems import BadRules
from ambidex.domains.routing.rules.document import DEFAULT_DOCUMENT, parse
from ambidex.domains.routing.rules.price_list import NO_PRICES, PriceList
from ambidex.domains.routing.rules.snapshot import Snapshot
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import FieldError
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass, field

LIVE, CANARY = "live", "canary"
EVERY_BRAND = ""
THOUSAND = 1000
# a difference larger than so many standard errors is not chance, although it is looked at again and again (ADR 0018)
NOT_CHANCE = 2.58


class VersionState(StrEnum):
    DRAFT = "draft"
    SHADOW = "shadow"
    CANARY = "canary"
    LIVE = "live"
    ARCHIVED = "archived"


class VersionVerb(StrEnum):
    SHADOW = "shadow"
    CANARY = "canary"
    GO_LIVE = "go_live"
    ARCHIVE = "archive"
    ROLL_BACK = "roll_back"


def _moves() -> dict[tuple[VersionState, VersionVerb], VersionState]:
    state, verb = VersionState, VersionVerb
    goes_on = {verb.SHADOW: state.SHADOW, verb.CANARY: state.CANARY, verb.GO_LIVE: state.LIVE}
    moves = {
        (origin, verb): to
        for origin in (state.DRAFT, state.SHADOW, state.CANARY, state.ARCHIVED)
        for verb, to in goes_on.items()
        if origin.value != to.value
    }
    moves |= {
        (s, verb.ARCHIVE): state.ARCHIVED for s in (state.DRAFT, state.SHADOW, state.CANARY, state.LIVE)
    }
    moves[state.CANARY, verb.ROLL_BACK] = state.ARCHIVED
    return moves


VERSION: States[VersionState, VersionVerb] = States(
    name="routing version",
    start=VersionState.DRAFT,
    ends=frozenset(),
    moves=_moves(),
    waits={VersionState.DRAFT: "whoever writes it", VersionState.CANARY: "its metric, or whoever began it"},
)


class Metric(StrEnum):
    """What a canary is measured by: per mille of orders refused, promised late or split; mills an order."""

    REFUSED = "refused"
    LATE = "late"
    COST = "cost"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Canary:
    """`share` of a thousand orders; rolled back when `metric` is worse than live by more than `threshold`: points per
    mille, for cost per mille of what live costs. Not before each side has `orders_min` orders.
    """

    share: int
    metric: Metric
    threshold: int
    orders_min: int = 50


def check_canary(terms: Canary) -> None:
    """Raise BadRules naming what cannot be used."""
    ends = {"share": (1, THOUSAND - 1), "threshold": (0, 10 * THOUSAND), "orders_min": (1, 1_000_000)}
    wrong = [name for name, (low, high) in ends.items() if not low <= getattr(terms, name) <= high]
    if wrong:
        errors = [FieldError(field=name, expected="{} to {}".format(*ends[name])) for name in wrong]
        raise BadRules(errors=errors)


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it stands. `revision` moves with every change of it or of its examples."""

    brand: str
    number: int
    name: str
    state: VersionState
    document: Mapping[str, Any]
    revision: int
    state_since: datetime
    canary: Canary | None
    created_at: datetime
    changed_at: datetime
    changed_by: str
    changed_by_name: str

    @classmethod
    def of(cls, row: Any) -> Version:
        """From the columns of a version."""
        terms = Canary(row.share, Metric(row.metric), row.threshold, row.orders_min) if row.metric else None
        return cls(
            row.brand,
            row.number,
            row.name,
            VersionState(row.state),
            json.loads(row.document),
            row.revision,
            row.state_since,
            terms,
            row.created_at,
            row.changed_at,
            row.changed_by,
            row.changed_by_name,
        )

    @property
    def policy(self) -> Policy:
        return parse(self.document, number=self.number, brand=self.brand)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The versions that decide orders now, by brand, and what scarce stock is worth to them."""

    live: Mapping[str, Policy] = field(default_factory=dict)
    canary: Mapping[str, tuple[Policy, int]] = field(default_factory=dict)
    shadow: Mapping[str, Policy] = field(default_factory=dict)
    prices: PriceList = NO_PRICES

    def brand_of(self, brand: str) -> str:
        """Whose versions count for this brand: its own, else those of every brand."""
        return brand if brand in self.live else EVERY_BRAND

    def version_for(self, brand: str, order_id: UUID) -> tuple[Policy, str]:
        """The policy that decides this order, and whether as "live" or as "canary"; the same for the order always."""
        of = self.brand_of(brand)
        policy, share = self.canary.get(of, (None, 0))
        if policy is not None and is_chosen(of, policy.number, order_id, share=share):
            return policy, CANARY
        return self.live.get(of) or BUILT_IN, LIVE


BUILT_IN = parse(DEFAULT_DOCUMENT)


def is_chosen(brand: str, number: int, order_id: UUID, *, share: int) -> bool:
    """Whether the order is one of the canary's; each version draws its own."""
    drawn = hashlib.sha256(f"{brand}:{number}:".encode() + order_id.bytes).digest()
    return int.from_bytes(drawn[:8], "big") % THOUSAND < share


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """A decision to be stored. `receipt_no` counts the decisions of an order from 1; `record` numbers itself."""

    order_id: OrderId
    cause: str
    arm: str
    snapshot: Snapshot
    receipt: Receipt
    decided_at: datetime
    took_us: int
    receipt_no: int = 1


@dataclass(frozen=True, slots=True)
class Side:
    """One arm of a canary: how many orders, and sum and sum of squares of the metric over them."""

    orders: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        return self.total / self.orders if self.orders else 0.0

    @property
    def variance_of_mean(self) -> float:
        if not self.orders:
            return 0.0
        return max(0.0, self.squares / self.orders - self.mean**2) / self.orders


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a canary does. `worse_by` in the unit of its threshold."""

    canary: Side
    live: Side
    worse_by: int
    is_enough: bool
    is_harm: bool


def judge(terms: Canary, canary: Side, live: Side) -> Verdict:
    """Harm: enough orders on both sides, worse by more than the threshold, and by more than chance explains."""
    unit = live.mean / THOUSAND if terms.metric is Metric.COST else 1.0
    difference = canary.mean - live.mean
    worse_by = round(difference / unit) if unit else 0
    is_enough = min(canary.orders, live.orders) >= terms.orders_min
    chance = NOT_CHANCE * sqrt(canary.variance_of_mean + live.variance_of_mean)
    is_harm = is_enough and worse_by > terms.threshold and difference > chance
    return Verdict(canary, live, worse_by, is_enough, is_harm)
