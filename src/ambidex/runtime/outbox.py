"""Events leave a command here: one INSERT for all that was announced, in the command's own transaction.

The publisher (publisher.py) later gives each its position and hash; nothing in a business transaction notifies.
"""

from __future__ import annotations

from typing import Any

import orjson

from ambidex.kernel import values
from ambidex.kernel.actor import Actor
from ambidex.kernel.event import Event, json_value
from ambidex.runtime.db import Announcement, Tx, Write
from ambidex.runtime.inserts import Insert

_EVENTS = Insert.into(
    "runtime.events",
    {
        "event_id": "uuid",
        "name": "text",
        "subject": "text",
        "order_id": "uuid",
        "location_id": "uuid",
        "actor": "jsonb",
        "cause": "text",
        "evidence": "jsonb",
        "payload": "jsonb",
        "happened_at": "timestamptz",
    },
    same={"recorded_at": ":now"},
)
# money has its own form, which the encoder leaves to json_value
_OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_NON_STR_KEYS


async def write(tx: Tx, *with_these: Write) -> None:
    """Store everything announced so far and forget it, in one statement with these changes."""
    if not tx.announced:
        await tx.write(*with_these)
        return
    actors = {key: _told(actor) for key, actor in {id(a.actor): a.actor for a in tx.announced}.items()}
    rows = [_row(tx, a, actors) for a in tx.announced]
    tx.announced.clear()
    await tx.write(*with_these, _EVENTS.rows(rows, now=tx.now))


def _row(tx: Tx, a: Announcement, actors: dict[int, str]) -> tuple[Any, ...]:
    return (
        tx.new_id(),
        a.event.name,
        str(a.subject),
        a.order_id,
        a.location_id,
        actors[id(a.actor)],
        a.cause,
        _json(a.evidence) if a.evidence else "[]",
        _json({name: getattr(a.event, name) for name in _fields(type(a.event))}),
        a.happened_at or tx.now,
    )


def _told(actor: Actor) -> str:
    return _json({"id": actor.id, "kind": actor.kind, "name": actor.name, "role": actor.role})


_names: dict[type[Event], tuple[str, ...]] = {}


def _fields(kind: type[Event]) -> tuple[str, ...]:
    if kind not in _names:
        _names[kind] = tuple(field.name for field in values.fields(kind))
    return _names[kind]


def _json(value: object) -> str:
    return orjson.dumps(value, default=json_value, option=_OPTIONS).decode()
