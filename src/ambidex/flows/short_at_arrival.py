"""An order that somebody else sold and the shelf cannot meet: it is kept, a person owns it, the customer is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order
from ambidex.flows import options, ownership
from ambidex.flows.options import Question
from ambidex.flows.placing import Decision
from ambidex.kernel.ids import OrderId, TaskId
from ambidex.runtime.db import Tx


async def ask_customers(tx: Tx, decisions: Sequence[Decision], written: Mapping[OrderId, Order]) -> None:
    """Somebody else sold what the shelf has not: a person owns it, and the customer is told with options. Rare."""
    short = [(written[d.draft.order_id], place, units) for d in decisions for place, units in d.short]
    _ = [await _ask_customer(tx, order, place, units) for order, place, units in short]


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
