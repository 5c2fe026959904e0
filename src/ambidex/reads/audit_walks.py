"""Rules of the audit that a slice has to ask in its own words: by keys that the whole audit need not know."""

from __future__ import annotations

from ambidex.reads.audit_checks import CHECKS
from ambidex.reads.audit_stock import Check

_CLAIMED = "l.q_reserved + l.q_allocated + l.q_picked"
_RESERVED = """(SELECT coalesce(sum(r.quantity), 0) FROM inventory.reservations r
    WHERE r.item_id = l.item_id AND r.order_id = l.order_id AND r.line_no = l.line_no"""
_DETAIL = """'the line claims ' || {claimed} || ' on the shelf, reservations say ' || {reserved}"""


def _of(rule: str, sql: str) -> Check:
    """The same rule, in other words."""
    [whole] = [check for check in CHECKS if check.rule == rule]
    return Check(whole.invariant, whole.rule, sql)


# by order: the shelf is named by the works, so it is found by its key; every shelf is asked only where that does not fit
RESERVED_BY_ORDER = _of(
    "units promised from the shelf are reserved on the shelf",
    f"""
SELECT 'order ' || l.order_id || ' line ' || l.line_no AS subject,
       {_DETAIL.format(claimed=f"({_CLAIMED})", reserved="every.units")} AS detail
  FROM orders.lines l
 CROSS JOIN LATERAL (SELECT {_RESERVED}
      AND r.location_id IN (SELECT w.location_id FROM fulfillment.work w WHERE w.order_id = l.order_id)) AS units) AS near
 CROSS JOIN LATERAL (SELECT CASE WHEN near.units = {_CLAIMED} THEN near.units ELSE {_RESERVED}) END AS units) AS every
 WHERE l.order_id = ANY(CAST(:ids AS uuid[])) AND every.units <> {_CLAIMED}""",  # noqa: S608  # constants of this file
)
# by item: what is reserved on any shelf and no line claims
RESERVED_BY_ITEM = _of(
    "units promised from the shelf are reserved on the shelf",
    f"""
SELECT 'order ' || r.order_id || ' line ' || r.line_no AS subject,
       {_DETAIL.format(claimed=f"coalesce({_CLAIMED}, 0)", reserved="r.units")} AS detail
  FROM (SELECT order_id, line_no, sum(quantity) AS units FROM inventory.reservations
         WHERE item_id = ANY(CAST(:ids AS uuid[])) GROUP BY order_id, line_no) r
  LEFT JOIN LATERAL (SELECT * FROM orders.lines n WHERE n.order_id = r.order_id AND n.line_no = r.line_no LIMIT 1) AS l ON true
 WHERE r.units <> coalesce({_CLAIMED}, 0)""",  # noqa: S608  # constants of this file
)
# units in a package that no order asked for: what has an order is found by it
PACKED_FOR_NOBODY = _of(
    "what the ledger has in packages lies in packages under way",
    """
SELECT 'order none item ' || item_id AS subject, 'the ledger has ' || sum(units) || ' in packages, packages under way hold 0'
       AS detail
  FROM (SELECT item_id, CASE WHEN to_account = 'package' THEN quantity ELSE -quantity END AS units FROM inventory.ledger
         WHERE item_id = ANY(CAST(:ids AS uuid[])) AND order_id IS NULL AND 'package' IN (from_account, to_account)) l
 GROUP BY item_id HAVING sum(units) <> 0""",
)
# what waits and what is parked, by the indexes that hold just those; other states are refused by the schema
INBOX_OPEN = _of(
    "a message of another system is applied, or parked with reason and owner",
    """
SELECT 'inbox message ' || message_id AS subject, source || ' ' || topic || ' is ' || state || ', owner "' || owner
       || '", received ' || received_at AS detail
  FROM (SELECT * FROM runtime.inbox WHERE state = 'parked' AND (owner = '' OR reason = '')
         UNION ALL
        SELECT * FROM runtime.inbox
         WHERE state = 'stored' AND (next_at IS NULL OR next_at < CAST(:now AS timestamptz) - interval '10 minutes')) m""",
)
