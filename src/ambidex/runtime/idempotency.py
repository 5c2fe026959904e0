"""The same request twice is answered once: status and bytes are stored with the change, in its transaction.

`once` is a command: it asks for the key (an advisory lock of the transaction and the stored answer, one statement),
does the work, and stores its answer (one more). A crash in the middle leaves nothing, so the next try does the work.
A failure of ours (5xx) is never stored; a refusal is, by `keep`, after the work was rolled back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text

from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again

KEPT = timedelta(days=90)
KEY_LENGTH_MAX = 255
FORGET_AT_ONCE = 5_000

_OPEN = text("""
SELECT pg_try_advisory_xact_lock(asked.lock) AS free, kept.request_hash, kept.status, kept.body
FROM unnest(CAST(:callers AS text[]), CAST(:keys AS text[]), CAST(:locks AS bigint[]))
  WITH ORDINALITY AS asked(caller, key, lock, number)
LEFT JOIN runtime.idempotency kept ON kept.caller = asked.caller AND kept.key = asked.key
ORDER BY asked.number
""")
_KEEP = text("""
INSERT INTO runtime.idempotency (caller, key, request_hash, status, body, answered_at)
SELECT caller, key, request_hash, status, body, :now FROM unnest(
  CAST(:callers AS text[]), CAST(:keys AS text[]), CAST(:hashes AS bytea[]), CAST(:statuses AS smallint[]),
  CAST(:bodies AS bytea[])) AS answered(caller, key, request_hash, status, body)
ORDER BY caller, key ON CONFLICT DO NOTHING
""")
_FORGET = text("""
DELETE FROM runtime.idempotency WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM runtime.idempotency WHERE answered_at < :before ORDER BY answered_at LIMIT :limit))
""")


class KeyReused(Problem):
    """This idempotency key was used for another request."""

    status, code = 409, "idempotency-key-reused"
    advice = "Send a new Idempotency-Key with each new request; keep it only to repeat the same one."


class TwinRunning(Problem):
    """The same request is being worked on right now."""

    status, code, retryable = 409, "twin-running", True
    advice = "Wait for the first one, or send this again in a second."
    retry_after_seconds = 1


@dataclass(frozen=True, slots=True)
class Key:
    """What a caller calls its request, and the hash of what it asked."""

    caller: str
    key: str
    request_hash: bytes

    @property
    def lock(self) -> int:
        digest = hashlib.sha256(f"{self.caller}\0{self.key}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: an HTTP status and the exact bytes."""

    status: int
    body: bytes
    is_repeated: bool = False


async def once(tx: Tx, key: Key | None, work: Callable[[Tx], Awaitable[Answer]]) -> Answer:
    """Do the work under this key, or answer as before. Raises KeyReused, TwinRunning."""
    if key is None:
        return await work(tx)
    [found] = await ask(tx, [key])
    if isinstance(found, Answer):
        return found
    if isinstance(found, Problem):
        raise found
    answer = await work(tx)
    if answer.status < 500:
        await keep(tx, [(key, answer)])
    return answer


async def ask(tx: Tx, keys: Sequence[Key | None]) -> list[Answer | Problem | None]:
    """For each key: the earlier answer, a refusal as a value, or None, which means that it is ours to do."""
    named = [key for key in keys if key is not None]
    if not named:
        return [None] * len(keys)
    rows = iter(
        await tx.all(
            _OPEN,
            {
                "callers": [key.caller for key in named],
                "keys": [key.key for key in named],
                "locks": [key.lock for key in named],
            },
        )
    )
    taken: set[tuple[str, str]] = set()
    return [None if key is None else _found(key, next(rows), taken) for key in keys]


async def keep(tx: Tx, answers: Sequence[tuple[Key, Answer]]) -> None:
    """Store answers. Raises Again when a twin stored its own meanwhile."""
    if not answers:
        return
    stored = await tx.run(
        _KEEP,
        {
            "callers": [key.caller for key, _ in answers],
            "keys": [key.key for key, _ in answers],
            "hashes": [key.request_hash for key, _ in answers],
            "statuses": [answer.status for _, answer in answers],
            "bodies": [answer.body for _, answer in answers],
            "now": tx.now,
        },
    )
    if stored < len(answers):
        raise Again


async def keep_refusal(tx: Tx, key: Key, answer: Answer) -> Answer:
    """Store the answer of work that was refused and rolled back; a twin's answer wins."""
    [found] = await ask(tx, [key])
    if isinstance(found, Answer):
        return found
    if found is None:
        await keep(tx, [(key, answer)])
    return answer


async def forget_old(tx: Tx) -> bool:
    """Delete answers older than KEPT, some at a time; True when there are more."""
    gone = await tx.run(_FORGET, {"before": tx.now - KEPT, "limit": FORGET_AT_ONCE})
    return gone == FORGET_AT_ONCE


def is_kept(refused: Problem) -> bool:
    """Whether a refusal is the final answer to its key: not ours to blame, and not worth repeating."""
    return refused.status < 500 and not refused.retryable and refused.status not in {401, 403, 429}


def _found(key: Key, row: Row[Any], taken: set[tuple[str, str]]) -> Answer | Problem | None:
    if row.request_hash is not None and bytes(row.request_hash) != key.request_hash:
        return KeyReused()
    if row.request_hash is not None:
        return Answer(row.status, bytes(row.body), is_repeated=True)
    if not row.free or (key.caller, key.key) in taken:
        return TwinRunning()
    taken.add((key.caller, key.key))
    return None
