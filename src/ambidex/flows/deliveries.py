"""A delivery with everything locked that its flows change: its order first, then itself; and the words they share."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import catalogue, orders, transfers
from ambidex.domains.orders import Order
from ambidex.domains.transfers import Arrived, Delivery, DeliveryKind, Scanned, Wanted
from ambidex.flows.kits import must_lie_on_shelves
from ambidex.flows.locked_work import scanned as named
from ambidex.kernel.evidence import Proof
from ambidex.kernel.problem import BadInput, FieldError
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Tx


@dataclass(frozen=True, slots=True)
class Asked:
    """Units of an item by its SKU."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Found:
    """A unit as it was scanned, and how it came out of its parcel."""

    proof: Proof
    arrived: Arrived = Arrived.SELLABLE


@dataclass(frozen=True, slots=True)
class LockedDelivery:
    """The delivery and the order it is for, both locked until the transaction ends."""

    delivery: Delivery
    order: Order | None = None


async def lock_delivery(tx: Tx, label: str, *, kind: DeliveryKind | None = None) -> LockedDelivery:
    """By its id, its reference or the code of a parcel. Raises UnknownDelivery, also when it is of another kind."""
    found = await transfers.by_label(tx, label, kind=kind)
    order = None if found.order_id is None else await orders.lock_order(tx, found.order_id)
    return LockedDelivery(await transfers.lock(tx, found.delivery_id), order)


def late_key(delivery: Delivery) -> str:
    """The task about a date that passed."""
    return f"late-delivery:{delivery.delivery_id.hex}:{delivery.expected_at}"


async def wanted(read: Read, asked: Sequence[Asked]) -> tuple[Wanted, ...]:
    """What the SKUs name. Raises BadInput, KitHasNoShelf."""
    known = await catalogue.by_skus(read, sorted({one.sku for one in asked}))
    errors: list[FieldError] = [
        {"field": f"lines[{at}].item", "expected": "a known SKU"}
        for at, one in enumerate(asked)
        if one.sku not in known
    ]
    if errors:
        raise BadInput(errors=errors)
    must_lie_on_shelves(known.values())
    return tuple(Wanted(known[one.sku].item_id, one.quantity) for one in asked)


async def scans_of(read: Read, found: Sequence[Found]) -> list[Scanned]:
    """What each barcode names. Raises KitHasNoShelf: its components are scanned one by one."""
    names = await named(read, [one.proof for one in found])
    known = await catalogue.by_ids(read, {name.item_id for name in names if name.item_id is not None})
    must_lie_on_shelves(known.values())
    return [
        Scanned(one.proof, name.item_id, name.name, name.counted_scans, one.arrived)
        for one, name in zip(found, names, strict=True)
    ]
