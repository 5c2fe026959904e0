"""An order that Camden sends, the carrier's double beside it, and the words of packing and dispatch."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from ambidex.domains import channels, shipping
from ambidex.domains.fulfillment import Work
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.domains.shipping import Box, Package
from ambidex.flows import delivery, receive, send_again, take_in
from ambidex.flows.carrier_port import CARRIERS
from ambidex.flows.dispatch import Dispatched, dispatch
from ambidex.flows.label import print_labels, print_waiting
from ambidex.flows.pack import Packed, pack
from ambidex.flows.parcels import Settled
from ambidex.flows.place_order import place_order
from ambidex.flows.shop_port import SYSTEMS
from ambidex.integrations.carriers.easypost import EasyPostCarriers
from ambidex.integrations.fake.carrier import FakeCarrier, TrackerHook
from ambidex.integrations.fake.carrier_http import FakeCarrierApi
from ambidex.integrations.systems import ConnectedSystems
from ambidex.kernel.actor import SYSTEM, Actor
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import LocationId, OrderId, child_id
from ambidex.kernel.money import Money
from ambidex.runtime import inbox
from ambidex.runtime.db import Tx
from ambidex.runtime.outside import Outside
from tests.flows.counter import NUMBERS, Counter
from tests.shop import Shop

SECRET, TOKEN, SOURCE = "a-made-up-webhook-secret", "EZTK-made-up", "easypost:main"
HOME = {"line1": "4 Ferncliffe Terrace", "city": "Leeds", "postcode": "LS1 4DY", "country": "GB"}


def weighed(grams: int = 800, *, key: str = "") -> Proof:
    """A package on the scale."""
    return Proof(EvidenceKind.WEIGHT, reason=f"{grams} g", key=key)


def box(units: Mapping[int, int] | None = None, *, grams: int = 800, key: str = "") -> Box:
    return Box(units or {}, grams, weighed(grams, key=key))


@dataclass
class Sender(Counter):
    """Camden sends this order; `carrier` is the double, `outside` reaches it."""

    carrier: FakeCarrier = field(init=False)
    api: FakeCarrierApi = field(init=False)
    outside: Outside = field(init=False)

    def connect(self, clock: Any) -> None:
        self.carrier = FakeCarrier(clock=clock, chance=random.Random(11), secret=SECRET, token=TOKEN)
        self.api = FakeCarrierApi(self.carrier)
        client = httpx.AsyncClient(base_url="http://carrier.test", transport=httpx.ASGITransport(self.api))
        systems = ConnectedSystems(lambda _: "")
        self.outside = Outside({SYSTEMS: systems, CARRIERS: EasyPostCarriers(client, token=TOKEN)})

    async def register(self) -> None:
        new = channels.NewSource(code=SOURCE, kind="easypost", secret=SECRET)
        await self.run.perform(SYSTEM, channels.register, new)

    async def until_picked(self) -> Work:
        await self.accept()
        return await self.pick()

    async def pack(self, *boxes: Box, by: Actor | None = None) -> Packed:
        asked = boxes or (box(),)
        packed: Packed = await self.run.perform(
            by or self.ines, pack, work_id=self.work_id(), boxes=list(asked)
        )
        return packed

    async def label(self, **said: str) -> list[Package]:
        return await print_labels(self.run, self.outside, self.ines, work_id=self.work_id(), **said)

    async def worker_prints(self) -> None:
        await print_waiting(self.run, self.outside)

    async def packages(self) -> Sequence[Package]:
        async with self.run.reading() as read:
            return await shipping.find.packages_of(read, self.order_id)

    async def package(self, number: int = 1) -> Package:
        return next(one for one in await self.packages() if one.package_no == number)

    async def dispatch(self, number: int = 1, *, by: Actor | None = None, key: str = "") -> Dispatched:
        package = await self.package(number)
        proof = Proof(EvidenceKind.SCAN, package.tracking_number.lower() or "nothing", key=key)
        where = self.shop.places["camden"].location_id
        sent: Dispatched = await self.run.perform(by or self.ines, dispatch, location_id=where, proof=proof)
        return sent

    async def until_dispatched(self, *boxes: Box) -> None:
        await self.until_picked()
        await self.pack(*boxes)
        for package in await self.label():
            await self.dispatch(package.package_no)

    async def pack_and_send(self, work_no: int, *, at: LocationId) -> None:
        """All that is picked of this work leaves in one package."""
        work_id = self.work_id(work_no)
        await self.run.perform(self.ines, pack, work_id=work_id, boxes=[box()])
        printed = await print_labels(self.run, self.outside, self.ines, work_id=work_id)
        for package in printed:
            proof = Proof(EvidenceKind.SCAN, package.tracking_number)
            await self.run.perform(self.ines, dispatch, location_id=at, proof=proof)

    async def tells(self, status: str, number: int = 1, **said: Any) -> str:
        """The carrier says so, by a webhook that is received and applied at once."""
        hook = self.carrier.moves((await self.package(number)).tracking_number, status, **said)
        return await self.hears(hook)

    async def hears(self, hook: TrackerHook, *, worth: int = 1) -> str:
        """Received and applied; the state and outcome of the message."""
        stored = await receive.receive(
            self.run, self.outside, code=SOURCE, headers=hook.headers, body=hook.body
        )
        taken = await self.run.perform(SYSTEM, inbox.take, limit=20)
        for message in taken:
            await take_in.apply(self.run, self.outside, message)
        [row] = await self.rows(
            "SELECT state, outcome, reason FROM runtime.inbox WHERE message_id = :id", id=stored.message_id
        )
        assert worth
        return f"{row.state}: {row.outcome or row.reason}"

    async def chosen(self, what: str, number: int = 1, *, by: Actor | None = None) -> Settled:
        settled: Settled = await self.run.perform(
            by or self.ines,
            send_again.send_again if what == "send_again" else getattr(delivery, what),
            package_id=child_id(self.order_id, number),
            reason="agreed on the phone",
        )
        return settled

    async def comes_back(self, number: int = 1, *, at: str = "camden", by: Actor | None = None) -> Settled:
        proof = Proof(EvidenceKind.SCAN, (await self.package(number)).tracking_number)
        where = self.shop.places[at].location_id
        settled: Settled = await self.run.perform(
            by or self.ines, delivery.come_back, location_id=where, proof=proof
        )
        return settled

    async def ledger(self, sku: str = "MUG-01") -> dict[str, int]:
        """What each account outside and the shelf has of an item, by its ledger."""
        rows = await self.rows(
            "SELECT account, sum(units) AS units FROM ("
            " SELECT to_account AS account, quantity AS units FROM inventory.ledger WHERE item_id = :item"
            " UNION ALL SELECT from_account, -quantity FROM inventory.ledger WHERE item_id = :item) s"
            " GROUP BY account HAVING sum(units) <> 0",
            item=self.shop.items[sku].item_id,
        )
        return {row.account: int(row.units) for row in rows}


async def sender(
    shop: Shop,
    clock: Any,
    *,
    paid: str = "authorized",
    address: Mapping[str, Any] = HOME,
    stock: int | None = None,
    **lines: int,
) -> Sender:
    """An order to be sent from Camden."""
    wanted = {sku.upper().replace("_", "-"): units for sku, units in lines.items()} or {"MUG-01": 2}
    if "camden" not in shop.places:
        await shop.place("camden", capabilities=frozenset({"pickup", "ship"}))
    for sku, units in wanted.items():
        await shop.shelf("camden", sku, units if stock is None else stock)
    price = Money.parse("19.90", "GBP")
    new = NewOrder(
        source="web:main",
        reference=f"W-{next(NUMBERS)}",
        channel="web",
        currency="GBP",
        contact=Contact("Léa Dağdelen", "lea@example.com", "+447911123456"),
        lines=tuple(NewLine(sku, n, price, Method.SHIP, "camden") for sku, n in wanted.items()),
        payments=(NewPayment(paid, price * sum(wanted.values())),),
        address=dict(address),
    )

    async def placed(tx: Tx) -> OrderId:
        return (await place_order(tx, new)).order_id

    made = Sender(shop, await shop.run.perform(SYSTEM, placed), wanted)
    made.connect(clock)
    await made.register()
    return made
