"""Commands of messages: queue a fact once, withdraw what is no longer true, settle what was sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from ambidex.domains.messages import store
from ambidex.domains.messages.events import (
    MessageNotSent,
    MessageQueued,
    MessageSent,
    MessageWithdrawn,
    PlatformSpoke,
)
from ambidex.domains.messages.model import (
    Letter,
    Message,
    MessageKind,
    MessageVerb,
    NewMessage,
    Speaker,
)
from ambidex.kernel.event import Event
from ambidex.kernel.ids import OrderId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx, Write

# what is taken for sending is begun within the one; whoever began it knows within the other what became of it
BEGUN_WITHIN, LEASE = timedelta(seconds=20), timedelta(seconds=60)
LEFT_BEHIND_MAX = 500
ATTEMPTS_MAX = 8


async def queue(tx: Tx, rows: Sequence[NewMessage]) -> None:
    """Queue facts to be told. A fact that was queued or told before is not told twice.

    Where the platform speaks for this kind, the row stands as reported and nothing is sent.
    """
    if not rows:
        return
    for row in await store.insert(tx, rows):
        event = MessageQueued if row.speaker == Speaker.US else PlatformSpoke
        details = {"message_no": row.message_no, "kind": row.kind, "fact_key": row.fact_key}
        if event is MessageQueued:
            details["speaker"] = row.speaker
        tx.announce(
            Ref("message", f"{row.order_id}-{row.message_no}"), event(**details), order_id=row.order_id
        )


def begin(tx: Tx, rows: Sequence[NewMessage]) -> Write:
    """The first message of each order that is being placed; the order's own event tells it."""
    return store.begun(rows, now=tx.now)


async def retract(
    tx: Tx, order_id: OrderId, *, kinds: Sequence[MessageKind], works: Collection[int], reason: str
) -> list[Message]:
    """Take back what is no longer true of these works, and answer what was (or may have been) told already.

    What has not begun to leave is withdrawn. For every message in the answer the caller owes the customer a correction.
    """
    about = await store.lock_unsettled(tx, order_id, kinds)
    found = [message for message in about if message.work_no in works]
    ours = [message for message in found if message.is_ours_to_withdraw]
    await withdraw(tx, ours, reasons=dict.fromkeys(range(len(ours)), reason))
    return [message for message in found if message.may_be_told]


async def _take(tx: Tx, order_ids: Sequence[OrderId]) -> list[Message]:
    """Take the due message of each of these orders for sending, to be begun within BEGUN_WITHIN. The caller has locked the orders."""
    return await store.lease(tx, order_ids, length=BEGUN_WITHIN)


async def _begin(tx: Tx, taken: Sequence[Message]) -> list[Message]:
    """Once this is committed these may be given to the carrier, for LEASE; those that were given back meanwhile are left out."""
    begun = await store.begin_sending(tx, taken, length=LEASE) if taken else set()
    return [message for message in taken if (message.order_id, message.message_no) in begun]


async def _give_back(tx: Tx, taken: Sequence[Message]) -> None:
    """These were not begun: they wait again, and it counts as no attempt."""
    if taken:
        await store.give_back(tx, taken)


async def _left_behind(tx: Tx) -> int:
    """What somebody took and never began, as they ended before, waits again; how many there were."""
    return await store.take_from_the_dead(tx, most=LEFT_BEHIND_MAX)


class Sending:
    """A message on its way: taken, begun or given back, left behind by who ended, and lost sight of (`lost`)."""

    take = staticmethod(_take)
    begin = staticmethod(_begin)
    give_back = staticmethod(_give_back)
    left_behind = staticmethod(_left_behind)
    lost = staticmethod(store.expired_leases)


async def withdraw(tx: Tx, of: Sequence[Message], *, reasons: Mapping[int, str]) -> None:
    """These (places in `of`) are no longer true and were not sent."""
    if not reasons:
        return
    await store.withdraw(tx, reasons, of)
    for place, reason in reasons.items():
        message = of[place]
        event = MessageWithdrawn(message.message_no, message.kind, message.fact_key)
        _announce(tx, message, event, cause=reason)


async def sent(tx: Tx, taken: Sequence[tuple[Message, Letter, str]]) -> list[Message]:
    """The carrier took these, each under its key; the words are kept as they were said.

    Answers those that were still being sent; others were settled by somebody else and stay as they are.
    """
    done = await store.settle_sent(tx, taken) if taken else set()
    found = [message for message, _, _ in taken if (message.order_id, message.message_no) in done]
    for message in found:
        _announce(tx, message, MessageSent(message.message_no, message.kind, message.fact_key))
    return found


async def try_again(tx: Tx, message: Message, *, reason: str) -> bool:
    """The carrier could not take it now: back into the queue; False when it failed after ATTEMPTS_MAX."""
    if message.attempts >= ATTEMPTS_MAX:
        await failed(tx, message, reason=reason)
        return False
    at = store.retry_at(tx.now, message.attempts)
    await store.move(tx, message, MessageVerb.RETRY, reason=reason, next_at=at, leased_until=None)
    return True


async def failed(tx: Tx, message: Message, *, reason: str) -> None:
    """It cannot be delivered."""
    await store.move(tx, message, MessageVerb.FAIL, reason=reason)
    _announce(
        tx,
        message,
        MessageNotSent(message.message_no, message.kind, message.fact_key, "failed"),
        cause=reason,
    )


async def lost_sight(tx: Tx, message: Message, *, letter: Letter, provider_key: str, reason: str) -> None:
    """Nobody knows whether it arrived: a person looks; it is never sent again blindly."""
    await store.move(
        tx,
        message,
        MessageVerb.LOSE_SIGHT,
        reason=reason,
        subject=letter.subject,
        wording=letter.wording,
        provider_key=provider_key,
    )
    _announce(
        tx,
        message,
        MessageNotSent(message.message_no, message.kind, message.fact_key, "unknown"),
        cause=reason,
    )


def _announce(tx: Tx, message: Message, event: Event, *, cause: str = "") -> None:
    tx.announce(
        Ref("message", f"{message.order_id}-{message.message_no}"),
        event,
        order_id=message.order_id,
        cause=cause,
    )
