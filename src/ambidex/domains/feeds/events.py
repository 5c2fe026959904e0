"""What happens to feeds, in the past tense. That stock was published is a position in the feed, not an event."""

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class FeedOpened(Event):
    """A channel is told about stock from now on."""

    name: ClassVar[str] = "feeds.opened"
    code: str
    channel: str


@dataclass(frozen=True)
class FeedChanged(Event):
    """A feed was changed, paused, resumed or set back; `what` says which."""

    name: ClassVar[str] = "feeds.changed"
    code: str
    what: str


@dataclass(frozen=True)
class FeedClosed(Event):
    """A channel is not told any more."""

    name: ClassVar[str] = "feeds.closed"
    code: str


@dataclass(frozen=True)
class SecretRotated(Event):
    """A feed signs with a new secret, and with the old one too for a day."""

    name: ClassVar[str] = "feeds.secret-rotated"
    code: str


@dataclass(frozen=True)
class DeliveryFailed(Event):
    """A subscriber did not take a message; it is tried again by itself. Said once until it recovers."""

    name: ClassVar[str] = "feeds.failing"
    code: str
    reason: str


@dataclass(frozen=True)
class DeliveryRecovered(Event):
    """A subscriber that failed takes messages again."""

    name: ClassVar[str] = "feeds.recovered"
    code: str


@dataclass(frozen=True)
class FeedDisabled(Event):
    """Sending stopped until a person resumes it; what was not delivered is kept."""

    name: ClassVar[str] = "feeds.disabled"
    code: str
    reason: str
