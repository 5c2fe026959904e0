"""Messages of tills, warehouses and partners take effect in lists: one transaction for all that wait of one source.

Each line counts once, however often, late or shuffled it is told, so a list that failed may be halved and told again.
What is said without authority is only observed; a line whose item nobody knows waits alone, with an owner.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from ambidex.domains import channels
from ambidex.domains.channels import Source
from ambidex.flows import stock_messages, take_in
from ambidex.flows.shop_port import SYSTEMS, Unreadable
from ambidex.flows.stock_port import TOPICS, SaidDocument
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind, Permission
from ambidex.runtime import crash, inbox
from ambidex.runtime.faults import is_passing, words
from ambidex.runtime.inbox import Message
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

AT_ONCE = 400
log = structlog.get_logger("ambidex.take_stock")


def actor_of(source: Source) -> Actor:
    """The source as an actor: it may say what was counted; where, is asked of its authority."""
    return Actor(
        id=f"source:{source.code}",
        kind=ActorKind.SOURCE,
        name=source.code,
        permissions=frozenset({Permission.STOCK_COUNT, Permission.STOCK_REPAIR}),
        places=None,
        role="integration",
    )


async def apply_waiting(run: Run, outside: Outside) -> bool:
    """Apply what waits, a list for each source; whether there may be more. One beat of the worker."""
    taken = await run.perform(SYSTEM, inbox.take, limit=AT_ONCE, topics=TOPICS)
    by_source: dict[str, list[Message]] = {}
    for message in taken:
        by_source.setdefault(message.source, []).append(message)
    for code, messages in by_source.items():
        await apply_list(run, outside, code, messages)
    return len(taken) == AT_ONCE


async def apply_list(run: Run, outside: Outside, code: str, messages: Sequence[Message]) -> None:
    """Apply leased messages of one source together. A failure of the database is raised, nothing lost."""
    async with run.reading() as read:
        source = await channels.source(read, code)
    system = outside.via(SYSTEMS).of_kind(source.kind)
    assert system is not None, "it was received, so its kind is spoken here"
    parts: list[stock_messages.Part] = []
    for message in messages:
        try:
            told = system.read(message.topic, message.body)
            parts.append((message, [one for one in told if isinstance(one, SaidDocument)]))
        except Unreadable as cause:
            await take_in.put_aside(run, message, str(cause))
        except Exception as cause:
            log.exception("unread", source=code, reason=words(cause))
            await take_in.later_or_aside(run, message, cause)
    await _apply(run, source, parts)


async def _apply(run: Run, source: Source, parts: Sequence[stock_messages.Part]) -> None:
    if not parts:
        return
    crash.point("inbox-before-record")
    try:
        await run.perform(actor_of(source), stock_messages.book_list, source, parts)
    except Exception as cause:
        if is_passing(cause):
            raise
        if len(parts) == 1:
            log.exception("failed", source=source.code, reason=words(cause))
            await take_in.later_or_aside(run, parts[0][0], cause)
            return
        half = len(parts) // 2
        await _apply(run, source, parts[:half])
        await _apply(run, source, parts[half:])
    crash.point("inbox-after-record")
