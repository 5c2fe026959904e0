"""Who may sign in, as what and where; sessions of people, tokens of programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import LocationId, StaffId
from ambidex.kernel.values import dataclass

TOUCH_EVERY = timedelta(minutes=1)


class Role(StrEnum):
    """The roles of the outside contract; what each may do stands in rules.ROLE_PERMISSIONS."""

    ASSOCIATE = "associate"
    LEAD = "lead"
    PICKER = "picker"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    DISTRICT = "district"
    EXPERIENCE = "experience"
    READER = "reader"
    PARTNER = "partner"
    ADMIN = "admin"
    INTEGRATION = "integration"


@dataclass(frozen=True)
class Grant:
    """A role, at a place or everywhere, for a time or for good."""

    role: Role
    location_id: LocationId | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it counts now."""
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )


@dataclass(frozen=True)
class Account:
    """Somebody who signs in. The hashes are argon2id."""

    account_id: UUID
    staff_id: StaffId | None
    login: str
    name: str
    password_hash: str
    pin_hash: str
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class NewAccount:
    """What makes or changes an account. An empty hash leaves the old one as it is."""

    login: str
    name: str
    password_hash: str
    grants: tuple[Grant, ...]
    pin_hash: str = ""
    staff_id: StaffId | None = None


@dataclass(frozen=True)
class Device:
    """What somebody signs in on. A shared one belongs to a place, locks itself, and is switched by PIN."""

    name: str = ""
    shared: bool = False
    at_location: LocationId | None = None


@dataclass(frozen=True)
class SessionKeys:
    """The random halves of a session: the cookie (never stored) and the token against forged posts."""

    cookie: str
    csrf: str


@dataclass(frozen=True)
class SignedIn:
    """A person at a device. `locked`: only the PIN page answers until somebody switches in."""

    session_hash: bytes
    account_id: UUID
    actor: Actor
    csrf: str
    device: Device
    seen_at: datetime
    expires_at: datetime
    locked: bool = False
    language: str = ""

    def wants_touch(self, now: datetime) -> bool:
        """Whether this use must be remembered, so that the shared device does not lock under somebody's hands."""
        return self.device.shared and not self.locked and now - self.seen_at >= TOUCH_EVERY


@dataclass(frozen=True)
class NewToken:
    """What makes a token for a program. No location: everywhere."""

    name: str
    role: Role
    locations: frozenset[LocationId] = frozenset()
    expires_at: datetime | None = None
