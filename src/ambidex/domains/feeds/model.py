"""Values of feeds: who is told about stock, in which form, how far they have come, and what each was shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ambidex.kernel.ids import FeedId, ItemId, LocationId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass


class FeedState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    CLOSED = "closed"


class FeedVerb(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    DISABLE = "disable"
    CLOSE = "close"


# Pausing and disabling stop what is sent, never what is published: nothing is discarded before the feed is closed.
FEED: States[FeedState, FeedVerb] = States(
    name="feed",
    start=FeedState.ACTIVE,
    ends=frozenset({FeedState.CLOSED}),
    moves={
        (FeedState.ACTIVE, FeedVerb.PAUSE): FeedState.PAUSED,
        (FeedState.ACTIVE, FeedVerb.DISABLE): FeedState.DISABLED,
        (FeedState.PAUSED, FeedVerb.RESUME): FeedState.ACTIVE,
        (FeedState.DISABLED, FeedVerb.RESUME): FeedState.ACTIVE,
        (FeedState.ACTIVE, FeedVerb.CLOSE): FeedState.CLOSED,
        (FeedState.PAUSED, FeedVerb.CLOSE): FeedState.CLOSED,
        (FeedState.DISABLED, FeedVerb.CLOSE): FeedState.CLOSED,
    },
    waits={FeedState.PAUSED: "whoever paused it", FeedState.DISABLED: "the order-experience owner"},
)


class Band(StrEnum):
    """What a channel is told instead of a number."""

    IN = "in"
    LOW = "low"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Bands:
    """Two steps with a gap each: falling to `low_at` is low, rising to `in_from` is in again; likewise for out."""

    low_at: int = 5
    in_from: int = 8
    out_at: int = 0
    back_from: int = 1


@dataclass(frozen=True, slots=True)
class Area:
    """Whose stock a feed adds up: some places (none named: all), a group of places, what serves a destination."""

    locations: tuple[LocationId, ...] = ()
    group: str = ""
    country: str = ""
    postcode: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A subscription as it is asked for. `bands` None: units. `webhook_url` "": the channel pulls or streams."""

    code: str
    name: str
    channel: str
    area: Area = Area()
    bands: Bands | None = None
    webhook_url: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """`refresh_after` is an item: those beyond it wait to be looked at. `feed_no` names it in what items are told."""

    feed_id: FeedId
    feed_no: int
    code: str
    name: str
    channel: str
    area: Area
    bands: Bands | None
    webhook_url: str
    state: FeedState
    secret_no: int
    old_secret_until: datetime | None
    refresh_after: ItemId | None
    refreshed_at: datetime
    created_at: datetime


class Told(NamedTuple):
    """What a channel was told of an item, last at this position and time. `band` is "" where it is told units."""

    units: int
    band: str
    version: int
    position: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Change:
    """What all feeds (by number) tell of an item from this position on; at least one of them something new."""

    item_id: ItemId
    position: int
    told: Mapping[int, Told]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send a feed, until another takes it: what is recorded under an older number is refused."""

    feed_id: FeedId
    lease_no: int
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one message: `failure` "" when it was taken. `upto` is where the feed then stands."""

    lease: Lease
    upto: int
    changes: int
    failure: str = ""
    retry_after_seconds: float = 0
    is_gone: bool = False
