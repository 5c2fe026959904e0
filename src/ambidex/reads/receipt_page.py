"""What stands beside a receipt: the order's words, its works with what became of them, and names of places."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select, text

from ambidex.domains.fulfillment.tables import work, work_lines
from ambidex.domains.locations.tables import locations
from ambidex.domains.orders.tables import lines, orders
from ambidex.domains.promises.tables import promises
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

PLACES_MAX = 5_000
_NIGHT = text("""
SELECT r.ended_at IS NOT NULL AS is_over, d.what FROM routing.replays r
  LEFT JOIN routing.differences d ON d.order_id = :order_id AND d.receipt_no = :receipt_no
 WHERE r.day = (:decided_at AT TIME ZONE 'UTC')::date""")


@dataclass(frozen=True, slots=True)
class Part:
    """Work of a place for this order, and what became of it. `short`: units it could not find."""

    place: str
    state: str
    offered_at: datetime
    state_since: datetime
    cause: str
    short: int
    promised_at: datetime | None


@dataclass(frozen=True, slots=True)
class Around:
    """What the words of an order's receipts need."""

    order_id: OrderId
    number: str
    customer: str
    currency: str
    titles: Mapping[int, str]
    parts: tuple[Part, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as people call it."""

    name: str
    zone: str
    kind: str


async def around(read: Read, order_id: OrderId) -> Around:
    """The order of a receipt. Raises NotFound."""
    head = await read.maybe(
        select(orders.c.number, orders.c.contact_name, orders.c.currency).where(orders.c.order_id == order_id)
    )
    if head is None:
        raise NotFound("order", order=order_id)
    titles = await read.all(
        select(lines.c.line_no, lines.c.title).where(lines.c.order_id == order_id).limit(500)
    )
    return Around(
        order_id=order_id,
        number=head.number,
        customer=head.contact_name,
        currency=head.currency,
        titles={row.line_no: row.title for row in titles},
        parts=await _parts(read, order_id),
        now=read.now,
    )


async def _parts(read: Read, order_id: OrderId) -> tuple[Part, ...]:
    """Works with their place, the promise on each, and the units each lacked."""
    short = (
        select(func.coalesce(func.sum(work_lines.c.short), 0))
        .where(work_lines.c.order_id == work.c.order_id, work_lines.c.work_no == work.c.work_no)
        .scalar_subquery()
    )
    promised = (
        select(func.min(promises.c.due_at))
        .where(
            promises.c.order_id == work.c.order_id,
            promises.c.work_no == work.c.work_no,
            promises.c.kind == "delivered_by",
        )
        .scalar_subquery()
    )
    rows = await read.all(
        select(
            locations.c.code,
            work.c.state,
            work.c.offered_at,
            work.c.state_since,
            work.c.cause,
            short.label("short"),
            promised.label("promised_at"),
        )
        .join(locations, locations.c.location_id == work.c.location_id)
        .where(work.c.order_id == order_id)
        .order_by(work.c.work_no)
        .limit(50)
    )
    return tuple(
        Part(row.code, row.state, row.offered_at, row.state_since, row.cause, int(row.short), row.promised_at)
        for row in rows
    )


async def spots(read: Read, codes: Collection[str]) -> dict[str, Spot]:
    """Places by code, as people call them."""
    if not codes:
        return {}
    rows = await read.all(
        select(locations.c.code, locations.c.name, locations.c.time_zone, locations.c.kind)
        .where(locations.c.code.in_(codes))
        .limit(PLACES_MAX)
    )
    return {row.code: Spot(row.name, row.time_zone, row.kind) for row in rows}


async def night_of(read: Read, order_id: OrderId, receipt_no: int, *, decided_at: datetime) -> str | None:
    """How the replay of its night came out: what differed, "" when nothing did, None when it has not been replayed."""
    said = {"order_id": order_id, "receipt_no": receipt_no, "decided_at": decided_at}
    row = await read.maybe(_NIGHT, said)
    return (row.what or "") if row is not None and row.is_over else None
