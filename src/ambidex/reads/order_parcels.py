"""What an order page shows of what is sent: packages with their contents and scans, and why it is split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, text

from ambidex.domains.shipping.tables import contents
from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
from ambidex.reads.why_split import WhySplit, why_split
from ambidex.runtime.db import Read

_PACKAGES = text("""
SELECT order_id, package_no, work_no, location_id, state, grams, carrier, service, tracking_number, tracking_url,
       label_no, packed_at, state_since, dispatched_at, delivered_at, expected_at, signed_by, sent_again_at
  FROM shipping.packages WHERE order_id = :order_id AND state <> 'opened' ORDER BY package_no LIMIT 200
""")
_SCANS = text("""
SELECT package_no, status, detail, words, city, region, country, happened_at, recorded_at
  FROM shipping.scans WHERE order_id = :order_id ORDER BY happened_at, recorded_at LIMIT 1000
""")
_DECISIONS = text("SELECT count(*) FROM routing.receipts WHERE order_id = :order_id")


@dataclass(frozen=True, slots=True)
class SentParts:
    """Rows as they stand. `decisions`: how often routing chose places for the order."""

    decisions: int
    packages: Sequence[Row[Any]]
    contents: Sequence[Row[Any]] = ()
    scans: Sequence[Row[Any]] = ()
    split: WhySplit = WhySplit.NOT_ASKED


async def sent_parts(read: Read, order_id: OrderId, *, works: int) -> SentParts:
    """Two questions of an order that is collected; `works` is how many it has."""
    boxes = await read.all(_PACKAGES, {"order_id": order_id})
    decisions = int(await read.value(_DECISIONS, {"order_id": order_id}))
    inside = select(contents).where(contents.c.order_id == order_id).limit(1000)
    return SentParts(
        decisions,
        boxes,
        await read.all(inside) if boxes else (),
        await read.all(_SCANS, {"order_id": order_id}) if boxes else (),
        await why_split(read, order_id) if decisions and works > 1 else WhySplit.NOT_ASKED,
    )
