"""Money as questions of the audit: tenders hold what was reported, no more goes back than was taken, nothing left unpaid."""

# ruff: noqa: S608  # every piece of every statement is a constant of this file

from __future__ import annotations

from ambidex.reads.audit_stock import Check

MONEY = "6 money"
_TENDER = "'order ' || t.order_id || ' tender ' || t.payment_no"
_GONE = "l.q_handed_over + l.q_shipped + l.q_delivered"
_OUT = "l.q_canceled + l.q_returned + l.q_lost"
_WHOLE = "l.unit_price_minor * l.quantity - l.discount_minor + CASE WHEN o.prices_include_tax THEN 0 ELSE l.tax_minor END"

MONEY_CHECKS = (
    Check(
        MONEY,
        "a tender holds what was reported of it",
        f"""
SELECT {_TENDER} AS subject, 'it says ' || t.captured_minor || ' taken and ' || t.refunded_minor || ' given back, reports say '
       || coalesce(f.taken, 0) || ' and ' || coalesce(f.back, 0) AS detail
  FROM payments.tenders t LEFT JOIN (
    SELECT order_id, payment_no, sum(amount_minor) FILTER (WHERE kind = 'captured') AS taken,
           sum(amount_minor) FILTER (WHERE kind = 'refunded') AS back
      FROM payments.facts GROUP BY order_id, payment_no) f USING (order_id, payment_no)
 WHERE t.captured_minor <> coalesce(f.taken, 0) OR t.refunded_minor <> coalesce(f.back, 0)""",
    ),
    Check(
        MONEY,
        "no more goes back than was taken",
        f"""
SELECT {_TENDER} AS subject, t.refunded_minor || ' went back of ' || t.captured_minor AS detail
  FROM payments.tenders t WHERE t.refunded_minor > t.captured_minor OR t.refunded_minor < 0""",
    ),
    # what later ran out, was voided or went back was there when the goods left, so a violation is one for certain
    Check(
        MONEY,
        "what left was paid, or somebody agreed",
        f"""
SELECT 'order ' || g.order_id AS subject, 'goods for ' || g.due || ' left, ' || p.paid || ' were ever paid or agreed to' AS detail
  FROM (SELECT o.order_id, least(sum(({_WHOLE}) * ({_GONE}) / l.quantity),
               min(o.total_minor) - sum(({_WHOLE}) * ({_OUT}) / l.quantity)) AS due
          FROM orders.orders o JOIN orders.lines l USING (order_id)
         WHERE NOT o.history GROUP BY o.order_id HAVING sum({_GONE}) > 0) g
 CROSS JOIN LATERAL (
    SELECT coalesce((SELECT sum(greatest(t.authorized_minor, t.captured_minor)) FROM payments.tenders t
                      WHERE t.order_id = g.order_id), 0)
         + coalesce((SELECT sum(f.amount_minor) FROM payments.facts f
                      WHERE f.order_id = g.order_id AND f.kind = 'agreed'), 0) AS paid) p
 WHERE g.due - p.paid > greatest(5, g.due / 200)""",
    ),
)
MONEY_COUNTED = {MONEY: "SELECT count(*) FROM payments.tenders"}
