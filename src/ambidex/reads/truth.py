"""Is what a message says still true? Asked while its order is locked, right before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from ambidex.domains.messages import Message, MessageKind
from ambidex.runtime.db import Read

_FACTS = text("""
SELECT m.order_id, m.message_no, o.state AS order_state,
       w.state AS work_state,
       (SELECT p.due_at FROM promises.promises p
         WHERE p.order_id = m.order_id AND p.work_no = m.work_no AND p.kind IN ('ready_by', 'delivered_by') AND p.state = 'made')
         AS due_by,
       (SELECT p.due_at FROM promises.promises p
         WHERE p.order_id = m.order_id AND p.work_no = 0 AND p.kind = 'news_by' AND p.state = 'made') AS news_by,
       EXISTS (SELECT 1 FROM promises.promises p
                WHERE p.order_id = m.order_id AND p.kind = 'answer_by' AND p.state = 'made'
                  AND p.work_no = m.work_no) AS awaits_answer
FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[]), CAST(:works AS smallint[]))
     AS m(order_id, message_no, work_no)
JOIN orders.orders o ON o.order_id = m.order_id
LEFT JOIN fulfillment.work w ON w.order_id = m.order_id AND w.work_no = m.work_no
""")

# in which state of the work they are true
_WHILE = {
    MessageKind.READY: "ready",
    MessageKind.REMINDER: "ready",
    MessageKind.LAST_CALL: "ready",
    MessageKind.COLLECTED: "handed_over",
    MessageKind.DELIVERY_FAILED: "delivery_failed",
}
_WHILE_ASKING = {MessageKind.OPTIONS, MessageKind.SHORT_AT_ARRIVAL}


async def no_longer_true(read: Read, leased: Sequence[Message]) -> dict[int, str]:
    """Which of these must not be sent (by place in the list), and why."""
    if not leased:
        return {}
    rows = await read.all(
        _FACTS,
        {
            "orders": [m.order_id for m in leased],
            "numbers": [m.message_no for m in leased],
            "works": [m.work_no for m in leased],
        },
    )
    facts = {(row.order_id, row.message_no): row for row in rows}
    reasons = [why_untrue(message, facts[message.order_id, message.message_no]) for message in leased]
    return {place: why for place, why in enumerate(reasons) if why}


def why_untrue(message: Message, fact: Row[Any]) -> str:
    """Why this message contradicts the order now; empty when it does not."""
    if message.kind in {MessageKind.CANCELED, MessageKind.CORRECTION}:
        return ""
    if fact.order_state in {"canceled", "expired"}:
        return f"the order is {fact.order_state}"
    wanted = _WHILE.get(message.kind, fact.work_state)
    if fact.work_state != wanted:
        return f"the work is {fact.work_state}, not {wanted}"
    if message.kind is MessageKind.LATE and not _is_newest_time(message, fact):
        return "another time was promised since"
    if message.kind is MessageKind.WAITING and fact.news_by is None:
        return "it was found"
    if message.kind is MessageKind.WAITING and fact.news_by.isoformat() != message.facts.get("news_by"):
        return "another day was told since"
    if message.kind in _WHILE_ASKING and not fact.awaits_answer:
        return "the question was answered"
    return ""


def _is_newest_time(message: Message, fact: Row[Any]) -> bool:
    told = message.facts.get("arrives_by") or message.facts.get("ready_by")
    return fact.due_by is not None and fact.due_by.isoformat() == told
