"""Reading accounts, sessions and tokens; each request asks one of the first two once, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select

from ambidex.domains.identity import rules
from ambidex.domains.identity.model import Account, Device, Grant, Role, SignedIn
from ambidex.domains.identity.tables import accounts, attempts, grants, sessions, tokens
from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import LocationId, StaffId
from ambidex.kernel.page import PAGE_MAX
from ambidex.runtime.db import Read

_a, _g, _s, _t = accounts.c, grants.c, sessions.c, tokens.c


async def actor_for_token(read: Read, token: str) -> Actor | None:
    """The actor of a program's token; None when it is unknown, expired or revoked."""
    row = await read.maybe(
        select(_t.token_id, _t.name, _t.role, _t.locations, _t.expires_at, _t.revoked_at).where(
            _t.token_hash == rules.secret_hash(token)
        )
    )
    if row is None or row.revoked_at is not None or _is_over(row.expires_at, read.now):
        return None
    places: Sequence[LocationId | None] = row.locations or (None,)
    granted = [Grant(Role(row.role), place) for place in places]
    return rules.actor(str(row.token_id), row.name, grants=granted, at=read.now)


async def actor_for_session(read: Read, cookie: str) -> SignedIn | None:
    """Who is signed in with this cookie, also on a locked device; None when it is unknown, over or revoked."""
    row = await read.maybe(
        _select_accounts()
        .add_columns(
            _s.session_hash, _s.device, _s.shared, _s.at_location, _s.csrf, _s.seen_at, _s.expires_at, _s.locked_at
        )
        .join(sessions, _s.account_id == _a.account_id)
        .where(
            _s.session_hash == rules.secret_hash(cookie),
            _s.revoked_at.is_(None),
            _s.expires_at > read.now,
            _a.disabled_at.is_(None),
        )
    )  # fmt: skip
    return None if row is None else _signed_in(row, read.now)


async def account_by_login(read: Read, login: str) -> Account | None:
    """The account that may sign in by this name."""
    row = await read.maybe(
        _select_accounts().where(_a.login == login.strip().lower(), _a.disabled_at.is_(None))
    )
    return None if row is None else _account(row)


async def accounts_at(read: Read, location_id: LocationId) -> list[Account]:
    """Who can switch in by PIN at this place now, by name."""
    here = select(_g.account_id).where(
        _g.location_id == location_id,
        or_(_g.starts_at.is_(None), _g.starts_at <= read.now),
        or_(_g.ends_at.is_(None), _g.ends_at > read.now),
    )
    rows = await read.all(
        _select_accounts()
        .where(_a.account_id.in_(here), _a.pin_hash != "", _a.disabled_at.is_(None))
        .order_by(_a.name)
        .limit(PAGE_MAX)
    )
    return [_account(row) for row in rows]


async def tokens_list(read: Read) -> list[tuple[UUID, str, str, datetime | None]]:
    """(id, name, role, expiry) of the tokens that are valid, by name."""
    rows = await read.all(
        select(_t.token_id, _t.name, _t.role, _t.expires_at)
        .where(_t.revoked_at.is_(None))
        .order_by(_t.name)
        .limit(PAGE_MAX)
    )
    return [(row.token_id, row.name, row.role, row.expires_at) for row in rows]


async def attempts_by_key(read: Read, keys: Sequence[str], *, since: datetime) -> dict[str, int]:
    """How many tries each key had."""
    c = attempts.c
    rows = await read.all(
        select(c.key, func.sum(c.tries).label("tries"))
        .where(and_(c.key.in_(list(keys)), c.at > since))
        .group_by(c.key)
    )
    return {row.key: int(row.tries) for row in rows}


def _is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now


def _select_accounts() -> Select[Any]:
    granted = func.jsonb_build_object(
        "role", _g.role, "place", _g.location_id, "starts", _g.starts_at, "ends", _g.ends_at
    )
    all_grants = (
        select(func.coalesce(func.jsonb_agg(granted), func.jsonb_build_array()))
        .where(_g.account_id == _a.account_id)
        .scalar_subquery()
    )
    return select(
        _a.account_id,
        _a.staff_id,
        _a.login,
        _a.name,
        _a.password_hash,
        _a.pin_hash,
        all_grants.label("grants"),
    )


def _account(row: Row[Any]) -> Account:
    return Account(
        account_id=row.account_id,
        staff_id=None if row.staff_id is None else StaffId(row.staff_id),
        login=row.login,
        name=row.name,
        password_hash=row.password_hash,
        pin_hash=row.pin_hash,
        grants=tuple(map(_grant, row.grants)),
    )


def _grant(granted: dict[str, Any]) -> Grant:
    return Grant(
        role=Role(granted["role"]),
        location_id=None if granted["place"] is None else LocationId(UUID(granted["place"])),
        starts_at=_instant(granted["starts"]),
        ends_at=_instant(granted["ends"]),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _signed_in(row: Row[Any], now: datetime) -> SignedIn:
    account = _account(row)
    at = None if row.at_location is None else LocationId(row.at_location)
    device = Device(row.device, row.shared, at)
    return SignedIn(
        session_hash=row.session_hash,
        account_id=account.account_id,
        actor=rules.account_actor(account, at=now, device=device),
        csrf=row.csrf,
        device=device,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        locked=row.locked_at is not None or rules.is_idle(device, seen_at=row.seen_at, at=now),
    )
