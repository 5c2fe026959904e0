"""A pickup order at Camden and the people who work on it, in the words of the flows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from ambidex.domains import fulfillment
from ambidex.domains.fulfillment import PickupCodes, Work
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.flows.accept_work import accept_work
from ambidex.flows.hand_over import Ask, hand_over
from ambidex.flows.make_ready import make_ready
from ambidex.flows.pick import pick
from ambidex.flows.place_order import place_order
from ambidex.flows.short_pick import short_pick
from ambidex.flows.stage import stage
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind, Permission
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import OrderId, child_id
from ambidex.kernel.money import Money
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.shop import Shop, associate

NUMBERS = itertools.count(1001)
CODES = PickupCodes(b"k" * 32)
CUSTOMER = Actor(
    id="customer",
    kind=ActorKind.CUSTOMER,
    name="Ama Owusu",
    permissions=frozenset({Permission.ORDERS_CUSTOMER_CHOICE}),
)


def scan(
    sku: str = "MUG-01", *, key: str = "", kind: str = "scan", reason: str = "", quantity: int = 1
) -> Proof:
    return Proof(EvidenceKind(kind), f"B-{sku}", quantity, reason, key=key)


@dataclass
class Counter:
    """One order at Camden. `ines` works there; every step is a performed command and returns the work."""

    shop: Shop
    order_id: OrderId
    lines: Mapping[str, int]
    ines: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.ines = associate(self.shop.places["camden"])

    @property
    def run(self) -> Run:
        return self.shop.run

    def work_id(self, work_no: int = 1) -> str:
        return child_id(self.order_id, work_no)

    async def perform(self, command: Any, *, by: Actor | None = None, work_no: int = 1, **said: Any) -> Work:
        work: Work = await self.run.perform(by or self.ines, command, work_id=self.work_id(work_no), **said)
        return work

    async def accept(self, **more: Any) -> Work:
        return await self.perform(accept_work, **more)

    async def pick(self, *proofs: Proof, **more: Any) -> Work:
        everything = [scan(sku) for sku, units in self.lines.items() for _ in range(units)]
        return await self.perform(pick, proofs=proofs or everything, **more)

    async def miss(self, quantity: int = 1, line_no: int = 1, **more: Any) -> Work:
        said = {"reason": "shelf is empty", **more}
        return await self.perform(short_pick, line_no=line_no, quantity=quantity, **said)

    async def stage(self, place: str = "SHELF-B3", **more: Any) -> Work:
        return await self.perform(stage, place=place, **more)

    async def ready(self, **more: Any) -> Work:
        return await self.perform(make_ready, codes=CODES, **more)

    async def hand_over(self, **said: Any) -> Work:
        more = {name: said.pop(name) for name in ("by", "work_no") if name in said}
        return await self.perform(hand_over, ask=Ask(**said), codes=CODES, **more)

    async def until_ready(self) -> Work:
        await self.accept()
        await self.pick()
        await self.stage()
        return await self.ready()

    async def work(self, work_no: int = 1) -> Work:
        async with self.run.reading() as read:
            return await fulfillment.work(read, self.order_id, work_no)

    async def code(self, work_no: int = 1) -> str:
        async with self.run.reading() as read:
            shown = await CODES.shown(read, await fulfillment.work(read, self.order_id, work_no))
        assert shown is not None
        return shown

    async def units(self, line_no: int = 1) -> dict[str, int]:
        """Units of the order's line by state."""
        rows = await self.rows("SELECT * FROM orders.lines WHERE line_no = :n", n=line_no)
        return {
            name.removeprefix("q_"): n for name, n in rows[0]._asdict().items() if name.startswith("q_") and n
        }

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.run.reading() as read:
            return list(await read.all(text(sql), values))

    async def owner(self) -> Any:
        rows = await self.rows("SELECT * FROM watch.ownership")
        return rows[0] if rows else None

    async def promise(self, kind: str, work_no: int = 1) -> Any:
        """The newest version."""
        rows = await self.rows(
            "SELECT * FROM promises.promises WHERE kind = :kind AND work_no = :no ORDER BY promise_no DESC",
            kind=kind,
            no=work_no,
        )
        return rows[0] if rows else None

    async def dogs(self) -> list[str]:
        """What is still watched."""
        rows = await self.rows(
            "SELECT waits_for FROM watch.watchdogs WHERE closed_at IS NULL ORDER BY due_at"
        )
        return [row.waits_for for row in rows]

    async def tellings(self) -> list[str]:
        return [r.kind for r in await self.rows("SELECT kind FROM channels.tellings ORDER BY telling_no")]

    async def money_due(self) -> int:
        [row] = await self.rows(
            "SELECT coalesce(sum(amount_minor), 0) AS due FROM payments.facts WHERE kind = 'refund_due'"
        )
        return int(row.due)


async def counter(shop: Shop, *, stock: int | None = None, paid: str = "authorized", **lines: int) -> Counter:
    """An order of these items (mug_01=2), on the shelf of Camden."""
    wanted = {sku.upper().replace("_", "-"): units for sku, units in lines.items()} or {"MUG-01": 2}
    for sku, units in wanted.items():
        await shop.shelf("camden", sku, units if stock is None else stock)
    price = Money.parse("19.90", "GBP")
    new = NewOrder(
        source="web:main",
        reference=f"W-{next(NUMBERS)}",
        channel="web",
        currency="GBP",
        contact=Contact("Ama Owusu", "ama@example.com", "+12065550100"),
        lines=tuple(NewLine(sku, n, price, Method.PICKUP, "camden") for sku, n in wanted.items()),
        payments=(NewPayment(paid, price * sum(wanted.values())),),
    )

    async def placed(tx: Tx) -> OrderId:
        return (await place_order(tx, new)).order_id

    return Counter(shop, await shop.run.perform(SYSTEM, placed), wanted)
