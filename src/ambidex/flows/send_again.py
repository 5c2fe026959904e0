"""The goods of a parcel that did not arrive are sent anew: other units, another work, routed like any others.

The customer pays nothing a second time and hears of it at once. The first parcel stays what it is: lost, on its way
back, or back already; what becomes of it later changes the lines of the order no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ambidex.domains import fulfillment, inventory, orders, payments, promises, shipping, watch
from ambidex.domains.fulfillment import Work
from ambidex.domains.inventory import Move
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order
from ambidex.domains.promises import Promise
from ambidex.domains.shipping import Package, PackageState, PackageVerb
from ambidex.domains.watch import WaitsFor
from ambidex.flows import failed_delivery, ownership, track
from ambidex.flows.locked_work import LockedWork, claims_of
from ambidex.flows.loose import Loose
from ambidex.flows.parcel_words import say_of
from ambidex.flows.parcels import Settled, chosen_parcel
from ambidex.flows.route_order import route
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Read, Tx

CAUSE = "sent_again"
_WORDS = "The first parcel did not reach you, so we send it again."
# what is done about the first parcel: where nobody knows where it is, nobody waits for it
_FIRST = {
    PackageState.DISPATCHED: PackageVerb.LOSE,
    PackageState.DELIVERY_FAILED: PackageVerb.RETURN_TO_SENDER,
}
_STANDS = {PackageState.CAME_BACK: LineState.RETURNED, PackageState.LOST: LineState.LOST}


class AlreadyPaidBack(Problem):
    """What this parcel cost goes back to the customer already."""

    status, code = 409, "already-paid-back"
    advice = "Ask the customer to order it anew; it is not sent for nothing."


async def send_again(tx: Tx, *, package_id: str, reason: str) -> Settled:
    """Other units of the same go out; nobody who has them: they are parked, with a day for the customer. Once."""
    locked, package = await chosen_parcel(tx, package_id, reason)
    if package.sent_again_at is not None:
        return Settled(locked.work, package)
    await _must_not_be_paid_back(tx, package)
    was = package.state
    if was in _FIRST:
        package = await shipping.go_on(tx, package, _FIRST[was], words=reason)
    package = await shipping.go_on(tx, package, PackageVerb.SEND_AGAIN, words=reason)
    stood = _STANDS.get(was, LineState.SHIPPED)
    await orders.move_lines(tx, package.order_id, package.units, origin=stood, to=LineState.OPEN)
    work = await track.work_follows(tx, locked.work)
    promise = await _let_go(tx, LockedWork(locked.order, work), package, was=was, reason=reason)
    await orders.close_if_done(tx, locked.order)
    order = await orders.order(tx, package.order_id)
    known = await _last_work(tx, order)
    parked = await route(tx, Loose(order, package.units, LineState.OPEN, CAUSE, _WORDS, promise))
    await say_of(
        tx,
        LockedWork(order, work),
        package,
        MessageKind.SENT_AGAIN,
        fact_key=f"sent-again:{package.package_no}",
        proof=("shipping.sent-again",),
        arrives_by=None if parked else await _arrives_by(tx, order, after=known),
    )
    await ownership.settle(tx, order.order_id)
    if was in _FIRST and package.state is PackageState.LOST:
        await inventory.move(tx, claims_of(work, package.units), Move.LOSE, cause=f"lost: {reason}")
    return Settled(work, package)


async def _must_not_be_paid_back(read: Read, package: Package) -> None:
    facts = (await payments.money(read, package.order_id)).facts
    if any(fact.kind == "refund_due" and fact.cause == package.paid_back_as for fact in facts):
        raise AlreadyPaidBack(package=package.id)


async def _let_go(
    tx: Tx, after: LockedWork, package: Package, *, was: PackageState, reason: str
) -> Promise | None:
    """Nobody chooses for the first parcel any more; what was promised of it is for the new work to keep."""
    outcome = f"sent again: {reason}"
    keys = (failed_delivery.key_of(package), failed_delivery.money_key(package))
    _ = [await ownership.solved(tx, key, outcome=outcome) for key in keys]
    if was is PackageState.DELIVERY_FAILED:
        await failed_delivery.bring_in(tx, after.order, package)
    work = after.work
    if work.is_open:
        return None
    await watch.resolve(tx, work.order_id, work_no=work.work_no, waits_for=WaitsFor.DELIVER)
    return await promises.promise_of_work(tx, work.order_id, work_no=work.work_no)


async def _last_work(read: Read, order: Order) -> int:
    return max(work.work_no for work in await fulfillment.works_of(read, order.order_id))


async def _arrives_by(read: Read, order: Order, *, after: int) -> datetime | None:
    """When the last of the new works is promised to be with the customer."""
    works: Mapping[int, Work] = {w.work_no: w for w in await fulfillment.works_of(read, order.order_id)}
    made = await promises.open_promises(read, order.order_id)
    return max((one.due_at for one in made if one.work_no in works and one.work_no > after), default=None)
