"""An authoritative count: the shelf is what was counted; claims it cannot meet are owned by a person at once."""

from __future__ import annotations

from ambidex.domains import catalogue, inventory, locations, orders, tasks
from ambidex.domains.catalogue import Item, UnknownItem
from ambidex.domains.inventory import Counted, Short
from ambidex.domains.locations import Location
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.flows.ownership import About
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import TaskId
from ambidex.kernel.problem import BadInput
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again

UNITS_MAX = 10_000_000


async def count_stock(tx: Tx, *, location: str, item: str, counted: int, cause: str = "count") -> Counted:
    """Set what lies on the shelves of one place (units staged for customers are not part of it).

    Orders whose claims are left without stock get an exception and a task each. Orders are locked before stock: a
    count that turns out to touch some begins again and locks all that claim this item here.
    """
    if not 0 <= counted <= UNITS_MAX:
        raise BadInput(errors=[{"field": "counted", "expected": f"0 to {UNITS_MAX}"}])
    place = await locations.by_code(tx, location)
    tx.actor.must(Permission.STOCK_COUNT, at=place.location_id)
    what = await catalogue.by_sku(tx, item)
    if what is None:
        raise UnknownItem(item=item)
    if tx.attempt:
        booked = await inventory.booked_orders(tx, what.item_id, place.location_id)
        _ = [await orders.lock_order(tx, order_id) for order_id in booked]
    outcome = await inventory.count(
        tx, item_id=what.item_id, location_id=place.location_id, counted=counted, cause=cause
    )
    if not tx.attempt and (outcome.opened or outcome.closed):
        raise Again
    _ = [
        await tasks.finish_by_key(tx, f"count:{count_id}", proof={"counted": counted})
        for count_id in outcome.counts
    ]
    _ = [await _own(tx, short, what, place) for short in outcome.opened]
    _ = [await ownership.solved(tx, _key(short), outcome="stock was found") for short in outcome.closed]
    return outcome


async def _own(tx: Tx, short: Short, item: Item, place: Location) -> TaskId:
    """A claim lost its stock: the lead of the place looks for another way."""
    order = await orders.order(tx, short.order_id)
    return await ownership.hand_to_person(
        tx,
        order_id=short.order_id,
        kind="stock-gone",
        cause=Cause.STOCK,
        title=f"Find {short.quantity} x {item.title} for order {order.number}",
        detail=f"A count at {place.name} found fewer than are promised to customers.",
        key=_key(short),
        role="lead",
        about=About(location_id=place.location_id, facts={"item": item.sku, "quantity": short.quantity}),
    )


def _key(short: Short) -> str:
    return f"short:{short.short_id}"
