"""Work to test with: a person of the place, an offered work of some units, scans of its items."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ambidex.domains import fulfillment
from ambidex.domains.fulfillment import NewWork, Scanned, Work
from ambidex.kernel.actor import Actor, ActorKind, Permission
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.runtime.db import Tx

CAMDEN, HARBOR = LocationId(UUID(int=1)), LocationId(UUID(int=2))
MUG, LAMP, SCARF = ItemId(UUID(int=11)), ItemId(UUID(int=12)), ItemId(UUID(int=13))
ORDER = OrderId(UUID(int=100))
KEY = b"k" * 32
SHELVES = ("SHELF-B3", "SHELF-C1")

_FLOOR = frozenset({
    Permission.WORK_DO, Permission.WORK_HAND_OVER, Permission.WORK_UNDO, Permission.ORDERS_CUSTOMER_CHOICE,
})  # fmt: skip


def person(name: str = "Ama Owusu", *, at: LocationId = CAMDEN, number: int = 1) -> Actor:
    return Actor(
        id=str(UUID(int=9000 + number)),
        kind=ActorKind.PERSON,
        name=name,
        permissions=_FLOOR,
        places=frozenset({at}),
        at=at,
        role="associate",
    )


AMA = person()
STRANGER = person("Noé Łukasz", at=HARBOR, number=2)


def scan(
    item: ItemId | None = MUG, *, key: str = "", barcode: str = "5012345678900", **more: object
) -> Scanned:
    quantity = int(str(more.pop("quantity", 1)))
    proof = Proof(
        EvidenceKind(str(more.pop("kind", "scan"))), barcode, quantity, str(more.pop("reason", "")), key=key
    )
    return Scanned(proof, item, "Blue mug" if item == MUG else "Lamp", bool(more.pop("counted", False)))


async def offered(tx: Tx, *, mugs: int = 2, lamps: int = 0, order_id: OrderId = ORDER) -> Work:
    units = [(1, MUG, mugs)] + ([(2, LAMP, lamps)] if lamps else [])
    await tx.write(*fulfillment.begin(tx, [NewWork(order_id, 1, CAMDEN, tuple(units))]))
    return await fulfillment.work(tx, order_id, 1)


async def picked(tx: Tx, *, mugs: int = 2, lamps: int = 0, order_id: OrderId = ORDER) -> Work:
    work = await fulfillment.accept(tx, await offered(tx, mugs=mugs, lamps=lamps, order_id=order_id))
    scans: Sequence[Scanned] = [scan(MUG)] * mugs + [scan(LAMP)] * lamps
    return (await fulfillment.pick(tx, work, scans))[0]


async def staged(tx: Tx, *, mugs: int = 2, lamps: int = 0, order_id: OrderId = ORDER) -> Work:
    work = await picked(tx, mugs=mugs, lamps=lamps, order_id=order_id)
    place = SHELVES[0]
    proof = Proof(EvidenceKind.SCAN, place)
    return (await fulfillment.stage(tx, work, place=place, places=SHELVES, proof=proof))[0]


async def ready(tx: Tx, *, mugs: int = 2, lamps: int = 0, order_id: OrderId = ORDER) -> Work:
    return (await fulfillment.make_ready(tx, await staged(tx, mugs=mugs, lamps=lamps, order_id=order_id)))[0]
