"""A person repairs a parked message: says what a name stands for, sends it through again, or lets it go with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ambidex.flows import map_name, ownership, shop_words, take_in
from ambidex.kernel.actor import Permission
from ambidex.runtime import inbox
from ambidex.runtime.db import Tx
from ambidex.runtime.inbox import Message
from ambidex.runtime.reactions import StoredEvent


async def replay(tx: Tx, *, message_id: UUID) -> Message:
    """Send it through again from its first try. Raises UnknownMessage, MovedOn."""
    tx.actor.must(Permission.INBOX_REPAIR)
    await inbox.message(tx, message_id)
    await inbox.replay(tx, message_id)
    return await inbox.message(tx, message_id)


async def dismiss(tx: Tx, *, message_id: UUID, reason: str) -> Message:
    """It needs nothing, for a reason that stays beside it."""
    tx.actor.must(Permission.INBOX_REPAIR)
    message = await inbox.message(tx, message_id)
    await inbox.dismiss(tx, message_id, reason=reason)
    await ownership.solved(tx, take_in.task_key(message), outcome=f"dismissed: {reason}")
    return await inbox.message(tx, message_id)


async def name_and_replay(tx: Tx, *, message_id: UUID, kind: str, external: str, internal: str) -> Message:
    """A name of the source stands for this from now on; every message that waited for it goes through again."""
    tx.actor.must(Permission.INBOX_REPAIR)
    message = await inbox.message(tx, message_id)
    await map_name.map_name(tx, code=message.source, kind=kind, external=external, internal=internal)
    await replay_waiting_for(tx, message.source, kind=kind, external=external)
    return await inbox.message(tx, message_id)


async def replay_waiting_for(tx: Tx, code: str, *, kind: str, external: str) -> Sequence[UUID]:
    """Send through again what was parked because this name was unknown."""
    said = shop_words.unknown_item(external) if kind == "item" else shop_words.unknown_place(external)
    return await inbox.replay_all(tx, await inbox.parked_because(tx, code, says=said))


async def mapped(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A name was mapped in whatever way: what waited for it goes through again (a reaction)."""
    _ = [
        await replay_waiting_for(
            tx, event.payload["code"], kind=event.payload["kind"], external=event.payload["external"]
        )
        for event in events
    ]
