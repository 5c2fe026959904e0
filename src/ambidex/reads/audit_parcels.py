"""Custody as questions of the audit: a unit is in one place, and what left with a carrier is in a package, scanned out."""

# ruff: noqa: S608  # every piece of every statement is a constant of this file

from __future__ import annotations

from ambidex.reads.audit_stock import Check

CUSTODY = "9 custody"
SAID = "4 said = done"
_TOLD = "m.state IN ('sent', 'sending', 'unknown', 'reported')"
_PACKAGE = "'package ' || p.order_id || '-' || p.package_no"

PARCEL_CHECKS = (
    Check(
        CUSTODY,
        "what the ledger has in packages lies in packages under way",
        """
SELECT 'order ' || coalesce(CAST(order_id AS text), 'none') || ' item ' || item_id AS subject, 'the ledger has ' || coalesce(l.units, 0)
       || ' in packages, packages under way hold ' || coalesce(p.units, 0) AS detail
  FROM (SELECT p.order_id, c.item_id, sum(c.units) AS units
          FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
         WHERE p.state IN ('dispatched', 'delivery_failed', 'returned_to_sender')
         GROUP BY p.order_id, c.item_id) p
  FULL JOIN (SELECT order_id, item_id,
               sum(CASE WHEN to_account = 'package' THEN quantity ELSE -quantity END) AS units
          FROM inventory.ledger WHERE 'package' IN (from_account, to_account)
         GROUP BY order_id, item_id HAVING sum(CASE WHEN to_account = 'package' THEN quantity ELSE -quantity END) <> 0
       ) l USING (order_id, item_id)
 WHERE coalesce(l.units, 0) <> coalesce(p.units, 0)""",
    ),
    Check(
        CUSTODY,
        "work that is packed or left has every unit in a package",
        """
SELECT 'fulfillment order ' || w.order_id || '-' || w.work_no AS subject,
       w.state || ': line ' || l.line_no || ' wants ' || l.wanted || ', packages hold ' || coalesce(c.units, 0)
       AS detail
  FROM fulfillment.work w JOIN fulfillment.work_lines l USING (order_id, work_no)
  LEFT JOIN (SELECT p.order_id, p.work_no, c.line_no, sum(c.units) AS units
               FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
              WHERE p.state <> 'opened' GROUP BY p.order_id, p.work_no, c.line_no) c USING (order_id, work_no, line_no)
 WHERE w.state IN ('packed', 'dispatched', 'delivered', 'delivery_failed', 'returned_to_sender', 'lost')
   AND l.wanted <> coalesce(c.units, 0)""",
    ),
    Check(
        CUSTODY,
        "units leave with the package that holds them",
        """
SELECT 'fulfillment order ' || order_id || '-' || work_no || ' line ' || line_no AS subject,
       'the work says ' || coalesce(l.gone, 0) || ' left, packages that left hold ' || coalesce(p.units, 0) AS detail
  FROM (SELECT p.order_id, p.work_no, c.line_no, sum(c.units) AS units
          FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
         WHERE p.state NOT IN ('packed', 'opened') GROUP BY p.order_id, p.work_no, c.line_no) p
  FULL JOIN (SELECT l.order_id, l.work_no, l.line_no, l.handed_over AS gone FROM fulfillment.work_lines l
               JOIN fulfillment.work w USING (order_id, work_no)
              WHERE l.handed_over > 0 AND w.state NOT IN ('ready', 'handed_over', 'staged')) l
 USING (order_id, work_no, line_no)
 WHERE coalesce(l.gone, 0) <> coalesce(p.units, 0)""",
    ),
    Check(
        CUSTODY,
        "a package leaves with a label, scanned out by somebody",
        f"""
SELECT {_PACKAGE} AS subject, p.state || ' without a scan of its label' AS detail
  FROM shipping.packages p
 WHERE p.state NOT IN ('packed', 'opened') AND (p.tracking_number = '' OR NOT EXISTS (
   SELECT FROM fulfillment.evidence e WHERE e.order_id = p.order_id AND e.work_no = p.work_no
      AND e.step = 'dispatch' AND e.kind <> 'system' AND e.place = 'package-' || p.package_no))""",
    ),
    Check(
        SAID,
        "shipped rests on a scan, delivered on the carrier's word",
        f"""
SELECT 'message ' || m.order_id || '-' || m.message_no AS subject,
       'it says ' || m.kind || ' of parcel ' || coalesce(m.facts->'parcel'->>'number', '?') || ', which is '
       || coalesce(p.state, 'not there') AS detail
  FROM messages.messages m
  LEFT JOIN shipping.packages p
    ON p.order_id = m.order_id AND p.package_no = (m.facts->'parcel'->>'number')::smallint
 WHERE {_TOLD} AND CASE m.kind
   WHEN 'shipped' THEN p.state IS NULL OR p.state IN ('packed', 'opened') OR NOT EXISTS (
     SELECT FROM fulfillment.evidence e WHERE e.order_id = m.order_id AND e.step = 'dispatch'
        AND e.kind <> 'system' AND m.proof ? CAST(e.evidence_id AS text))
   WHEN 'delivered' THEN coalesce(p.state, '') NOT IN ('delivered', 'came_back') OR NOT EXISTS (
     SELECT FROM shipping.scans s WHERE s.order_id = p.order_id AND s.package_no = p.package_no
        AND s.status = 'delivered')
   WHEN 'parcel-lost' THEN coalesce(p.state, '') NOT IN ('lost', 'delivered')
   ELSE false END""",
    ),
)
PARCEL_COUNTED = {CUSTODY: "SELECT count(*) FROM shipping.packages"}
