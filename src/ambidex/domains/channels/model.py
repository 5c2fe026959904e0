"""Where orders come from: a source is one concrete system behind a channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from ambidex.kernel.ids import OrderId, SourceId
from ambidex.kernel.values import dataclass, field

CHANNELS = ("web", "pos", "phone", "marketplace", "social", "chat", "agent", "b2b")


class MappingKind(StrEnum):
    """What an outside name stands for."""

    ITEM = "item"
    PLACE = "place"


class TellingState(StrEnum):
    """What became of something a source should be told."""

    QUEUED = "queued"
    TOLD = "told"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Source:
    """`speakers`: message kind -> "us" | "platform". `connection`: where its API is; never a secret."""

    source_id: SourceId
    code: str
    kind: str
    channel: str
    speakers: Mapping[str, str] = field(default_factory=dict)
    connection: Mapping[str, Any] = field(default_factory=dict)
    heard_at: datetime | None = None

    @property
    def is_our_api(self) -> bool:
        """Whether its orders are sent to our API by whoever may place orders; other systems speak for themselves."""
        return self.kind == "api"


@dataclass(frozen=True)
class NewSource:
    """What registers a source."""

    code: str
    kind: str
    channel: str = "web"
    speakers: Mapping[str, str] | None = None
    connection: Mapping[str, Any] = field(default_factory=dict)
    secret: str = ""


@dataclass(frozen=True)
class Telling:
    """One thing a source should be told, once."""

    order_id: OrderId
    telling_no: int
    source_id: SourceId
    kind: str
    fact_key: str
    facts: Mapping[str, Any]
    attempts: int
    state: TellingState = TellingState.QUEUED
    answer: str = ""
    queued_at: datetime | None = None

    @property
    def key(self) -> str:
        """The same for every attempt, so that the source can recognize a repetition."""
        return f"{UUID(str(self.order_id)).hex}-t{self.telling_no}"


@dataclass(frozen=True)
class StockReport:
    """What a source says it can still sell, in its own names of item and place."""

    item: str
    place: str
    available: int
    version_at: datetime
