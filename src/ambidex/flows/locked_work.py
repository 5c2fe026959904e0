"""A work with its order locked: how every flow on work begins, and the small words they share."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from ambidex.domains import catalogue, fulfillment, locations, orders, people
from ambidex.domains.fulfillment import Scanned, Work
from ambidex.domains.inventory import Claim
from ambidex.domains.locations import Location
from ambidex.domains.orders import Order
from ambidex.kernel.actor import Actor, ActorKind
from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import OrderId, StaffId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Tx


@dataclass(frozen=True, slots=True)
class LockedWork:
    """The order is locked until the transaction ends, so the work cannot change under us."""

    order: Order
    work: Work


async def lock_work(tx: Tx, work_id: str) -> LockedWork:
    """Lock the order of a fulfillment order and read both. Raises UnknownWork."""
    found = await fulfillment.work_from_id(tx, work_id)
    return await lock_work_of(tx, found.order_id, found.work_no)


async def lock_work_of(tx: Tx, order_id: OrderId, work_no: int) -> LockedWork:
    """The same by number."""
    order = await orders.lock_order(tx, order_id)
    return LockedWork(order, await fulfillment.work(tx, order_id, work_no))


async def place_of(read: Read, work: Work) -> Location:
    """Where the work is done."""
    return await locations.by_id(read, work.location_id)


def claims_of(work: Work, units: Mapping[int, int]) -> list[Claim]:
    """Units by line as claims on stock at the work's place."""
    return [
        Claim(line.item_id, work.location_id, work.order_id, line.line_no, units[line.line_no])
        for line in work.lines
        if units.get(line.line_no)
    ]


def wanted_units(work: Work) -> dict[int, int]:
    """Everything the work still has to hand over, by line."""
    return {line.line_no: line.to_hand_over for line in work.lines if line.to_hand_over}


async def scanned(read: Read, proofs: list[Proof]) -> list[Scanned]:
    """What each barcode names here."""
    codes = sorted({proof.barcode for proof in proofs})
    known = {code: await catalogue.by_barcode(read, code) for code in codes if code}
    return [
        Scanned(proof, item.item_id, item.name, item.counted_scans)
        if (item := known.get(proof.barcode)) is not None
        else Scanned(proof, None)
        for proof in proofs
    ]


async def staff_of(read: Read, actor: Actor) -> StaffId | None:
    """The member of staff behind an actor; None for programs and those who are no staff."""
    if actor.kind is not ActorKind.PERSON:
        return None
    try:
        staff_id = StaffId(UUID(actor.id))
    except ValueError:
        return None
    return staff_id if await people.staff_by_ids(read, [staff_id]) else None
