"""The demo's orders that are sent: at the first store one at each step, and elsewhere parcels at each end of their way.

Everything goes through the flows that people use; where the customer does not care, routing chooses the place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from ambidex.domains import catalogue, fulfillment, identity, inventory, locations, shipping
from ambidex.domains.catalogue import Item
from ambidex.domains.fulfillment import Work
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.domains.shipping import Box
from ambidex.entry.demo.carrier import CODE
from ambidex.entry.installation import OPERATOR
from ambidex.flows import receive
from ambidex.flows.accept_work import accept_work
from ambidex.flows.dispatch import dispatch
from ambidex.flows.label import print_labels
from ambidex.flows.pack import pack
from ambidex.flows.pick import pick
from ambidex.flows.place_order import place_order
from ambidex.integrations.fake.carrier import FakeCarrier
from ambidex.kernel.actor import Actor, ActorKind
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

STORE, WAREHOUSE, PLENTY = "store-01", "dc-north", 12
STEPS = ("offered", "accepted", "picked", "packed", "dispatched")
BOX_GRAMS = 600
A_MOMENT = timedelta(seconds=20)
# who buys, where they live, from where it is sent ("": routing chooses), how far it comes, what the carrier says then
STORIES = (
    ("Oluwaseun Adeyemi", "77 Exeter Street", "Portland", "ME", "04102", STORE, "offered", ()),
    ("Marit Ødegård", "9 Rangeley Road", "Lewiston", "ME", "04240", STORE, "accepted", ()),
    ("Trần Thị Mai", "210 Congress Street", "Boston", "MA", "02110", STORE, "accepted", ()),
    ("أمل الحسيني", "14 Benefit Street", "Providence", "RI", "02903", STORE, "accepted", ()),
    ("Siobhán Ní Bhriain", "5 Temple Street", "New Haven", "CT", "06510", STORE, "picked", ()),
    ("Kwame Boateng", "31 Elm Street", "Nashua", "NH", "03060", STORE, "packed", ()),
    ("Zsófia Kelemen", "120 State Street", "Albany", "NY", "12207", "", "accepted", ()),
    ("宮本 さくら", "2200 Walnut Street", "Philadelphia", "PA", "19103", "", "dispatched", ("in_transit",)),
    ("Ignacio Ferrer", "808 Grant Avenue", "Pittsburgh", "PA", "15219", "", "dispatched", ("in_transit", "delivered")),
    ("Anneke de Wit", "415 Euclid Avenue", "Cleveland", "OH", "44114", "", "dispatched", ("in_transit", "failure")),
    ("Devika Raman", "66 Fountain Square", "Cincinnati", "OH", "45202", "", "dispatched", ("in_transit", "return_to_sender")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hands:
    """What the story is told with: who has the goods in hand, the carrier, and how it is asked."""

    run: Run
    outside: Outside
    carrier: FakeCarrier
    hand: Actor
    wares: Sequence[Item]


async def send_parcels(run: Run, outside: Outside, carrier: FakeCarrier) -> None:
    """Place, pick, pack and send; once, for a new shop."""
    async with run.reading() as read:
        hands = Hands(run, outside, carrier, await _somebody(read), await _with_plenty(read))
    for at, story in enumerate(STORIES):
        await _play(hands, at, story)


async def _play(hands: Hands, at: int, story: tuple[Any, ...]) -> None:
    *who, place, until, told = story
    order_id = (await hands.run.perform(OPERATOR, place_order, _order(hands.wares, at, who, place))).order_id
    async with hands.run.reading() as read:
        works = await fulfillment.works_of(read, order_id)
    for work in works:
        await _work_on(hands, work, STEPS.index(until))
    async with hands.run.reading() as read:
        packages = await shipping.find.packages_of(read, order_id)
    for package in packages:
        for minute, word in enumerate(told, start=1):
            then = hands.run.clock() + minute * A_MOMENT
            hook = hands.carrier.moves(package.tracking_number, word, at=then)
            await receive.receive(hands.run, hands.outside, code=CODE, headers=hook.headers, body=hook.body)


async def _work_on(hands: Hands, work: Work, steps: int) -> None:
    run, hand, work_id = hands.run, hands.hand, work.id
    codes = {ware.item_id: ware.barcodes[0] for ware in hands.wares}
    scans = [
        Proof(EvidenceKind.SCAN, codes[line.item_id], key=f"demo-{line.line_no}-{n}")
        for line in work.lines
        for n in range(line.wanted)
    ]
    weighed = Proof(EvidenceKind.WEIGHT, reason=f"{BOX_GRAMS} g", key="demo-box")
    deeds: tuple[Callable[[], Any], ...] = (
        lambda: run.perform(hand, accept_work, work_id=work_id),
        lambda: run.perform(hand, pick, work_id=work_id, proofs=scans),
        lambda: run.perform(hand, pack, work_id=work_id, boxes=[Box({}, BOX_GRAMS, weighed)]),
        lambda: _dispatch(hands, work),
    )
    for deed in deeds[:steps]:
        await deed()
    if steps == STEPS.index("packed"):
        await print_labels(run, hands.outside, hand, work_id=work_id)


async def _dispatch(hands: Hands, work: Work) -> None:
    for package in await print_labels(hands.run, hands.outside, hands.hand, work_id=work.id):
        proof = Proof(EvidenceKind.SCAN, package.tracking_number, key=f"demo-out-{package.package_no}")
        await hands.run.perform(hands.hand, dispatch, location_id=work.location_id, proof=proof)


def _order(wares: Sequence[Item], at: int, who: Sequence[str], place: str) -> NewOrder:
    name, street, city, region, postcode = who
    chosen = [wares[at % len(wares)], wares[(at + 1) % len(wares)]][: 1 + at % 2]
    lines = tuple(NewLine(ware.sku, 1, ware.price, Method.SHIP, place or None) for ware in chosen)
    total = sum((ware.price for ware in chosen), Money(0, chosen[0].price.currency))
    address = {"line1": street, "city": city, "region": region, "postcode": postcode, "country": "US"}
    return NewOrder(
        source="web:demo",
        reference=f"S-{at + 1}",
        channel="web",
        currency=total.currency,
        contact=Contact(name, f"customer.{7000 + at}@mail.example", f"+1207555{150 + at:04}"),
        lines=lines,
        payments=(NewPayment("authorized", total),),
        address=address,
    )


async def _with_plenty(read: Read) -> list[Item]:
    """Items of which the store and the warehouse have enough for all of it."""
    places = await locations.by_codes(read, [STORE, WAREHOUSE])
    items = [item for item in (await catalogue.page(read, limit=200)).items if item.barcodes]
    ids = [places[code].location_id for code in (STORE, WAREHOUSE)]
    left = await inventory.available(read, [item.item_id for item in items], ids)
    enough = (PLENTY // 4, PLENTY)
    return [
        item
        for item in items
        if all(left.get((item.item_id, place), 0) >= least for place, least in zip(ids, enough, strict=True))
        and not item.components
    ]


async def _somebody(read: Read) -> Actor:
    """Who has the goods in hand: the lead of the sign-ins, wherever they lie."""
    account = await identity.account_by_login(read, "lead")
    assert account is not None, "the seed made the sign-ins"
    who = str(account.staff_id or account.account_id)
    return Actor(who, ActorKind.PERSON, account.name, OPERATOR.permissions, places=None, role="lead")
