"""The only SQL that changes messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Row, exists, select, text, update

from ambidex.domains.messages.model import (
    MESSAGE,
    Letter,
    Message,
    MessageKind,
    MessageState,
    MessageVerb,
    NewMessage,
    Speaker,
)
from ambidex.domains.messages.problems import MessageMovedOn
from ambidex.domains.messages.tables import messages
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read, Tx, Write
from ambidex.runtime.inserts import Insert

_INSERT = text("""
INSERT INTO messages.messages
  (order_id, message_no, kind, work_no, fact_key, speaker, channel, state, proof, facts, queued_at, next_at)
SELECT n.order_id,
       coalesce((SELECT max(m.message_no) FROM messages.messages m WHERE m.order_id = n.order_id), 0)
         + row_number() OVER (PARTITION BY n.order_id ORDER BY n.place),
       n.kind, n.work_no, n.fact_key, n.speaker, n.channel, n.state, n.proof, n.facts, :now,
       CASE WHEN n.state = 'queued' THEN CAST(:now AS timestamptz) END
FROM unnest(CAST(:order_id AS uuid[]), CAST(:kind AS text[]), CAST(:work_no AS smallint[]),
            CAST(:fact_key AS text[]), CAST(:speaker AS text[]), CAST(:channel AS text[]),
            CAST(:state AS text[]), CAST(:proof AS jsonb[]), CAST(:facts AS jsonb[]))
     WITH ORDINALITY
     AS n(order_id, kind, work_no, fact_key, speaker, channel, state, proof, facts, place)
WHERE NOT EXISTS (SELECT 1 FROM messages.messages m
                  WHERE m.order_id = n.order_id AND m.fact_key = n.fact_key)
ON CONFLICT (order_id, fact_key) DO NOTHING
RETURNING order_id, message_no, kind, fact_key, speaker
""")

_BEGUN = Insert.into(
    "messages.messages",
    {
        "order_id": "uuid",
        "message_no": "smallint",
        "kind": "text",
        "work_no": "smallint",
        "fact_key": "text",
        "speaker": "text",
        "channel": "text",
        "state": "text",
        "proof": "jsonb",
        "facts": "jsonb",
        "next_at": "timestamptz",
    },
    same={"queued_at": ":now"},
)

_LEASE = text("""
WITH due AS (
  SELECT m.order_id, m.message_no FROM messages.messages m
  WHERE m.order_id = ANY(CAST(:orders AS uuid[])) AND m.state = 'queued' AND m.next_at <= :now
    AND NOT EXISTS (SELECT 1 FROM messages.messages earlier
                    WHERE earlier.order_id = m.order_id AND earlier.message_no < m.message_no
                      AND earlier.state IN ('queued', 'sending'))
  FOR UPDATE OF m SKIP LOCKED)
UPDATE messages.messages m
SET state = 'sending', leased_until = :until, begun = false, fence = m.fence + 1, attempts = m.attempts + 1,
    next_at = :until
FROM due WHERE m.order_id = due.order_id AND m.message_no = due.message_no
RETURNING m.*
""")


# whoever gives a letter back and whoever begins it change the same row: one of them is too late. Beginning it twice under one
# fence is beginning it once: its sender asked again, not knowing whether the first time was committed
_BEGIN = text("""
UPDATE messages.messages m SET begun = true, leased_until = :until
FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[]), CAST(:fences AS integer[]))
     AS b(order_id, message_no, fence)
WHERE m.order_id = b.order_id AND m.message_no = b.message_no AND m.fence = b.fence
  AND m.state = 'sending' AND m.leased_until > :now
RETURNING m.order_id, m.message_no
""")
_BACK = "SET state = 'queued', leased_until = NULL, next_at = :now, attempts = m.attempts - 1"
_GIVE_BACK = text(f"""
UPDATE messages.messages m {_BACK}
FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[]), CAST(:fences AS integer[]))
     AS b(order_id, message_no, fence)
WHERE m.order_id = b.order_id AND m.message_no = b.message_no AND m.fence = b.fence
  AND m.state = 'sending' AND NOT m.begun
""")
_TAKE_FROM_THE_DEAD = text(f"""
WITH left_behind AS (
  SELECT order_id, message_no FROM messages.messages
   WHERE state = 'sending' AND NOT begun AND leased_until < :now
   LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE messages.messages m {_BACK}
FROM left_behind l WHERE m.order_id = l.order_id AND m.message_no = l.message_no
""")  # noqa: S608  # words of ours


async def insert(tx: Tx, rows: Sequence[NewMessage]) -> Sequence[Row[Any]]:
    """Store new messages; those whose fact was told or is queued already are left out of the answer."""
    values = {
        "order_id": [m.order_id for m in rows],
        "kind": [m.kind.value for m in rows],
        "work_no": [m.work_no for m in rows],
        "fact_key": [m.fact_key for m in rows],
        "speaker": [m.speaker.value for m in rows],
        "channel": [m.channel for m in rows],
        "state": ["queued" if m.speaker is Speaker.US else "reported" for m in rows],
        "proof": [orjson.dumps(m.proof).decode() for m in rows],
        "facts": [orjson.dumps(m.facts, default=str).decode() for m in rows],
    }
    return await tx.all(_INSERT, {**values, "now": tx.now})


def begun(rows: Sequence[NewMessage], *, now: datetime) -> Write:
    """The first message of each of these orders, which are placed now."""
    return _BEGUN.rows([_first(m, now) for m in rows], now=now)


def _first(m: NewMessage, now: datetime) -> tuple[Any, ...]:
    ours = m.speaker is Speaker.US
    return (
        m.order_id,
        1,
        m.kind.value,
        m.work_no,
        m.fact_key,
        m.speaker.value,
        m.channel,
        "queued" if ours else "reported",
        orjson.dumps(m.proof).decode(),
        orjson.dumps(m.facts, default=str).decode(),
        now if ours else None,
    )


_WITHDRAW = text("""
UPDATE messages.messages m
SET state = 'withdrawn', reason = w.reason, settled_at = :now, next_at = NULL
FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[]), CAST(:fences AS integer[]),
            CAST(:reasons AS text[])) AS w(order_id, message_no, fence, reason)
WHERE m.order_id = w.order_id AND m.message_no = w.message_no AND m.fence = w.fence
  AND m.state IN ('queued', 'sending')
RETURNING m.message_no
""")


async def due_orders(read: Read, *, most: int) -> list[OrderId]:
    """Orders with something to tell now, the longest waiting first; what waits for an earlier letter takes nobody's place."""
    earlier = messages.alias("earlier")
    is_first = ~exists().where(
        earlier.c.order_id == messages.c.order_id,
        earlier.c.message_no < messages.c.message_no,
        earlier.c.state.in_([MessageState.QUEUED, MessageState.SENDING]),
    )
    rows = await read.all(
        select(messages.c.order_id)
        .where(messages.c.state == MessageState.QUEUED, messages.c.next_at <= read.now, is_first)
        .order_by(messages.c.next_at)
        .limit(most)
    )
    return list(dict.fromkeys(OrderId(row.order_id) for row in rows))


async def lease(tx: Tx, order_ids: Sequence[OrderId], *, length: timedelta) -> list[Message]:
    """Take due messages of these (locked) orders for sending, the oldest unsettled one of each only."""
    rows = await tx.all(_LEASE, {"now": tx.now, "until": tx.now + length, "orders": list(order_ids)})
    return [message_of(row) for row in rows]


async def begin_sending(tx: Tx, taken: Sequence[Message], *, length: timedelta) -> set[tuple[OrderId, int]]:
    """These go to the carrier now; those that are still ours."""
    rows = await tx.all(_BEGIN, {**_fenced(taken), "now": tx.now, "until": tx.now + length})
    return {(OrderId(row.order_id), int(row.message_no)) for row in rows}


async def give_back(tx: Tx, taken: Sequence[Message]) -> None:
    """These are not begun, and wait again as if they had never been taken."""
    await tx.run(_GIVE_BACK, {**_fenced(taken), "now": tx.now})


async def take_from_the_dead(tx: Tx, *, most: int) -> int:
    """What was taken for sending and not begun in time waits again; how many."""
    return await tx.run(_TAKE_FROM_THE_DEAD, {"now": tx.now, "limit": most})


def _fenced(taken: Sequence[Message]) -> dict[str, Any]:
    return {
        "orders": [m.order_id for m in taken],
        "numbers": [m.message_no for m in taken],
        "fences": [m.fence for m in taken],
    }


async def expired_leases(read: Read) -> list[Message]:
    """Messages whose sender died between beginning to give them away and writing it down."""
    rows = await read.all(
        select(messages)
        .where(messages.c.state == MessageState.SENDING, messages.c.begun, messages.c.leased_until < read.now)
        .limit(100)
    )
    return [message_of(row) for row in rows]


async def move(tx: Tx, message: Message, verb: MessageVerb, **values: Any) -> None:
    """Move a message, provided that its state and fence are still those decided on."""
    to = MESSAGE.after(message.state, verb)
    settled = (
        {} if to in {MessageState.QUEUED, MessageState.SENDING} else {"settled_at": tx.now, "next_at": None}
    )
    moved = await tx.maybe(
        update(messages)
        .where(
            messages.c.order_id == message.order_id,
            messages.c.message_no == message.message_no,
            messages.c.state == message.state,
            messages.c.fence == message.fence,
        )
        .values(state=to, **settled, **values)
        .returning(messages.c.message_no)
    )
    if moved is None:
        raise MessageMovedOn(order=message.order_id, message=message.message_no)


_SENT = text("""
UPDATE messages.messages m
SET state = :sent, subject = s.subject, wording = s.wording, provider_key = s.key, settled_at = :now, next_at = NULL
FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[]), CAST(:fences AS integer[]),
            CAST(:subjects AS text[]), CAST(:wordings AS text[]), CAST(:keys AS text[]))
     AS s(order_id, message_no, fence, subject, wording, key)
WHERE m.order_id = s.order_id AND m.message_no = s.message_no AND m.fence = s.fence AND m.state = :sending
RETURNING m.order_id, m.message_no
""")


async def settle_sent(tx: Tx, taken: Sequence[tuple[Message, Letter, str]]) -> set[tuple[OrderId, int]]:
    """Settle letters that were taken, provided that they are still being sent as leased; those that were."""
    to = MESSAGE.after(MessageState.SENDING, MessageVerb.SEND)
    messages_, letters = [message for message, _, _ in taken], [letter for _, letter, _ in taken]
    values = {
        **_fenced(messages_),
        "subjects": [letter.subject for letter in letters],
        "wordings": [letter.wording for letter in letters],
        "keys": [key for _, _, key in taken],
    }
    rows = await tx.all(
        _SENT, {**values, "sent": to.value, "sending": MessageState.SENDING.value, "now": tx.now}
    )
    return {(OrderId(row.order_id), int(row.message_no)) for row in rows}


async def withdraw(tx: Tx, untrue: Mapping[int, str], of: Sequence[Message]) -> None:
    """Withdraw these messages (place in `of`: reason), provided that nobody settled one meanwhile."""
    taken = [(of[place], why) for place, why in untrue.items()]
    withdrawn = await tx.all(
        _WITHDRAW,
        {
            **_fenced([message for message, _ in taken]),
            "reasons": [why for _, why in taken],
            "now": tx.now,
        },
    )
    if len(withdrawn) != len(taken):
        raise MessageMovedOn(messages=[message.fact_key for message, _ in taken])


async def of_order(read: Read, order_id: OrderId) -> list[Message]:
    """Everything said about an order, oldest first."""
    rows = await read.all(
        select(messages).where(messages.c.order_id == order_id).order_by(messages.c.message_no).limit(200)
    )
    return [message_of(row) for row in rows]


async def lock_unsettled(tx: Tx, order_id: OrderId, kinds: Sequence[MessageKind]) -> list[Message]:
    """The order's messages of these kinds, locked, so that no sender can settle them meanwhile."""
    rows = await tx.all(
        select(messages)
        .where(messages.c.order_id == order_id, messages.c.kind.in_([k.value for k in kinds]))
        .order_by(messages.c.message_no)
        .limit(200)
        .with_for_update()
    )
    return [message_of(row) for row in rows]


def message_of(row: Row[Any]) -> Message:
    """The value of a row."""
    return Message(
        order_id=OrderId(row.order_id),
        message_no=row.message_no,
        kind=MessageKind(row.kind),
        work_no=row.work_no,
        fact_key=row.fact_key,
        speaker=Speaker(row.speaker),
        channel=row.channel,
        state=MessageState(row.state),
        proof=tuple(row.proof),
        facts=row.facts,
        subject=row.subject,
        wording=row.wording,
        queued_at=row.queued_at,
        settled_at=row.settled_at,
        reason=row.reason,
        attempts=row.attempts,
        fence=row.fence,
        begun=row.begun,
        provider_key=row.provider_key,
    )


def retry_at(now: datetime, attempts: int) -> datetime:
    """30 s, 1 min, 2 min ... at most an hour apart."""
    return now + timedelta(seconds=min(3600, 30 * 2 ** max(0, attempts - 1)))
