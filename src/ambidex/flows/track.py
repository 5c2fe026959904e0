"""What carriers tell: delivered, failed, on its way back. It may come twice, late, and in any order.

A carrier's word is a report: it keeps the promise, and stands under "done" as what it is, the carrier's word.
"""

from __future__ import annotations

from datetime import datetime

from ambidex.domains import inventory, orders, shipping
from ambidex.domains.fulfillment import Parcels, Work, WorkState, WorkVerb
from ambidex.domains.inventory import Move
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState
from ambidex.domains.shipping import Package, PackageState, PackageVerb, ScanStatus, Tracked
from ambidex.flows import failed_delivery, ownership
from ambidex.flows.locked_work import LockedWork, claims_of, lock_work_of
from ambidex.flows.parcel_words import say_of
from ambidex.flows.shop_words import NotYet
from ambidex.flows.under_way import arrived
from ambidex.runtime.db import Tx

_WORK_VERBS = {
    PackageState.DISPATCHED: WorkVerb.TRY_AGAIN,
    PackageState.DELIVERED: WorkVerb.DELIVER,
    PackageState.DELIVERY_FAILED: WorkVerb.FAIL_DELIVERY,
    PackageState.RETURNED_TO_SENDER: WorkVerb.RETURN_TO_SENDER,
    PackageState.LOST: WorkVerb.LOSE,
}
_WORK_STATES = {
    PackageState.DISPATCHED: WorkState.DISPATCHED,
    PackageState.DELIVERED: WorkState.DELIVERED,
    PackageState.DELIVERY_FAILED: WorkState.DELIVERY_FAILED,
    PackageState.RETURNED_TO_SENDER: WorkState.RETURNED_TO_SENDER,
    PackageState.LOST: WorkState.LOST,
}


async def hear(tx: Tx, told: Tracked, *, source: str) -> str:
    """Keep what a carrier says of one number, and do what follows; what came of it. Raises NotYet for unknown numbers."""
    named = await shipping.find.known(tx, told.tracking_number)
    if named is None:
        raise NotYet(f'unknown tracking number "{told.tracking_number}" of {told.carrier}')
    order_id, package_no = named
    known = await shipping.find.package(tx, order_id, package_no)
    locked = await lock_work_of(tx, order_id, known.work_no)
    package = await shipping.find.package(tx, order_id, package_no)
    if shipping.find.plain_number(told.tracking_number) != package.tracking_number:
        return "of a label that is not used any more"
    fresh, meant = await shipping.hear(tx, package, told, source=source)
    if meant is None:
        if fresh and package.state is PackageState.DELIVERED and _turned_back(told, now=tx.now):
            await failed_delivery.back_after_all(tx, locked, package)
            return f"{fresh} new: it comes back although it was delivered"
        return f"{fresh} new" if fresh else "known"
    package = await shipping.find.package(tx, order_id, package_no)
    verb, last = meant
    happened_at = min(last.happened_at, tx.now)
    await follow(tx, locked, package, verb, words=last.words or last.detail, at=happened_at)
    return f"package {verb.value}"


def _turned_back(told: Tracked, *, now: datetime) -> bool:
    said = [scan.status for scan in told.scans if not scan.is_ahead(now)]
    return ScanStatus.RETURN_TO_SENDER in said


async def follow(
    tx: Tx, locked: LockedWork, package: Package, verb: PackageVerb, *, words: str, at: datetime | None = None
) -> tuple[Work, Package]:
    """What happened to one package, and so to its work; call with the order locked."""
    was = package.state
    package = await shipping.go_on(tx, package, verb, words=words, at=at)
    work = await work_follows(tx, locked.work)
    after = LockedWork(locked.order, work)
    match verb:
        case PackageVerb.DELIVER:
            await _delivered(tx, after, package, was=was)
        case PackageVerb.FAIL_DELIVERY:
            await failed_delivery.failed(tx, after, package, words=words, at=at or tx.now)
        case PackageVerb.RETURN_TO_SENDER:
            await failed_delivery.turned_back(tx, after, package, words=words)
        case PackageVerb.TRY_AGAIN:
            await ownership.solved(tx, failed_delivery.key_of(package), outcome="on its way again")
    await finish(tx, after)
    if verb is PackageVerb.DELIVER:
        what = Move.ARRIVE if was is PackageState.LOST else Move.DELIVER
        claims = claims_of(work, package.units)
        await inventory.move(tx, claims, what, cause=f"delivered: {package.tracking_number}")
    return work, package


async def work_follows(tx: Tx, work: Work) -> Work:
    """The work is what its packages are."""
    packages = await shipping.find.packages_of(tx, work.order_id, work_no=work.work_no)
    outcome = shipping.outcome(packages)
    left = {WorkState.DISPATCHED, WorkState.DELIVERY_FAILED, WorkState.LOST}
    if outcome is None or work.state not in left or work.state is _WORK_STATES[outcome]:
        return work
    if work.state is WorkState.LOST and outcome is not PackageState.DELIVERED:
        return work
    return await Parcels.ship(tx, work, _WORK_VERBS[outcome])


async def _delivered(tx: Tx, after: LockedWork, package: Package, *, was: PackageState) -> None:
    if package.sent_again_at is None:
        origin = LineState.LOST if was is PackageState.LOST else LineState.SHIPPED
        await orders.move_lines(tx, package.order_id, package.units, origin=origin, to=LineState.DELIVERED)
    else:
        await failed_delivery.arrived_twice(tx, after, package)
    await ownership.solved(tx, failed_delivery.key_of(package), outcome="delivered after all")
    await say_of(
        tx,
        after,
        package,
        MessageKind.DELIVERED,
        fact_key=f"delivered:{package.package_no}",
        proof=("shipping.delivered",),
        delivered_at=package.delivered_at,
        signed_by=package.signed_by,
    )


async def finish(tx: Tx, after: LockedWork) -> None:
    """When nothing of the work is under way any more, nobody watches it; the order may close."""
    order, work = after.order, after.work
    if not work.is_open:
        found = await shipping.find.packages_of(tx, work.order_id, work_no=work.work_no)
        last = max((one.delivered_at for one in found if one.delivered_at), default=None)
        await arrived(tx, work, kept=work.state is WorkState.DELIVERED, at=last)
    await orders.close_if_done(tx, order)
    await ownership.settle(tx, order.order_id)
