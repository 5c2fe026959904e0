"""The rest of what an order leaves behind when it is over: money, work with evidence, promise, watchdogs, letter,
reservations, ledger and events, so that a stored order weighs what it weighs in a real house.

Not as in a real house: the chain of the seeded events (their links are made up), so the audit's walk of the chain is left out.
"""

# ruff: noqa: S608  # every piece of every statement is a constant of this file

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg

from ambidex.runtime.postgres_home import SUPERUSER, read_home

_AT = "to_timestamp(({start} + p.i * 1500) / 1000.0)"
_PLACE = "({places}::uuid[])[1 + p.i % {place_count}]"
_LINES = """CROSS JOIN LATERAL (VALUES (1, sku1), (2, sku2)) AS l(line_no, sku) JOIN catalogue.items t ON t.sku = l.sku"""
_MINUTES = {
    name: f"{_AT} + interval '{minutes} minutes'"
    for name, minutes in {"picked": 20, "ready": 30, "gone": 200}.items()
}
_EVIDENCE = "md5(p.i || '-' || {what})::uuid"
STATEMENTS = (
    """
INSERT INTO orders."references" (source_id, reference, order_id, content_hash, number)
SELECT {source}, reference, order_id, sha256(reference::bytea), number FROM bench.picked ORDER BY reference""",
    """
INSERT INTO payments.tenders (order_id, payment_no, state, currency, authorized_minor, captured_minor)
SELECT order_id, 1, 'captured', 'USD', 3980, 3980 FROM bench.picked""",
    f"""
INSERT INTO payments.facts (order_id, fact_no, payment_no, kind, amount_minor, currency, reported_by, reference, happened_at,
  recorded_at)
SELECT order_id, f.no, 1, f.kind, 3980, 'USD', 'web:main', f.reference, {_AT}, {_AT} FROM bench.picked p
 CROSS JOIN (VALUES (1, 'authorized', 'placed:1'), (2, 'captured', 'captured:1')) AS f(no, kind, reference)""",
    f"""
INSERT INTO fulfillment.work (order_id, work_no, location_id, method, state, staging_place, offered_at, state_since, ready_at,
  handed_over_at, collector)
SELECT order_id, 1, {_PLACE}, 'pickup', 'handed_over', 'A-1', {_AT}, {_MINUTES["gone"]}, {_MINUTES["ready"]},
  {_MINUTES["gone"]}, name FROM bench.picked p""",
    f"""
INSERT INTO fulfillment.work_lines (order_id, work_no, line_no, item_id, asked, wanted, picked, handed_over)
SELECT order_id, 1, l.line_no, t.item_id, 1, 1, 1, 1 FROM bench.picked p {_LINES}""",
    f"""
INSERT INTO fulfillment.evidence (order_id, evidence_id, work_no, line_no, item_id, step, kind, barcode, quantity, place,
  actor_id, actor_name, location_id, happened_at, recorded_at, key)
SELECT p.order_id, {_EVIDENCE.format(what="e.step || coalesce(l.line_no, 0)")}, 1, l.line_no, t.item_id, e.step, 'scan',
  coalesce('B-' || l.sku, ''), 1, e.place, 'bench', 'Ama Owusu', {_PLACE}, e.at, e.at, e.step || coalesce(l.line_no, 0)
  FROM bench.picked p
 CROSS JOIN LATERAL (VALUES ('pick', 1, '', {_MINUTES["picked"]}), ('pick', 2, '', {_MINUTES["picked"]}),
   ('stage', NULL, 'A-1', {_MINUTES["ready"]}), ('hand_over', 1, '', {_MINUTES["gone"]}),
   ('hand_over', 2, '', {_MINUTES["gone"]})) AS e(step, line_no, place, at)
  LEFT JOIN LATERAL (SELECT e.line_no, CASE e.line_no WHEN 1 THEN p.sku1 ELSE p.sku2 END AS sku WHERE e.line_no IS NOT NULL) l
    ON true
  LEFT JOIN catalogue.items t ON t.sku = l.sku""",
    f"""
INSERT INTO promises.promises (order_id, promise_no, kind, work_no, location_id, state, due_at, facts, milestones, reached,
  made_at, closed_at, kept_by)
SELECT order_id, 1, 'ready_by', 1, {_PLACE}, 'kept', {_AT} + interval '2 hours', '{{{{"place": "store"}}}}',
  jsonb_build_object('accepted', {_AT} + interval '10 minutes', 'pick_begun', {_AT} + interval '20 minutes',
    'picked', {_AT} + interval '90 minutes', 'ready', {_AT} + interval '2 hours'),
  jsonb_build_object('accepted', {_AT}, 'pick_begun', {_AT}, 'picked', {_MINUTES["picked"]}, 'ready', {_MINUTES["ready"]}),
  {_AT}, {_MINUTES["ready"]}, '["scan"]' FROM bench.picked p""",
    f"""
INSERT INTO watch.watchdogs (order_id, work_no, waits_for, location_id, state, armed_at, due_at, closed_at)
SELECT order_id, 1, w.waits_for, {_PLACE}, 'resolved', {_AT}, {_AT} + interval '1 hour', {_MINUTES["gone"]}
  FROM bench.picked p CROSS JOIN (VALUES ('accept'), ('pick_begun'), ('ready'), ('collect')) AS w(waits_for)""",
    f"""
INSERT INTO messages.messages (order_id, message_no, kind, work_no, fact_key, speaker, state, proof, facts, subject, wording,
  queued_at, settled_at, attempts, fence, provider_key)
SELECT order_id, m.no, m.kind, m.work_no, m.kind, 'us', 'sent',
  CASE m.no WHEN 1 THEN '["orders.placed"]'::jsonb ELSE jsonb_build_array({_EVIDENCE.format(what="'pick1'")},
    {_EVIDENCE.format(what="'stage0'")}) END,
  jsonb_build_object('name', name, 'email', email, 'number', number, 'language', 'en', 'link_version', 1),
  'Your order ' || number, repeat('We have your order and tell you when it is ready. ', 3), m.at, m.at, 1, 1, order_id || m.kind
  FROM bench.picked p CROSS JOIN LATERAL (VALUES (1, 'confirmed', 0, {_AT}), (2, 'ready', 1, {_MINUTES["ready"]}))
    AS m(no, kind, work_no, at)""",
    f"""
INSERT INTO inventory.reservations (item_id, location_id, order_id, line_no, quantity, made_at, closed_at)
SELECT t.item_id, {_PLACE}, order_id, l.line_no, 0, {_AT}, {_MINUTES["gone"]} FROM bench.picked p {_LINES}""",
    f"""
INSERT INTO inventory.ledger (item_id, entry_id, location_id, from_account, to_account, quantity, cause, order_id, actor_id,
  happened_at, recorded_at)
SELECT t.item_id, (lpad(to_hex({{start}} + p.i * 1500), 12, '0') || '7' || substr(md5(p.i || '-' || l.line_no), 1, 3) || '8'
  || substr(md5(p.i || a.origin || l.line_no), 4, 15))::uuid, {_PLACE}, a.origin, a.target, 1, a.cause, order_id, 'bench', a.at, a.at
  FROM bench.picked p {_LINES}
 CROSS JOIN LATERAL (VALUES ('sellable', 'staged', 'staged', {_MINUTES["ready"]}), ('staged', 'customer', 'handed over',
   {_MINUTES["gone"]})) AS a(origin, target, cause, at)""",
    f"""
UPDATE inventory.positions s SET sellable = s.sellable - n.units
  FROM (SELECT t.item_id, {_PLACE} AS location_id, count(*)::int AS units FROM bench.picked p {_LINES} GROUP BY 1, 2) n
 WHERE s.item_id = n.item_id AND s.location_id = n.location_id""",
    f"""
INSERT INTO runtime.events (event_id, name, subject, order_id, location_id, actor, payload, happened_at, recorded_at, position,
  hash)
SELECT md5(p.i || e.name || e.no)::uuid, e.name, e.subject, p.order_id, {_PLACE},
  '{{{{"id": "bench", "kind": "person", "name": "Ama Owusu", "role": "associate"}}}}',
  jsonb_build_object('number', p.number, 'source', 'web:main', 'units', 2, 'work_no', 1, 'due_at', {_AT}), e.at, e.at,
  (SELECT coalesce(max(position), 0) FROM runtime.chain_head) + row_number() OVER (ORDER BY p.i, e.ord), sha256((p.i || e.name)::bytea)
  FROM bench.picked p CROSS JOIN LATERAL (VALUES
    (1, 'orders.placed', 'order:' || replace(p.order_id::text, '-', ''), 0, {_AT}),
    (2, 'fulfillment.offered', 'fulfillment-order:' || replace(p.order_id::text, '-', '') || '-1', 0, {_AT}),
    (3, 'messages.sent', 'message:' || p.order_id || '-1', 1, {_AT}),
    (4, 'fulfillment.accepted', 'fulfillment-order:' || replace(p.order_id::text, '-', '') || '-1', 0, {_AT}),
    (5, 'fulfillment.picked', 'fulfillment-order:' || replace(p.order_id::text, '-', '') || '-1', 0, {_MINUTES["picked"]}),
    (6, 'fulfillment.ready', 'fulfillment-order:' || replace(p.order_id::text, '-', '') || '-1', 0, {_MINUTES["ready"]}),
    (7, 'messages.sent', 'message:' || p.order_id || '-2', 2, {_MINUTES["ready"]}),
    (8, 'fulfillment.handed-over', 'fulfillment-order:' || replace(p.order_id::text, '-', '') || '-1', 0, {_MINUTES["gone"]})
  ) AS e(ord, name, subject, no, at)""",
    # reactions have seen them, before anybody hears that they exist
    """
UPDATE runtime.cursors SET position = (SELECT position FROM runtime.events WHERE position IS NOT NULL
  ORDER BY position DESC LIMIT 1)""",
    """
UPDATE runtime.chain_head SET (position, hash) =
  (SELECT position, hash FROM runtime.events WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1)""",
)
GUARDED = (
    "orders.orders", "orders.lines", "payments.facts", "fulfillment.work", "fulfillment.work_lines", "fulfillment.evidence",
    "promises.promises", "inventory.positions", "inventory.ledger", "inventory.reservations", "runtime.events",
    "runtime.chain_head", "messages.messages",
)  # fmt: skip
EVENTS_EACH = 8


async def disarm(connection: asyncpg.Connection[Any], *, armed: bool) -> None:
    """Guards ask row by row who changes what; the seed is true by construction, and the audit asks again."""
    for table in GUARDED:
        await connection.execute(f"ALTER TABLE {table} {'ENABLE' if armed else 'DISABLE'} TRIGGER USER")


async def tidy(connection: asyncpg.Connection[Any], folder: Path) -> None:
    """As autovacuum and a checkpoint would have left it."""
    await connection.execute("VACUUM ANALYZE")
    home = read_home(folder)
    assert home is not None, "the house has a running server"
    master = await asyncpg.connect(home.url(SUPERUSER, database="postgres"))
    try:
        await master.execute("CHECKPOINT")
    finally:
        await master.close()
