"""Writing accounts, grants, sessions, tokens and tries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from ambidex.domains.identity import rules
from ambidex.domains.identity.model import Account, Device, NewAccount, NewToken, SessionKeys
from ambidex.domains.identity.tables import attempts, sessions, tokens
from ambidex.runtime.db import Tx

_PUT_ACCOUNTS = text("""
INSERT INTO identity.accounts AS old (account_id, staff_id, login, name, password_hash, pin_hash, created_at)
SELECT r.*, CAST(:now AS timestamptz) FROM unnest(
  CAST(:ids AS uuid[]), CAST(:staff AS uuid[]), CAST(:logins AS text[]), CAST(:names AS text[]),
  CAST(:passwords AS text[]), CAST(:pins AS text[])) AS r ORDER BY 3
ON CONFLICT (login) DO UPDATE SET
  name = excluded.name, disabled_at = NULL, staff_id = coalesce(excluded.staff_id, old.staff_id),
  password_hash = coalesce(nullif(excluded.password_hash, ''), old.password_hash),
  pin_hash = coalesce(nullif(excluded.pin_hash, ''), old.pin_hash)
RETURNING account_id, login
""")
_PUT_GRANTS = text("""
WITH given AS (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    account_id uuid, grant_no int, role text, location_id uuid, starts_at timestamptz, ends_at timestamptz)
), gone AS (
  DELETE FROM identity.grants AS g WHERE g.account_id = ANY(CAST(:accounts AS uuid[]))
     AND NOT EXISTS (SELECT 1 FROM given WHERE (given.account_id, given.grant_no) = (g.account_id, g.grant_no))
)
INSERT INTO identity.grants (account_id, grant_no, role, location_id, starts_at, ends_at) SELECT * FROM given
ON CONFLICT (account_id, grant_no) DO UPDATE SET role = excluded.role, location_id = excluded.location_id,
  starts_at = excluded.starts_at, ends_at = excluded.ends_at
""")
_GIVE_BACK_TRY = text("""
UPDATE identity.attempts a SET tries = a.tries - 1
  FROM (SELECT key, max(at) AS at FROM identity.attempts WHERE key = ANY(CAST(:keys AS text[])) AND tries > 0 GROUP BY key) b
 WHERE a.key = b.key AND a.at = b.at
""")
_LOCK_TRIES = text("""
SELECT pg_advisory_xact_lock(hashtextextended('identity.attempts:' || key, 0)) FROM unnest(CAST(:keys AS text[])) AS key
""")
_NOTE_TRIES = text("""
WITH old AS (
  DELETE FROM identity.attempts WHERE key = ANY(CAST(:keys AS text[])) AND at < :forget_before
)
INSERT INTO identity.attempts (key, at) SELECT key, :now FROM unnest(CAST(:keys AS text[])) AS key
ON CONFLICT (key, at) DO UPDATE SET tries = identity.attempts.tries + 1
""")


async def put_accounts(tx: Tx, news: Sequence[NewAccount]) -> dict[str, UUID]:
    """Create or change accounts and replace their grants; ids by login."""
    rows = await tx.all(
        _PUT_ACCOUNTS,
        {
            "ids": [tx.new_id() for _ in news],
            "staff": [new.staff_id for new in news],
            "logins": [new.login for new in news],
            "names": [new.name.strip() for new in news],
            "passwords": [new.password_hash for new in news],
            "pins": [new.pin_hash for new in news],
            "now": tx.now,
        },
    )
    ids: dict[str, UUID] = {row.login: row.account_id for row in rows}
    granted = [
        {
            "account_id": ids[new.login],
            "grant_no": number,
            "role": grant.role.value,
            "location_id": grant.location_id,
            "starts_at": grant.starts_at,
            "ends_at": grant.ends_at,
        }
        for new in news
        for number, grant in enumerate(new.grants, start=1)
    ]
    await tx.run(_PUT_GRANTS, {"rows": json.dumps(granted, default=str), "accounts": list(ids.values())})
    return ids


async def insert_session(
    tx: Tx, account: Account, *, keys: SessionKeys, device: Device, expires_at: datetime
) -> None:
    """A new session; only the cookie's hash is kept."""
    await tx.run(
        insert(sessions).values(
            session_hash=rules.secret_hash(keys.cookie),
            account_id=account.account_id,
            device=device.name,
            shared=device.shared,
            at_location=device.at_location,
            csrf=keys.csrf,
            created_at=tx.now,
            seen_at=tx.now,
            expires_at=expires_at,
        )
    )


async def end_session(tx: Tx, session_hash: bytes) -> None:
    """Its cookie is worth nothing from now on."""
    c = sessions.c
    await tx.run(
        update(sessions)
        .where(c.session_hash == session_hash, c.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )


async def end_sessions_of(tx: Tx, account_id: UUID) -> None:
    """Everything this person is signed in on."""
    c = sessions.c
    await tx.run(
        update(sessions).where(c.account_id == account_id, c.revoked_at.is_(None)).values(revoked_at=tx.now)
    )


async def lock_session(tx: Tx, session_hash: bytes) -> None:
    """Only the PIN page answers until somebody switches in."""
    c = sessions.c
    await tx.run(
        update(sessions).where(c.session_hash == session_hash, c.locked_at.is_(None)).values(locked_at=tx.now)
    )


async def see_session(tx: Tx, session_hash: bytes) -> None:
    """Somebody uses it now."""
    c = sessions.c
    await tx.run(update(sessions).where(c.session_hash == session_hash).values(seen_at=tx.now))


async def insert_token(tx: Tx, new: NewToken, *, secret: str) -> UUID:
    """A new token; only its hash is kept."""
    token_id: UUID = tx.new_id()
    await tx.run(
        insert(tokens).values(
            token_hash=rules.secret_hash(secret),
            token_id=token_id,
            name=new.name,
            role=new.role.value,
            locations=sorted(new.locations),
            created_at=tx.now,
            expires_at=new.expires_at,
        )
    )
    return token_id


async def revoke_token(tx: Tx, token_id: UUID) -> str | None:
    """Its name, when it was valid until now."""
    c = tokens.c
    row = await tx.maybe(
        update(tokens)
        .where(c.token_id == token_id, c.revoked_at.is_(None))
        .values(revoked_at=tx.now)
        .returning(c.name)
    )
    return None if row is None else str(row.name)


async def lock_tries(tx: Tx, keys: Sequence[str]) -> None:
    """One try at a time for each of these: many at once would all be judged by the same count."""
    await tx.all(_LOCK_TRIES, {"keys": sorted(keys)})


async def note_tries(tx: Tx, keys: Sequence[str]) -> None:
    """One more try for each of these; tries that no longer count are removed."""
    forget_before = tx.now - rules.ATTEMPTS_WITHIN
    await tx.run(_NOTE_TRIES, {"keys": list(keys), "now": tx.now, "forget_before": forget_before})


async def give_back_try(tx: Tx, keys: Sequence[str]) -> None:
    """The newest try of each of these was right and counts no longer; those before it do."""
    await tx.run(_GIVE_BACK_TRY, {"keys": list(keys)})


async def forget_tries(tx: Tx, keys: Sequence[str]) -> None:
    """These began anew: the last try was right."""
    await tx.run(delete(attempts).where(attempts.c.key.in_(list(keys))))
