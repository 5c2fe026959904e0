"""The history of one order: what was said and what was done, each with who, when and by what evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text

from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

ENTRIES_MAX = 2_000
# Words to customers are said; what hands or money did is done; the rest is about who must act.
_SAID = ("messages.", "promises.")
_DONE = ("fulfillment.", "payments.", "inventory.", "orders.")

_ENTRIES = text("""
SELECT e.happened_at AS at, e.name AS kind, e.subject, e.actor ->> 'name' AS actor, e.actor ->> 'role' AS role, e.cause,
  e.evidence, e.payload AS facts, coalesce(m.wording, '') AS wording
  FROM runtime.events e
  LEFT JOIN messages.messages m ON e.name LIKE 'messages.%' AND m.order_id = e.order_id
    AND m.message_no = CAST(e.payload ->> 'message_no' AS smallint)
 WHERE e.order_id = :order_id ORDER BY e.seq LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class Entry:
    """`hand` is "said", "done" or "" (who answers for it); `wording` is what a customer read or will read."""

    at: datetime
    hand: str
    kind: str
    subject: str
    actor: str
    role: str
    cause: str
    evidence: list[str]
    facts: dict[str, Any]
    wording: str


async def timeline(read: Read, order_id: OrderId) -> list[Entry]:
    """Everything that happened, oldest first."""
    rows = await read.all(_ENTRIES, {"order_id": order_id, "limit": ENTRIES_MAX})
    return [
        Entry(
            row.at,
            hand_of(row.kind),
            row.kind,
            row.subject,
            row.actor or "",
            row.role or "",
            row.cause,
            list(row.evidence),
            dict(row.facts),
            row.wording,
        )
        for row in rows
    ]


def hand_of(kind: str) -> str:
    """Which hand an event belongs to."""
    if kind.startswith(_SAID):
        return "said"
    return "done" if kind.startswith(_DONE) else ""
