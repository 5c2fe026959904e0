"""Signing in by password, and switching by PIN on a shared device.

Decide, do, record: the try is counted, the password compared in a thread without a transaction, the session
opened. The random halves of the session come from the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambidex.domains import identity, locations
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx
from ambidex.runtime.passwords import Passwords
from ambidex.runtime.perform import Run


@dataclass(frozen=True)
class Credentials:
    """What somebody typed, and from where. `location` is the code of the place they work at today."""

    login: str
    secret: str
    address: str = ""
    location: str = ""
    device: str = ""
    shared: bool = False


async def sign_in(
    run: Run, passwords: Passwords, *, typed: Credentials, keys: identity.SessionKeys
) -> identity.SignedIn:
    """Open a session; WrongCredentials, TooManyAttempts or NotYourPlace when not."""
    login = typed.login.strip().lower()
    tried = [f"login:{login}", f"address:{typed.address}"]
    await run.perform(SYSTEM, identity.try_once, tried)
    async with run.reading() as read:
        account = await identity.account_by_login(read, login)
    stored = account.password_hash if account else None
    if not await passwords.matches(stored, typed.secret) or account is None:
        raise identity.WrongCredentials
    return await run.perform(SYSTEM, _open, account, typed=typed, keys=keys, tried=tried)


async def switch_by_pin(
    run: Run,
    passwords: Passwords,
    session: identity.SignedIn,
    *,
    typed: Credentials,
    keys: identity.SessionKeys,
) -> identity.SignedIn:
    """Let another person of the place in on the same shared device; the old session ends.

    A few digits open no account that counts elsewhere too: whoever works everywhere signs in by password.
    """
    login = typed.login.strip().lower()
    tried = [f"pin:{login}", f"device:{session.session_hash.hex()}"]
    await run.perform(SYSTEM, identity.try_once, tried)
    async with run.reading() as read:
        account = await identity.account_by_login(read, login)
    if account is not None and not _works_here(account, session, at=read.now):
        account = None
    stored = account.pin_hash if account else None
    if not await passwords.matches(stored, typed.secret) or account is None:
        raise identity.WrongCredentials
    return await run.perform(
        SYSTEM,
        identity.open_session,
        account,
        keys=keys,
        device=session.device,
        tried=tried,
        replaces=session.session_hash,
    )


async def guessed_link(run: Run, *, address: str) -> None:
    """Count a customer's link that opens nothing. TooManyAttempts when this address tried too often."""
    await run.perform(SYSTEM, identity.try_once, [f"guest:{address}"])


def _works_here(account: identity.Account, session: identity.SignedIn, *, at: datetime) -> bool:
    here = session.device.at_location
    return any(grant.location_id == here for grant in account.grants if here is not None and grant.holds(at))


async def _open(
    tx: Tx,
    account: identity.Account,
    *,
    typed: Credentials,
    keys: identity.SessionKeys,
    tried: Sequence[str],
) -> identity.SignedIn:
    at = await locations.by_code(tx, typed.location) if typed.location else None
    device = identity.Device(typed.device, typed.shared, at.location_id if at else None)
    of_login, of_address = tried
    return await identity.open_session(
        tx, account, keys=keys, device=device, tried=[of_login], shared=[of_address]
    )
