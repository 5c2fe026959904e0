"""The audit of a few orders and items at a time: the same rules, asked of what changed and of what is next in turn.

Every table in a rule is narrowed to the orders (or items) in question before the rule is asked, so the cost is that of the
slice and not of the house. What cannot be narrowed so is asked in words of its own (`audit_walks`); no rule is left out.
"""

# ruff: noqa: S608  # every piece of every statement is a constant of ours

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import TextClause, text

from ambidex.kernel.ids import ItemId, OrderId
from ambidex.kernel.values import dataclass
from ambidex.reads.audit import Violation, named
from ambidex.reads.audit_checks import CHECKS, EACH_MAX
from ambidex.reads.audit_guards import RULE, TABLE
from ambidex.reads.audit_stock import Check
from ambidex.reads.audit_walks import INBOX_OPEN, PACKED_FOR_NOBODY, RESERVED_BY_ITEM, RESERVED_BY_ORDER
from ambidex.runtime.db import Read

# tables whose index begins with the order, or that are told apart by it quickly
_BY_ORDER = frozenset({
    "orders.orders", "orders.lines", "fulfillment.work", "fulfillment.work_lines", "fulfillment.evidence",
    "fulfillment.pickup_codes", "messages.messages", "promises.promises", "watch.ownership", "watch.watchdogs",
    "watch.exceptions", "runtime.events", "orders.references", "shipping.packages",
    "shipping.contents", "shipping.scans", "routing.receipts", "payments.tenders", "payments.facts",
})  # fmt: skip
_BY_ITEM = frozenset({
    "inventory.positions", "inventory.ledger", "inventory.reservations", "inventory.holds", "inventory.shorts",
    "inventory.shelf_counts",
})  # fmt: skip
# of these an item has few rows, however much of it was sold
_BY_SHELF = frozenset({"inventory.positions", "inventory.shorts"})
_OTHERWISE = {
    "orders.references": """(SELECT r.* FROM orders.references r JOIN orders.orders o USING (source_id, reference)
      WHERE o.order_id = ANY(CAST(:ids AS uuid[])))""",
    # joined by its key to lines that are narrowed
    "transfers.deliveries": "transfers.deliveries",
}
# one rule each may be asked of tables that others may not: an index holds just what it asks for
_ORDER_TOO = {"what the ledger has in packages lies in packages under way": frozenset({"inventory.ledger"})}
_ITEM_TOO = {
    "what went on its way came out of it, or a person still looks for it": frozenset({
        "transfers.lines", "transfers.deliveries",
    }),
}  # fmt: skip
# asked as they are each time: indexes hold just the open ones
_ALWAYS = frozenset({
    "every event comes into the chain", "every open short has an owner",
    "an open task and an open exception have a duty and a deadline", "the ledger only grows",
    RULE,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """What is asked about now."""

    orders: Sequence[OrderId] = ()
    items: Sequence[ItemId] = ()
    # items asked without their past: what the shelves say now, not whether the ledger adds up to it
    moved: Sequence[ItemId] = ()


def narrowed(check: Check, tables: Collection[str], column: str) -> Check | None:
    """The rule asked of some ids only; None when it looks at anything else."""
    found = [match["table"] for match in TABLE.finditer(check.sql)]
    if check.rule in _ALWAYS or not found or not set(found) <= set(tables):
        return None

    def narrow(match: re.Match[str]) -> str:
        table = match["table"]
        inner = _OTHERWISE.get(table, f"(SELECT * FROM {table} WHERE {column} = ANY(CAST(:ids AS uuid[])))")
        return f"{match['verb']} {inner} AS {match['alias'] or table.partition('.')[2]}"

    return Check(check.invariant, check.rule, TABLE.sub(narrow, check.sql))


_NONE: frozenset[str] = frozenset()
_ORDER_CHECKS = [RESERVED_BY_ORDER] + [
    one
    for check in CHECKS
    if (one := narrowed(check, _BY_ORDER | _ORDER_TOO.get(check.rule, _NONE), "order_id"))
]
_ITEM_CHECKS = [RESERVED_BY_ITEM, PACKED_FOR_NOBODY] + [
    one
    for check in CHECKS
    if (one := narrowed(check, _BY_ITEM | _ITEM_TOO.get(check.rule, _NONE), "item_id"))
]
_SHELF_CHECKS = [one for check in CHECKS if (one := narrowed(check, _BY_SHELF, "item_id"))]
_WHOLE_CHECKS = [INBOX_OPEN] + [check for check in CHECKS if check.rule in _ALWAYS]
SLICED = frozenset(check.rule for check in (*_ORDER_CHECKS, *_ITEM_CHECKS, *_WHOLE_CHECKS))


async def audit_slice(read: Read, of: Slice) -> list[Violation]:
    """Violations among these orders and items, and among all that is open."""
    return [
        *(await _asked(read, _WHOLE_CHECKS)),
        *(await _asked(read, _ORDER_CHECKS, of.orders) if of.orders else ()),
        *(await _asked(read, _ITEM_CHECKS, of.items) if of.items else ()),
        *(await _asked(read, _SHELF_CHECKS, of.moved) if of.moved else ()),
    ]


async def _asked(read: Read, checks: Sequence[Check], ids: Sequence[UUID] = ()) -> list[Violation]:
    """One statement for each rule."""
    return [violation for check in checks for violation in await _ask(read, check, ids)]


async def _ask(read: Read, check: Check, ids: Sequence[UUID]) -> list[Violation]:
    asked = {"ids": list(ids), "now": read.now}
    values = {name: value for name, value in asked.items() if f":{name}" in check.sql}
    return named(check, await read.all(text(f"{check.sql}\n LIMIT {EACH_MAX}"), values))


_CHANGED = text("""
SELECT DISTINCT order_id FROM runtime.events
 WHERE position > :after AND position <= :upto AND order_id IS NOT NULL ORDER BY order_id""")
_MOVED = text("""
SELECT DISTINCT CAST(p.place->>0 AS uuid) AS item_id FROM runtime.events e
 CROSS JOIN LATERAL jsonb_array_elements(e.payload->'places') AS p(place)
 WHERE e.position > :after AND e.position <= :upto AND e.name = 'inventory.moved'""")
_NEXT_ORDERS = text(
    "SELECT order_id FROM orders.orders WHERE order_id > :after ORDER BY order_id LIMIT :limit"
)
_NEXT_ITEMS = text("""
SELECT item_id FROM catalogue.items WHERE item_id > :after ORDER BY item_id LIMIT :limit""")


async def changed(read: Read, *, after: int, upto: int) -> Slice:
    """Orders and items that events of these positions are about."""
    orders = await read.all(_CHANGED, {"after": after, "upto": upto})
    items = await read.all(_MOVED, {"after": after, "upto": upto})
    return Slice([OrderId(row.order_id) for row in orders], moved=[ItemId(row.item_id) for row in items])


_LACKS_STATISTICS = text("""
SELECT reltuples < 0 AND pg_relation_size(oid) > 200000 FROM pg_class WHERE oid = CAST('orders.lines' AS regclass)""")


async def lacks_statistics(read: Read) -> bool:
    """Whether the house grew faster than PostgreSQL looked at it: a look would cost twenty times as much."""
    return bool(await read.value(_LACKS_STATISTICS))


async def in_turn(read: Read, last: Slice, *, orders: int, items: int) -> Slice:
    """The next ones after the last of a slice, from the beginning again when there are none."""
    next_orders = await _next(read, _NEXT_ORDERS, last.orders, orders)
    next_items = await _next(read, _NEXT_ITEMS, last.items, items)
    return Slice([OrderId(one) for one in next_orders], [ItemId(one) for one in next_items])


async def _next(read: Read, question: TextClause, last: Sequence[UUID], limit: int) -> list[UUID]:
    rows = await read.all(question, {"after": last[-1], "limit": limit}) if last else ()
    return [row[0] for row in rows or await read.all(question, {"after": UUID(int=0), "limit": limit})]
