"""What happens to sources."""

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class SourceRegistered(Event):
    """A system may send to us from now on."""

    name: ClassVar[str] = "channels.registered"
    code: str
    kind: str
    channel: str


@dataclass(frozen=True)
class SecretRotated(Event):
    """A source signs with a new secret; the old one is good for an hour."""

    name: ClassVar[str] = "channels.secret-rotated"
    code: str


@dataclass(frozen=True)
class Mapped(Event):
    """A name used outside now stands for an item or a place of ours."""

    name: ClassVar[str] = "channels.mapped"
    code: str
    kind: str
    external: str
    internal: str


@dataclass(frozen=True)
class TellingQueued(Event):
    """A source will be told a fact."""

    name: ClassVar[str] = "channels.telling-queued"
    kind: str
    fact_key: str


@dataclass(frozen=True)
class SourceTold(Event):
    """A source was told a fact and took it."""

    name: ClassVar[str] = "channels.told"
    kind: str
    fact_key: str
    answer: str


@dataclass(frozen=True)
class SourceNotTold(Event):
    """A source could not be told; a person must look."""

    name: ClassVar[str] = "channels.not-told"
    kind: str
    fact_key: str
    answer: str
