"""Goods on their way and orders of the past, as questions of the audit: nothing vanishes on the road, and what was over
when it came holds nothing here.
"""

from __future__ import annotations

from ambidex.reads.audit_stock import STOCK, Check

QUANTITY = "2 quantity"
GOODS_CHECKS = (
    Check(
        STOCK,
        "what went on its way came out of it, or a person still looks for it",
        """
SELECT 'transfer ' || reference AS subject, 'the ledger has ' || coalesce(l.units, 0) || ' of item ' || item_id
       || ' in transit, the transfer ' || coalesce(d.units, 0) AS detail
  FROM (SELECT d.reference, t.item_id, sum(CASE d.state WHEN 'in_transit' THEN t.sent
               WHEN 'partly_received' THEN greatest(0, t.sent - t.received - t.damaged)
                    - CASE WHEN t.sent > t.received + t.damaged THEN t.settled ELSE 0 END ELSE 0 END) AS units
          FROM transfers.deliveries d JOIN transfers.lines t USING (delivery_id)
         WHERE d.kind = 'transfer' GROUP BY d.reference, t.item_id) d
  FULL JOIN (SELECT reference, item_id,
               sum(CASE WHEN to_account = 'in_transit' THEN quantity ELSE -quantity END) AS units
          FROM inventory.ledger WHERE 'in_transit' IN (from_account, to_account)
         GROUP BY reference, item_id) l USING (reference, item_id)
 WHERE coalesce(l.units, 0) <> coalesce(d.units, 0)""",
    ),
    Check(
        QUANTITY,
        "an order that was over when it came is over, and nothing of it happens here",
        """
SELECT 'order ' || o.order_id AS subject, 'history, and it is ' || o.state || CASE
       WHEN EXISTS (SELECT FROM fulfillment.work w WHERE w.order_id = o.order_id) THEN ' with work'
       WHEN EXISTS (SELECT FROM watch.ownership w WHERE w.order_id = o.order_id) THEN ' with an owner'
       WHEN EXISTS (SELECT FROM messages.messages m WHERE m.order_id = o.order_id) THEN ' with messages'
       ELSE ' with units that are not over' END AS detail
  FROM orders.orders o
 WHERE o.history AND (o.state NOT IN ('closed', 'canceled')
   OR EXISTS (SELECT FROM fulfillment.work w WHERE w.order_id = o.order_id)
   OR EXISTS (SELECT FROM watch.ownership w WHERE w.order_id = o.order_id)
   OR EXISTS (SELECT FROM messages.messages m WHERE m.order_id = o.order_id)
   OR EXISTS (SELECT FROM orders.lines l WHERE l.order_id = o.order_id
        AND l.quantity <> l.q_handed_over + l.q_returned + l.q_canceled + l.q_lost))""",
    ),
)
