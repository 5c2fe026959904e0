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
    return [
        Document(
            order_id=row.order_id,
            codes=_known(row.number, row.source_number, row.reference, *row.tracking),
            marks=_known(*row.skus, *_of(row.address, _POSTCODES)),
            texts=_known(row.contact_name, *row.titles, *row.collectors, *_of(row.address, _STREETS)),
            phones=_known(row.contact_phone),
            emails=_known(row.contact_email),
        )
        for row in rows
    ]


def _known(*values: Any) -> tuple[str, ...]:
    return tuple(str(value) for value in values if value)


def _of(address: dict[str, Any] | None, names: tuple[str, ...]) -> list[Any]:
    return [
        address[name] for name in names if isinstance(address, dict) and isinstance(address.get(name), str)
    ]
