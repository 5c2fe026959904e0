"""What happened to messages."""

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class MessageQueued(Event):
    """A fact is to be told."""

    name: ClassVar[str] = "messages.queued"
    message_no: int
    kind: str
    fact_key: str
    speaker: str


@dataclass(frozen=True)
class MessageSent(Event):
    """The mail server took it."""

    name: ClassVar[str] = "messages.sent"
    message_no: int
    kind: str
    fact_key: str


@dataclass(frozen=True)
class MessageWithdrawn(Event):
    """It was no longer true before it was sent."""

    name: ClassVar[str] = "messages.withdrawn"
    message_no: int
    kind: str
    fact_key: str


@dataclass(frozen=True)
class MessageNotSent(Event):
    """It failed for good, or nobody knows whether it arrived (`outcome`: failed, unknown)."""

    name: ClassVar[str] = "messages.not-sent"
    message_no: int
    kind: str
    fact_key: str
    outcome: str


@dataclass(frozen=True)
class PlatformSpoke(Event):
    """The source's own platform told the customer this, as it says."""

    name: ClassVar[str] = "messages.platform-spoke"
    message_no: int
    kind: str
    fact_key: str
