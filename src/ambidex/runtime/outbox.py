"""Events leave a command here: one INSERT for all that was announced, in the command's own transaction.

The publisher (publisher.py) later gives each its position and hash; nothing in a business transaction notifies.
"""

from __future__ import annotations

import orjson

from ambidex.kernel.event import json_value
from ambidex.runtime.db import Announcement, Tx, Write

_INSERT = """
INSERT INTO runtime.events
  (event_id, name, subject, order_id, location_id, actor, cause, evidence, payload, happened_at, recorded_at)
SELECT * FROM unnest(
  CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:subjects AS text[]), CAST(:orders AS uuid[]),
  CAST(:places AS uuid[]), CAST(:actors AS jsonb[]), CAST(:causes AS text[]), CAST(:evidence AS jsonb[]),
  CAST(:payloads AS jsonb[]), CAST(:happened AS timestamptz[]), CAST(:recorded AS timestamptz[]))"""


async def write(tx: Tx, *with_these: Write) -> None:
    """Store everything announced so far and forget it, in one statement with these changes."""
    if not tx.announced:
        await tx.write(*with_these)
        return
    rows = [_row(tx, a) for a in tx.announced]
    tx.announced.clear()
    await tx.write(*with_these, Write(_INSERT, {name: [row[name] for row in rows] for name in rows[0]}))


def _row(tx: Tx, a: Announcement) -> dict[str, object]:
    actor = {"id": a.actor.id, "kind": a.actor.kind.value, "name": a.actor.name, "role": a.actor.role}
    return {
        "ids": tx.new_id(),
        "names": a.event.name,
        "subjects": str(a.subject),
        "orders": a.order_id,
        "places": a.location_id,
        "actors": orjson.dumps(actor).decode(),
        "causes": a.cause,
        "evidence": orjson.dumps(json_value(a.evidence)).decode(),
        "payloads": orjson.dumps(a.event.payload()).decode(),
        "happened": a.happened_at or tx.now,
        "recorded": tx.now,
    }
