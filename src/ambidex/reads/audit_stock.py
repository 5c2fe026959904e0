"""The first invariant as questions: stock is what its ledger says, and claims never exceed it without an owner.

The ledger is double-entry and only grows: what left one account entered another, so all accounts together are nothing.
"""

# ruff: noqa: S608  # every piece of every statement is a constant of this file

from __future__ import annotations

from ambidex.kernel.values import dataclass

STOCK = "1 stock"
CONDITIONS = ("sellable", "suspect", "staged", "damaged", "quarantine", "display")
_VALUES = ", ".join(f"('{name}', p.{name})" for name in CONDITIONS)
_ON_HAND = " + ".join(CONDITIONS)
_NAMES = ", ".join(f"'{name}'" for name in CONDITIONS)
_PLACE = "'stock ' || item_id || ' at ' || location_id"
_MOVED = """
    SELECT item_id, location_id, to_account AS account, quantity AS units, happened_at FROM inventory.ledger
    UNION ALL SELECT item_id, location_id, from_account, -quantity, happened_at FROM inventory.ledger"""


@dataclass(frozen=True, slots=True)
class Check:
    """`invariant` is the number and word of the list; `rule` what must hold; `sql` finds what does not."""

    invariant: str
    rule: str
    sql: str


STOCK_CHECKS = (
    Check(
        STOCK,
        "on hand is the sum of the ledger",
        f"""
WITH moved AS (
  SELECT item_id, location_id, account, sum(units) AS units FROM ({_MOVED}) AS m
   WHERE account IN ({_NAMES}) GROUP BY item_id, location_id, account
), counted AS (
  SELECT p.item_id, p.location_id, c.account, c.units FROM inventory.positions p
   CROSS JOIN LATERAL (VALUES {_VALUES}) AS c(account, units)
)
SELECT {_PLACE} AS subject,
       account || ' says ' || coalesce(c.units, 0) || ', its ledger ' || coalesce(m.units, 0) AS detail
  FROM counted c FULL JOIN moved m USING (item_id, location_id, account)
 WHERE coalesce(c.units, 0) <> coalesce(m.units, 0)""",
    ),
    Check(
        STOCK,
        "reserved is the sum of reservations",
        f"""
SELECT {_PLACE} AS subject,
       'reserved says ' || coalesce(p.reserved, 0) || ', reservations ' || coalesce(r.units, 0) AS detail
  FROM inventory.positions p FULL JOIN (
       SELECT item_id, location_id, sum(quantity) AS units FROM inventory.reservations
        WHERE quantity > 0 GROUP BY item_id, location_id) r USING (item_id, location_id)
 WHERE coalesce(p.reserved, 0) <> coalesce(r.units, 0)""",
    ),
    Check(
        STOCK,
        "held is the sum of live holds",
        f"""
SELECT {_PLACE} AS subject,
       'held says ' || coalesce(p.held, 0) || ', holds ' || coalesce(h.units, 0) AS detail
  FROM inventory.positions p FULL JOIN (
       SELECT item_id, location_id, sum(quantity) AS units FROM inventory.holds
        WHERE released_at IS NULL GROUP BY item_id, location_id) h USING (item_id, location_id)
 WHERE coalesce(p.held, 0) <> coalesce(h.units, 0)""",
    ),
    Check(
        STOCK,
        "what is claimed beyond the shelf is covered by open shorts, exactly",
        f"""
SELECT {_PLACE} AS subject,
       'claims exceed the shelf by ' || greatest(0, p.reserved + p.held - p.sellable) || ', the gap says ' || p.gap
       || ', open shorts ' || coalesce(s.units, 0) AS detail
  FROM inventory.positions p LEFT JOIN (
       SELECT item_id, location_id, sum(quantity) AS units FROM inventory.shorts
        WHERE closed_at IS NULL GROUP BY item_id, location_id) s USING (item_id, location_id)
 WHERE least(p.reserved, p.held, p.sellable, p.gap) < 0
    OR p.gap <> greatest(0, p.reserved + p.held - p.sellable) OR p.gap <> coalesce(s.units, 0)""",
    ),
    Check(
        STOCK,
        "every open short has an owner",
        """
SELECT 'order ' || s.order_id AS subject, s.quantity || ' units are short and nobody owns the order' AS detail
  FROM inventory.shorts s LEFT JOIN watch.ownership o USING (order_id)
 WHERE s.closed_at IS NULL AND o.order_id IS NULL""",
    ),
    Check(
        STOCK,
        "all accounts of an item together are nothing",
        f"""
SELECT 'item ' || item_id AS subject,
       coalesce(p.units, 0) || ' on hand everywhere, ' || coalesce(m.units, 0) || ' outside' AS detail
  FROM (SELECT item_id, sum({_ON_HAND}) AS units FROM inventory.positions GROUP BY item_id) AS p
  FULL JOIN (SELECT item_id, sum(units) AS units FROM ({_MOVED}) AS m WHERE account NOT IN ({_NAMES})
              GROUP BY item_id) AS m USING (item_id)
 WHERE coalesce(p.units, 0) + coalesce(m.units, 0) <> 0""",
    ),
    Check(
        STOCK,
        "nothing left a journey or a package that had not entered it",
        f"""
SELECT 'item ' || item_id AS subject, account || ' has ' || sum(units) AS detail FROM ({_MOVED}) AS m
 WHERE account IN ('in_transit', 'package') GROUP BY item_id, account HAVING sum(units) < 0""",
    ),
    Check(
        STOCK,
        "the book as of the last count says what was counted",
        f"""
SELECT 'stock ' || c.item_id || ' at ' || c.location_id AS subject,
       'counted ' || c.counted || ' at ' || c.happened_at || ', the book of then says ' || coalesce(m.units, 0) AS detail
  FROM (SELECT DISTINCT ON (item_id, location_id) item_id, location_id, happened_at, counted
          FROM inventory.shelf_counts ORDER BY item_id, location_id, happened_at DESC) AS c
  LEFT JOIN LATERAL (SELECT sum(units) AS units FROM ({_MOVED}) AS m
       WHERE m.item_id = c.item_id AND m.location_id = c.location_id AND m.happened_at <= c.happened_at
         AND m.account IN ('sellable', 'suspect')) AS m ON true
  LEFT JOIN inventory.positions p ON p.item_id = c.item_id AND p.location_id = c.location_id
 WHERE c.counted <> coalesce(m.units, 0) OR p.counted_at IS DISTINCT FROM c.happened_at""",
    ),
    Check(
        STOCK,
        "a place holds no more than its ledger brought there",
        f"""
SELECT {_PLACE} AS subject, account || ' has ' || sum(units) AS detail FROM ({_MOVED}) AS m
 WHERE account IN ({_NAMES}) GROUP BY item_id, location_id, account HAVING sum(units) < 0""",
    ),
    Check(
        STOCK,
        "the ledger only grows",
        """
SELECT 'table inventory.' || wanted.name AS subject, 'its rows can be changed or removed' AS detail
  FROM (VALUES ('ledger', 'ledger_append_only'), ('ledger', 'ledger_no_truncate'),
               ('shelf_counts', 'shelf_counts_append_only'), ('shelf_counts', 'shelf_counts_no_truncate'))
    AS wanted(name, guard)
  LEFT JOIN pg_trigger t ON t.tgname = wanted.guard AND t.tgrelid = ('inventory.' || wanted.name)::regclass
   AND t.tgenabled IN ('O', 'A')
 WHERE t.oid IS NULL""",
    ),
    Check(
        STOCK,
        "a claim is accepted before it is picked, and never more than it is",
        f"""
SELECT {_PLACE} || ' for order ' || order_id AS subject,
       quantity || ' claimed, ' || allocated || ' allocated, ' || picked || ' picked' AS detail
  FROM inventory.reservations WHERE NOT (0 <= picked AND picked <= allocated AND allocated <= quantity)""",
    ),
    Check(
        STOCK,
        "no short is longer than its claim",
        f"""
SELECT {_PLACE} || ' for order ' || s.order_id AS subject,
       s.units || ' short of ' || coalesce(r.quantity, 0) || ' claimed' AS detail
  FROM (SELECT item_id, location_id, order_id, line_no, sum(quantity) AS units FROM inventory.shorts
         WHERE closed_at IS NULL GROUP BY item_id, location_id, order_id, line_no) AS s
  LEFT JOIN inventory.reservations r USING (item_id, location_id, order_id, line_no)
 WHERE s.units > coalesce(r.quantity, 0)""",
    ),
)
