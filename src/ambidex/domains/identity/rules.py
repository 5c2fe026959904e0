"""Which role may do what where, how long sessions last, and how many wrong tries there are. Pure.

Every member of staff finds and reads every order. Acting needs the place; physical acts stay with those who
are there, also for the contact center and head office.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ambidex.domains.identity.model import Account, Device, Grant, NewAccount, Role
from ambidex.domains.identity.problems import BadAccount, NotYourPlace
from ambidex.kernel.actor import Actor, ActorKind, Permission, Scope
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import FieldError

P = Permission

STAFF_READS = frozenset({
    P.ORDERS_READ, P.WORK_READ, P.STOCK_READ, P.DUTY_READ, P.PLACES_READ, P.ITEMS_READ, P.EVENTS_READ,
})  # fmt: skip
_FLOOR = frozenset({
    P.ORDERS_CONTACT, P.ORDERS_CLAIM, P.ORDERS_CUSTOMER_CHOICE, P.WORK_DO, P.WORK_HAND_OVER, P.WORK_UNDO,
    P.STOCK_COUNT, P.STOCK_MOVE, P.TASKS_DO,
})  # fmt: skip
_LEAD = _FLOOR | {
    P.CAPACITY_CHANGE,
    P.STOCK_REPAIR,
    P.ORDERS_CANCEL,
    P.INBOX_READ,
    P.STOCK_APPROVE,
    P.STOCK_REPORT,
    P.MONEY_AGREE,
}
_PICKER = frozenset({P.WORK_DO, P.STOCK_COUNT, P.STOCK_MOVE, P.TASKS_DO})
_DESK = frozenset({
    P.ORDERS_CONTACT, P.ORDERS_PLACE, P.ORDERS_CANCEL, P.ORDERS_CLAIM, P.ORDERS_CUSTOMER_CHOICE, P.TASKS_DO,
    P.INBOX_READ, P.INBOX_REPAIR, P.MONEY_REPORT, P.MONEY_AGREE,
})  # fmt: skip
# What a role may do where it is granted; what staff may read counts everywhere.
ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ASSOCIATE: STAFF_READS | _FLOOR,
    Role.LEAD: STAFF_READS | _LEAD,
    Role.PICKER: STAFF_READS | _PICKER,
    Role.SUPERVISOR: STAFF_READS | _PICKER | {P.CAPACITY_CHANGE, P.STOCK_REPAIR, P.WORK_UNDO, P.WORK_HAND_OVER, P.ORDERS_CANCEL, P.INBOX_READ, P.STOCK_APPROVE, P.STOCK_REPORT, P.MONEY_AGREE},
    Role.AGENT: STAFF_READS | _DESK,
    Role.DISTRICT: STAFF_READS | _LEAD,
    Role.EXPERIENCE: STAFF_READS | _DESK | {P.MAILBOX_READ, P.CAPACITY_CHANGE, P.STOCK_REPAIR, P.FEEDS_CHANGE, P.STOCK_APPROVE, P.STOCK_COUNT, P.STOCK_REPORT, P.STOCK_RULES, P.ROUTING_CHANGE},
    Role.READER: STAFF_READS,
    Role.PARTNER: frozenset({P.WORK_READ, P.WORK_DO, P.STOCK_READ, P.STOCK_APPROVE, P.STOCK_COUNT, P.STOCK_REPORT, P.STOCK_MOVE, P.TASKS_DO, P.ITEMS_READ, P.PLACES_READ}),
    Role.ADMIN: frozenset(Permission),
    Role.INTEGRATION: STAFF_READS | {P.ORDERS_PLACE, P.ORDERS_CANCEL, P.MONEY_REPORT, P.STOCK_COUNT, P.STOCK_REPORT, P.STOCK_MOVE},
}  # fmt: skip
STAFF_ROLES = frozenset(Role) - {Role.PARTNER, Role.INTEGRATION}
_SENIORITY = (
    Role.ADMIN, Role.EXPERIENCE, Role.DISTRICT, Role.AGENT, Role.SUPERVISOR, Role.LEAD, Role.ASSOCIATE, Role.PICKER,
    Role.PARTNER, Role.INTEGRATION, Role.READER,
)  # fmt: skip

PERSONAL_SESSION = timedelta(hours=12)
SHARED_SESSION = timedelta(hours=16)
SHARED_IDLE = timedelta(minutes=10)
ATTEMPTS_WITHIN = timedelta(minutes=15)
PIN_LENGTH_MIN, PIN_LENGTH_MAX = 4, 8
PASSWORD_LENGTH_MIN = 8
# Wrong tries within ATTEMPTS_WITHIN, by what the key begins with.
ATTEMPTS_MAX: Mapping[str, int] = {"login": 8, "address": 60, "pin": 5, "device": 20, "guest": 30}


def secret_hash(secret: str) -> bytes:
    """How random secrets of 256 bits are stored; they need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def permissions_of(grant: Grant) -> Scope:
    """What one grant allows, where."""
    places = None if grant.location_id is None else frozenset({grant.location_id})
    return Scope(ROLE_PERMISSIONS[grant.role], places)


def actor(
    actor_id: str, name: str, *, grants: Iterable[Grant], at: datetime, device: Device | None = None
) -> Actor:
    """The actor these grants make at this moment."""
    valid = [grant for grant in grants if grant.holds(at)]
    roles = frozenset(grant.role for grant in valid)
    scopes = _scopes(valid, roles)
    places = _places(valid)
    return Actor(
        id=actor_id,
        kind=ActorKind.SOURCE if roles == {Role.INTEGRATION} else ActorKind.PERSON,
        name=name,
        permissions=frozenset().union(*(scope.permissions for scope in scopes)),
        places=places,
        at=_working_at(places, device),
        device=device.name if device and device.name else None,
        role=next((role.value for role in _SENIORITY if role in roles), ""),
        roles=frozenset(role.value for role in roles),
        scopes=scopes or (Scope(frozenset()),),
    )


def account_actor(account: Account, *, at: datetime, device: Device) -> Actor:
    """The person behind an account, at a device. The id is the staff member's where there is one."""
    actor_id = str(account.staff_id or account.account_id)
    return actor(actor_id, account.name, grants=account.grants, at=at, device=device)


def place_of(account: Account, asked: LocationId | None, *, at: datetime) -> LocationId | None:
    """Where somebody works after signing in: where they asked for, else their only place.

    NotYourPlace when they hold no role there.
    """
    valid = [grant for grant in account.grants if grant.holds(at)]
    places = _places(valid)
    if asked is not None:
        if places is not None and asked not in places:
            raise NotYourPlace(location=str(asked))
        return asked
    return next(iter(places)) if places is not None and len(places) == 1 else None


def is_idle(device: Device, *, seen_at: datetime, at: datetime) -> bool:
    """Whether a shared device has been left alone long enough to lock."""
    return device.shared and at - seen_at >= SHARED_IDLE


def attempts_max(key: str) -> int:
    """How many wrong tries this key has ("login:ama", "pin:...")."""
    return ATTEMPTS_MAX[key.partition(":")[0]]


def check_account(new: NewAccount) -> None:
    """Raise BadAccount naming every field that cannot be used."""
    errors: list[FieldError] = []
    if not 0 < len(new.login) <= 128 or new.login != new.login.strip().lower():
        errors.append({"field": "login", "expected": "1 to 128 small letters, no blanks around"})
    if not new.name.strip():
        errors.append({"field": "name", "expected": "a name"})
    if errors:
        raise BadAccount(f"account {new.login!r}", errors=errors)


def check_secrets(*, password: str, pin: str) -> None:
    """Raise BadAccount when the password is too weak or missing, or a given PIN is."""
    errors: list[FieldError] = []
    if len(password) < PASSWORD_LENGTH_MIN:
        errors.append({"field": "password", "expected": f"at least {PASSWORD_LENGTH_MIN} characters"})
    if pin and not (pin.isdecimal() and PIN_LENGTH_MIN <= len(pin) <= PIN_LENGTH_MAX):
        errors.append({"field": "pin", "expected": f"{PIN_LENGTH_MIN} to {PIN_LENGTH_MAX} digits"})
    if errors:
        raise BadAccount("password or PIN", errors=errors)


def _scopes(valid: Sequence[Grant], roles: frozenset[Role]) -> tuple[Scope, ...]:
    reads = (Scope(STAFF_READS),) if roles & STAFF_ROLES else ()
    return (*reads, *map(permissions_of, valid))


def _places(valid: Sequence[Grant]) -> frozenset[LocationId] | None:
    if any(grant.location_id is None for grant in valid):
        return None
    return frozenset(grant.location_id for grant in valid if grant.location_id is not None)


def _working_at(places: frozenset[LocationId] | None, device: Device | None) -> LocationId | None:
    if device is not None and device.at_location is not None:
        return device.at_location
    return next(iter(places)) if places is not None and len(places) == 1 else None
