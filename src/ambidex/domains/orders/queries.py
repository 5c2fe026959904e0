"""Reading orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from ambidex.domains.orders import rules
from ambidex.domains.orders.model import Contact, Line, LineState, Method, Order, OrderState
from ambidex.kernel.ids import OrderId, SourceId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import UnknownOrder
from ambidex.runtime.db import Read

_ORDERS = text("""
SELECT order_id, number, source_id, reference, source_number, channel, state, currency, total_minor, tax_minor,
  shipping_minor, prices_include_tax, contact_name, contact_email, contact_phone, address, language, collectors, terms,
  placed_at, source_version, link_version, link_expires_at, version
  FROM orders.orders WHERE order_id = ANY(CAST(:orders AS uuid[]))""")
_LINES = text(f"""
SELECT l.order_id, l.line_no, l.item_id, l.sku, l.title, l.source_line, l.quantity, l.unit_price_minor, l.tax_minor,
  l.discount_minor, l.method, l.location_id, l.kit_sku, l.kit_title, l.kit_no, l.kit_quantity, {", ".join(f"l.q_{s.value}" for s in LineState)}
  FROM orders.lines l WHERE l.order_id = ANY(CAST(:orders AS uuid[])) ORDER BY l.order_id, l.line_no""")  # noqa: S608  # made of an enum
_BY_REFERENCE = text("""
SELECT order_id FROM orders."references" WHERE source_id = :source_id AND reference = :reference""")


def of_link(key: bytes, token: str) -> tuple[OrderId, int] | None:
    """The order that a customer's link opens, and the version of the link; None for anything that we did not sign."""
    return rules.order_of_link(key, token)


async def order(read: Read, order_id: OrderId) -> Order:
    """The order with its lines. Raises UnknownOrder."""
    found = await orders(read, [order_id])
    if order_id not in found:
        raise UnknownOrder(order_id=str(order_id))
    return found[order_id]


async def orders(read: Read, order_ids: Sequence[OrderId]) -> dict[OrderId, Order]:
    """These orders with their lines, in two statements; unknown ones are left out."""
    if not order_ids:
        return {}
    heads = await read.all(_ORDERS, {"orders": list(order_ids)})
    lines: dict[OrderId, list[Row[Any]]] = {}
    for row in await read.all(_LINES, {"orders": list(order_ids)}):
        lines.setdefault(row.order_id, []).append(row)
    return {head.order_id: _order(head, lines.get(head.order_id, [])) for head in heads}


async def id_by_reference(read: Read, source_id: SourceId, reference: str) -> OrderId | None:
    """The order of this (source, reference); None when there is none."""
    found = await read.value(_BY_REFERENCE, {"source_id": source_id, "reference": reference})
    return None if found is None else OrderId(found)


async def by_reference(read: Read, source_id: SourceId, reference: str) -> Order | None:
    """The order of this (source, reference) with its lines; None when there is none."""
    found = await id_by_reference(read, source_id, reference)
    return None if found is None else await order(read, found)


def _order(head: Row[Any], lines: Sequence[Row[Any]]) -> Order:
    return Order(
        order_id=head.order_id,
        number=head.number,
        source_id=head.source_id,
        reference=head.reference,
        source_number=head.source_number,
        channel=head.channel,
        state=OrderState(head.state),
        total=Money(head.total_minor, head.currency),
        tax=Money(head.tax_minor, head.currency),
        shipping=Money(head.shipping_minor, head.currency),
        prices_include_tax=head.prices_include_tax,
        contact=Contact(head.contact_name, head.contact_email, head.contact_phone),
        address=head.address,
        language=head.language,
        collectors=tuple(head.collectors),
        terms=head.terms or {},
        placed_at=head.placed_at,
        source_version=head.source_version,
        link_version=head.link_version,
        link_expires_at=head.link_expires_at,
        version=head.version,
        lines=tuple(_line(row, head.currency) for row in lines),
    )


def _line(row: Row[Any], currency: str) -> Line:
    return Line(
        line_no=row.line_no,
        item_id=row.item_id,
        sku=row.sku,
        title=row.title,
        quantity=row.quantity,
        unit_price=Money(row.unit_price_minor, currency),
        tax=Money(row.tax_minor, currency),
        discount=Money(row.discount_minor, currency),
        method=Method(row.method),
        location_id=row.location_id,
        counts={s: getattr(row, f"q_{s.value}") for s in LineState if getattr(row, f"q_{s.value}")},
        source_line=row.source_line,
        kit_sku=row.kit_sku,
        kit_title=row.kit_title,
        kit_no=row.kit_no,
        kit_quantity=row.kit_quantity,
    )
