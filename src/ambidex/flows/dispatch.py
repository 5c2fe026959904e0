"""Dispatch: each package's label is scanned out. Its units leave the place with the carrier; the last one sends the work
on its way. Customer and source hear of it, once for each package, and somebody watches that it arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ambidex.domains import fulfillment, inventory, orders, shipping
from ambidex.domains.fulfillment import Parcels, Work, WorkState, WorkVerb
from ambidex.domains.inventory import Move
from ambidex.domains.messages import MessageKind, Speaker
from ambidex.domains.orders import LineState
from ambidex.domains.shipping import Package, PackageState
from ambidex.flows import ownership
from ambidex.flows.locked_work import LockedWork, claims_of, lock_work_of
from ambidex.flows.paid import must_be_paid
from ambidex.flows.parcel_words import not_left_before, say_of, tell_shipped
from ambidex.flows.parcels import PackageOfAnotherOrder, exact, scanned_parcel
from ambidex.flows.under_way import on_its_way
from ambidex.kernel.actor import Permission
from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Dispatched:
    """The package that was scanned, and its work."""

    work: Work
    package: Package


async def dispatch(tx: Tx, *, location_id: LocationId, proof: Proof) -> Dispatched:
    """The label of a package was scanned out at this place. Scanned again, nothing happens."""
    return await _dispatch(tx, await scanned_parcel(tx, proof, location_id=location_id), proof)


async def dispatch_work(tx: Tx, *, work_id: str, proofs: Sequence[Proof]) -> Work:
    """The same for several packages of one work, all or none: each proof names the label that was scanned."""
    work = await fulfillment.work_from_id(tx, work_id)
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    sent = [await _of_work(tx, work, proof) for proof in proofs]
    return sent[-1].work if sent else work


async def close_manifest(tx: Tx, *, manifest_id: UUID) -> UUID:
    """The carrier took what was scanned onto it. The next scan begins a new one."""
    return (await shipping.close_manifest(tx, manifest_id)).manifest_id


async def _of_work(tx: Tx, work: Work, proof: Proof) -> Dispatched:
    known = await scanned_parcel(tx, proof, location_id=work.location_id)
    if (known.order_id, known.work_no) != (work.order_id, work.work_no):
        raise PackageOfAnotherOrder(package=known.id)
    return await _dispatch(tx, known, proof)


async def _dispatch(tx: Tx, known: Package, proof: Proof) -> Dispatched:
    locked = await lock_work_of(tx, known.order_id, known.work_no)
    order, work = locked.order, locked.work
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    package = await shipping.find.package(tx, known.order_id, known.package_no)
    if package.state is not PackageState.PACKED and package.dispatched_at is not None:
        return Dispatched(work, package)
    await must_be_paid(tx, order, package.units)
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


async def _tell(tx: Tx, sent: LockedWork, package: Package, evidence: str) -> None:
    """A platform says of each unit once that it left; of what is sent again the customer hears from us, and it the number."""
    fresh = await not_left_before(tx, sent.order, package)
    speaker = None if fresh == package.units else Speaker.US
    await say_of(
        tx,
        sent,
        package,
        MessageKind.SHIPPED,
        fact_key=f"shipped:{package.package_no}",
        proof=(evidence,),
        speaker=speaker,
    )
    await tell_shipped(tx, sent, package, fresh)
