"""What happens in governance, in the past tense."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class AuthoritySet(Event):
    """Somebody decided who may say a fact of a place."""

    name: ClassVar[str] = "governance.authority-set"
    fact: str
    holder: str


@dataclass(frozen=True)
class GapSeen(Event):
    """Numbers of a register or of files were left out."""

    name: ClassVar[str] = "governance.gap-seen"
    source: str
    stream: str
    low: int
    high: int


@dataclass(frozen=True)
class DriftOpened(Event):
    """Our book and what another said differ."""

    name: ClassVar[str] = "governance.drift-opened"
    source: str
    sku: str
    kind: str
    said: int
    book: int
    as_of: datetime


@dataclass(frozen=True)
class DriftNamed(Event):
    """The cause of a drift is known, or known better."""

    name: ClassVar[str] = "governance.drift-named"
    cause: str
    certain: bool


@dataclass(frozen=True)
class DriftClosed(Event):
    """A drift was repaired, explained by what came later, or let go."""

    name: ClassVar[str] = "governance.drift-closed"
    state: str
    amount: int
    outcome: str


@dataclass(frozen=True)
class WentSilent(Event):
    """A register or a warehouse says nothing for much longer than usual."""

    name: ClassVar[str] = "governance.went-silent"
    source: str
    stream: str
    since: datetime


@dataclass(frozen=True)
class HeardAgain(Event):
    """A register or a warehouse that was silent speaks again."""

    name: ClassVar[str] = "governance.heard-again"
    source: str
    stream: str
    since: datetime
