"""Orders of the recent past as routing was asked about them when they were placed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text

from ambidex.domains import routing
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

_PLACED = text("""
SELECT decided_at, snapshot FROM routing.receipts
 WHERE decided_at >= :since AND cause IN ('placed', 'quoted') ORDER BY decided_at DESC, order_id LIMIT :limit""")
_CURRENCIES = text("""
SELECT DISTINCT coalesce(document::jsonb ->> 'currency', '') AS currency FROM routing.versions
 WHERE state = 'live' ORDER BY currency LIMIT 10""")


@dataclass(frozen=True, slots=True)
class PastOrder:
    """What was wanted: `demand`, the places that might not serve (`out`), and the speed, in plain form."""

    at: datetime
    demand: Mapping[str, Any]
    out: Mapping[str, list[str]]
    speed: str


async def past_orders(read: Read, *, since: datetime, limit: int) -> list[PastOrder]:
    """The newest so many, the oldest of them first."""
    rows = await read.all(_PLACED, {"since": since, "limit": limit})
    return [_order(row.decided_at, routing.stored.unpack(row.snapshot)) for row in reversed(rows)]


async def currencies(read: Read) -> list[str]:
    """In which the rate cards that decide now are written."""
    return [row.currency for row in await read.all(_CURRENCIES)]


def _order(at: datetime, stored: Mapping[str, Any]) -> PastOrder:
    return PastOrder(at, stored["demand"], stored["out"], stored["speed"])
