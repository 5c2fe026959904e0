"""What the page Routing shows beside the versions: figures of the last day, and who last changed each version and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read

DAY = timedelta(hours=24)
ORDERS_MAX = 12
_FIGURES = text("""
SELECT version, arm, count(*) AS decisions, sum(cost) AS cost, count(*) FILTER (WHERE parts > 1) AS split,
       count(*) FILTER (WHERE late) AS late, count(*) FILTER (WHERE unfilled > 0) AS unfilled
  FROM routing.receipts WHERE brand = :brand AND decided_at >= :since GROUP BY version, arm ORDER BY version""")
_LAST_CHANGES = text("""
SELECT DISTINCT ON (number) number, what, why, changed_at, changed_by_name FROM routing.changes
 WHERE brand = :brand ORDER BY number, revision DESC LIMIT 1000""")
_EXAMPLES = text("""
SELECT number, count(*) AS examples FROM routing.examples WHERE brand = :brand GROUP BY number LIMIT 1000""")
_LATEST = text("""
SELECT r.order_id, r.receipt_no, r.cause, r.version, r.decided_at, r.parts, o.number, o.currency, r.cost
  FROM routing.receipts r JOIN orders.orders o ON o.order_id = r.order_id
 WHERE r.brand = :brand AND r.decided_at >= :since
 ORDER BY r.decided_at DESC, r.order_id LIMIT :limit""")
_NUMBERED = text("SELECT order_id FROM orders.orders WHERE number = :number")
_BRANDS = text("SELECT DISTINCT brand FROM routing.versions ORDER BY brand LIMIT 100")


@dataclass(frozen=True, slots=True)
class Figures:
    """Decisions of the last day by one version. `cost` in mills."""

    version: int
    arm: str
    decisions: int
    cost: int
    split: int
    late: int
    unfilled: int


@dataclass(frozen=True, slots=True)
class Deed:
    """What was last done to a version, by whom and why."""

    what: str
    why: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was made a moment ago."""

    order_id: UUID
    receipt_no: int
    number: str
    cause: str
    version: int
    decided_at: datetime
    parts: int
    cost: int
    currency: str


async def figures(read: Read, brand: str) -> list[Figures]:
    """What the versions of a brand decided within a day."""
    rows = await read.all(_FIGURES, {"brand": brand, "since": read.now - DAY})
    return [Figures(r.version, r.arm, r.decisions, int(r.cost), r.split, r.late, r.unfilled) for r in rows]


async def last_changes(read: Read, brand: str) -> Mapping[int, Deed]:
    """By version."""
    rows = await read.all(_LAST_CHANGES, {"brand": brand})
    return {r.number: Deed(r.what, r.why, r.changed_at, r.changed_by_name) for r in rows}


async def example_counts(read: Read, brand: str) -> Mapping[int, int]:
    """How many examples each version has."""
    return {r.number: r.examples for r in await read.all(_EXAMPLES, {"brand": brand})}


async def latest(read: Read, brand: str) -> list[Decided]:
    """Decisions of the last day, the newest first."""
    rows = await read.all(_LATEST, {"brand": brand, "since": read.now - DAY, "limit": ORDERS_MAX})
    return [
        Decided(
            r.order_id,
            r.receipt_no,
            r.number,
            r.cause,
            r.version,
            r.decided_at,
            r.parts,
            int(r.cost),
            r.currency,
        )
        for r in rows
    ]


async def order_numbered(read: Read, said: str) -> OrderId | None:
    """The order of this number, or of this id."""
    try:
        return OrderId(UUID(said))
    except ValueError:
        found = await read.value(_NUMBERED, {"number": said.strip().upper()})
    return OrderId(found) if found else None


async def brands(read: Read) -> list[str]:
    """Brands with versions of their own; the empty one is every other brand."""
    return [row.brand for row in await read.all(_BRANDS)]
