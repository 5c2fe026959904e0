"""Routing as questions of the audit: what was decided was begun, and who waits for stock anywhere has a day."""

from __future__ import annotations

from ambidex.reads.audit_stock import Check

QUANTITY = "2 quantity"
OWNER = "3 owner"

ROUTING_CHECKS = (
    Check(
        QUANTITY,
        "where it is sent from was decided, and begun so",
        """
SELECT 'order ' || r.order_id AS subject, 'its receipts of ' || r.decided_at || ' send ' || r.units || ' units in '
       || r.parts || ' parts, works begun then: ' || count(w.work_no) || ' of ' || coalesce(sum(w.asked), 0) || ' units'
       AS detail
  FROM (SELECT order_id, decided_at, sum(parts) AS parts, sum(units - unfilled) AS units
          FROM routing.receipts WHERE cause <> 'to_store' GROUP BY order_id, decided_at) r
  LEFT JOIN (SELECT w.order_id, w.work_no, w.offered_at, (SELECT sum(wl.asked) FROM fulfillment.work_lines wl
               WHERE wl.order_id = w.order_id AND wl.work_no = w.work_no) AS asked
               FROM fulfillment.work w WHERE w.method <> 'pickup') w
    ON w.order_id = r.order_id AND w.offered_at = r.decided_at
 GROUP BY r.order_id, r.decided_at, r.units, r.parts
HAVING count(w.work_no) < r.parts OR coalesce(sum(w.asked), 0) < r.units""",
    ),
    Check(
        OWNER,
        "who waits for stock anywhere has a day on which they hear of it, or a person who calls them",
        """
SELECT 'order ' || l.order_id || ' line ' || l.line_no AS subject, l.q_backordered || ' units wait and nobody owes news'
       AS detail
  FROM orders.lines l
 WHERE l.q_backordered > 0 AND l.method <> 'pickup'
   AND NOT EXISTS (SELECT FROM promises.promises p WHERE p.order_id = l.order_id AND p.kind = 'news_by'
                    AND p.state = 'made')
   AND NOT EXISTS (SELECT FROM watch.exceptions e WHERE e.order_id = l.order_id AND e.state = 'open')""",
    ),
)
