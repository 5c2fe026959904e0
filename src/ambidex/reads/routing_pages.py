"""What the page Routing shows beside the versions: figures of the last day, and who last changed each version and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
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

# a pair is [[counts of live, places], [counts of the other, places], differs]; the fourth count is the cost
_SHADOWED = text("""
SELECT count(*) AS decisions, count(*) FILTER (WHERE differs) AS differs,
       coalesce(sum((pair #>> '{0,0,3}')::bigint), 0) AS cost_live, coalesce(sum((pair #>> '{1,0,3}')::bigint), 0) AS cost
  FROM routing.shadows WHERE brand = :brand AND number = :number AND decided_at >= :since""")
_SHADOW_LATEST = text("""
SELECT s.order_id, s.receipt_no, s.sent_from, s.sent_from_live, o.number
  FROM routing.shadows s JOIN orders.orders o ON o.order_id = s.order_id
 WHERE s.brand = :brand AND s.number = :version AND s.decided_at >= :since AND s.differs
 ORDER BY s.decided_at DESC LIMIT :limit""")
_DIFFERING = text("""
SELECT facts ->> 'day' AS day, owner_role FROM watch.exceptions
 WHERE kind = 'decisions_differ' ORDER BY opened_at DESC LIMIT 30""")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A decision that a shadow would have made otherwise; places by code."""

    order_id: UUID
    receipt_no: int
    number: str
    was: str
    would: str


@dataclass(frozen=True, slots=True)
class ShadowSum:
    """What a version in the shadow would have done since it began. Costs in mills."""

    decisions: int
    differs: int
    cost_live: int
    cost: int
    latest: tuple[Otherwise, ...]


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


async def shadowed(read: Read, brand: str, number: int, *, since: datetime) -> ShadowSum:
    """A version in the shadow beside what was decided."""
    said = {"brand": brand, "since": since}
    whole = await read.one(_SHADOWED, said | {"number": number})
    rows = await read.all(_SHADOW_LATEST, said | {"version": number, "limit": ORDERS_MAX})
    latest = tuple(Otherwise(r.order_id, r.receipt_no, r.number, r.sent_from_live, r.sent_from) for r in rows)
    return ShadowSum(whole.decisions, whole.differs, int(whole.cost_live), int(whole.cost), latest)


async def differing_owners(read: Read) -> Mapping[str, str]:
    """Who has a night that did not come out the same, by its day."""
    return {str(row.day): f"@{row.owner_role}" for row in await read.all(_DIFFERING)}
