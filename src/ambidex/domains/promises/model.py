"""Values of promises: kinds, states, versions, and the policy that says how long things may take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass, field


class PromiseKind(StrEnum):
    READY_BY = "ready_by"
    DELIVERED_BY = "delivered_by"
    ANSWER_BY = "answer_by"
    NEWS_BY = "news_by"
    REFUND_BY = "refund_by"
    CORRECTION_BY = "correction_by"


class PromiseState(StrEnum):
    MADE = "made"
    KEPT = "kept"
    RE_PROMISED = "re_promised"
    BROKEN = "broken"
    RELEASED = "released"


class PromiseVerb(StrEnum):
    KEEP = "keep"
    RE_PROMISE = "re_promise"
    BREAK = "break"
    RELEASE = "release"


PROMISE: States[PromiseState, PromiseVerb] = States(
    name="promise",
    start=PromiseState.MADE,
    ends=frozenset({PromiseState.KEPT, PromiseState.RE_PROMISED, PromiseState.BROKEN, PromiseState.RELEASED}),
    moves={
        (PromiseState.MADE, PromiseVerb.KEEP): PromiseState.KEPT,
        (PromiseState.MADE, PromiseVerb.RE_PROMISE): PromiseState.RE_PROMISED,
        (PromiseState.MADE, PromiseVerb.BREAK): PromiseState.BROKEN,
        (PromiseState.MADE, PromiseVerb.RELEASE): PromiseState.RELEASED,
    },
    waits={PromiseState.MADE: "whoever owns the order"},
)


class MilestoneKind(StrEnum):
    ACCEPTED = "accepted"
    PICK_BEGUN = "pick_begun"
    PICKED = "picked"
    READY = "ready"
    PACKED = "packed"
    DISPATCHED = "dispatched"


# what the work at a place is promised as: collected there, or brought to the customer
OF_A_WORK = (PromiseKind.READY_BY, PromiseKind.DELIVERED_BY)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long things may take, in open time of the place. The defaults are those of the product."""

    accept_within: timedelta = timedelta(minutes=10)
    pick_begun_within: timedelta = timedelta(minutes=20)
    picked_within: timedelta = timedelta(minutes=90)
    ready_within: timedelta = timedelta(hours=2)
    again_within: timedelta = timedelta(hours=1)
    # what is sent: open time that is left for packing, and for handing it to the carrier
    packed_before: timedelta = timedelta(minutes=15)
    picked_before: timedelta = timedelta(minutes=30)
    # a promise with less open time than this left and nothing picked will not be kept
    least_work: timedelta = timedelta(minutes=10)
    least_staging: timedelta = timedelta(minutes=3)


DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class Plan:
    """When work may begin, what is promised, and the inner deadlines planned backwards from it."""

    starts_at: datetime
    due_at: datetime
    milestones: Mapping[MilestoneKind, datetime]


@dataclass(frozen=True, slots=True)
class NewPromise:
    """A promise to be made. `work_no` is 0 when it is about the whole order."""

    order_id: OrderId
    kind: PromiseKind
    due_at: datetime
    work_no: int = 0
    location_id: LocationId | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    milestones: Mapping[MilestoneKind, datetime] = field(default_factory=dict)
    # who made it, where a list carries several actors
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """One version of a promise; `replaces` is the number of the version before it."""

    order_id: OrderId
    promise_no: int
    kind: PromiseKind
    work_no: int
    location_id: LocationId | None
    state: PromiseState
    due_at: datetime
    facts: Mapping[str, Any]
    made_at: datetime
    replaces: int | None
    closed_at: datetime | None
    kept_by: tuple[str, ...]
    cause: str


@dataclass(frozen=True, slots=True)
class Milestone:
    order_id: OrderId
    promise_no: int
    kind: MilestoneKind
    due_at: datetime
    reached_at: datetime | None
