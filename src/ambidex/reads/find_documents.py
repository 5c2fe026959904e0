"""What people may remember of orders, for the index: numbers (those of parcels too), customer, items, place of delivery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from ambidex.domains.search import Document
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read

_REMEMBERED = text("""
SELECT o.order_id, o.number, o.source_number, o.reference, o.contact_name, o.contact_email, o.contact_phone, o.address,
  o.collectors,
  l.skus, l.titles, (SELECT coalesce(array_agg(b.tracking_number), '{}') FROM shipping.labels b
    WHERE b.order_id = o.order_id AND b.tracking_number <> '') AS tracking
  FROM orders.orders o CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(l.sku), '{}') AS skus, coalesce(array_agg(l.title), '{}') AS titles
      FROM orders.lines l WHERE l.order_id = o.order_id) l
 WHERE o.order_id = ANY(CAST(:orders AS uuid[]))""")
_POSTCODES = ("postcode", "zip", "postal_code")
_STREETS = ("line1", "line2", "address1", "address2", "city")


async def documents(read: Read, order_ids: Sequence[OrderId]) -> list[Document]:
    """These orders, in one statement."""
    rows = await read.all(_REMEMBERED, {"orders": list(order_ids)})
    return [_document(*row) for row in rows]


def _document(order_id: OrderId, *remembered: Any) -> Document:
    number, source_number, reference, name, email, phone, address, collectors, skus, titles, tracking = (
        remembered
    )
    return Document(
        order_id,
        codes=_known((number, source_number, reference, *tracking)),
        marks=_known((*skus, *_of(address, _POSTCODES))),
        texts=_known((name, *titles, *map(str, filter(None, collectors)), *_of(address, _STREETS))),
        phones=_known((phone,)),
        emails=_known((email,)),
    )


def _known(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, values))


def _of(address: dict[str, Any] | None, names: tuple[str, ...]) -> list[Any]:
    if not isinstance(address, dict):
        return []
    return [address[name] for name in names if isinstance(address.get(name), str)]
