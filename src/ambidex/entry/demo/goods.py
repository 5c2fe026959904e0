"""The demo's goods on their way: one delivery due today and one that is late, and three transfers at the first store.

Everything goes through the flows that people use; the last transfer is for a customer who waits for it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from ambidex.domains import catalogue, identity, inventory, locations, promises
from ambidex.domains.catalogue import Item
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.domains.promises import PromiseKind
from ambidex.entry.installation import OPERATOR
from ambidex.flows.accept_work import accept_work
from ambidex.flows.choose_option import choose
from ambidex.flows.deliveries import Asked, Found
from ambidex.flows.inbound_goods import NewInbound, put_inbound
from ambidex.flows.options import SEND
from ambidex.flows.place_order import place_order
from ambidex.flows.short_pick import short_pick
from ambidex.flows.transfer_goods import (
    NewTransfer,
    approve_transfer,
    pick_transfer,
    request_transfer,
    send_transfer,
)
from ambidex.kernel.actor import Actor, ActorKind
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import child_id
from ambidex.reads.deliveries import unsent_for
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run

STORE, NEIGHBOR, WAREHOUSE = "store-01", "store-02", "dc-north"
FULL, PLENTY = 3, 20


async def send_goods(run: Run, chance: random.Random) -> None:
    """Put it on its way; once, for a new shop."""
    async with run.reading() as read:
        wares = await _with_plenty(read)
        hand = await _somebody(read)
    now = run.clock()
    due = NewInbound("PO-4471", STORE, _some(wares, chance), now + timedelta(hours=3), "Høj Keramik")
    late = NewInbound("PO-4390", WAREHOUSE, _some(wares, chance), now - timedelta(hours=20), "Tecelagem Lima")
    for new in (due, late):
        await run.perform(OPERATOR, put_inbound, new)
    asked = NewTransfer(NEIGHBOR, STORE, _some(wares[:1], chance), "for the weekend")
    await run.perform(OPERATOR, request_transfer, asked)
    await _on_the_way(run, hand, wares[1])
    await _for_a_customer(run, hand, wares[2])


async def _with_plenty(read: Read) -> list[Item]:
    """Items of which the store has some and the warehouse many."""
    places = await locations.by_codes(read, [STORE, WAREHOUSE])
    items = (await catalogue.page(read, limit=100)).items
    left = await inventory.available(
        read, [item.item_id for item in items], [place.location_id for place in places.values()]
    )
    return [
        item
        for item in items
        if left.get((item.item_id, places[STORE].location_id), 0) >= FULL
        and left.get((item.item_id, places[WAREHOUSE].location_id), 0) >= PLENTY
    ]


async def _somebody(read: Read) -> Actor:
    """Who has the goods in hand: the lead of the sign-ins, wherever they lie."""
    account = await identity.account_by_login(read, "lead")
    assert account is not None, "the seed made the sign-ins"
    who = str(account.staff_id or account.account_id)
    return Actor(who, ActorKind.PERSON, account.name, OPERATOR.permissions, places=None, role="lead")


def _some(wares: Sequence[Item], chance: random.Random) -> list[Asked]:
    chosen = chance.sample(list(wares), min(FULL, len(wares)))
    return [Asked(item.sku, chance.randint(2, 3)) for item in chosen]


async def _on_the_way(run: Run, hand: Actor, item: Item) -> None:
    new = NewTransfer(STORE, WAREHOUSE, [Asked(item.sku, 2)], "the shelf is nearly empty")
    asked = await run.perform(OPERATOR, request_transfer, new)
    await run.perform(OPERATOR, approve_transfer, delivery=asked.id)
    await _pick_and_send(run, hand, asked.id, item, units=2)


async def _for_a_customer(run: Run, hand: Actor, item: Item) -> None:
    """Bought for the store, not found there, and sent from another place because the customer chose so."""
    new = NewOrder(
        source="web:demo",
        reference="D-1",
        channel="web",
        currency=item.price.currency,
        contact=Contact("Ζωή Παπαδοπούλου", "zoi@example.com", "+12075550142"),
        lines=(NewLine(item.sku, 1, item.price, Method.PICKUP, STORE),),
        payments=(NewPayment("authorized", item.price),),
    )
    placed = await run.perform(OPERATOR, place_order, new)
    work_id = child_id(placed.order_id, 1)
    await run.perform(hand, accept_work, work_id=work_id)
    await run.perform(hand, short_pick, work_id=work_id, line_no=1, quantity=1, reason="not there")
    async with run.reading() as read:
        found = await promises.open_promises(read, placed.order_id, kind=PromiseKind.ANSWER_BY)
    sends = [one["key"] for one in found[0].facts["options"] if one["key"].startswith(SEND)]
    if not sends:
        return
    await run.perform(
        OPERATOR, choose, order_id=placed.order_id, promise_no=found[0].promise_no, option=sends[0]
    )
    async with run.reading() as read:
        [delivery] = await unsent_for(read, [placed.order_id])
    await _pick_and_send(run, hand, delivery, item, units=1)


async def _pick_and_send(run: Run, hand: Actor, delivery: str, item: Item, *, units: int) -> None:
    code = item.barcodes[0] if item.barcodes else item.sku
    found = [Found(Proof(EvidenceKind.SCAN, code, key=f"demo-{n}")) for n in range(units)]
    await run.perform(hand, pick_transfer, delivery=delivery, found=found)
    await run.perform(hand, send_transfer, delivery=delivery)
