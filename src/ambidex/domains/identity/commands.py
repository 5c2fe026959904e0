"""Letting people and programs in and out. Passwords are compared outside the transaction (flows/sign_in.py)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ambidex.domains.identity import queries, rules, store
from ambidex.domains.identity.events import (
    AccountChanged,
    SessionEnded,
    SessionOpened,
    TokenCreated,
    TokenRevoked,
)
from ambidex.domains.identity.model import Account, Device, NewAccount, NewToken, SessionKeys, SignedIn
from ambidex.domains.identity.problems import BadAccount, TooManyAttempts, UnknownToken
from ambidex.kernel.actor import Permission
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def put_accounts(tx: Tx, news: Sequence[NewAccount]) -> dict[str, UUID]:
    """Create accounts, or change those whose logins are known; grants are replaced. Ids by login."""
    tx.actor.must_everywhere(Permission.STAFF_CHANGE)
    for new in news:
        rules.check_account(new)
    ids = await store.put_accounts(tx, news)
    for new in news:
        said = AccountChanged(new.login, sorted({grant.role.value for grant in new.grants}))
        tx.announce(Ref("account", new.login), said)
    return ids


async def try_once(tx: Tx, keys: Sequence[str]) -> None:
    """Count a try before it is judged, so that many at once cannot slip through. TooManyAttempts when over."""
    await store.lock_tries(tx, keys)
    tried = await queries.attempts_by_key(tx, keys, since=tx.now - rules.ATTEMPTS_WITHIN)
    if any(tried.get(key, 0) >= rules.attempts_max(key) for key in keys):
        raise TooManyAttempts(retry_after=int(rules.ATTEMPTS_WITHIN.total_seconds()))
    await store.note_tries(tx, keys)


async def open_session(
    tx: Tx,
    account: Account,
    *,
    keys: SessionKeys,
    device: Device,
    tried: Sequence[str],
    shared: Sequence[str] = (),
    replaces: bytes = b"",
) -> SignedIn:
    """Let somebody in who has just proven to be the account's owner; `replaces` is the session switched from.

    Of the keys that were `tried` all is forgotten, of those `shared` with others only this one right try.
    """
    at = rules.place_of(account, device.at_location, at=tx.now)
    device = Device(device.name, device.shared, at)
    lasts = rules.SHARED_SESSION if device.shared else rules.PERSONAL_SESSION
    await store.forget_tries(tx, tried)
    await store.give_back_try(tx, shared)
    if replaces:
        await store.end_session(tx, replaces)
    await store.insert_session(tx, account, keys=keys, device=device, expires_at=tx.now + lasts)
    session = await queries.actor_for_session(tx, keys.cookie)
    assert session is not None, "it was opened a moment ago, in this transaction"
    said = SessionOpened(account.login, device.name, switched=bool(replaces))
    tx.announce(Ref("account", account.login), said, actor=session.actor, location_id=at)
    return session


async def sign_out(tx: Tx, session: SignedIn) -> None:
    """End this session."""
    await store.end_session(tx, session.session_hash)
    tx.announce(
        Ref("account", str(session.account_id)), SessionEnded(session.device.name), actor=session.actor
    )


async def lock(tx: Tx, session: SignedIn) -> None:
    """Lock a shared device now; the next person switches in by PIN."""
    await store.lock_session(tx, session.session_hash)


async def touch(tx: Tx, session: SignedIn) -> None:
    """The device is in use; the idle clock begins anew. Worth a write once a minute (`wants_touch`)."""
    await store.see_session(tx, session.session_hash)


async def create_token(tx: Tx, new: NewToken, *, secret: str) -> UUID:
    """Let a program act. The secret is shown once by whoever asked, and never stored."""
    tx.actor.must_everywhere(Permission.STAFF_CHANGE)
    if not new.name.strip():
        raise BadAccount("token", errors=[{"field": "name", "expected": "a name"}])
    token_id = await store.insert_token(tx, new, secret=secret)
    tx.announce(Ref("token", str(token_id)), TokenCreated(new.name, new.role.value))
    return token_id


async def revoke_token(tx: Tx, token_id: UUID) -> None:
    """The program may not act any more, from its next request on. UnknownToken when it could not before."""
    tx.actor.must_everywhere(Permission.STAFF_CHANGE)
    name = await store.revoke_token(tx, token_id)
    if name is None:
        raise UnknownToken(str(token_id))
    tx.announce(Ref("token", str(token_id)), TokenRevoked(name))
