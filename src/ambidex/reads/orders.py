"""An order as other systems see it: lines by state, work, open promises, who owns it. One statement for any number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains.orders import Contact, LineState
from ambidex.kernel.ids import LocationId, OrderId, child_id
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read


@dataclass(frozen=True, slots=True)
class KitView:
    """The kit a line is a part of: lines of one `number` were bought as one."""

    item: str
    title: str
    number: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A line; `states` says how many units are where, `location` is a code."""

    line: int
    item: str
    title: str
    quantity: int
    unit_price: Money
    tax: Money
    discount: Money
    method: str
    location: str | None
    states: Mapping[str, int]
    kit: KitView | None = None


@dataclass(frozen=True, slots=True)
class WorkView:
    id: str
    location: str
    method: str
    state: str
    staging_place: str = ""


@dataclass(frozen=True, slots=True)
class PromiseView:
    kind: str
    at: datetime
    state: str
    fulfillment_order: str | None


@dataclass(frozen=True, slots=True)
class OwnerView:
    """Who answers for the order now, for what, until when."""

    role: str
    location: str | None
    staff: str | None
    next_step: str
    next_deadline: datetime
    waiting_for: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """The order without its history; contact details unmasked. `places` are those of its lines and works."""

    order_id: OrderId
    number: str
    source: str
    reference: str
    source_number: str
    channel: str
    state: str
    placed_at: datetime
    total: Money
    contact: Contact
    language: str
    terms: Mapping[str, Any]
    link_version: int
    version: int
    lines: tuple[LineView, ...]
    works: tuple[WorkView, ...]
    promises: tuple[PromiseView, ...]
    owner: OwnerView | None
    places: tuple[LocationId, ...]


_STATES = ", ".join(f"'{s.value}', l.q_{s.value}" for s in LineState)
_OVERVIEW = text(f"""
SELECT o.order_id, o.number, s.code AS source, o.reference, o.source_number, o.channel, o.state, o.placed_at,
  o.total_minor, o.currency, o.contact_name, o.contact_email, o.contact_phone, o.language, o.terms, o.link_version,
  o.version,
  (SELECT json_agg(json_build_object('line', l.line_no, 'item', l.sku, 'title', l.title, 'quantity', l.quantity,
     'unit_price', l.unit_price_minor, 'tax', l.tax_minor, 'discount', l.discount_minor, 'method', l.method,
     'location', p.code, 'place', l.location_id, 'kit', CASE WHEN l.kit_no > 0 THEN
     json_build_array(l.kit_sku, l.kit_title, l.kit_no, l.kit_quantity) END, 'states', json_build_object({_STATES})) ORDER BY l.line_no)
     FROM orders.lines l LEFT JOIN locations.locations p USING (location_id) WHERE l.order_id = o.order_id) AS lines,
  (SELECT json_agg(json_build_object('no', w.work_no, 'location', p.code, 'place', w.location_id, 'method', w.method,
     'state', w.state, 'staging_place', w.staging_place) ORDER BY w.work_no)
     FROM fulfillment.work w JOIN locations.locations p USING (location_id) WHERE w.order_id = o.order_id) AS works,
  (SELECT json_agg(json_build_object('kind', m.kind, 'at', m.due_at, 'state', m.state, 'no', m.work_no)
     ORDER BY m.promise_no)
     FROM promises.promises m WHERE m.order_id = o.order_id) AS promises,
  (SELECT json_build_object('role', w.role, 'location', p.code, 'staff', w.staff_id, 'next_step', w.next_step,
     'next_deadline', w.next_deadline, 'waiting_for', w.waiting_for)
     FROM watch.ownership w LEFT JOIN locations.locations p USING (location_id) WHERE w.order_id = o.order_id) AS owner
  FROM orders.orders o JOIN channels.sources s USING (source_id)
 WHERE o.order_id = ANY(CAST(:orders AS uuid[]))""")  # noqa: S608  # made of an enum


async def overviews(read: Read, order_ids: Sequence[OrderId]) -> dict[OrderId, OrderView]:
    """These orders; unknown ones are left out."""
    if not order_ids:
        return {}
    rows = await read.all(_OVERVIEW, {"orders": list(order_ids)})
    return {row.order_id: _view(row) for row in rows}


def _view(row: Row[Any]) -> OrderView:
    return OrderView(
        order_id=row.order_id,
        number=row.number,
        source=row.source,
        reference=row.reference,
        source_number=row.source_number,
        channel=row.channel,
        state=row.state,
        placed_at=row.placed_at,
        total=Money(row.total_minor, row.currency),
        contact=Contact(row.contact_name, row.contact_email, row.contact_phone),
        language=row.language,
        terms=row.terms or {},
        link_version=row.link_version,
        version=row.version,
        lines=tuple(_line(one, row.currency) for one in row.lines or ()),
        works=tuple(_work(row.order_id, one) for one in row.works or ()),
        promises=tuple(_promise(row.order_id, one) for one in row.promises or ()),
        owner=_owner(row.owner),
        places=_places([*(row.lines or ()), *(row.works or ())]),
    )


def _places(parts: Sequence[Mapping[str, Any]]) -> tuple[LocationId, ...]:
    return tuple(sorted({LocationId(UUID(one["place"])) for one in parts if one["place"]}))


def _line(one: Mapping[str, Any], currency: str) -> LineView:
    return LineView(
        line=one["line"],
        item=one["item"],
        title=one["title"],
        quantity=one["quantity"],
        unit_price=Money(one["unit_price"], currency),
        tax=Money(one["tax"], currency),
        discount=Money(one["discount"], currency),
        method=one["method"],
        location=one["location"],
        states={name: units for name, units in one["states"].items() if units},
        kit=KitView(*one["kit"]) if one["kit"] else None,
    )


def _work(order_id: OrderId, one: Mapping[str, Any]) -> WorkView:
    work_id = child_id(order_id, one["no"])
    return WorkView(work_id, one["location"], one["method"], one["state"], one["staging_place"])


def _promise(order_id: OrderId, one: Mapping[str, Any]) -> PromiseView:
    work_id = child_id(order_id, one["no"]) if one["no"] else None
    return PromiseView(one["kind"], datetime.fromisoformat(one["at"]), one["state"], work_id)


def _owner(one: Mapping[str, Any] | None) -> OwnerView | None:
    if one is None:
        return None
    return OwnerView(
        role=one["role"],
        location=one["location"],
        staff=one["staff"],
        next_step=one["next_step"],
        next_deadline=datetime.fromisoformat(one["next_deadline"]),
        waiting_for=one["waiting_for"],
    )
