"""The audit names a planted violation of each invariant, and is silent about a house where all is well."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ambidex.entry.audit import sentences
from ambidex.reads.audit import Report, audit
from ambidex.reads.audit_checks import CHECKS
from ambidex.runtime.db import Database, Read
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.reads.house import house_with_a_past
from tests.servers import TestServer
from tests.shop import Shop

# whatever would forbid the forgery is taken away first: the audit trusts neither constraints nor triggers
DISARM = """
DO $$ DECLARE c record; BEGIN
  FOR c IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
            WHERE contype = 'c' AND connamespace::regnamespace::text = ANY('{inventory,orders,watch,tasks,messages,fulfillment,runtime,shipping,payments}')
  LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.place, c.conname); END LOOP;
  FOR c IN SELECT DISTINCT tgrelid::regclass AS place FROM pg_trigger WHERE NOT tgisinternal
  LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', c.place); END LOOP;
END $$"""


@dataclass
class Past:
    """A private copy in which things happened; each test forges in a transaction that is rolled back."""

    connection: AsyncConnection
    clock: Clock

    async def audited_after(self, *forgeries: str) -> Report:
        for forgery in (DISARM, *forgeries) if forgeries else ():
            await self.connection.execute(text(forgery))
        return await audit(Read(self.connection, self.clock.now))


@pytest.fixture(scope="module")
async def past_database(server: TestServer) -> AsyncIterator[tuple[Database, Clock]]:
    url, clock = server.copy(), Clock()
    database = Database(url)
    await house_with_a_past(Shop(Run(database, clock)), clock)
    yield database, clock
    await database.close()
    server.drop(url)


@pytest.fixture
async def past(past_database: tuple[Database, Clock]) -> AsyncIterator[Past]:
    database, clock = past_database
    async with database.engine.connect() as connection:
        yield Past(connection, clock)
        await connection.rollback()


async def test_a_house_with_a_past_is_clean(past: Past) -> None:
    report = await past.audited_after()
    assert report.violations == ()
    assert all(report.checked.values())
    assert json.loads(json.dumps(report.json()))["ok"] is True


FORGERIES = [
    # 1 stock
    ("on hand is the sum", "UPDATE inventory.positions SET sellable = sellable + 1"),
    ("on hand is the sum", "DELETE FROM inventory.ledger WHERE to_account = 'staged'"),
    ("reserved is the sum", "UPDATE inventory.positions SET reserved = reserved + 1"),
    ("reserved is the sum", "DELETE FROM inventory.positions"),
    ("held is the sum", "UPDATE inventory.positions SET held = held + 1"),
    ("covered by open shorts", "UPDATE inventory.positions SET sellable = 0, reserved = 5, gap = 0"),
    ("covered by open shorts", "UPDATE inventory.positions SET gap = 2"),
    (
        "every open short has an owner",
        (
            "INSERT INTO inventory.shorts (item_id, short_id, location_id, order_id, line_no, quantity, cause, opened_at) "
            "SELECT item_id, gen_random_uuid(), location_id, gen_random_uuid(), 1, 1, 'a count', now() FROM inventory.positions"
        ),
    ),
    ("together are nothing", "UPDATE inventory.positions SET staged = staged + 3"),
    (
        "holds no more than its ledger",
        "UPDATE inventory.ledger SET quantity = 900 WHERE to_account = 'staged'",
    ),
    (
        "nothing left a journey",
        "UPDATE inventory.ledger SET from_account = 'in_transit' WHERE from_account = 'found'",
    ),
    (
        "nothing left a journey",
        "UPDATE inventory.ledger SET from_account = 'package' WHERE from_account = 'found'",
    ),
    ("as of the last count", "UPDATE inventory.shelf_counts SET counted = counted + 1"),
    ("as of the last count", "UPDATE inventory.positions SET counted_at = counted_at + interval '1 hour'"),
    (
        "as of the last count",
        "UPDATE inventory.ledger SET happened_at = happened_at + interval '1 day' WHERE from_account = 'found'",
    ),
    ("the ledger only grows", "ALTER TABLE inventory.ledger DISABLE TRIGGER ledger_append_only"),
    (
        "accepted before it is picked",
        "UPDATE inventory.reservations SET picked = quantity + 1 WHERE quantity > 0",
    ),
    (
        "no short is longer than its claim",
        (
            "INSERT INTO inventory.shorts (item_id, short_id, location_id, order_id, line_no, quantity, cause, opened_at) "
            "SELECT item_id, gen_random_uuid(), location_id, order_id, line_no, quantity + 1, 'a count', now() "
            "FROM inventory.reservations"
        ),
    ),
    (
        "went on its way",
        "UPDATE inventory.ledger SET to_account = 'in_transit' WHERE to_account = 'customer'",
    ),
    (
        "went on its way",
        (
            "INSERT INTO transfers.deliveries (delivery_id, kind, reference, purpose, from_id, to_id, state, made_by, made_at) "
            "VALUES (gen_random_uuid(), 'transfer', 'T-1', 'replenish', gen_random_uuid(), gen_random_uuid(), 'in_transit', "
            "'somebody', now())"
        ),
        (
            "INSERT INTO transfers.lines (delivery_id, line_no, item_id, asked, sent) "
            "SELECT delivery_id, 1, gen_random_uuid(), 2, 2 FROM transfers.deliveries"
        ),
    ),
    # 2 quantity
    ("over when it came", "UPDATE orders.orders SET history = true"),
    ("sum over its states", "UPDATE orders.lines SET quantity = quantity + 1"),
    ("sum over its states", "UPDATE orders.lines SET q_canceled = 0 WHERE q_canceled > 0"),
    (
        "what works hand over",
        "UPDATE orders.lines SET q_handed_over = 0, q_canceled = q_handed_over WHERE q_handed_over > 0",
    ),
    ("reserved on the shelf", "UPDATE inventory.reservations SET quantity = 7 WHERE quantity > 0"),
    # 3 owner
    ("one owner and one next deadline", "DELETE FROM watch.ownership"),
    ("one owner and one next deadline", "UPDATE watch.ownership SET role = ''"),
    ("an order that is over", "UPDATE orders.orders SET state = 'closed'"),
    (
        "asks whether it happens",
        "UPDATE watch.watchdogs SET state = 'canceled', next_at = NULL",
        "UPDATE watch.exceptions SET state = 'resolved'",
    ),
    (
        "what waits on an order is owned",
        "UPDATE watch.watchdogs SET state = 'armed' WHERE order_id NOT IN (SELECT order_id FROM watch.ownership)",
    ),
    ("a duty and a deadline", "UPDATE tasks.tasks SET role = ''"),
    # 4 said = done
    ("proven by what was there", "UPDATE messages.messages SET proof = '[\"fulfillment.never-happened\"]'"),
    ("proven by what was there", "UPDATE messages.messages SET proof = '[]'"),
    (
        "proven by what was there",
        "UPDATE messages.messages SET proof = jsonb_build_array(gen_random_uuid()) WHERE kind = 'ready'",
    ),
    (
        "proven by what was there",
        "UPDATE messages.messages SET queued_at = queued_at - interval '1 day' WHERE kind = 'ready'",
    ),
    (
        "units scanned and a place scanned",
        "UPDATE messages.messages SET proof = '[\"orders.placed\"]' WHERE kind = 'ready'",
    ),
    (
        "no fact is told twice",
        "ALTER TABLE messages.messages DROP CONSTRAINT pk_messages",
        (
            "INSERT INTO messages.messages (order_id, message_no, kind, fact_key, speaker, state, proof, facts, queued_at) "
            "SELECT order_id, message_no + 50, kind, fact_key, speaker, state, proof, facts, queued_at FROM messages.messages"
        ),
    ),
    ("is being corrected", "UPDATE fulfillment.work SET state = 'picked' WHERE state = 'ready'"),
    (
        "is being corrected",
        "DELETE FROM messages.messages WHERE kind IN ('canceled', 'correction')",
        "DELETE FROM promises.promises WHERE kind = 'correction_by'",
    ),
    # 5 ready
    ("evidence for every unit", "UPDATE fulfillment.work SET staging_place = '' WHERE state = 'ready'"),
    ("evidence for every unit", "DELETE FROM fulfillment.evidence WHERE step = 'pick'"),
    ("evidence for every unit", "UPDATE fulfillment.evidence SET kind = 'system'"),
    ("evidence for every unit", "UPDATE fulfillment.work_lines SET wanted = wanted + 1"),
    ("evidence for every unit", "DELETE FROM fulfillment.work_lines"),
    ("evidence for every unit", "UPDATE fulfillment.work SET state = 'ready' WHERE state = 'offered'"),
    ("ever ready was proven", "DELETE FROM fulfillment.evidence WHERE step = 'stage'"),
    # 7 inbox
    (
        "applied, or parked",
        (
            "INSERT INTO runtime.inbox (message_id, source, delivery_key, topic, headers, body, received_at, state) "
            "VALUES (gen_random_uuid(), 'shopify:main', 'k', 'orders/create', '{}', '', now(), 'parked')"
        ),
    ),
    (
        "applied, or parked",
        (
            "INSERT INTO runtime.inbox (message_id, source, delivery_key, topic, headers, body, received_at, state) "
            "VALUES (gen_random_uuid(), 'shopify:main', 'k', 'orders/create', '{}', '', now(), 'stored')"
        ),
    ),
    ("one order for each source", "UPDATE orders.orders SET reference = 'W-1'"),
    ("one order for each source", "DELETE FROM orders.references"),
    (
        "one order for each source",
        "ALTER TABLE orders.references DROP CONSTRAINT pk_references",
        "DROP INDEX orders.uq_references_number",
        "INSERT INTO orders.references SELECT * FROM orders.references",
    ),
    # 8 audit
    ("stands as sent", "DELETE FROM messages.messages WHERE kind = 'collected'"),
    ("stands as sent", "UPDATE messages.messages SET state = 'queued' WHERE kind = 'ready'"),
    ("that was used stays used", "UPDATE fulfillment.pickup_codes SET used_at = NULL"),
    ("a change has one event", "DELETE FROM runtime.events WHERE name = 'messages.sent'"),
    (
        "a change has one event",
        "UPDATE runtime.events SET name = 'orders.found' WHERE name = 'orders.placed'",
    ),
    (
        "comes into the chain",
        "UPDATE runtime.events SET position = NULL, recorded_at = '2020-01-01' WHERE position = 3",
    ),
    ("leaves a note", "ALTER TABLE orders.lines DISABLE TRIGGER lines_touched"),
    ("leaves a note", "DROP TRIGGER positions_emptied ON inventory.positions"),
    ("events are chained", "UPDATE runtime.events SET payload = '{}' WHERE position = 4"),
    (
        "events are chained",
        'UPDATE runtime.events SET actor = \'{"id": "somebody else"}\' WHERE position = 4',
    ),
    ("events are chained", "DELETE FROM runtime.events WHERE position = 4"),
    ("events are chained", "DELETE FROM runtime.events WHERE position > 4"),
    (
        "events are chained",
        "UPDATE runtime.events SET position = -position WHERE position >= 4",
        "UPDATE runtime.events SET position = 1 - position WHERE position < 0",
        (
            "INSERT INTO runtime.events (position, event_id, name, subject, actor, payload, happened_at, recorded_at, hash) "
            "SELECT 4, gen_random_uuid(), name, subject, actor, payload, happened_at, recorded_at, hash "
            "FROM runtime.events WHERE position = 3"
        ),
    ),
]


FORGERIES += [
    (
        "was decided, and begun so",
        (
            "INSERT INTO routing.receipts (order_id, receipt_no, cause, brand, version, arm, decided_at, took_us, fingerprint, "
            "snapshot, receipt, cost, parts, units, unfilled, meters, late) SELECT order_id, 1, 'placed', '', 1, 'live', "
            "placed_at, 1, 'x', '', '', 0, 3, 9, 0, 0, false FROM orders.orders"
        ),
    ),
    (
        "was decided, and begun so",
        (
            "INSERT INTO routing.receipts (order_id, receipt_no, cause, brand, version, arm, decided_at, took_us, fingerprint, "
            "snapshot, receipt, cost, parts, units, unfilled, meters, late) SELECT order_id, 2, 'window', '', 1, 'live', "
            "placed_at + interval '1 hour', 1, 'x', '', '', 0, 1, 1, 0, 0, false FROM orders.orders"
        ),
    ),
    ("has a day on which they hear", "UPDATE orders.lines SET method = 'ship', q_backordered = 1"),
]

FORGERIES += [
    # 6 money
    ("holds what was reported", "UPDATE payments.tenders SET captured_minor = captured_minor + 1"),
    ("holds what was reported", "UPDATE payments.facts SET kind = 'captured' WHERE kind = 'authorized'"),
    ("more goes back than was taken", "UPDATE payments.tenders SET refunded_minor = captured_minor + 1"),
    ("what left was paid", "UPDATE payments.tenders SET authorized_minor = 0, captured_minor = 0"),
    ("what left was paid", "UPDATE payments.tenders SET authorized_minor = 100, captured_minor = 0"),
]

_LEFT = (
    "INSERT INTO shipping.packages (order_id, package_no, work_no, location_id, state, grams, packed_at, state_since)"
    " SELECT order_id, 7, work_no, location_id, 'dispatched', 100, now(), now() FROM fulfillment.work WHERE work_no = 1"
)
_INSIDE = (
    "INSERT INTO shipping.contents (order_id, package_no, line_no, item_id, units)"
    " SELECT order_id, 7, line_no, item_id, 1 FROM fulfillment.work_lines WHERE work_no = 1"
)
FORGERIES += [
    ("what the ledger has in packages", _LEFT, _INSIDE),
    ("packed or left has every unit in a package", "UPDATE fulfillment.work SET state = 'packed'"),
    ("units leave with the package", _LEFT, _INSIDE),
    ("leaves with a label", _LEFT),
    ("shipped rests on a scan", "UPDATE messages.messages SET kind = 'shipped' WHERE kind = 'ready'"),
]


@pytest.mark.parametrize("forged", FORGERIES, ids=[f"{n}: {rule}" for n, (rule, *_) in enumerate(FORGERIES)])
async def test_a_planted_violation_is_found_and_named(past: Past, forged: tuple[str, ...]) -> None:
    rule, *forgeries = forged
    report = await past.audited_after(*forgeries)

    found = [violation for violation in report.violations if rule in violation.rule]
    assert found, f"not found: {rule}"
    assert all(violation.subject and violation.detail for violation in found)
    assert not report.ok
    assert found[0].detail in sentences(report)


def test_every_rule_has_a_planted_violation() -> None:
    rules = {check.rule for check in CHECKS} | {"events are chained"}
    planted = {rule for rule in rules if any(part in rule for part, *_ in FORGERIES)}
    assert planted == rules
    for part, *_ in FORGERIES:
        assert sum(part in rule for rule in rules) == 1, part
