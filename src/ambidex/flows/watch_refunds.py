"""Money that is owed goes back within a day, or somebody asks for it: a refund is promised until a system reports it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ambidex.domains import orders, payments, watch
from ambidex.domains.orders import Order
from ambidex.domains.watch import NewWatchdog, Step, WaitsFor, Watchdog
from ambidex.flows import climb, ownership
from ambidex.kernel.clock import Hours
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.reactions import StoredEvent

MOVED_BY = frozenset({"payments.refund-due", "payments.reported"})
REFUND_WITHIN = timedelta(hours=24)


async def watch_refunds(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction: what is owed is watched from when it is; once it has gone back nobody asks any more."""
    touched = sorted({event.order_id for event in events if event.order_id is not None})
    _ = [await _settle(tx, order_id) for order_id in await payments.with_refund_due(tx, touched)]


async def look_at(tx: Tx, order: Order, dog: Watchdog) -> Step:
    """It is not reported in time: an agent sees that the money goes back."""
    owed = await _owed(tx, order)
    if not owed.minor:
        await watch.resolve(tx, dog.order_id, waits_for=WaitsFor.REFUND)
        await ownership.settle(tx, dog.order_id)
        return Step.REST
    look = watch.look(dog, hours=Hours.always(), now=tx.now)
    if look.step in {Step.REST, Step.WARN}:
        await watch.advance(tx, dog, look.step, next_at=look.next_at)
        return look.step
    detail = (
        f"{owed.decimal} {owed.currency} are owed to the customer, and nobody reported that they went back."
    )
    await climb.call_desk(tx, dog, detail=detail)
    return Step.FIRE


async def _settle(tx: Tx, order_id: OrderId) -> bool:
    """Whether it is watched now. What is watched already keeps its deadline when more is owed."""
    order = await orders.lock_order(tx, order_id)
    owed = bool((await _owed(tx, order)).minor)
    watched = any(dog.waits_for is WaitsFor.REFUND for dog in await watch.open_watchdogs(tx, order_id))
    if owed == watched:
        return owed
    if owed:
        await watch.arm(tx, [NewWatchdog(order_id, WaitsFor.REFUND, tx.now + REFUND_WITHIN)])
    else:
        await watch.resolve(tx, order_id, waits_for=WaitsFor.REFUND)
    await ownership.settle(tx, order_id)
    return owed


async def _owed(read: Read, order: Order) -> Money:
    return (await payments.money(read, order.order_id)).owed(order.total)
