"""Writing orders and moving their units. Lists travel as arrays; moves are compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text

from ambidex.domains.orders.model import STILL_TO_HAPPEN, Contact, Draft, Line, LineState, Order, OrderState
from ambidex.domains.orders.rules import number_of
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import LocationId, OrderId, SourceId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx, Write
from ambidex.runtime.inserts import Insert
from ambidex.runtime.perform import Again

Key = tuple[SourceId, str]
Deltas = Mapping[LineState, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """The order that has a (source, reference) already, and what was asked for then."""

    order_id: OrderId
    content_hash: bytes


_CLAIM_KEYS = text("""
INSERT INTO orders."references" (source_id, reference, order_id, content_hash, number)
SELECT * FROM unnest(CAST(:sources AS uuid[]), CAST(:refs AS text[]), CAST(:orders AS uuid[]),
  CAST(:hashes AS bytea[]), CAST(:numbers AS text[])) AS a(source_id, reference, order_id, content_hash, number)
 ORDER BY source_id, reference
ON CONFLICT DO NOTHING RETURNING order_id""")
_TAKEN_KEYS = text("""
SELECT r.source_id, r.reference, r.order_id, r.content_hash FROM orders."references" r
  JOIN unnest(CAST(:sources AS uuid[]), CAST(:refs AS text[])) AS a(source_id, reference)
    USING (source_id, reference)""")
_FORGET_KEYS = """
DELETE FROM orders."references" r USING unnest(CAST(:sources AS uuid[]), CAST(:refs AS text[]), CAST(:orders AS uuid[]))
  AS a(source_id, reference, order_id)
 WHERE (r.source_id, r.reference, r.order_id) = (a.source_id, a.reference, a.order_id)"""


async def claim_keys(tx: Tx, drafts: Sequence[Draft], hashes: Sequence[bytes]) -> dict[Key, Taken]:
    """Claim each (source, reference), sorted so that lists never wait in a circle; those that others have.

    Waits for whoever is placing the same reference at this moment. Raises Again when a number was drawn before.
    """
    arrays = _key_arrays(drafts)
    numbers = [number_of(draft.order_id) for draft in drafts]
    made = await tx.all(_CLAIM_KEYS, arrays | {"hashes": list(hashes), "numbers": numbers})
    if len(made) == len(drafts):
        return {}
    ours = {row.order_id for row in made}
    found = await tx.all(_TAKEN_KEYS, {"sources": arrays["sources"], "refs": arrays["refs"]})
    if len(found) != len(drafts):
        raise Again
    return {
        (row.source_id, row.reference): Taken(row.order_id, bytes(row.content_hash))
        for row in found
        if row.order_id not in ours
    }


def forgotten_keys(drafts: Sequence[Draft]) -> Write:
    """Give up keys claimed in this transaction for orders that were refused after all."""
    return Write(_FORGET_KEYS, _key_arrays(drafts) if drafts else {})


def _key_arrays(drafts: Sequence[Draft]) -> dict[str, Any]:
    return {
        "sources": [d.source_id for d in drafts],
        "refs": [d.new.reference for d in drafts],
        "orders": [d.order_id for d in drafts],
    }


_STATES = [state.value for state in LineState]
_HEAD = {
    "order_id": "uuid",
    "number": "text",
    "source_id": "uuid",
    "reference": "text",
    "source_number": "text",
    "channel": "text",
    "state": "text",
    "currency": "text",
    "total_minor": "bigint",
    "tax_minor": "bigint",
    "shipping_minor": "bigint",
    "prices_include_tax": "boolean",
    "contact_name": "text",
    "contact_email": "text",
    "contact_phone": "text",
    "address": "jsonb",
    "language": "text",
    "collectors": "jsonb",
    "terms": "jsonb",
    "placed_at": "timestamptz",
    "source_version": "timestamptz",
    "link_expires_at": "timestamptz",
}
_PLACED = Insert.into("orders.orders", _HEAD, same={"recorded_at": ":now"})
_PAST = Insert.into("orders.orders", _HEAD, same={"recorded_at": ":now", "history": "true"})
# units of a line that is being placed are reserved or short, those of history are over
_OVER = (LineState.HANDED_OVER, LineState.RETURNED, LineState.CANCELED, LineState.LOST)
_LINE = {
    "order_id": "uuid",
    "line_no": "smallint",
    "item_id": "uuid",
    "sku": "text",
    "title": "text",
    "source_line": "text",
    "quantity": "integer",
    "unit_price_minor": "bigint",
    "tax_minor": "bigint",
    "discount_minor": "bigint",
    "method": "text",
    "location_id": "uuid",
}
_LINES = Insert.into("orders.lines", _LINE | {"q_reserved": "integer", "q_short": "integer"})
_KIT = {"kit_sku": "text", "kit_title": "text", "kit_no": "smallint", "kit_quantity": "integer"}
_KIT_LINES = Insert.into("orders.lines", _LINE | {"q_reserved": "integer", "q_short": "integer"} | _KIT)
_PAST_LINES = Insert.into("orders.lines", _LINE | {f"q_{state.value}": "integer" for state in _OVER})


def placed(orders: Sequence[Order], *, now: datetime) -> tuple[Write, Write, Write]:
    """Freshly placed orders and their lines; those of kits know it."""
    lines = [_line(order.order_id, line) for order in orders for line in order.lines if not line.kit_no]
    kits = [_kit_line(order.order_id, line) for order in orders for line in order.lines if line.kit_no]
    heads = _PLACED.rows([_placed(order) for order in orders], now=now)
    return heads, _LINES.rows(lines), _KIT_LINES.rows(kits)


def past(orders: Sequence[Order], *, now: datetime) -> tuple[Write, Write]:
    """Orders that were over when they came, and their lines."""
    lines = [_past_line(order.order_id, line) for order in orders for line in order.lines]
    return _PAST.rows([_placed(order) for order in orders], now=now), _PAST_LINES.rows(lines)


def _placed(o: Order) -> tuple[Any, ...]:
    return (
        o.order_id,
        o.number,
        o.source_id,
        o.reference,
        o.source_number,
        o.channel,
        o.state.value,
        o.currency,
        o.total.minor,
        o.tax.minor,
        o.shipping.minor,
        o.prices_include_tax,
        o.contact.name,
        o.contact.email,
        o.contact.phone,
        None if o.address is None else _json(o.address),
        o.language,
        _json(o.collectors) if o.collectors else "[]",
        _json(o.terms) if o.terms else "{}",
        o.placed_at,
        o.source_version,
        o.link_expires_at,
    )


def _line(order_id: OrderId, line: Line) -> tuple[Any, ...]:
    assert line.counts.keys() <= {LineState.RESERVED, LineState.SHORT}, "a fresh line is nowhere else"
    return (
        *_agreed(order_id, line),
        line.counts.get(LineState.RESERVED, 0),
        line.counts.get(LineState.SHORT, 0),
    )


def _kit_line(order_id: OrderId, line: Line) -> tuple[Any, ...]:
    return (*_line(order_id, line), line.kit_sku, line.kit_title, line.kit_no, line.kit_quantity)


def _past_line(order_id: OrderId, line: Line) -> tuple[Any, ...]:
    assert line.counts.keys() <= set(_OVER), "nothing of history is still to happen"
    return (*_agreed(order_id, line), *(line.counts.get(state, 0) for state in _OVER))


def _agreed(order_id: OrderId, line: Line) -> tuple[Any, ...]:
    return (
        order_id,
        line.line_no,
        line.item_id,
        line.sku,
        line.title,
        line.source_line,
        line.quantity,
        line.unit_price.minor,
        line.tax.minor,
        line.discount.minor,
        line.method.value,
        line.location_id,
    )


def _json(value: object) -> str:
    return orjson.dumps(json_value(value)).decode()


_LOCK = text("SELECT order_id FROM orders.orders WHERE order_id = :order_id FOR NO KEY UPDATE")


_LOCK_ALL = """
SELECT order_id FROM orders.orders WHERE order_id = ANY(CAST(:orders AS uuid[]))
 ORDER BY order_id FOR NO KEY UPDATE"""
_LOCK_LIST, _LOCK_FREE = text(_LOCK_ALL), text(f"{_LOCK_ALL} SKIP LOCKED")


async def lock_list(tx: Tx, order_ids: Sequence[OrderId], *, skip_busy: bool) -> list[OrderId]:
    """Lock the orders, or those of them that nobody else works on."""
    statement = _LOCK_FREE if skip_busy else _LOCK_LIST
    return [row.order_id for row in await tx.all(statement, {"orders": list(order_ids)})]


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
          WHEN bool_or(q_canceled + q_substituted < quantity) THEN 'closed' ELSE 'canceled' END AS state
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


_REPLACE = text("""
WITH agreed AS (
  UPDATE orders.orders SET version = version + 1, total_minor = total_minor + :more, tax_minor = tax_minor + :more_tax
   WHERE order_id = :order_id)
INSERT INTO orders.lines (order_id, line_no, item_id, sku, title, quantity, unit_price_minor, tax_minor, discount_minor,
  method, q_open)
VALUES (:order_id, :line_no, :item_id, :sku, :title, :quantity, :unit_price, :tax, :discount, :method, :quantity)""")


async def add_line(tx: Tx, order_id: OrderId, line: Line, *, more: int, more_tax: int) -> None:
    """A line that was agreed on later; the order costs so much more."""
    values: dict[str, Any] = {
        "line_no": line.line_no,
        "item_id": line.item_id,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": line.unit_price.minor,
        "tax": line.tax.minor,
        "discount": line.discount.minor,
        "method": line.method.value,
    }
    await tx.run(_REPLACE, {**values, "order_id": order_id, "more": more, "more_tax": more_tax})


_NOTE_VERSION = text("""
UPDATE orders.orders SET source_version = :version_at
 WHERE order_id = :order_id AND (source_version IS NULL OR source_version < :version_at)""")
_CONTACT = text("""
UPDATE orders.orders SET contact_name = :name, contact_email = :email, contact_phone = :phone, version = version + 1
 WHERE order_id = :order_id""")
_ADDRESS = text("""
UPDATE orders.orders SET address = CAST(:address AS jsonb), version = version + 1 WHERE order_id = :order_id""")
_SEND_LINE = text("""
UPDATE orders.lines SET location_id = :location_id
 WHERE order_id = :order_id AND line_no = ANY(CAST(:line_nos AS smallint[]))""")


async def note_version(tx: Tx, order_id: OrderId, version_at: datetime) -> bool:
    return await tx.run(_NOTE_VERSION, {"order_id": order_id, "version_at": version_at}) == 1


async def set_contact(tx: Tx, order_id: OrderId, contact: Contact) -> None:
    values = {"name": contact.name, "email": contact.email, "phone": contact.phone}
    await tx.run(_CONTACT, values | {"order_id": order_id})


async def set_address(tx: Tx, order_id: OrderId, address: Mapping[str, Any]) -> None:
    await tx.run(_ADDRESS, {"order_id": order_id, "address": _json(address)})


async def send_lines(tx: Tx, order_id: OrderId, line_nos: list[int], location_id: LocationId | None) -> None:
    values = {"order_id": order_id, "line_nos": line_nos, "location_id": location_id}
    await tx.run(_SEND_LINE, values)
