"""Kinds of edits that somebody with psql may make: what it does to one order or one item, and the rule that it breaks.

`$1` is the order, `$2` the item; every statement returns what else it is known by. An empty rule: nothing is broken, and
it must be told all the same.
"""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    "a line asks for more": (
        "reserved on the shelf",
        "UPDATE orders.lines SET quantity = quantity + 1, q_reserved = q_reserved + 1 WHERE order_id = $1 AND item_id = $2 RETURNING ''",
    ),
    "a line was handed over": (
        "what works hand over",
        "UPDATE orders.lines SET q_reserved = 0, q_handed_over = quantity WHERE order_id = $1 AND item_id = $2 RETURNING ''",
    ),
    "a reservation is gone": (
        "reserved is the sum",
        "DELETE FROM inventory.reservations WHERE order_id = $1 AND item_id = $2 RETURNING ''",
    ),
    "a reservation is longer": (
        "reserved on the shelf",
        "UPDATE inventory.reservations SET quantity = quantity + 1 WHERE order_id = $1 AND item_id = $2 RETURNING ''",
    ),
    "more lies on the shelf": (
        "on hand is the sum",
        "UPDATE inventory.positions SET sellable = sellable + 3 WHERE item_id = $2 AND $1::uuid IS NOT NULL RETURNING ''",
    ),
    "more is reserved": (
        "reserved is the sum",
        "UPDATE inventory.positions SET reserved = reserved + 1 WHERE item_id = $2 AND $1::uuid IS NOT NULL RETURNING ''",
    ),
    "more is held": (
        "held is the sum",
        "UPDATE inventory.positions SET held = held + 1 WHERE item_id = $2 AND $1::uuid IS NOT NULL RETURNING ''",
    ),
    "a line in the ledger": (
        "on hand is the sum",
        (
            "INSERT INTO inventory.ledger (item_id, entry_id, location_id, from_account, to_account, quantity, cause, actor_id,"
            " happened_at, recorded_at) SELECT item_id, gen_random_uuid(), location_id, 'found', 'sellable', 2, 'typed in',"
            " 'somebody', now(), now() FROM inventory.positions WHERE item_id = $2 AND $1::uuid IS NOT NULL RETURNING ''"
        ),
    ),
    "a count": (
        "as of the last count",
        (
            "INSERT INTO inventory.shelf_counts (item_id, location_id, happened_at, counted, actor_id, recorded_at)"
            " SELECT item_id, location_id, now(), 99, 'somebody', now() FROM inventory.positions"
            " WHERE item_id = $2 AND $1::uuid IS NOT NULL RETURNING ''"
        ),
    ),
    "a hold": (
        "held is the sum",
        (
            "INSERT INTO inventory.holds (item_id, hold_id, location_id, quantity, purpose, made_at, expires_at)"
            " SELECT item_id, gen_random_uuid(), location_id, 1, 'checkout', now(), now() + interval '1 hour'"
            " FROM inventory.positions WHERE item_id = $2 AND $1::uuid IS NOT NULL RETURNING ''"
        ),
    ),
    "the owner is gone": (
        "one owner and one next deadline",
        "DELETE FROM watch.ownership WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "nothing watches": (
        "asks whether it happens",
        "UPDATE watch.watchdogs SET state = 'canceled', next_at = NULL WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "the order is over": (
        "an order that is over",
        "UPDATE orders.orders SET state = 'closed' WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "the reference is gone": (
        "one order for each source",
        "DELETE FROM orders.references WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING 'reference ' || reference",
    ),
    "the work wants less": (
        "what works hand over",
        "UPDATE fulfillment.work_lines SET dropped = dropped + 1, wanted = wanted - 1 WHERE order_id = $1 AND item_id = $2 RETURNING ''",
    ),
    "the work is refused": (
        "what works hand over",
        "UPDATE fulfillment.work SET state = 'refused' WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "a promise is kept": (
        "",
        "UPDATE promises.promises SET state = 'kept', kept_by = '[\"nothing\"]' WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "a promise is gone": (
        "",
        "DELETE FROM promises.promises WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "money was taken": (
        "holds what was reported",
        "UPDATE payments.tenders SET captured_minor = captured_minor + 100 WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "money is said to be taken": (
        "holds what was reported",
        (
            "INSERT INTO payments.facts (order_id, fact_no, payment_no, kind, amount_minor, currency, reported_by, reference,"
            " happened_at, recorded_at) SELECT $1, 9, 1, 'captured', 500, 'GBP', 'somebody', 'typed in', now(), now()"
            " WHERE $2::uuid IS NOT NULL RETURNING ''"
        ),
    ),
    "a letter is gone": (
        "",
        "DELETE FROM messages.messages WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "a letter was sent": (
        "a change has one event",
        "UPDATE messages.messages SET state = 'sent' WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "a decision": (
        "was decided, and begun so",
        (
            "INSERT INTO routing.receipts (order_id, receipt_no, cause, brand, version, arm, decided_at, took_us, fingerprint,"
            " snapshot, receipt, cost, parts, units, unfilled, meters, late) SELECT $1, 7, 'placed', '', 1, 'live', now(), 1, 'x',"
            " '', '', 0, 3, 9, 0, 0, false WHERE $2::uuid IS NOT NULL RETURNING ''"
        ),
    ),
    "a letter said ready": (
        "units scanned and a place scanned",
        "UPDATE messages.messages SET kind = 'ready', state = 'reported' WHERE order_id = $1 AND $2::uuid IS NOT NULL RETURNING ''",
    ),
    "goods are on their way": (
        "went on its way",
        (
            "WITH made AS (INSERT INTO transfers.deliveries (delivery_id, kind, reference, purpose, from_id, to_id, state, made_by,"
            " made_at) VALUES (gen_random_uuid(), 'transfer', 'T-' || CAST(CAST($1 AS uuid) AS text), 'replenish', gen_random_uuid(),"
            " gen_random_uuid(), 'in_transit', 'somebody', now()) RETURNING delivery_id)"
            " INSERT INTO transfers.lines (delivery_id, line_no, item_id, asked, sent) SELECT delivery_id, 1, $2, 2, 2 FROM made"
            " RETURNING ''"
        ),
    ),
    "a message of another system": (
        "applied, or parked",
        (
            "INSERT INTO runtime.inbox (message_id, source, delivery_key, topic, headers, body, received_at, state)"
            " SELECT gen_random_uuid(), 'shopify:main', CAST(CAST($1 AS uuid) AS text), 'orders/create', '{}', '', now(), 'stored'"
            " WHERE $2::uuid IS NOT NULL RETURNING CAST(message_id AS text)"
        ),
    ),
    "a task of nobody": (
        "a duty and a deadline",
        (
            "INSERT INTO tasks.tasks (task_id, kind, title, role, state, opened_at, due_at, next_at, key)"
            " SELECT gen_random_uuid(), 'attend', 'Look at it', '', 'open', now(), now() + interval '1 day', now()"
            " + interval '1 day', CAST(CAST($1 AS uuid) AS text) WHERE $2::uuid IS NOT NULL RETURNING CAST(task_id AS text)"
        ),
    ),
}
