"""Packages of places as a list and one by one, with contents, label and what the carrier told: two statements each."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains import shipping
from ambidex.domains.locations import Location
from ambidex.domains.shipping import Package, PackageState
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId, OrderId, child_id
from ambidex.kernel.page import Page, read_cursor, write_cursor
from ambidex.kernel.problem import BadInput, NotAllowed, NotFound
from ambidex.kernel.values import dataclass
from ambidex.reads.fulfillment_orders import visible_places
from ambidex.runtime.db import Read

# those with something still to happen
OPEN = (
    PackageState.PACKED, PackageState.DISPATCHED, PackageState.DELIVERY_FAILED, PackageState.RETURNED_TO_SENDER,
)  # fmt: skip


class NoLabelYet(NotFound):
    """This package has no label."""

    code = "no-label-yet"
    advice = "Print it first: POST /api/v1/fulfillment-orders/{id}/label."


@dataclass(frozen=True, slots=True)
class PackageView:
    """A package as people and programs see it; `label` is the state of its newest label, "" without one."""

    id: str
    order_id: OrderId
    number: str
    work_id: str
    package_no: int
    location: str
    state: PackageState
    grams: int
    size_mm: tuple[int, int, int] | None
    carrier: str
    service: str
    tracking_number: str
    tracking_url: str
    label: str
    label_answer: str
    packed_at: datetime
    dispatched_at: datetime | None
    expected_at: datetime | None
    delivered_at: datetime | None
    signed_by: str
    contents: Sequence[Mapping[str, Any]]
    scans: Sequence[Mapping[str, Any]]


_PACKAGE = """
SELECT p.*, o.number, l.code AS location, coalesce(b.state, '') AS label, coalesce(b.answer, '') AS label_answer,
  (SELECT json_agg(json_build_object('line', c.line_no, 'item', ol.sku, 'title', ol.title, 'quantity', c.units)
                   ORDER BY c.line_no)
     FROM shipping.contents c JOIN orders.lines ol USING (order_id, line_no)
    WHERE c.order_id = p.order_id AND c.package_no = p.package_no) AS contents,
  (SELECT json_agg(json_build_object('status', s.status, 'words', s.words, 'city', s.city, 'country', s.country,
                   'happened_at', s.happened_at) ORDER BY s.happened_at, s.recorded_at)
     FROM shipping.scans s WHERE s.order_id = p.order_id AND s.package_no = p.package_no) AS scans
  FROM shipping.packages p
  JOIN orders.orders o USING (order_id)
  JOIN locations.locations l ON l.location_id = p.location_id
  LEFT JOIN LATERAL (SELECT b.state, b.answer FROM shipping.labels b WHERE b.order_id = p.order_id
     AND b.package_no = p.package_no ORDER BY b.label_no DESC LIMIT 1) b ON true
"""
_PAGE = text(
    _PACKAGE
    + """
 WHERE p.state = ANY(CAST(:states AS text[]))
   AND (CAST(:places AS uuid[]) IS NULL OR p.location_id = ANY(CAST(:places AS uuid[])))
   AND (CAST(:tracking AS text) IS NULL OR p.tracking_number = :tracking)
   AND (CAST(:since AS timestamptz) IS NULL
        OR (p.packed_at, p.order_id, p.package_no) > (CAST(:since AS timestamptz), CAST(:order_id AS uuid), :package_no))
 ORDER BY p.packed_at, p.order_id, p.package_no LIMIT :limit"""
)
_ONE = text(_PACKAGE + " WHERE p.order_id = :order_id AND p.package_no = :package_no")
_OF_WORK = text(
    _PACKAGE
    + " WHERE p.order_id = :order_id AND p.work_no = :work_no AND p.state <> 'opened' ORDER BY p.package_no LIMIT 500"
)
_LABEL = text("""
SELECT b.document, b.media_type FROM shipping.labels b
 WHERE b.order_id = :order_id AND b.package_no = :package_no AND b.label_no = :label_no AND b.state = 'made'
""")


async def page(
    read: Read,
    who: Actor,
    *,
    location: Location | None = None,
    states: Sequence[PackageState] = (),
    tracking: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[PackageView]:
    """Packages of this place, or of all places the actor may see, oldest first; without states those under way."""
    if location is not None:
        must_see(who, location.location_id)
    places = visible_places(who) if location is None else [location.location_id]
    asked = tuple(PackageState) if tracking and not states else states or OPEN
    values: dict[str, Any] = {"since": None, "order_id": None, "package_no": 0}
    if after is not None:
        values = _read_after(after)
    values |= {
        "states": [state.value for state in asked],
        "places": places,
        "tracking": shipping.find.plain_number(tracking) if tracking else None,
        "limit": limit + 1,
    }
    rows = await read.all(_PAGE, values)
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = (
        None if last is None else write_cursor(last.packed_at.isoformat(), last.order_id, last.package_no)
    )
    return Page([_view(row) for row in rows[:limit]], cursor)


async def one(read: Read, who: Actor, package_id: str) -> PackageView:
    """One package by its outside id. Raises UnknownPackage."""
    found = await _seen(read, who, package_id)
    return _view(await read.one(_ONE, {"order_id": found.order_id, "package_no": found.package_no}))


async def of_work(read: Read, order_id: OrderId, work_no: int) -> list[PackageView]:
    """The packages of one work that were not opened; who may see the work was asked before."""
    rows = await read.all(_OF_WORK, {"order_id": order_id, "work_no": work_no})
    return [_view(row) for row in rows]


async def label_document(read: Read, who: Actor, package_id: str) -> tuple[bytes, str]:
    """What is stuck on the package, and its media type. Raises UnknownPackage, NoLabelYet."""
    found = await _seen(read, who, package_id)
    key = {"order_id": found.order_id, "package_no": found.package_no, "label_no": found.label_no}
    row = await read.maybe(_LABEL, key)
    if row is None:
        raise NoLabelYet(package=package_id)
    return base64.b64decode(row.document), str(row.media_type)


async def _seen(read: Read, who: Actor, package_id: str) -> Package:
    found = await shipping.find.package_from_id(read, package_id)
    must_see(who, found.location_id)
    return found


def must_see(who: Actor, location_id: LocationId) -> None:
    """Refuse who does not see the work of this place."""
    if not who.may(Permission.WORK_READ, at=location_id):
        raise NotAllowed(f"{who.name} does not see the work of this place")


def _read_after(cursor: str) -> dict[str, Any]:
    try:
        since, order_id, package_no = read_cursor(cursor)
        return {
            "since": datetime.fromisoformat(since),
            "order_id": UUID(order_id),
            "package_no": int(package_no),
        }
    except (AttributeError, OverflowError, TypeError, ValueError) as cause:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of this list"}]) from cause


def _view(row: Row[Any]) -> PackageView:
    same = {name: getattr(row, name) for name in _SAME}
    size = (row.length_mm, row.width_mm, row.height_mm) if row.length_mm else None
    return PackageView(
        id=child_id(row.order_id, row.package_no),
        work_id=child_id(row.order_id, row.work_no),
        state=PackageState(row.state),
        size_mm=size,
        contents=row.contents or (),
        scans=row.scans or (),
        **same,
    )


_SAME = (
    "order_id", "number", "package_no", "location", "grams", "carrier", "service", "tracking_number", "tracking_url",
    "label", "label_answer", "packed_at", "dispatched_at", "expected_at", "delivered_at", "signed_by",
)  # fmt: skip
