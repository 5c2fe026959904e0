"""What a person does about an order in the parking queue: look for a place now, tell another day, cancel what waits."""

from __future__ import annotations

from datetime import datetime

from ambidex.domains import orders
from ambidex.domains.orders import Order
from ambidex.flows import ownership, parking, serve_parked
from ambidex.flows.cancel import cancel
from ambidex.flows.parking import NothingIsParked
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.kernel.words import seen
from ambidex.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found a place for: units by line; empty when nobody has it."""

    order_id: OrderId
    found: dict[int, int]


async def look_now(tx: Tx, *, order_id: OrderId) -> Looked:
    """Look for a place now, also for an order that too many gave back: a person has decided so. Raises NothingIsParked."""
    tx.actor.must(Permission.TASKS_DO)
    order = await _locked(tx, order_id)
    waits = parking.parked_units(order)
    sent = await serve_parked.go_on(tx, order, waits, cause="looked_for")
    return Looked(order_id, {line_no: waits[line_no] for line_no in sorted(sent)})


async def tell_day(tx: Tx, *, order_id: OrderId, news_by: datetime) -> Order:
    """The customer hears that they will hear of it by then; once, said twice. Raises NothingIsParked, BadInput."""
    tx.actor.must(Permission.ORDERS_CANCEL)
    order = await _locked(tx, order_id)
    latest = tx.now + parking.NEWS_MAX
    if not tx.now < news_by <= latest:
        expected = f"a moment to come, at the latest {latest:%Y-%m-%d}"
        raise BadInput(errors=[{"field": "news_by", "expected": expected}])
    told = await parking.open_news(tx, order_id)
    if told is not None and told.due_at == news_by:
        return order
    await parking.move_day(tx, order, due_at=news_by)
    await ownership.settle(tx, order_id)
    return order


async def cancel_parked(tx: Tx, *, order_id: OrderId, reason: str) -> Order:
    """Cancel what waits; the rest of the order goes on. Raises NothingIsParked."""
    tx.actor.must(Permission.ORDERS_CANCEL)
    order = await _locked(tx, order_id)
    if not seen(reason):
        raise BadInput(errors=[{"field": "reason", "expected": "why, in a few words"}])
    return await cancel(tx, order_id, lines=parking.parked_units(order), reason=seen(reason))


async def _locked(tx: Tx, order_id: OrderId) -> Order:
    order = await orders.lock_order(tx, order_id)
    if not parking.parked_units(order):
        raise NothingIsParked(order_id=order_id.hex)
    return order
