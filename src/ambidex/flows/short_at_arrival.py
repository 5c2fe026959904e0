"""An order that somebody else sold and the shelf cannot meet: it is kept, a person owns it, the customer is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Method, Order
from ambidex.flows import options, ownership
from ambidex.flows.loose import Loose
from ambidex.flows.options import Question
from ambidex.flows.placing import Decision
from ambidex.flows.route_order import route
from ambidex.kernel.ids import OrderId, TaskId
from ambidex.runtime.db import Tx


async def ask_customers(tx: Tx, decisions: Sequence[Decision], written: Mapping[OrderId, Order]) -> None:
    """Somebody else sold what the shelf has not: a person owns it, and the customer is told with options. Rare."""
    short = [(written[d.draft.order_id], place, units) for d in decisions for place, units in d.short]
    _ = [await _look_for(tx, order, place, units) for order, place, units in short]


async def _look_for(tx: Tx, order: Order, place: Location, units: Mapping[int, int]) -> Order:
    """Where else the order's units may be had: its customer is asked; what is to be sent is sent from there."""
    collected = {n: units[n] for n in units if _is_collected(order, n)}
    sent = {n: units[n] for n in units if n not in collected}
    if collected:
        await _ask_customer(tx, order, place, collected)
    if sent:
        await route(tx, _to_be_sent(order, place, sent))
    return order


def _is_collected(order: Order, line_no: int) -> bool:
    line = order.line(line_no)
    return line is not None and line.method is Method.PICKUP


def _to_be_sent(order: Order, place: Location, units: Mapping[int, int]) -> Loose:
    """What is to be sent need not come from there: other places are asked, or it waits."""
    why = "does not have what was sold"
    words = "It was sold elsewhere at the same moment."
    return Loose(order, units, LineState.SHORT, "sold_elsewhere", words, not_from={place.code: why})


async def _ask_customer(tx: Tx, order: Order, place: Location, units: Mapping[int, int]) -> TaskId:
    question = Question(
        units, LineState.SHORT, f"{place.name} does not have it any more", kind=MessageKind.SHORT_AT_ARRIVAL
    )
    await options.propose(tx, order, place, question, proof=("orders.placed",))
    return await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind="short-at-arrival",
        cause="stock",
        title=f"Sold, but not there: {order.number}",
        detail=f"{sum(units.values())} units were sold that {place.name} does not have",
        key=options.sold_key(order, place),
        role="agent",
        about=ownership.About(location_id=place.location_id, facts={"units": dict(units)}),
    )
