"""Writing orders and moving their units. Lists travel as arrays; moves are compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text

from ambidex.domains.orders.model import STILL_TO_HAPPEN, Contact, Draft, Line, LineState, Order, OrderState
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import LocationId, OrderId, SourceId
from ambidex.runtime.db import Tx

Key = tuple[SourceId, str]
Deltas = Mapping[LineState, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """The order that has a (source, reference) already, and what was asked for then."""

    order_id: OrderId
    content_hash: bytes


_CLAIM_KEYS = text("""
INSERT INTO orders."references" (source_id, reference, order_id, content_hash)
SELECT * FROM unnest(CAST(:sources AS uuid[]), CAST(:refs AS text[]), CAST(:orders AS uuid[]),
  CAST(:hashes AS bytea[])) AS a(source_id, reference, order_id, content_hash)
 ORDER BY source_id, reference
ON CONFLICT (source_id, reference) DO NOTHING RETURNING order_id""")
_TAKEN_KEYS = text("""
SELECT r.source_id, r.reference, r.order_id, r.content_hash FROM orders."references" r
  JOIN unnest(CAST(:sources AS uuid[]), CAST(:refs AS text[])) AS a(source_id, reference)
    USING (source_id, reference)""")
_FORGET_KEYS = text("""
DELETE FROM orders."references" r USING unnest(CAST(:sources AS uuid[]), CAST(:refs AS text[]), CAST(:orders AS uuid[]))
  AS a(source_id, reference, order_id)
 WHERE (r.source_id, r.reference, r.order_id) = (a.source_id, a.reference, a.order_id)""")


async def claim_keys(tx: Tx, drafts: Sequence[Draft], hashes: Sequence[bytes]) -> dict[Key, Taken]:
    """Claim each (source, reference), sorted so that lists never wait in a circle; those that others have.

    Waits for whoever is placing the same reference at this moment.
    """
    arrays = _key_arrays(drafts)
    made = await tx.all(_CLAIM_KEYS, arrays | {"hashes": list(hashes)})
    if len(made) == len(drafts):
        return {}
    ours = {row.order_id for row in made}
    found = await tx.all(_TAKEN_KEYS, {"sources": arrays["sources"], "refs": arrays["refs"]})
    return {
        (row.source_id, row.reference): Taken(row.order_id, bytes(row.content_hash))
        for row in found
        if row.order_id not in ours
    }


async def forget_keys(tx: Tx, drafts: Sequence[Draft]) -> None:
    """Give up keys claimed in this transaction for orders that were refused after all."""
    if drafts:
        await tx.run(_FORGET_KEYS, _key_arrays(drafts))


def _key_arrays(drafts: Sequence[Draft]) -> dict[str, Any]:
    return {
        "sources": [d.source_id for d in drafts],
        "refs": [d.new.reference for d in drafts],
        "orders": [d.order_id for d in drafts],
    }


_STATES = [state.value for state in LineState]
_WRITE = text(f"""
WITH numbered AS (
  INSERT INTO orders.numbers (number, order_id)
  SELECT * FROM unnest(CAST(:numbers AS text[]), CAST(:ids AS uuid[])) AS a(number, order_id) ORDER BY number
  ON CONFLICT (number) DO NOTHING RETURNING order_id
), placed AS (
  INSERT INTO orders.orders (order_id, number, source_id, reference, source_number, channel, state, currency,
    total_minor, tax_minor, shipping_minor, prices_include_tax, contact_name, contact_email, contact_phone, address,
    language, collectors, terms, placed_at, recorded_at, source_version, link_expires_at)
  SELECT a.order_id, a.number, a.source_id, a.reference, a.source_number, a.channel, a.state, a.currency, a.total,
    a.tax, a.shipping, a.include, a.name, a.email, a.phone, a.address, a.language, a.collectors, a.terms, a.placed_at,
    :now, a.source_version, a.link_expires_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:sources AS uuid[]), CAST(:refs AS text[]),
      CAST(:source_numbers AS text[]), CAST(:channels AS text[]), CAST(:states AS text[]), CAST(:currencies AS text[]),
      CAST(:totals AS bigint[]), CAST(:taxes AS bigint[]), CAST(:shippings AS bigint[]), CAST(:includes AS boolean[]),
      CAST(:names AS text[]), CAST(:emails AS text[]), CAST(:phones AS text[]), CAST(:addresses AS jsonb[]),
      CAST(:languages AS text[]), CAST(:collectors AS jsonb[]), CAST(:terms AS jsonb[]), CAST(:placed AS timestamptz[]),
      CAST(:versions AS timestamptz[]), CAST(:expiries AS timestamptz[]))
      AS a(order_id, number, source_id, reference, source_number, channel, state, currency, total, tax, shipping,
        include, name, email, phone, address, language, collectors, terms, placed_at, source_version, link_expires_at)
  RETURNING order_id
), lined AS (
  INSERT INTO orders.lines (order_id, line_no, item_id, sku, title, source_line, quantity, unit_price_minor, tax_minor,
    discount_minor, method, location_id, {", ".join(f"q_{s}" for s in _STATES)})
  SELECT * FROM unnest(CAST(:line_orders AS uuid[]), CAST(:line_numbers AS smallint[]), CAST(:items AS uuid[]),
    CAST(:skus AS text[]), CAST(:titles AS text[]), CAST(:source_lines AS text[]), CAST(:quantities AS integer[]),
    CAST(:prices AS bigint[]), CAST(:line_taxes AS bigint[]), CAST(:discounts AS bigint[]), CAST(:methods AS text[]),
    CAST(:places AS uuid[]), {", ".join(f"CAST(:q_{s} AS integer[])" for s in _STATES)})
)
SELECT (SELECT count(*) FROM numbered) AS numbered, (SELECT count(*) FROM placed) AS placed""")  # noqa: S608  # made of an enum


async def write(tx: Tx, placed: Sequence[Order]) -> bool:
    """Write orders with their numbers and lines; False when a number was given before (draw again)."""
    if not placed:
        return True
    lines = [(order.order_id, line) for order in placed for line in order.lines]
    values = _order_arrays(placed) | _line_arrays(lines) | {"now": tx.now}
    written = await tx.one(_WRITE, values)
    return int(written.numbered) == len(placed)


def _order_arrays(placed: Sequence[Order]) -> dict[str, Any]:
    return {
        "ids": [o.order_id for o in placed],
        "numbers": [o.number for o in placed],
        "sources": [o.source_id for o in placed],
        "refs": [o.reference for o in placed],
        "source_numbers": [o.source_number for o in placed],
        "channels": [o.channel for o in placed],
        "states": [o.state.value for o in placed],
        "currencies": [o.currency for o in placed],
        "totals": [o.total.minor for o in placed],
        "taxes": [o.tax.minor for o in placed],
        "shippings": [o.shipping.minor for o in placed],
        "includes": [o.prices_include_tax for o in placed],
        "names": [o.contact.name for o in placed],
        "emails": [o.contact.email for o in placed],
        "phones": [o.contact.phone for o in placed],
        "addresses": [None if o.address is None else _json(o.address) for o in placed],
        "languages": [o.language for o in placed],
        "collectors": [_json(o.collectors) for o in placed],
        "terms": [_json(o.terms) for o in placed],
        "placed": [o.placed_at for o in placed],
        "versions": [o.source_version for o in placed],
        "expiries": [o.link_expires_at for o in placed],
    }


def _line_arrays(lines: Sequence[tuple[OrderId, Line]]) -> dict[str, Any]:
    return {
        "line_orders": [order_id for order_id, _ in lines],
        "line_numbers": [line.line_no for _, line in lines],
        "items": [line.item_id for _, line in lines],
        "skus": [line.sku for _, line in lines],
        "titles": [line.title for _, line in lines],
        "source_lines": [line.source_line for _, line in lines],
        "quantities": [line.quantity for _, line in lines],
        "prices": [line.unit_price.minor for _, line in lines],
        "line_taxes": [line.tax.minor for _, line in lines],
        "discounts": [line.discount.minor for _, line in lines],
        "methods": [line.method.value for _, line in lines],
        "places": [line.location_id for _, line in lines],
        **{f"q_{s.value}": [line.counts.get(s, 0) for _, line in lines] for s in LineState},
    }


def _json(value: object) -> str:
    return orjson.dumps(json_value(value)).decode()


_LOCK = text("SELECT order_id FROM orders.orders WHERE order_id = :order_id FOR NO KEY UPDATE")


_LOCK_FREE = text("""
SELECT order_id FROM orders.orders WHERE order_id = ANY(CAST(:orders AS uuid[]))
 ORDER BY order_id FOR NO KEY UPDATE SKIP LOCKED""")


async def lock_free(tx: Tx, order_ids: Sequence[OrderId]) -> list[OrderId]:
    """Lock those of the orders that nobody else works on."""
    return [row.order_id for row in await tx.all(_LOCK_FREE, {"orders": list(order_ids)})]


async def lock(tx: Tx, order_id: OrderId) -> bool:
    """Lock the order; whether it exists."""
    return await tx.maybe(_LOCK, {"order_id": order_id}) is not None


_MOVE = text(f"""
WITH seen AS (UPDATE orders.orders SET version = version + 1 WHERE order_id = :order_id)
UPDATE orders.lines l SET {", ".join(f"q_{s} = l.q_{s} + a.q_{s}" for s in _STATES)}
  FROM unnest(CAST(:lines AS smallint[]), {", ".join(f"CAST(:q_{s} AS integer[])" for s in _STATES)})
    AS a(line_no, {", ".join(f"q_{s}" for s in _STATES)})
 WHERE l.order_id = :order_id AND l.line_no = a.line_no
   AND {" AND ".join(f"l.q_{s} + a.q_{s} >= 0" for s in _STATES)}""")  # noqa: S608  # made of an enum


async def move(tx: Tx, order_id: OrderId, changes: Mapping[int, Deltas]) -> bool:
    """Change the unit counts of lines; False when a line had too few units in a state (nothing may be committed)."""
    numbers = sorted(changes)
    values: dict[str, Any] = {"order_id": order_id, "lines": numbers}
    for state in LineState:
        values[f"q_{state.value}"] = [changes[n].get(state, 0) for n in numbers]
    return await tx.run(_MOVE, values) == len(numbers)


_WAITING = " + ".join(f"q_{s.value}" for s in LineState if s in STILL_TO_HAPPEN)
_MATCH = text(f"""
UPDATE orders.orders o SET version = version + 1, state = seen.state
  FROM (SELECT order_id, CASE WHEN bool_or({_WAITING} > 0) THEN 'confirmed'
          WHEN bool_or(q_canceled < quantity) THEN 'closed' ELSE 'canceled' END AS state
          FROM orders.lines WHERE order_id = :order_id GROUP BY order_id) AS seen
 WHERE o.order_id = seen.order_id AND o.state <> seen.state
   AND (seen.state <> 'confirmed' AND o.state IN ('placed', 'confirmed', 'changing')
        OR seen.state = 'confirmed' AND o.state = 'closed')
RETURNING o.state""")  # noqa: S608  # made of an enum
_SET_STATE = text("""
UPDATE orders.orders SET state = :state, version = version + 1
 WHERE order_id = :order_id AND state = ANY(CAST(:origins AS text[]))""")


async def match_lines(tx: Tx, order_id: OrderId) -> OrderState | None:
    """Close, cancel or reopen an order so that it agrees with its lines; the new state, None when it agreed."""
    state = await tx.value(_MATCH, {"order_id": order_id})
    return None if state is None else OrderState(state)


async def set_state(tx: Tx, order_id: OrderId, *, origins: Sequence[OrderState], to: OrderState) -> bool:
    """Move the commercial state; False when the order was in none of the origins."""
    values = {"order_id": order_id, "origins": [o.value for o in origins], "state": to.value}
    return await tx.run(_SET_STATE, values) == 1


_NOTE_VERSION = text("""
UPDATE orders.orders SET source_version = :version_at
 WHERE order_id = :order_id AND (source_version IS NULL OR source_version < :version_at)""")
_CONTACT = text("""
UPDATE orders.orders SET contact_name = :name, contact_email = :email, contact_phone = :phone, version = version + 1
 WHERE order_id = :order_id""")
_SEND_LINE = text("""
UPDATE orders.lines SET location_id = :location_id
 WHERE order_id = :order_id AND line_no = ANY(CAST(:line_nos AS smallint[]))""")


async def note_version(tx: Tx, order_id: OrderId, version_at: datetime) -> bool:
    return await tx.run(_NOTE_VERSION, {"order_id": order_id, "version_at": version_at}) == 1


async def set_contact(tx: Tx, order_id: OrderId, contact: Contact) -> None:
    values = {"name": contact.name, "email": contact.email, "phone": contact.phone}
    await tx.run(_CONTACT, values | {"order_id": order_id})


async def send_lines(tx: Tx, order_id: OrderId, line_nos: list[int], location_id: LocationId) -> None:
    values = {"order_id": order_id, "line_nos": line_nos, "location_id": location_id}
    await tx.run(_SEND_LINE, values)
