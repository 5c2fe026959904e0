"""Reading and changing deliveries for a decision; each move is compare-and-set on the version decided on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.domains.transfers.model import (
    Arrived,
    Counted,
    Delivery,
    DeliveryId,
    Line,
    Scanned,
    Step,
)
from ambidex.domains.transfers.problems import DeliveryMoved
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Tx

_ADD = text("""
INSERT INTO transfers.deliveries (delivery_id, kind, reference, purpose, from_id, to_id, supplier, state, order_id,
  expected_at, note, made_by, made_at)
VALUES (:delivery_id, :kind, :reference, :purpose, :from_id, :to_id, :supplier, :state, :order_id, :expected_at, :note,
  :made_by, :now)""")
_PUT_LINES = text("""
INSERT INTO transfers.lines (delivery_id, line_no, item_id, asked, sent, received, damaged, settled, order_line, hold_id)
SELECT :delivery_id, a.* FROM unnest(CAST(:numbers AS smallint[]), CAST(:items AS uuid[]), CAST(:asked AS integer[]),
  CAST(:sent AS integer[]), CAST(:received AS integer[]), CAST(:damaged AS integer[]), CAST(:settled AS integer[]),
  CAST(:order_lines AS smallint[]), CAST(:holds AS uuid[])) AS a
ON CONFLICT (delivery_id, line_no) DO UPDATE SET item_id = excluded.item_id, asked = excluded.asked,
  sent = excluded.sent, received = excluded.received, damaged = excluded.damaged, settled = excluded.settled,
  order_line = excluded.order_line, hold_id = excluded.hold_id""")
_DROP_LINES = text("DELETE FROM transfers.lines WHERE delivery_id = :delivery_id AND line_no > :last")
_LOCK = text(
    "SELECT delivery_id FROM transfers.deliveries WHERE delivery_id = :delivery_id FOR NO KEY UPDATE"
)
_MOVE = text("""
UPDATE transfers.deliveries SET state = :state, version = version + 1, expected_at = :expected_at,
  sent_at = coalesce(sent_at, CAST(:sent_at AS timestamptz)), closed_at = :closed_at, late_told_at = :late_told_at,
  to_id = :to_id, supplier = :supplier, note = :note
 WHERE delivery_id = :delivery_id AND version = :version RETURNING version""")


async def add(tx: Tx, delivery: Delivery) -> None:
    """Write a delivery that begins."""
    await tx.run(
        _ADD,
        {
            "delivery_id": delivery.delivery_id,
            "kind": delivery.kind.value,
            "reference": delivery.reference,
            "purpose": delivery.purpose.value,
            "from_id": delivery.from_id,
            "to_id": delivery.to_id,
            "supplier": delivery.supplier,
            "state": delivery.state.value,
            "order_id": delivery.order_id,
            "expected_at": delivery.expected_at,
            "note": delivery.note,
            "made_by": delivery.made_by,
            "now": tx.now,
        },
    )
    await put_lines(tx, delivery.delivery_id, delivery.lines)


async def put_lines(tx: Tx, delivery_id: DeliveryId, lines: Sequence[Line]) -> None:
    """Write the lines as they are now."""
    await tx.run(
        _PUT_LINES,
        {
            "delivery_id": delivery_id,
            "numbers": [line.line_no for line in lines],
            "items": [line.item_id for line in lines],
            "asked": [line.asked for line in lines],
            "sent": [line.sent for line in lines],
            "received": [line.received for line in lines],
            "damaged": [line.damaged for line in lines],
            "settled": [line.settled for line in lines],
            "order_lines": [line.order_line for line in lines],
            "holds": [line.hold_id for line in lines],
        },
    )


async def drop_lines_after(tx: Tx, delivery_id: DeliveryId, last: int) -> None:
    """An announcement said again with fewer lines."""
    await tx.run(_DROP_LINES, {"delivery_id": delivery_id, "last": last})


async def lock(tx: Tx, delivery_id: DeliveryId) -> bool:
    """Lock the delivery until the end of the transaction; whether it exists."""
    return await tx.maybe(_LOCK, {"delivery_id": delivery_id}) is not None


async def save(tx: Tx, before: Delivery, now: Delivery) -> None:
    """Store what changed, provided that nobody changed it meanwhile. Raises DeliveryMoved."""
    values: dict[str, Any] = {
        "delivery_id": before.delivery_id,
        "version": before.version,
        "state": now.state.value,
    }
    for name in ("expected_at", "sent_at", "closed_at", "late_told_at", "to_id", "supplier", "note"):
        values[name] = getattr(now, name)
    if await tx.maybe(_MOVE, values) is None:
        raise DeliveryMoved(delivery=before.id)
    if now.lines != before.lines:
        await put_lines(tx, now.delivery_id, now.lines)


_ADD_PACKAGES = text("""
INSERT INTO transfers.packages (delivery_id, package_no, code)
SELECT :delivery_id, a.no, a.code FROM unnest(CAST(:numbers AS smallint[]), CAST(:codes AS text[])) AS a(no, code)""")


async def add_packages(tx: Tx, delivery_id: DeliveryId, codes: Sequence[str]) -> None:
    """Number the parcels."""
    numbers = list(range(1, len(codes) + 1))
    await tx.run(_ADD_PACKAGES, {"delivery_id": delivery_id, "numbers": numbers, "codes": list(codes)})


_KNOWN = text("""
SELECT key, item_id, units, arrived FROM transfers.scans
 WHERE delivery_id = :delivery_id AND step = :step AND key = ANY(CAST(:keys AS text[]))""")
_SCAN = text("""
INSERT INTO transfers.scans (delivery_id, step, key, scan_id, item_id, units, arrived, kind, barcode, reason, actor_id,
  actor_name, device, happened_at, recorded_at)
SELECT :delivery_id, :step, a.key, a.scan_id, a.item_id, a.units, a.arrived, a.kind, a.barcode, a.reason, :actor_id,
  :actor_name, :device, least(a.happened_at, CAST(:now AS timestamptz)), :now
  FROM unnest(CAST(:keys AS text[]), CAST(:ids AS uuid[]), CAST(:items AS uuid[]), CAST(:units AS integer[]),
    CAST(:arrived AS text[]), CAST(:kinds AS text[]), CAST(:barcodes AS text[]), CAST(:reasons AS text[]),
    CAST(:times AS timestamptz[]))
    AS a(key, scan_id, item_id, units, arrived, kind, barcode, reason, happened_at)""")


@dataclass(frozen=True, slots=True)
class Known:
    """A scan that was stored under a key."""

    item_id: ItemId
    units: int
    arrived: Arrived


async def known_scans(
    read: Read, delivery_id: DeliveryId, step: Step, keys: Sequence[str]
) -> dict[str, Known]:
    """What was scanned under these keys before."""
    values = {"delivery_id": delivery_id, "step": step.value, "keys": list(keys)}
    return {
        row.key: Known(row.item_id, row.units, Arrived(row.arrived)) for row in await read.all(_KNOWN, values)
    }


async def add_scans(tx: Tx, delivery_id: DeliveryId, step: Step, scans: Mapping[str, Scanned]) -> list[str]:
    """Write scans by their keys; the ids they are evidence under."""
    ids: list[UUID] = [tx.new_id() for _ in scans]
    proofs = [scanned.proof for scanned in scans.values()]
    await tx.run(
        _SCAN,
        {
            "delivery_id": delivery_id,
            "step": step.value,
            "keys": list(scans),
            "ids": ids,
            "items": [scanned.item_id for scanned in scans.values()],
            "units": [proof.quantity for proof in proofs],
            "arrived": [scanned.arrived.value for scanned in scans.values()],
            "kinds": [proof.kind.value for proof in proofs],
            "barcodes": [proof.barcode for proof in proofs],
            "reasons": [proof.reason for proof in proofs],
            "times": [proof.happened_at or tx.now for proof in proofs],
            "actor_id": tx.actor.id,
            "actor_name": tx.actor.name,
            "device": tx.actor.device or "",
            "now": tx.now,
        },
    )
    return [str(one) for one in ids]


_COUNTED = text("""
SELECT item_id, arrived, sum(units) AS units, array_agg(CAST(scan_id AS text) ORDER BY recorded_at, scan_id) AS scans
  FROM transfers.scans WHERE delivery_id = :delivery_id AND step = :step GROUP BY item_id, arrived""")


@dataclass(frozen=True, slots=True)
class Tally:
    """What was scanned in one step, and the scans that prove it."""

    counted: Counted
    evidence: tuple[str, ...]


async def tally(read: Read, delivery_id: DeliveryId, step: Step) -> Tally:
    """Units scanned so far."""
    rows = await read.all(_COUNTED, {"delivery_id": delivery_id, "step": step.value})
    units: Counter[tuple[ItemId, Arrived]] = Counter()
    for row in rows:
        units[row.item_id, Arrived(row.arrived)] = int(row.units)
    return Tally(Counted(dict(units)), tuple(scan for row in rows for scan in row.scans))
