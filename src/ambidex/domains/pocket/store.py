"""Writing deeds, once each, and finding the open conflict of a subject."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import text

from ambidex.domains.pocket.model import Conflict, Deed
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import TaskId
from ambidex.runtime.db import Read, Tx

_ADD = text("""
INSERT INTO pocket.deeds (actor_id, key, actor_name, device, kind, subject, location_id, order_id, said, said_at,
  happened_at, clock_ahead_seconds, received_at, outcome, problem, stands, task_id)
VALUES (:actor_id, :key, :actor_name, :device, :kind, :subject, :location_id, :order_id, CAST(:said AS jsonb), :said_at,
  :happened_at, :clock_ahead_seconds, :now, :outcome, :problem, CAST(:stands AS jsonb), :task_id)""")
_CONFLICT = text("""
SELECT task_id FROM pocket.deeds WHERE subject = :subject AND task_id IS NOT NULL
 ORDER BY task_id DESC LIMIT 1""")


async def add(tx: Tx, deed: Deed, conflict: Conflict | None) -> None:
    """The same key twice is refused by the primary key."""
    values: dict[str, Any] = {
        "actor_id": tx.actor.id,
        "actor_name": tx.actor.name,
        "key": deed.key,
        "device": deed.device,
        "kind": deed.kind.value,
        "subject": deed.subject,
        "location_id": deed.location_id,
        "order_id": deed.order_id,
        "said": orjson.dumps(json_value(dict(deed.said))).decode(),
        "said_at": deed.dated.said_at,
        "happened_at": deed.dated.happened_at,
        "clock_ahead_seconds": deed.dated.clock_ahead_seconds,
        "now": tx.now,
        "outcome": "done" if conflict is None else "conflict",
        "problem": "" if conflict is None else conflict.problem,
        "stands": orjson.dumps(json_value(dict(conflict.stands) if conflict else {})).decode(),
        "task_id": None if conflict is None else conflict.task_id,
    }
    await tx.run(_ADD, values)


async def conflict_task(read: Read, subject: str) -> TaskId | None:
    """The task of the latest conflict about this."""
    task_id = await read.value(_CONFLICT, {"subject": subject})
    return None if task_id is None else TaskId(task_id)
