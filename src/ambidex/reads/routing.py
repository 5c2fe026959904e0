"""Questions about trying a version out: what its shadow did, and which simulations it had."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.domains import routing
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

SHADOWS_MAX = 5_000
_SHADOWS = text("""
SELECT order_id, receipt_no, decided_at, differs, sent_from, sent_from_live, pair FROM routing.shadows
 WHERE brand = :brand AND number = :number ORDER BY decided_at DESC LIMIT :limit""")
_COUNT = text("SELECT count(*) FROM routing.shadows WHERE brand = :brand AND number = :number")


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """One decision as live made it, and where the shadow would have sent from."""

    order_id: UUID
    receipt_no: int
    decided_at: datetime
    differs: bool
    sent_from: str
    sent_from_live: str


@dataclass(frozen=True, slots=True)
class ShadowView:
    """`count` decisions in all; figures with intervals over the newest SHADOWS_MAX, and the newest that differ."""

    count: int
    figures: dict[str, Any]
    differing: tuple[ShadowRow, ...]


async def shadow_view(read: Read, brand: str, number: int, *, shown: int = 20) -> ShadowView:
    """How a version in shadow does beside live."""
    said = {"brand": brand, "number": number}
    count = int(await read.value(_COUNT, said))
    rows = await read.all(_SHADOWS, said | {"limit": SHADOWS_MAX})
    pairs = [routing.trials.Pair.from_json(row.pair) for row in rows]
    differing = [row for row in rows if row.differs][:shown]
    return ShadowView(
        count,
        routing.trials.summed_up(pairs, seed=number),
        tuple(
            ShadowRow(r.order_id, r.receipt_no, r.decided_at, r.differs, r.sent_from, r.sent_from_live)
            for r in differing
        ),
    )
