"""The invariants as questions: each is one statement whose rows are violations, `subject` and `detail` each.

Numbers and words are those of the domain's list of invariants. One statement sees one moment of the database, so a
busy system raises no false alarm. They do not trust constraints and triggers: what those forbid is asked again.
"""

# ruff: noqa: S608  # every piece of every statement is a constant of this file

from __future__ import annotations

from ambidex.domains.orders.tables import LINE_STATES
from ambidex.reads.audit_goods import GOODS_CHECKS
from ambidex.reads.audit_guards import AUDIT, guarding, read_by
from ambidex.reads.audit_money import MONEY_CHECKS, MONEY_COUNTED
from ambidex.reads.audit_parcels import PARCEL_CHECKS, PARCEL_COUNTED
from ambidex.reads.audit_routing import ROUTING_CHECKS
from ambidex.reads.audit_stock import STOCK, STOCK_CHECKS, Check

EACH_MAX = 50
_TOLD = "m.state IN ('sent', 'sending', 'unknown', 'reported')"
_ALL = "(" + " + ".join(f"l.q_{state}" for state in LINE_STATES) + ")"
_STILL = (
    "(l.q_open + l.q_reserved + l.q_allocated + l.q_picked + l.q_staged + l.q_ready + l.q_packed + l.q_shipped"
    " + l.q_short + l.q_backordered)"
)
_GONE = "(l.q_handed_over + l.q_shipped + l.q_delivered + l.q_returned + l.q_lost)"
_ENDED_WORK = "('handed_over', 'refused', 'lapsed', 'taken_back', 'short', 'canceled', 'delivered', 'returned_to_sender', 'lost')"
_ENDED_DOG = "('resolved', 'canceled')"
_LATER = """EXISTS (SELECT FROM messages.messages c WHERE c.order_id = m.order_id AND c.message_no > m.message_no
      AND c.kind IN ('correction', 'canceled', 'options', 'late') AND c.state <> 'withdrawn')
  OR EXISTS (SELECT FROM promises.promises p WHERE p.order_id = m.order_id AND p.kind = 'correction_by'
      AND p.state IN ('made', 'kept') AND p.made_at >= m.queued_at)"""


QUANTITY = "2 quantity"
OWNER = "3 owner"
SAID = "4 said = done"
READY = "5 ready"
INBOX = "7 inbox"

_RULES = (
    *STOCK_CHECKS,
    *GOODS_CHECKS,
    *ROUTING_CHECKS,
    *PARCEL_CHECKS,
    *MONEY_CHECKS,
    Check(
        QUANTITY,
        "a line's quantity is the sum over its states",
        f"""
SELECT 'order ' || l.order_id || ' line ' || l.line_no AS subject,
       'ordered ' || l.quantity || ', counted ' || {_ALL} AS detail
  FROM orders.lines l WHERE l.quantity <> {_ALL}""",
    ),
    Check(
        QUANTITY,
        "what works hand over is what the line says",
        f"""
SELECT 'order ' || l.order_id || ' line ' || l.line_no AS subject,
       'the line has ' || ({_GONE} + coalesce(s.units, 0)) || ' gone and ' || in_work || ' in work; works say '
       || coalesce(w.gone, 0) || ' and ' || coalesce(w.open, 0) AS detail
  FROM orders.lines l
  LEFT JOIN (
    SELECT wl.order_id, wl.line_no, sum(wl.handed_over) AS gone,
           sum(wl.wanted - wl.handed_over) FILTER (WHERE w.state NOT IN {_ENDED_WORK}) AS open
      FROM fulfillment.work_lines wl JOIN fulfillment.work w USING (order_id, work_no)
     GROUP BY wl.order_id, wl.line_no) w USING (order_id, line_no)
  LEFT JOIN (
    SELECT p.order_id, c.line_no, sum(c.units) AS units
      FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
     WHERE p.sent_again_at IS NOT NULL GROUP BY p.order_id, c.line_no) s USING (order_id, line_no)
 CROSS JOIN LATERAL (SELECT l.q_reserved + l.q_allocated + l.q_picked + l.q_staged + l.q_ready + l.q_packed) AS i(in_work)
 WHERE ({_GONE} + coalesce(s.units, 0) <> coalesce(w.gone, 0) OR in_work <> coalesce(w.open, 0))
   AND NOT EXISTS (SELECT FROM orders.orders o WHERE o.order_id = l.order_id AND o.history)""",
    ),
    Check(
        QUANTITY,
        "units promised from the shelf are reserved on the shelf",
        """
SELECT 'order ' || order_id || ' line ' || line_no AS subject,
       'the line claims ' || coalesce(l.units, 0) || ' on the shelf, reservations say ' || coalesce(r.units, 0) AS detail
  FROM (SELECT order_id, line_no, q_reserved + q_allocated + q_picked AS units FROM orders.lines) l
  FULL JOIN (SELECT order_id, line_no, sum(quantity) AS units FROM inventory.reservations
              GROUP BY order_id, line_no) r USING (order_id, line_no)
 WHERE coalesce(l.units, 0) <> coalesce(r.units, 0)""",
    ),
    Check(
        OWNER,
        "an order with something still to happen has one owner and one next deadline",
        f"""
SELECT 'order ' || o.order_id AS subject, o.still || ' units are to happen, ' || coalesce(w.owners, 0) || ' owners'
       AS detail
  FROM (SELECT l.order_id, sum{_STILL} AS still FROM orders.lines l JOIN orders.orders o USING (order_id)
         WHERE o.state NOT IN ('draft', 'canceled', 'expired') GROUP BY l.order_id HAVING sum{_STILL} > 0) o
  LEFT JOIN (SELECT order_id, count(*) AS owners FROM watch.ownership
              WHERE role <> '' AND next_deadline IS NOT NULL GROUP BY order_id) w USING (order_id)
 WHERE coalesce(w.owners, 0) <> 1""",
    ),
    Check(
        OWNER,
        "an order that is over has nothing left to happen",
        f"""
SELECT 'order ' || o.order_id AS subject, o.state || ' with ' || sum{_STILL} || ' units still to happen' AS detail
  FROM orders.orders o JOIN orders.lines l USING (order_id)
 WHERE o.state IN ('closed', 'canceled', 'expired') GROUP BY o.order_id, o.state HAVING sum{_STILL} > 0""",
    ),
    Check(
        OWNER,
        "somebody or something asks whether it happens",
        f"""
SELECT 'order ' || w.order_id AS subject, 'owned by ' || w.role || ', and nothing waits: no watchdog, no exception'
       AS detail
  FROM watch.ownership w
 WHERE NOT EXISTS (SELECT FROM watch.watchdogs d WHERE d.order_id = w.order_id AND d.state NOT IN {_ENDED_DOG})
   AND NOT EXISTS (SELECT FROM watch.exceptions e WHERE e.order_id = w.order_id AND e.state = 'open')""",
    ),
    Check(
        OWNER,
        "what waits on an order is owned",
        f"""
SELECT 'order ' || w.order_id AS subject, w.what || ' is open and nobody owns the order' AS detail
  FROM (SELECT order_id, 'work ' || work_no AS what FROM fulfillment.work WHERE state NOT IN {_ENDED_WORK}
        UNION ALL SELECT order_id, 'watchdog ' || waits_for FROM watch.watchdogs WHERE state NOT IN {_ENDED_DOG}
        UNION ALL SELECT order_id, 'exception ' || kind FROM watch.exceptions
                   WHERE state = 'open' AND order_id IS NOT NULL) w
 WHERE NOT EXISTS (SELECT FROM watch.ownership o WHERE o.order_id = w.order_id)""",
    ),
    Check(
        OWNER,
        "an open task and an open exception have a duty and a deadline",
        """
SELECT 'task ' || task_id AS subject, title || ' has no owner' AS detail FROM tasks.tasks
 WHERE state NOT IN ('done', 'expired') AND (role = '' OR due_at IS NULL)
UNION ALL
SELECT 'exception ' || exception_id, kind || ' has no owner' FROM watch.exceptions
 WHERE state = 'open' AND (owner_role = '' OR due_at IS NULL)""",
    ),
    Check(
        SAID,
        "what a message says is proven by what was there before it",
        rf"""
SELECT 'message ' || m.order_id || '-' || m.message_no AS subject, m.kind || ' rests on ' || p.proof || ', which is not there'
       AS detail
  FROM messages.messages m CROSS JOIN LATERAL (
       SELECT jsonb_array_elements_text(m.proof) AS proof
       UNION ALL SELECT 'nothing' WHERE m.proof = '[]'::jsonb) AS p
 WHERE {_TOLD} AND NOT CASE
   WHEN p.proof ~ '^[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}$' THEN
     EXISTS (SELECT FROM fulfillment.evidence e WHERE e.order_id = m.order_id
              AND e.evidence_id = CAST(p.proof AS uuid) AND e.recorded_at <= m.queued_at)
     OR EXISTS (SELECT FROM runtime.events e WHERE e.order_id = m.order_id
              AND e.event_id = CAST(p.proof AS uuid) AND e.recorded_at <= m.queued_at)
   ELSE EXISTS (SELECT FROM runtime.events e WHERE e.order_id = m.order_id AND e.name = p.proof
              AND e.recorded_at <= m.queued_at) END""",
    ),
    Check(
        SAID,
        "ready rests on units scanned and a place scanned",
        f"""
SELECT 'message ' || m.order_id || '-' || m.message_no AS subject, 'it says ready without physical proof' AS detail
  FROM messages.messages m
 WHERE {_TOLD} AND m.kind = 'ready' AND (
   SELECT count(DISTINCT e.step) FROM fulfillment.evidence e
    WHERE e.order_id = m.order_id AND e.work_no = m.work_no AND e.kind <> 'system' AND e.step IN ('pick', 'stage')
      AND m.proof ? CAST(e.evidence_id AS text)) < 2""",
    ),
    Check(
        SAID,
        "no fact is told twice",
        f"""
SELECT 'order ' || m.order_id AS subject, m.fact_key || ' was told ' || count(*) || ' times' AS detail
  FROM messages.messages m WHERE {_TOLD} GROUP BY m.order_id, m.fact_key HAVING count(*) > 1""",
    ),
    Check(
        SAID,
        "what was said and is no longer so is being corrected",
        f"""
SELECT 'message ' || m.order_id || '-' || m.message_no AS subject,
       'it says ' || m.kind || '; the order is ' || o.state || ', the work ' || coalesce(w.state, 'none') AS detail
  FROM messages.messages m JOIN orders.orders o USING (order_id)
  LEFT JOIN fulfillment.work w ON w.order_id = m.order_id AND w.work_no = m.work_no
 WHERE {_TOLD} AND CASE m.kind
   WHEN 'ready' THEN coalesce(w.state, '') NOT IN ('ready', 'handed_over')
   WHEN 'reminder' THEN coalesce(w.state, '') NOT IN ('ready', 'handed_over')
   WHEN 'last-call' THEN coalesce(w.state, '') NOT IN ('ready', 'handed_over')
   WHEN 'collected' THEN coalesce(w.state, '') NOT IN ('ready', 'handed_over')
   WHEN 'confirmed' THEN o.state IN ('canceled', 'expired')
   WHEN 'canceled' THEN o.state IN ('placed', 'confirmed') AND coalesce((m.facts->>'whole')::boolean, true)
   ELSE false END
   AND NOT ({_LATER})""",
    ),
    Check(
        READY,
        "ready has physical evidence for every unit, and a place",
        """
SELECT 'fulfillment order ' || w.order_id || '-' || w.work_no AS subject,
       w.state || ' at "' || w.staging_place || '": ' || coalesce(l.unproven, 0) || ' lines unproven, '
       || coalesce(l.wanted, 0) || ' units wanted' AS detail
  FROM fulfillment.work w LEFT JOIN LATERAL (
    SELECT sum(wl.wanted) AS wanted, count(*) FILTER (WHERE
             CASE w.state WHEN 'handed_over' THEN wl.handed_over + wl.to_put_away ELSE wl.wanted END > coalesce((
             SELECT sum(CASE e.step WHEN 'pick' THEN e.quantity ELSE -e.quantity END) FROM fulfillment.evidence e
              WHERE e.order_id = wl.order_id AND e.work_no = wl.work_no AND e.line_no = wl.line_no
                AND e.item_id = wl.item_id AND (e.step = 'put_away' OR e.step = 'pick'
                AND e.kind NOT IN ('system', 'signature') AND e.location_id = w.location_id)), 0)) AS unproven
      FROM fulfillment.work_lines wl WHERE wl.order_id = w.order_id AND wl.work_no = w.work_no) l ON true
 WHERE w.state IN ('ready', 'handed_over')
   AND (w.staging_place = '' OR coalesce(l.wanted, 0) < 1 OR l.unproven > 0)""",
    ),
    Check(
        READY,
        "what was ever ready was proven then",
        """
SELECT 'fulfillment order ' || w.order_id || '-' || w.work_no AS subject,
       'became ready at ' || w.ready_at || ' without units and place scanned before' AS detail
  FROM fulfillment.work w
 WHERE w.ready_at IS NOT NULL AND (
   SELECT count(DISTINCT e.step) FROM fulfillment.evidence e
    WHERE e.order_id = w.order_id AND e.work_no = w.work_no AND e.kind <> 'system' AND e.step IN ('pick', 'stage')
      AND e.recorded_at <= w.ready_at) < 2""",
    ),
    Check(
        INBOX,
        "a message of another system is applied, or parked with reason and owner",
        """
SELECT 'inbox message ' || message_id AS subject, source || ' ' || topic || ' is ' || state || ', owner "' || owner
       || '", received ' || received_at AS detail
  FROM runtime.inbox
 WHERE state = 'parked' AND (owner = '' OR reason = '')
    OR state = 'stored' AND (next_at IS NULL OR next_at < CAST(:now AS timestamptz) - interval '10 minutes')
    OR state NOT IN ('stored', 'applied', 'parked', 'refused')""",
    ),
    Check(
        INBOX,
        "one order for each source and reference",
        """
SELECT 'source ' || source_id || ' reference ' || reference AS subject,
       count(o.order_id) || ' orders, ' || count(r.order_id) || ' claims on the reference' AS detail
  FROM orders.orders o FULL JOIN orders.references r USING (source_id, reference, order_id)
 GROUP BY source_id, reference HAVING count(o.order_id) <> 1 OR count(r.order_id) <> 1""",
    ),
    Check(
        AUDIT,
        "a change has one event",
        """
SELECT subject, 'told by ' || coalesce(told, 0) || ' events' AS detail FROM (
  SELECT 'placed order ' || o.order_id AS subject, e.told
    FROM orders.orders o LEFT JOIN (SELECT order_id, count(*) AS told FROM runtime.events
         WHERE name = 'orders.placed' GROUP BY order_id) e USING (order_id)
  UNION ALL
  SELECT 'offered fulfillment order ' || w.order_id || '-' || w.work_no, e.told
    FROM fulfillment.work w LEFT JOIN (SELECT subject, count(*) AS told FROM runtime.events
         WHERE name = 'fulfillment.offered' GROUP BY subject) e
      ON e.subject = 'fulfillment-order:' || replace(CAST(w.order_id AS text), '-', '') || '-' || w.work_no
  UNION ALL
  SELECT 'sent message ' || m.order_id || '-' || m.message_no, e.told
    FROM messages.messages m LEFT JOIN (SELECT subject, count(*) AS told FROM runtime.events
         WHERE name = 'messages.sent' GROUP BY subject) e
      ON e.subject = 'message:' || m.order_id || '-' || m.message_no
   WHERE m.state = 'sent') AS changes
 WHERE coalesce(told, 0) <> 1""",
    ),
    Check(
        AUDIT,
        "what an event says was sent stands as sent",
        """
SELECT 'event ' || e.event_id AS subject, e.subject || ' was sent, and is now ' || coalesce(m.state, 'gone') AS detail
  FROM runtime.events e LEFT JOIN messages.messages m
    ON m.order_id = e.order_id AND e.subject = 'message:' || m.order_id || '-' || m.message_no
 WHERE e.name = 'messages.sent' AND m.state IS DISTINCT FROM 'sent'""",
    ),
    Check(
        AUDIT,
        "a pickup code that was used stays used",
        """
SELECT 'fulfillment order ' || w.order_id || '-' || w.work_no AS subject, 'handed over by code ' || e.handed
       || ' times, codes used ' || coalesce(c.used, 0) AS detail
  FROM fulfillment.work w
  JOIN (SELECT subject, count(*) AS handed FROM runtime.events
         WHERE name = 'fulfillment.handed-over' AND payload->>'how' = 'code' GROUP BY subject) e
    ON e.subject = 'fulfillment-order:' || replace(CAST(w.order_id AS text), '-', '') || '-' || w.work_no
  LEFT JOIN (SELECT order_id, work_no, count(*) AS used FROM fulfillment.pickup_codes
              WHERE used_at IS NOT NULL GROUP BY order_id, work_no) c USING (order_id, work_no)
 WHERE coalesce(c.used, 0) < e.handed""",
    ),
    Check(
        AUDIT,
        "every event comes into the chain",
        """
SELECT 'event ' || event_id AS subject, name || ' of ' || recorded_at || ' was never published' AS detail
  FROM runtime.events
 WHERE position IS NULL AND recorded_at < CAST(:now AS timestamptz) - interval '10 minutes'""",
    ),
)

TRUTH = read_by(_RULES)
CHECKS = (*_RULES, guarding(TRUTH))

COUNTED = {
    STOCK: "SELECT count(*) FROM inventory.positions",
    QUANTITY: "SELECT count(*) FROM orders.lines",
    OWNER: "SELECT (SELECT count(*) FROM watch.ownership) + (SELECT count(*) FROM tasks.tasks)",
    SAID: f"SELECT count(*) FROM messages.messages m WHERE {_TOLD}",
    READY: "SELECT count(*) FROM fulfillment.work WHERE ready_at IS NOT NULL OR state IN ('ready', 'handed_over')",
    **MONEY_COUNTED,
    **PARCEL_COUNTED,
    INBOX: "SELECT (SELECT count(*) FROM runtime.inbox) + (SELECT count(*) FROM orders.references)",
}
