"""What happens to accounts, sessions and tokens. Never a secret, never a hash."""

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class AccountChanged(Event):
    """Somebody may sign in, as these roles."""

    name: ClassVar[str] = "identity.account-changed"
    login: str
    roles: list[str]


@dataclass(frozen=True)
class SessionOpened(Event):
    """Somebody signed in; `switched` by PIN on a shared device."""

    name: ClassVar[str] = "identity.signed-in"
    login: str
    device: str
    switched: bool


@dataclass(frozen=True)
class SessionEnded(Event):
    """A session ended."""

    name: ClassVar[str] = "identity.signed-out"
    device: str


@dataclass(frozen=True)
class TokenCreated(Event):
    """A program may act from now on."""

    name: ClassVar[str] = "identity.token-created"
    title: str
    role: str


@dataclass(frozen=True)
class TokenRevoked(Event):
    """A program may not act any more."""

    name: ClassVar[str] = "identity.token-revoked"
    title: str
