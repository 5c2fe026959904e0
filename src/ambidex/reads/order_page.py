"""Everything one order page shows, in a fixed number of questions: said, done, who owns it, its parts and money.

Scoped by the caller: contact details are blank unless the actor may see them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from ambidex.domains.catalogue.tables import items
from ambidex.domains.fulfillment.tables import evidence, work, work_lines
from ambidex.domains.messages.tables import messages
from ambidex.domains.orders.tables import lines, orders
from ambidex.domains.payments import tables as payments
from ambidex.domains.promises.tables import milestones, promises
from ambidex.domains.watch.tables import exceptions
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass
from ambidex.reads.order_around import elsewhere, owner_of, places_of, shelf_of, source_of
from ambidex.reads.order_parcels import sent_parts
from ambidex.reads.why_split import WhySplit
from ambidex.runtime.db import Read

_EVENTS = text("""
SELECT seq, name, subject, actor, cause, evidence, payload, happened_at
FROM runtime.events WHERE order_id = :order_id ORDER BY seq LIMIT 500
""")


@dataclass(frozen=True)
class OrderPage:
    """Rows as they stand; the page turns them into words."""

    order: Row[Any]
    source: Row[Any] | None
    lines: Sequence[Row[Any]]
    works: Sequence[Row[Any]]
    work_lines: Sequence[Row[Any]]
    evidence: Sequence[Row[Any]]
    promises: Sequence[Row[Any]]
    milestones: Sequence[Row[Any]]
    messages: Sequence[Row[Any]]
    tenders: Sequence[Row[Any]]
    money: Sequence[Row[Any]]
    exceptions: Sequence[Row[Any]]
    events: Sequence[Row[Any]]
    owner: Row[Any] | None
    places: dict[UUID, Row[Any]]
    elsewhere: Sequence[Row[Any]]
    now: datetime
    # how often routing chose places for it
    decisions: int = 0
    packages: Sequence[Row[Any]] = ()
    contents: Sequence[Row[Any]] = ()
    carrier_scans: Sequence[Row[Any]] = ()
    split: WhySplit = WhySplit.NOT_ASKED

    def packages_of(self, work_no: int) -> list[Row[Any]]:
        """The packages of one work that were not opened again."""
        return [each for each in self.packages if each.work_no == work_no]

    def place_name(self, location_id: UUID | None) -> str:
        """The name of a place of this order; empty when it has none."""
        place = self.places.get(location_id) if location_id else None
        return str(place.name) if place else ""

    def zone_of(self, location_id: UUID | None) -> str:
        """The zone times are shown in, one for the whole page; only a place where something is collected has its own."""
        collected = [work.location_id for work in self.works if work.method == "pickup"]
        there = (
            [location_id]
            if location_id in collected
            else [*collected, *(work.location_id for work in self.works)]
        )
        place = next((self.places[each] for each in there if each in self.places), None)
        return str(place.time_zone) if place else "UTC"

    @property
    def has_several_clocks(self) -> bool:
        """Whether places of this order live in several zones, so that a time needs its zone said."""
        return len({str(place.time_zone) for place in self.places.values()}) > 1


async def order_page(read: Read, order_id: OrderId) -> OrderPage:
    """The page of one order. Raises NotFound."""
    order = await read.maybe(select(orders).where(orders.c.order_id == order_id))
    if order is None:
        raise NotFound("order", order=order_id)
    its_lines = await _lines(read, order_id)
    its_works = await _works(read, order_id)
    sent = await sent_parts(read, order_id, works=len(its_works))
    return OrderPage(
        order=order,
        source=await source_of(read, order.source_id),
        lines=its_lines,
        works=its_works,
        work_lines=await read.all(_of(work_lines, order_id).limit(500)),
        evidence=await read.all(
            _of(evidence, order_id)
            .add_columns(shelf_of(evidence, evidence.c.place))
            .order_by(evidence.c.recorded_at, evidence.c.evidence_id)
            .limit(1000)
        ),
        promises=await read.all(_of(promises, order_id).order_by(promises.c.promise_no).limit(100)),
        milestones=await read.all(_of(milestones, order_id).order_by(milestones.c.due_at).limit(200)),
        messages=await read.all(_of(messages, order_id).order_by(messages.c.message_no).limit(200)),
        tenders=await read.all(
            _of(payments.tenders, order_id).order_by(payments.tenders.c.payment_no).limit(20)
        ),
        money=await read.all(_of(payments.facts, order_id).order_by(payments.facts.c.fact_no).limit(100)),
        exceptions=await read.all(_of(exceptions, order_id).order_by(exceptions.c.opened_at).limit(100)),
        events=await read.all(_EVENTS, {"order_id": order_id}),
        owner=await owner_of(read, order_id),
        places=await places_of(read, [*its_works, *its_lines]),
        elsewhere=await elsewhere(read, its_lines),
        now=read.now,
        decisions=sent.decisions,
        packages=sent.packages,
        contents=sent.contents,
        carrier_scans=sent.scans,
        split=sent.split,
    )


def _of(table: Any, order_id: OrderId) -> Any:
    return select(table).where(table.c.order_id == order_id)


async def _works(read: Read, order_id: OrderId) -> Sequence[Row[Any]]:
    shelf = shelf_of(work, work.c.staging_place)
    return await read.all(_of(work, order_id).add_columns(shelf).order_by(work.c.work_no).limit(50))


async def _lines(read: Read, order_id: OrderId) -> Sequence[Row[Any]]:
    return await read.all(
        select(lines, items.c.picture, items.c.color, items.c.variant)
        .join(items, items.c.item_id == lines.c.item_id, isouter=True)
        .where(lines.c.order_id == order_id)
        .order_by(lines.c.line_no)
        .limit(500)
    )
