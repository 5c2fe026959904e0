"""What a scanned code may name here: an order, a work, a shelf, an item. One small question each, in that order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Read

_ORDER = text("""
SELECT n.order_id, o.number, o.contact_name,
       (SELECT w.work_no FROM fulfillment.work w
         WHERE w.order_id = n.order_id AND w.location_id = :at AND w.state IN ('staged','ready') LIMIT 1) AS here_no
  FROM orders."references" n JOIN orders.orders o ON o.order_id = n.order_id WHERE n.number = upper(:code)
""")
_SAME = text("""
SELECT o.order_id, o.number, o.contact_name,
       (SELECT w.work_no FROM fulfillment.work w
         WHERE w.order_id = o.order_id AND w.location_id = :at AND w.state IN ('staged','ready') LIMIT 1) AS here_no
  FROM orders.orders o WHERE o.order_id = :order_id
""")
_SHELF = text("""
SELECT s.code, coalesce(nullif(s.label, ''), s.code) AS label, w.order_id, w.work_no, o.contact_name, o.number
  FROM locations.staging_places s
  LEFT JOIN fulfillment.work w ON w.location_id = s.location_id AND w.staging_place = s.code
        AND w.state IN ('staged','ready')
  LEFT JOIN orders.orders o ON o.order_id = w.order_id
 WHERE s.location_id = :at AND lower(s.code) = lower(:code)
 ORDER BY w.state_since LIMIT 20
""")
_ITEM = text("""
SELECT i.item_id, i.sku, i.name, w.order_id, w.work_no, o.contact_name
  FROM catalogue.items i
  LEFT JOIN fulfillment.work_lines l ON l.item_id = i.item_id AND l.picked < l.wanted AND EXISTS (
        SELECT FROM fulfillment.work v WHERE v.order_id = l.order_id AND v.work_no = l.work_no
           AND v.location_id = :at AND v.state IN ('accepted','picking'))
  LEFT JOIN fulfillment.work w ON w.order_id = l.order_id AND w.work_no = l.work_no
  LEFT JOIN orders.orders o ON o.order_id = w.order_id
 WHERE i.item_id = (SELECT b.item_id FROM catalogue.barcodes b WHERE b.barcode = :code)
    OR i.sku = upper(:code)
 ORDER BY w.assignee_id = :me DESC NULLS LAST, w.offered_at LIMIT 5
""")


async def order_by_number(read: Read, code: str, *, at: LocationId | None) -> Row[Any] | None:
    """The order people call so, and its work that lies here."""
    return await read.maybe(_ORDER, {"code": code, "at": at})


async def order_by_id(read: Read, order_id: UUID, *, at: LocationId | None) -> Row[Any] | None:
    """The same by id."""
    return await read.maybe(_SAME, {"order_id": order_id, "at": at})


async def shelf(read: Read, code: str, *, at: LocationId | None) -> Sequence[Row[Any]]:
    """The pickup shelf of this place with what lies on it; one row without an order when it is free."""
    return await read.all(_SHELF, {"code": code, "at": at})


async def item(read: Read, code: str, *, at: LocationId | None, me: str) -> Sequence[Row[Any]]:
    """The item of a barcode or number with the walks here that still need it, mine first."""
    return await read.all(_ITEM, {"code": code, "at": at, "me": me})
