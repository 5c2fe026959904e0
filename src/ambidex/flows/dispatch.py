"""Dispatch: each package's label is scanned out. Its units leave the place with the carrier; the last one sends the work
on its way. Customer and source hear of it, once for each package, and somebody watches that it arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ambidex.domains import fulfillment, inventory, orders, payments, promises, shipping, watch
from ambidex.domains.fulfillment import Parcels, Work, WorkState, WorkVerb
from ambidex.domains.inventory import Move
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState
from ambidex.domains.promises import MilestoneKind, PromiseKind
from ambidex.domains.shipping import Package, PackageState
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.flows import ownership
from ambidex.flows.hand_over import NotPaid
from ambidex.flows.locked_work import LockedWork, claims_of, lock_work_of
from ambidex.flows.parcel_words import say_of, tell_shipped
from ambidex.kernel.actor import Permission
from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Tx

# a parcel without a promise is asked after when it takes longer
ARRIVES_WITHIN = timedelta(days=5)


class PackageOfAnotherPlace(Problem):
    """This package was packed at another place."""

    status, code = 409, "package-of-another-place"
    advice = "Lay it aside and call the place that packed it."


class PackageOfAnotherOrder(Problem):
    """This label belongs to another order."""

    status, code = 409, "package-of-another-order"
    advice = "Scan it on its own: it leaves with its own order."


@dataclass(frozen=True, slots=True)
class Dispatched:
    """The package that was scanned, and its work."""

    work: Work
    package: Package


async def dispatch(tx: Tx, *, location_id: LocationId, proof: Proof) -> Dispatched:
    """The label of a package was scanned out at this place. Scanned again, nothing happens."""
    order_id, package_no = await shipping.find.whose(tx, proof.barcode)
    known = await shipping.find.package(tx, order_id, package_no)
    if known.location_id != location_id:
        raise PackageOfAnotherPlace(package=known.id)
    return await _dispatch(tx, known, proof)


async def dispatch_work(tx: Tx, *, work_id: str, proofs: Sequence[Proof]) -> Work:
    """The same for several packages of one work, all or none: each proof names the label that was scanned."""
    work = await fulfillment.work_from_id(tx, work_id)
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    for proof in proofs:
        order_id, package_no = await shipping.find.whose(tx, proof.barcode)
        known = await shipping.find.package(tx, order_id, package_no)
        if (known.order_id, known.work_no) != (work.order_id, work.work_no):
            raise PackageOfAnotherOrder(package=known.id)
        work = (await _dispatch(tx, known, proof)).work
    return work


async def close_manifest(tx: Tx, *, manifest_id: UUID) -> UUID:
    """The carrier took what was scanned onto it. The next scan begins a new one."""
    return (await shipping.close_manifest(tx, manifest_id)).manifest_id


async def _dispatch(tx: Tx, known: Package, proof: Proof) -> Dispatched:
    locked = await lock_work_of(tx, known.order_id, known.work_no)
    order, work = locked.order, locked.work
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    package = await shipping.find.package(tx, known.order_id, known.package_no)
    if package.state is not PackageState.PACKED and package.dispatched_at is not None:
        return Dispatched(work, package)
    if not await payments.is_secured(tx, order.order_id):
        raise NotPaid(order=order.number)
    seen = await Parcels.seen(tx, work, Parcels.DISPATCH, proofs=[(package.place, exact(proof, package))])
    if not seen:
        return Dispatched(work, package)
    package = await shipping.dispatch(tx, package, evidence=seen[package.place])
    here = await shipping.find.packages_of(tx, order.order_id, work_no=work.work_no)
    last = work.state is WorkState.PACKED and shipping.outcome(here) is not None
    verb = WorkVerb.DISPATCH_LAST if last else WorkVerb.DISPATCH
    work = await Parcels.ship(tx, work, verb, gone=package.units)
    await orders.move_lines(tx, order.order_id, package.units, origin=LineState.PACKED, to=LineState.SHIPPED)
    if work.state is WorkState.DISPATCHED:
        await on_its_way(tx, work)
    await _tell(tx, LockedWork(order, work), package, seen[package.place])
    await ownership.settle(tx, order.order_id)
    claims = claims_of(work, package.units)
    await inventory.move(
        tx, claims, Move.DISPATCH, evidence=tuple(seen.values()), happened_at=proof.happened_at
    )
    return Dispatched(work, package)


def exact(proof: Proof, package: Package) -> Proof:
    """The number as it is kept; what was typed proves itself by its reason."""
    return Proof(proof.kind, package.tracking_number, 1, proof.reason, proof.happened_at, proof.key)


async def on_its_way(tx: Tx, work: Work) -> None:
    """All of it left: somebody watches that it arrives."""
    order_id, no = work.order_id, work.work_no
    await promises.reach(tx, order_id, work_no=no, kind=MilestoneKind.DISPATCHED)
    await watch.resolve(tx, order_id, work_no=no, waits_for=WaitsFor.DISPATCH)
    made = await promises.open_promises(tx, order_id, work_no=no, kind=PromiseKind.DELIVERED_BY)
    due_at = made[0].due_at if made and made[0].due_at > tx.now else tx.now + ARRIVES_WITHIN
    await watch.arm(tx, [NewWatchdog(order_id, WaitsFor.DELIVER, due_at, no, work.location_id)])


async def _tell(tx: Tx, sent: LockedWork, package: Package, evidence: str) -> None:
    await say_of(
        tx, sent, package, MessageKind.SHIPPED, fact_key=f"shipped:{package.package_no}", proof=(evidence,)
    )
    await tell_shipped(tx, sent, package)
