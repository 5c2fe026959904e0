"""The business state after messages: what people would act on, without ids, times and how often something was heard."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import text

from ambidex.runtime.perform import Run

QUESTIONS = {
    "orders": """SELECT reference, state, contact_name, contact_email, total_minor, currency, source_version
                   FROM orders.orders ORDER BY reference""",
    "lines": """SELECT o.reference, l.sku, l.source_line, l.method, p.code AS place, l.quantity, l.q_open, l.q_reserved,
                       l.q_allocated, l.q_picked, l.q_staged, l.q_ready, l.q_handed_over, l.q_short, l.q_canceled
                  FROM orders.lines l JOIN orders.orders o USING (order_id)
                  LEFT JOIN locations.locations p ON p.location_id = l.location_id
                 ORDER BY o.reference, l.source_line, l.line_no""",
    "money": """SELECT o.reference, sum(t.authorized_minor) AS authorized, sum(t.captured_minor) AS captured,
                       sum(t.refunded_minor) AS refunded
                  FROM payments.tenders t JOIN orders.orders o USING (order_id) GROUP BY 1 ORDER BY 1""",
    "stock": """SELECT i.sku, p.code, s.sellable, s.reserved, s.staged, s.suspect
                  FROM inventory.positions s JOIN catalogue.items i USING (item_id)
                  JOIN locations.locations p USING (location_id) ORDER BY 1, 2""",
    "exceptions": """SELECT o.reference, e.kind FROM watch.exceptions e JOIN orders.orders o USING (order_id)
                      WHERE e.state = 'open' ORDER BY 1, 2""",
    "reports": "SELECT item, place, available FROM channels.stock_reports ORDER BY 1, 2",
}


async def business_state(run: Run) -> dict[str, list[list[Any]]]:
    """Everything, as lists of rows."""
    state = {}
    async with run.reading() as read:
        for name, question in QUESTIONS.items():
            state[name] = [[str(value) for value in row] for row in await read.all(text(question))]
    return state


async def state_hash(run: Run) -> str:
    """One hash of it."""
    return hashlib.sha256(json.dumps(await business_state(run)).encode()).hexdigest()
