"""The inbox: what another system sent, kept byte by byte before we say yes, then applied, parked or refused.

A message is `stored` until it is `applied` (in the transaction of the change it caused, so exactly once),
`parked` with a reason and an owner for a person to repair, or `refused` (wrongly signed, or dismissed with a
reason): visible, never silently gone. Taking a message leases it by moving `next_at`; a crash gives it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, any_, delete, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from ambidex.kernel.event import Event
from ambidex.kernel.page import Page, read_cursor, write_cursor
from ambidex.kernel.problem import BadInput, MovedOn, NotFound
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import dataclass, field
from ambidex.kernel.words import seen
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.tables import inbox as t

TRIES_MAX = 5
LEASE = timedelta(seconds=90)
BACKOFF_SECONDS = (5, 15, 45, 120, 300)
REFUSED_KEPT_MAX = 500
REFUSED_BYTES_MAX = 16_384
STATES = ("stored", "applied", "parked", "refused")


class UnknownMessage(NotFound):
    """There is no such message in the inbox."""

    code = "unknown-message"
    advice = "Look it up in the list of messages."


@dataclass(frozen=True)
class Delivery:
    """One arrival: raw bytes and what the sender's own headers say about them. No header here is a secret."""

    source: str
    delivery_key: str
    topic: str
    headers: Mapping[str, str]
    body: bytes
    resource: str = ""
    version_at: datetime | None = None


@dataclass(frozen=True)
class Message:
    """A stored message. `attempts` counts the tries begun, this one included."""

    message_id: UUID
    source: str
    delivery_key: str
    topic: str
    resource: str
    version_at: datetime | None
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime
    state: str
    outcome: str
    reason: str
    owner: str
    attempts: int
    next_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True)
class Stored:
    """Where the arrival lies; `again` when the same delivery was here before."""

    message_id: UUID
    state: str
    again: bool


@dataclass(frozen=True)
class MessageParked(Event):
    """A message of another system waits for a person."""

    name: ClassVar[str] = "inbox.parked"
    source: str
    topic: str
    reason: str
    owner: str


@dataclass(frozen=True)
class MessageRefused(Event):
    """A message was refused: wrongly signed, or dismissed by a person."""

    name: ClassVar[str] = "inbox.refused"
    source: str
    topic: str
    reason: str


@dataclass(frozen=True)
class MessageReplayed(Event):
    """A person sent a parked message through again."""

    name: ClassVar[str] = "inbox.replayed"
    source: str
    topic: str


def body_key(topic: str, body: bytes) -> str:
    """What recognises a duplicate when the sender gives no delivery id: the body itself, per topic."""
    return "body:" + hashlib.sha256(topic.encode() + b"\0" + body).hexdigest()


def ref(message_id: UUID) -> Ref:
    """The message as a subject of events."""
    return Ref("inbox-message", str(message_id))


async def store(tx: Tx, delivery: Delivery) -> Stored:
    """Keep an arrival for the worker; a delivery seen before is recognised and left as it is."""
    return await _keep(tx, delivery, next_at=tx.now, attempts=0)


async def store_leased(tx: Tx, delivery: Delivery) -> Stored:
    """Keep an arrival that the caller applies at once; after the lease the worker takes it over."""
    return await _keep(tx, delivery, next_at=tx.now + LEASE, attempts=1)


async def _keep(tx: Tx, delivery: Delivery, *, next_at: datetime, attempts: int) -> Stored:
    message_id = tx.new_id()
    row = await tx.maybe(
        insert(t)
        .values(
            message_id=message_id,
            next_at=next_at,
            attempts=attempts,
            received_at=tx.now,
            **_columns(delivery),
        )
        .on_conflict_do_nothing(index_elements=[t.c.source, t.c.delivery_key])
        .returning(t.c.message_id)
    )
    if row is not None:
        return Stored(message_id, "stored", again=False)
    seen = await tx.one(
        select(t.c.message_id, t.c.state).where(
            t.c.source == delivery.source, t.c.delivery_key == delivery.delivery_key
        )
    )
    return Stored(seen.message_id, seen.state, again=True)


async def refuse(tx: Tx, delivery: Delivery, *, reason: str, kept_max: int = REFUSED_KEPT_MAX) -> None:
    """Keep what was refused at the door: cut to 16 KiB, the newest `kept_max` of each source, under keys of its own.

    Its own key space: a forged message must not make the true one of the same id look like a duplicate.
    """
    key = "refused:" + body_key(delivery.topic, delivery.body) + ":" + delivery.delivery_key[:80]
    columns = _columns(delivery) | {"delivery_key": key, "body": delivery.body[:REFUSED_BYTES_MAX]}
    message_id = tx.new_id()
    row = await tx.one(
        insert(t)
        .values(
            message_id=message_id, received_at=tx.now, settled_at=tx.now, state="refused", reason=reason,
            attempts=1, **columns,
        )
        .on_conflict_do_update(
            index_elements=[t.c.source, t.c.delivery_key],
            set_={"attempts": t.c.attempts + 1, "settled_at": tx.now, "reason": reason},
        )
        .returning(t.c.message_id)
    )  # fmt: skip
    if row.message_id == message_id:
        tx.announce(ref(message_id), MessageRefused(delivery.source, delivery.topic, reason))
    await _forget_oldest_refused(tx, delivery.source, kept_max)


async def _forget_oldest_refused(tx: Tx, source: str, kept_max: int) -> None:
    kept = (
        select(t.c.message_id)
        .where(t.c.source == source, t.c.state == "refused", t.c.delivery_key.startswith("refused:"))
        .order_by(t.c.received_at.desc(), t.c.message_id.desc())
        .offset(kept_max)
    )
    await tx.run(delete(t).where(t.c.message_id.in_(kept)))


async def take(tx: Tx, *, limit: int = 50, topics: str = "", apart_from: str = "") -> list[Message]:
    """Lease the messages that wait, oldest first. Another worker skips them until the lease ends.

    `topics`, `apart_from`: only those whose topics begin so, or do not.
    """
    lane: ColumnElement[bool] = true()
    if topics or apart_from:
        begins = t.c.topic.startswith(topics or apart_from, autoescape=True)
        lane = begins if topics else ~begins
    due = (
        select(t.c.message_id)
        .where(t.c.state == "stored", t.c.next_at <= tx.now, lane)
        .order_by(t.c.next_at, t.c.message_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await tx.all(
        update(t)
        .where(t.c.message_id == any_(func.array(due.scalar_subquery())))
        .values(next_at=tx.now + LEASE, attempts=t.c.attempts + 1)
        .returning(*t.c)
    )
    return sorted((_message(row) for row in rows), key=lambda m: (m.received_at, m.message_id))


async def settle(tx: Tx, message_id: UUID, *, outcome: str) -> None:
    """The message took effect in this very transaction. MovedOn when another worker was first."""
    await _move(tx, message_id, state="applied", outcome=outcome, reason="", owner="", next_at=None)


async def settle_all(tx: Tx, message_ids: Sequence[UUID], *, outcome: str) -> None:
    """The same for a list. MovedOn when another worker was first with one of them."""
    if not message_ids:
        return
    moved = await tx.run(
        update(t)
        .where(t.c.message_id.in_(list(message_ids)), t.c.state == "stored")
        .values(state="applied", outcome=outcome, reason="", owner="", next_at=None, settled_at=tx.now)
    )
    if moved != len(set(message_ids)):
        raise MovedOn("a message was settled meanwhile", messages=len(message_ids), moved=moved)


async def park(tx: Tx, message_id: UUID, *, reason: str, owner: str) -> None:
    """It cannot be applied until a person repairs something; never guess instead."""
    row = await _move(tx, message_id, state="parked", reason=reason, owner=owner, next_at=None)
    tx.announce(ref(message_id), MessageParked(row.source, row.topic, reason, owner))


async def try_later(tx: Tx, message: Message, *, reason: str) -> None:
    """Something passing was in the way; come back after 5 s, 15 s, 45 s, 2 min."""
    wait = BACKOFF_SECONDS[min(message.attempts, len(BACKOFF_SECONDS)) - 1]
    await tx.run(
        update(t)
        .where(t.c.message_id == message.message_id, t.c.state == "stored")
        .values(next_at=tx.now + timedelta(seconds=wait), reason=reason)
    )


async def replay(tx: Tx, message_id: UUID) -> None:
    """Send a parked message through again, from its first try. MovedOn when it is not parked."""
    if not await replay_all(tx, [message_id]):
        raise MovedOn("only a parked message can be replayed", message=str(message_id))


async def replay_all(tx: Tx, message_ids: Sequence[UUID]) -> list[UUID]:
    """Send those of them that are parked through again; which they were."""
    rows = await tx.all(
        update(t)
        .where(t.c.message_id.in_(list(message_ids)), t.c.state == "parked")
        .values(state="stored", next_at=tx.now, attempts=0, owner="", settled_at=None)
        .returning(t.c.message_id, t.c.source, t.c.topic)
    )
    for row in rows:
        tx.announce(ref(row.message_id), MessageReplayed(row.source, row.topic))
    return [row.message_id for row in rows]


async def dismiss(tx: Tx, message_id: UUID, *, reason: str) -> None:
    """A person decides that a parked message needs nothing; it stays visible as refused, with the reason."""
    if not seen(reason):
        raise BadInput("reason", errors=[{"field": "reason", "expected": "why it needs nothing"}])
    row = await tx.maybe(
        update(t)
        .where(t.c.message_id == message_id, t.c.state == "parked")
        .values(state="refused", reason=reason, settled_at=tx.now, next_at=None)
        .returning(t.c.source, t.c.topic)
    )
    if row is None:
        raise MovedOn("only a parked message can be dismissed", message=str(message_id))
    tx.announce(ref(message_id), MessageRefused(row.source, row.topic, reason))


async def message(read: Read, message_id: UUID) -> Message:
    """One message. Raises UnknownMessage."""
    row = await read.maybe(select(*t.c).where(t.c.message_id == message_id))
    if row is None:
        raise UnknownMessage(message=str(message_id))
    return _message(row)


async def messages(
    read: Read, *, state: str, after: str | None = None, limit: int = 50, source: str = ""
) -> Page[Message]:
    """The messages in this state, newest first."""
    query = select(*t.c).where(t.c.state == state)
    if source:
        query = query.where(t.c.source == source)
    if after:
        query = query.where(_before(read_cursor(after)))
    rows = await read.all(query.order_by(t.c.received_at.desc(), t.c.message_id.desc()).limit(limit + 1))
    found = [_message(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(found, write_cursor(found[-1].received_at, found[-1].message_id) if more else None)


async def counts(read: Read) -> dict[str, int]:
    """How many messages lie in each state."""
    rows = await read.all(select(t.c.state, func.count().label("n")).group_by(t.c.state))
    return dict.fromkeys(STATES, 0) | {row.state: row.n for row in rows}


async def oldest_waiting(read: Read) -> datetime | None:
    """When the oldest message arrived that is neither applied nor parked; None when nothing waits."""
    oldest: datetime | None = await read.value(select(func.min(t.c.received_at)).where(t.c.state == "stored"))
    return oldest


async def parked_because(read: Read, source: str, *, says: str) -> Sequence[UUID]:
    """Parked messages of a source whose reason says this, oldest first (to replay them after a repair)."""
    rows = await read.all(
        select(t.c.message_id)
        .where(t.c.source == source, t.c.state == "parked", t.c.reason.contains(says, autoescape=True))
        .order_by(t.c.received_at)
        .limit(500)
    )
    return [row.message_id for row in rows]


async def _move(tx: Tx, message_id: UUID, **values: Any) -> Row[Any]:
    row = await tx.maybe(
        update(t)
        .where(t.c.message_id == message_id, t.c.state == "stored")
        .values(settled_at=tx.now, **values)
        .returning(t.c.source, t.c.topic)
    )
    if row is None:
        raise MovedOn("the message was settled meanwhile", message=str(message_id))
    return row


def _before(keys: list[Any]) -> Any:
    try:
        received_at, message_id = datetime.fromisoformat(keys[0]), UUID(keys[1])
    except (IndexError, TypeError, ValueError) as cause:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of ours"}]) from cause
    return or_(
        t.c.received_at < received_at, and_(t.c.received_at == received_at, t.c.message_id < message_id)
    )


def _columns(delivery: Delivery) -> dict[str, Any]:
    return {
        "source": delivery.source,
        "delivery_key": delivery.delivery_key,
        "topic": delivery.topic,
        "resource": delivery.resource,
        "version_at": delivery.version_at,
        "headers": dict(delivery.headers),
        "body": delivery.body,
    }


def _message(row: Row[Any]) -> Message:
    return Message(**row._asdict())
