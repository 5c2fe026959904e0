"""Reading deliveries for display and for what will come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains.transfers import rules
from ambidex.domains.transfers.model import Coming, Delivery, DeliveryId, DeliveryKind, Line, Purpose
from ambidex.domains.transfers.problems import UnknownDelivery
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.runtime.db import Read

_COLUMNS = """d.delivery_id, d.kind, d.reference, d.purpose, d.from_id, d.to_id, d.supplier, d.state, d.order_id,
  d.expected_at, d.note, d.made_by, d.made_at, d.sent_at, d.closed_at, d.late_told_at, d.version,
  coalesce((SELECT jsonb_agg(jsonb_build_array(l.line_no, CAST(l.item_id AS text), l.asked, l.sent, l.received,
    l.damaged, l.settled, l.order_line, CAST(l.hold_id AS text)) ORDER BY l.line_no) FROM transfers.lines l
    WHERE l.delivery_id = d.delivery_id), '[]') AS lines,
  coalesce((SELECT array_agg(p.code ORDER BY p.package_no) FROM transfers.packages p
    WHERE p.delivery_id = d.delivery_id), '{}') AS packages"""
_BY_IDS = text(f"""
SELECT {_COLUMNS} FROM transfers.deliveries d
 WHERE d.delivery_id = ANY(CAST(:ids AS uuid[])) ORDER BY d.delivery_id""")  # noqa: S608  # a constant


async def delivery(read: Read, delivery_id: DeliveryId) -> Delivery:
    """Raises UnknownDelivery."""
    found = (await deliveries_of(read, [delivery_id])).get(delivery_id)
    if found is None:
        raise UnknownDelivery(delivery=str(delivery_id))
    return found


async def deliveries_of(read: Read, ids: Collection[DeliveryId]) -> dict[DeliveryId, Delivery]:
    """The known ones among these."""
    rows = await read.all(_BY_IDS, {"ids": list(ids)}) if ids else []
    return {row.delivery_id: _delivery(row) for row in rows}


_BY_LABEL = text("""
SELECT d.delivery_id FROM transfers.deliveries d WHERE d.delivery_id IN (
  SELECT delivery_id FROM transfers.deliveries
   WHERE kind IN ('transfer', 'inbound') AND reference IN (:label, upper(:label))
  UNION ALL SELECT delivery_id FROM transfers.packages WHERE code IN (:label, upper(:label))
  UNION ALL SELECT CAST(:id AS uuid))
 ORDER BY d.state IN ('received', 'declined', 'canceled'), d.made_at DESC LIMIT 1""")


async def by_label(read: Read, label: str, *, kind: DeliveryKind | None = None) -> Delivery:
    """What a scanned label, or an id, names: a parcel, a transfer or a supplier's number.

    Raises UnknownDelivery, also when it is not of the kind that is asked for.
    """
    label = label.strip()
    found = await read.value(_BY_LABEL, {"label": label, "id": _as_id(label)})
    named = None if found is None else await delivery(read, DeliveryId(found))
    if named is None or kind not in (None, named.kind):
        raise UnknownDelivery(label=label)
    return named


def _as_id(label: str) -> UUID | None:
    try:
        return UUID(label)
    except ValueError:
        return None


_INBOUND = text("SELECT delivery_id FROM transfers.deliveries WHERE kind = :kind AND reference = :reference")


async def by_reference(read: Read, kind: DeliveryKind, reference: str) -> Delivery | None:
    """The delivery of this kind with this reference."""
    found = await read.value(_INBOUND, {"kind": kind.value, "reference": reference})
    return None if found is None else await delivery(read, DeliveryId(found))


_COMING = text("""
SELECT l.item_id, d.to_id, d.expected_at, d.reference, d.kind,
       sum(CASE WHEN d.state = 'in_transit' THEN l.sent ELSE l.asked END) AS units
  FROM transfers.lines l JOIN transfers.deliveries d USING (delivery_id)
 WHERE l.item_id = ANY(CAST(:items AS uuid[])) AND l.order_line IS NULL
   AND d.state IN ('announced', 'approved', 'picking', 'in_transit') AND d.expected_at > :now
   AND (CAST(:places AS uuid[]) IS NULL OR d.to_id = ANY(CAST(:places AS uuid[])))
 GROUP BY l.item_id, d.delivery_id, d.to_id, d.expected_at, d.reference, d.kind
HAVING sum(CASE WHEN d.state = 'in_transit' THEN l.sent ELSE l.asked END) > 0
 ORDER BY d.expected_at, d.delivery_id""")


async def expected(
    read: Read, item_ids: Iterable[ItemId], location_ids: Collection[LocationId] | None = None
) -> list[Coming]:
    """What will come and is nobody's yet, the soonest first. What is late counts again when it has a new date."""
    values = {
        "items": sorted(set(item_ids)),
        "places": None if location_ids is None else sorted(set(location_ids)),
        "now": read.now,
    }
    return [
        Coming(row.item_id, row.to_id, int(row.units), row.expected_at, row.reference, DeliveryKind(row.kind))
        for row in await read.all(_COMING, values)
    ]


def _delivery(row: Row[Any]) -> Delivery:
    kind = DeliveryKind(row.kind)
    return Delivery(
        delivery_id=DeliveryId(row.delivery_id),
        kind=kind,
        reference=row.reference,
        purpose=Purpose(row.purpose),
        from_id=row.from_id,
        to_id=row.to_id,
        supplier=row.supplier,
        state=rules.state_of(kind, row.state),
        order_id=row.order_id,
        expected_at=row.expected_at,
        note=row.note,
        made_by=row.made_by,
        made_at=row.made_at,
        sent_at=row.sent_at,
        closed_at=row.closed_at,
        late_told_at=row.late_told_at,
        version=row.version,
        lines=_lines(row.lines),
        packages=tuple(row.packages),
    )


def _lines(rows: Sequence[Sequence[Any]]) -> tuple[Line, ...]:
    return tuple(Line(*_ids(row)) for row in rows)


def _ids(row: Sequence[Any]) -> list[Any]:
    line_no, item_id, *numbers, order_line, hold_id = row
    return [line_no, UUID(item_id), *numbers, order_line, None if hold_id is None else UUID(hold_id)]
