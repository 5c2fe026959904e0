"""An order that was placed a moment ago as it would be read now, without reading it again."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.fulfillment import NewWork, WorkState
from ambidex.domains.locations import Location
from ambidex.domains.orders import Line, Order
from ambidex.domains.promises import NewPromise, PromiseState
from ambidex.domains.watch import NewOwner
from ambidex.kernel.ids import LocationId, child_id
from ambidex.reads.orders import KitView, LineView, OrderView, OwnerView, PromiseView, WorkView


def view_of(
    order: Order,
    source: str,
    *,
    places: dict[LocationId, Location],
    works: Sequence[NewWork],
    promised: Sequence[NewPromise],
    owner: NewOwner,
) -> OrderView:
    """The same that reads/orders.py would say (a test holds the two side by side)."""
    return OrderView(
        order_id=order.order_id,
        number=order.number,
        source=source,
        reference=order.reference,
        source_number=order.source_number,
        channel=order.channel,
        state=order.state.value,
        placed_at=order.placed_at,
        total=order.total,
        contact=order.contact,
        language=order.language,
        terms=order.terms,
        link_version=order.link_version,
        version=order.version,
        lines=tuple(_line(line, places) for line in order.lines),
        works=tuple(_work(work, places) for work in works),
        promises=tuple(_promise(one) for one in promised),
        owner=OwnerView(
            role=owner.role,
            location=None if owner.location_id is None else places[owner.location_id].code,
            staff=None,
            next_step=owner.next_step,
            next_deadline=owner.next_deadline,
            waiting_for=owner.waiting_for.value,
        ),
        places=tuple(sorted(places)),
    )


def _line(line: Line, places: dict[LocationId, Location]) -> LineView:
    return LineView(
        line=line.line_no,
        item=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        tax=line.tax,
        discount=line.discount,
        method=line.method.value,
        location=None if line.location_id is None else places[line.location_id].code,
        states={state.value: units for state, units in line.counts.items() if units},
        kit=KitView(line.kit_sku, line.kit_title, line.kit_no, line.kit_quantity) if line.kit_no else None,
    )


def _work(work: NewWork, places: dict[LocationId, Location]) -> WorkView:
    work_id = child_id(work.order_id, work.work_no)
    return WorkView(work_id, places[work.location_id].code, work.method, WorkState.OFFERED.value)


def _promise(one: NewPromise) -> PromiseView:
    work_id = child_id(one.order_id, one.work_no)
    return PromiseView(one.kind.value, one.due_at, PromiseState.MADE.value, work_id)
