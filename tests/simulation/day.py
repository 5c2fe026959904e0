"""A seeded day in two stores: customers, associates who forget, counts that disagree, and the clock that goes on.

Nothing here knows the rules. A step is tried; a Problem is a right answer too. Whether the house is still right is
for the audit to say.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.flows.accept_work import accept_work
from ambidex.flows.cancel import cancel
from ambidex.flows.choose_option import choose
from ambidex.flows.count_stock import count_stock
from ambidex.flows.hand_over import Ask, hand_over
from ambidex.flows.make_ready import make_ready
from ambidex.flows.on_the_way import here, on_the_way
from ambidex.flows.pick import pick
from ambidex.flows.place_order import place_order
from ambidex.flows.put_away import put_away
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.short_pick import short_pick
from ambidex.flows.stage import stage
from ambidex.flows.undo_hand_over import undo_hand_over
from ambidex.flows.watch import sweep
from ambidex.kernel.actor import SYSTEM, Actor
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import OrderId, child_id
from ambidex.kernel.problem import Problem
from tests.conftest import NOON, Clock
from tests.flows.counter import CODES, CUSTOMER
from tests.reads.house import tell
from tests.shop import Shop, associate
from tests.simulation.story import NAMES, PRICE

PLACES, SKUS = ("camden", "kilburn"), ("MUG-01", "SCARF-7", "LAMP-3")
_WORKS = text("SELECT order_id, work_no, location_id, state FROM fulfillment.work ORDER BY order_id, work_no")
_LINES = text("""
SELECT wl.line_no, wl.wanted - wl.picked AS to_pick, wl.to_put_away, l.sku
  FROM fulfillment.work_lines wl JOIN orders.lines l USING (order_id, line_no)
 WHERE wl.order_id = :order AND wl.work_no = :work ORDER BY wl.line_no
""")
_QUESTIONS = text("""
SELECT order_id, promise_no, facts FROM promises.promises WHERE kind = 'answer_by' AND state = 'made'
 ORDER BY order_id, promise_no
""")


@dataclass
class Day:
    """The dice, the people, and what was tried: how often each deed was done and refused."""

    shop: Shop
    clock: Clock
    seed: int
    dice: random.Random = field(init=False)
    done: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    orders: list[OrderId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    async def open(self) -> None:
        """Two stores with a little of everything, and people on shift until the evening."""
        for place in PLACES:
            await self.shop.place(place)
            for sku in SKUS:
                await self.shop.shelf(place, sku, self.dice.randint(3, 12))
        start = NOON - timedelta(hours=2)
        await self.shop.on_shift("Inès Caron", role="associate", place="camden", start=start, hours=9)
        await self.shop.on_shift("Bo Lindström", role="lead", place="camden", start=start, hours=9)
        await self.shop.on_shift("Mei Tanaka", role="district", place=None, start=start, hours=9)

    async def step(self) -> None:
        """Somebody does something, or nobody does; then time passes and the house looks after itself."""
        deeds: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (5, self.buy), (24, self.work), (2, self.count), (2, self.cancel), (4, self.answer), (3, self.tell),
        ]  # fmt: skip
        [deed] = self.dice.choices([d for _, d in deeds], [w for w, _ in deeds])
        await deed()
        self.clock.forward(minutes=self.dice.choice((0, 1, 1, 2, 5, 13)))
        while await sweep(self.shop.run):
            pass

    async def tell(self) -> None:
        await tell(self.shop)

    async def buy(self) -> None:
        place = self.dice.choice(PLACES)
        wanted = [(sku, self.dice.randint(1, 3)) for sku in self.dice.sample(SKUS, self.dice.randint(1, 2))]
        name = self.dice.choice(NAMES)
        new = NewOrder(
            source="web:main",
            reference=f"W-{len(self.orders) + len(self.refused) * 1000 + sum(self.refused.values())}",
            channel="web",
            currency="GBP",
            contact=Contact(name, "customer@example.com"),
            lines=tuple(NewLine(sku, units, PRICE, Method.PICKUP, place) for sku, units in wanted),
            payments=(NewPayment("captured", PRICE * sum(units for _, units in wanted)),),
        )
        sold_elsewhere = self.dice.random() < 0.3
        placed = await self.tried("buy", SYSTEM, place_order, new, sold_elsewhere=sold_elsewhere)
        if placed is not None:
            self.orders.append(OrderId(placed.order_id))

    async def work(self) -> None:
        """The next step of some work, sometimes the wrong one."""
        async with self.shop.run.reading() as read:
            works = await read.all(_WORKS)
            if not works:
                return
            row = self.dice.choice(works)
            lines = await read.all(_LINES, {"order": row.order_id, "work": row.work_no})
        place = next(p for p in self.shop.places.values() if p.location_id == row.location_id)
        who, asked = associate(place), {"work_id": child_id(row.order_id, row.work_no)}
        if any(line.to_put_away for line in lines) and self.dice.random() < 0.5:
            line = next(line for line in lines if line.to_put_away)
            await self.tried("put away", who, put_away, proofs=[scan(line.sku)], **asked)
            return
        await self.next_step(row, lines, who, asked)

    async def next_step(self, row: Any, lines: Any, who: Actor, asked: dict[str, Any]) -> None:
        luck = self.dice.random()
        if row.state == "offered" and luck < 0.12:
            await self.tried("refuse", who, refuse_work, reason="too busy", **asked)
        elif row.state == "offered":
            await self.tried("accept", who, accept_work, **asked)
        elif row.state in {"accepted", "picking"} and luck < 0.2:
            line = self.dice.choice(lines)
            short = {"line_no": line.line_no, "quantity": 1, "reason": "not on the shelf"}
            await self.tried("short", who, short_pick, **short, **asked)
        elif row.state in {"accepted", "picking"}:
            proofs = [scan(line.sku) for line in lines for _ in range(line.to_pick)]
            await self.tried("pick", who, pick, proofs=proofs[: self.dice.randint(1, 4)], **asked)
        elif row.state == "picked":
            await self.tried("stage", who, stage, place="SHELF-B3", **asked)
        elif row.state == "staged":
            await self.tried("ready", who, make_ready, codes=CODES, **asked)
        elif row.state == "ready":
            await self.at_the_counter(row, who, asked, luck)
        elif row.state == "handed_over" and luck < 0.15:
            await self.tried("undo", who, undo_hand_over, reason="wrong person", **asked)

    async def at_the_counter(self, row: Any, who: Actor, asked: dict[str, Any], luck: float) -> None:
        arrival = {"order_id": OrderId(row.order_id), "work_no": row.work_no}
        if luck < 0.2:
            await self.tried("on the way", CUSTOMER, on_the_way, **arrival)
        elif luck < 0.4:
            await self.tried("here", CUSTOMER, here, **arrival)
        else:
            units = {1: 1} if luck > 0.85 else {}
            ask = Ask(checked="name", collector="Ama Owusu", units=units)
            await self.tried("hand over", who, hand_over, ask=ask, codes=CODES, **asked)

    async def count(self) -> None:
        place, sku = self.dice.choice(PLACES), self.dice.choice(SKUS)
        asked = {"location": place, "item": sku, "counted": self.dice.randint(0, 9)}
        await self.tried("count", SYSTEM, count_stock, **asked)

    async def cancel(self) -> None:
        if self.orders:
            order_id = self.dice.choice(self.orders)
            lines = self.dice.choice((None, {1: 1}))
            await self.tried(
                "cancel", SYSTEM, cancel, order_id, lines=lines, reason="The customer asked for it."
            )

    async def answer(self) -> None:
        async with self.shop.run.reading() as read:
            questions = await read.all(_QUESTIONS)
        if questions:
            row = self.dice.choice(questions)
            option = self.dice.choice([option["key"] for option in row.facts["options"]])
            asked = {"order_id": OrderId(row.order_id), "promise_no": row.promise_no, "option": option}
            await self.tried(f"choose {option.partition(':')[0]}", CUSTOMER, choose, **asked)

    async def tried(self, deed: str, who: Actor, command: Any, *args: Any, **asked: Any) -> Any:
        try:
            answer = await self.shop.run.perform(who, command, *args, **asked)
        except Problem as problem:
            told = f"{deed}: {problem.code}"
            self.refused[told] = self.refused.get(told, 0) + 1
            return None
        self.done[deed] = self.done.get(deed, 0) + 1
        return answer


def scan(sku: str) -> Proof:
    return Proof(EvidenceKind.SCAN, barcode=f"B-{sku}")
