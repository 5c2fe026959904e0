"""What is chosen for a parcel that did not arrive: the carrier tries again, it comes back, it is lost, money goes back.

That its goods are sent anew stands in flows/send_again.py. What comes back is scanned in wherever it does and put away there; what is lost is written off. The money is owed once.
"""

from __future__ import annotations

from ambidex.domains import inventory, orders, payments, shipping
from ambidex.domains.fulfillment import Parcels, Work
from ambidex.domains.inventory import Move, Movement
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState
from ambidex.domains.shipping import Package, PackageState, PackageVerb
from ambidex.flows import ownership, track
from ambidex.flows.failed_delivery import ask_money, back_key, key_of, money_key
from ambidex.flows.locked_work import LockedWork, claims_of, lock_work_of
from ambidex.flows.parcel_words import say_of
from ambidex.flows.parcels import (
    AlreadySentAgain,
    NotToPayBack,
    Settled,
    chosen_parcel,
    exact,
    labelled_parcel,
)
from ambidex.flows.put_away import open_put_away
from ambidex.flows.under_way import tried_again
from ambidex.flows.worth import worth_of
from ambidex.kernel.actor import Permission
from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import LocationId
from ambidex.kernel.money import Money
from ambidex.runtime.db import Tx

GONE = frozenset({PackageState.RETURNED_TO_SENDER, PackageState.CAME_BACK, PackageState.LOST})


async def try_again(tx: Tx, *, package_id: str, reason: str) -> Settled:
    """The carrier was asked to deliver again; somebody asks after it in three days."""
    locked, package = await chosen_parcel(tx, package_id, reason)
    package = await shipping.go_on(tx, package, PackageVerb.TRY_AGAIN, words=reason)
    work = await track.work_follows(tx, locked.work)
    await tried_again(tx, work)
    await ownership.solved(tx, key_of(package), outcome=f"tried again: {reason}")
    await ownership.settle(tx, work.order_id)
    return Settled(work, package)


async def bring_back(tx: Tx, *, package_id: str, reason: str) -> Settled:
    """The carrier was asked to bring it back."""
    locked, package = await chosen_parcel(tx, package_id, reason)
    return Settled(*await track.follow(tx, locked, package, PackageVerb.RETURN_TO_SENDER, words=reason))


async def lost(tx: Tx, *, package_id: str, reason: str) -> Settled:
    """Nobody expects it any more: its units are written off, and what it cost goes back unless it was sent again."""
    locked, package = await chosen_parcel(tx, package_id, reason)
    order = locked.order
    amount = worth_of(order, package.units)
    package = await shipping.go_on(tx, package, PackageVerb.LOSE, words=reason)
    work = await track.work_follows(tx, locked.work)
    after = LockedWork(order, work)
    keys = (key_of(package), back_key(package), money_key(package))
    _ = [await ownership.solved(tx, key, outcome=f"lost: {reason}") for key in keys]
    if package.sent_again_at is None:
        await _owe(tx, after, package, amount)
    await track.finish(tx, after)
    await inventory.move(tx, claims_of(work, package.units), Move.LOSE, cause=f"lost: {reason}")
    return Settled(work, package)


async def _owe(tx: Tx, after: LockedWork, package: Package, amount: Money) -> None:
    """The customer has nothing of it, and their money goes back."""
    order_id = package.order_id
    await orders.move_lines(tx, order_id, package.units, origin=LineState.SHIPPED, to=LineState.LOST)
    await payments.refund_due(tx, order_id=order_id, amount=amount, cause=package.paid_back_as)
    await say_of(
        tx,
        after,
        package,
        MessageKind.PARCEL_LOST,
        fact_key=f"lost:{package.package_no}",
        proof=("shipping.lost",),
        amount=amount,
    )


async def pay_back(tx: Tx, *, package_id: str, reason: str) -> Settled:
    """What a parcel that did not arrive cost goes back to the customer, once."""
    locked, package = await chosen_parcel(tx, package_id, reason)
    if package.sent_again_at is not None:
        raise AlreadySentAgain(package=package.id)
    if package.state not in GONE:
        raise NotToPayBack(package=package.id, state=package.state.value)
    order = locked.order
    amount = worth_of(order, package.units, gone_already=package.state is PackageState.CAME_BACK)
    await payments.refund_due(tx, order_id=order.order_id, amount=amount, cause=package.paid_back_as)
    await ownership.solved(tx, money_key(package), outcome=f"paid back: {reason}")
    await ownership.settle(tx, order.order_id)
    return Settled(locked.work, package)


async def come_back(tx: Tx, *, location_id: LocationId, proof: Proof) -> Settled:
    """A parcel is back, its label scanned at any place: its units wait there to be put away. Again: nothing happens."""
    tx.actor.must(Permission.WORK_DO, at=location_id)
    package = await labelled_parcel(tx, proof)
    locked = await lock_work_of(tx, package.order_id, package.work_no)
    package = await shipping.find.package(tx, package.order_id, package.package_no)
    was = package.state
    if was is PackageState.CAME_BACK:
        return Settled(locked.work, package)
    seen = await Parcels.seen(
        tx,
        locked.work,
        Parcels.COME_BACK,
        proofs=[(package.place, exact(proof, package))],
        at=location_id,
    )
    if not seen:
        return Settled(locked.work, package)
    evidence = tuple(seen.values())
    package = await shipping.go_on(tx, package, PackageVerb.COME_BACK, evidence=evidence, back_at=location_id)
    work = await _is_back(tx, locked, package, was=was)
    left = "customer" if was is PackageState.DELIVERED else "package"
    entered = [
        Movement(one.item_id, location_id, left, "staged", one.units, package.order_id, proof.happened_at)
        for one in package.contents
    ]
    await inventory.book(tx, entered, cause=Move.COME_BACK, evidence=evidence)
    return Settled(work, package)


async def _is_back(tx: Tx, locked: LockedWork, package: Package, *, was: PackageState) -> Work:
    """What follows for the work, the order and those who waited for it."""
    order = locked.order
    work = await track.work_follows(tx, locked.work)
    if package.sent_again_at is None:
        stood = LineState.DELIVERED if was is PackageState.DELIVERED else LineState.SHIPPED
        await orders.move_lines(tx, order.order_id, package.units, origin=stood, to=LineState.RETURNED)
    dropped = await Parcels.came_back(tx, work, package.units)
    await open_put_away(tx, dropped, order=order, came_back=package.package_no, at=package.back_at)
    _ = [
        await ownership.solved(tx, key, outcome="it is back") for key in (key_of(package), back_key(package))
    ]
    if was is PackageState.DELIVERED and package.sent_again_at is None:
        detail = "It was said to be delivered, and its label was scanned in."
        await ask_money(tx, LockedWork(order, dropped.work), package, detail=detail)
    await track.finish(tx, LockedWork(order, dropped.work))
    return dropped.work
