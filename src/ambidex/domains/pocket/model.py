"""Words of the pocket: a deed that a device stored while it had no network, when it happened, what stood against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from ambidex.kernel.ids import LocationId, OrderId, TaskId
from ambidex.kernel.values import dataclass, field


class DeedKind(StrEnum):
    """What can be done without a network."""

    COUNT = "count"
    ACCEPT = "accept"
    REFUSE = "refuse"
    PICK = "pick"
    CANNOT_FIND = "cannot_find"
    STAGE = "stage"
    READY = "ready"
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class Dated:
    """When it happened, as it is taken; `clock_ahead_seconds` is what the device's clock was wrong by."""

    said_at: datetime
    happened_at: datetime
    clock_ahead_seconds: int


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person did. `key` is its own for ever; `said` holds the facts of its kind, never a pickup code."""

    key: str
    kind: DeedKind
    subject: str
    dated: Dated
    device: str
    said: Mapping[str, Any] = field(default_factory=dict)
    order_id: OrderId | None = None
    location_id: LocationId | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """What stood against a deed, and the task of the person who settles it."""

    problem: str
    stands: Mapping[str, Any]
    task_id: TaskId
