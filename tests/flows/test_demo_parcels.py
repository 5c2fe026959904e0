"""The demo's parcels are there at each step, and sound."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import httpx
from sqlalchemy import text

from ambidex.domains import shipping
from ambidex.entry.demo import carrier as demo_carrier
from ambidex.entry.demo.parcels import send_parcels
from ambidex.entry.seed import plant
from ambidex.flows import take_in
from ambidex.flows.carrier_port import CARRIERS
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.shop_port import SYSTEMS
from ambidex.integrations.carriers.easypost import EasyPostCarriers
from ambidex.integrations.fake.carrier_http import FakeCarrierApi
from ambidex.integrations.systems import ConnectedSystems
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit import audit
from ambidex.runtime import inbox
from ambidex.runtime.outside import Outside, Port
from ambidex.runtime.passwords import Passwords
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.conftest import Clock


async def test_the_demo_shows_parcels_in_every_state(run: Run) -> None:
    await plant(run, number=1, passwords=Passwords(memory_kib=64, rounds=1))
    carrier = demo_carrier.open_carrier(b"k" * 32, random.Random(3))
    carrier.clock = run.clock
    await demo_carrier.register(run, carrier)
    client = httpx.AsyncClient(
        base_url="http://carrier.test", transport=httpx.ASGITransport(FakeCarrierApi(carrier))
    )
    ports: dict[Port[Any], Any] = {
        SYSTEMS: ConnectedSystems(lambda _: ""),
        CARRIERS: EasyPostCarriers(client, token=carrier.token),
    }
    outside = Outside(ports)
    await send_parcels(run, outside, carrier)
    for message in await run.perform(SYSTEM, inbox.take, limit=50):
        await take_in.apply(run, outside, message)
    async with run.reading() as read:
        works = await read.all(text("SELECT state FROM fulfillment.work WHERE method = 'ship'"))
        routed = await read.value(text("SELECT count(*) FROM routing.receipts"))
        assert routed >= 5, "what nobody chose a place for was routed"
        boxes = await read.all(text("SELECT order_id, package_no FROM shipping.packages"))
        one = await shipping.find.package(read, boxes[0].order_id, boxes[0].package_no)
        assert one.tracking_number
    states = Counter(row.state for row in works)
    assert set(states) >= {
        "offered", "accepted", "picked", "packed", "dispatched", "delivered", "delivery_failed", "returned_to_sender",
    }  # fmt: skip
    await settle(run, REACTIONS)
    async with run.reading() as read:
        assert (await audit(read)).violations == ()


async def test_a_demo_that_is_started_again_leaves_the_parcels_of_before_alone(clock: Clock) -> None:
    """Its carrier gives new numbers at every start; what left before is on nobody's road."""
    carrier = demo_carrier.open_carrier(b"k" * 32, random.Random(3))
    home = dict.fromkeys(("name", "street1", "city", "zip", "country"), "GB")
    said = {"reference": "W-1", "to_address": home, "from_address": home, "parcel": {"weight": 9}}
    shipment = carrier.create(said)
    number = carrier.buy(shipment["id"], shipment["rates"][0]["id"])["tracking_code"]
    async with httpx.AsyncClient(base_url="http://ambidex.test") as client:
        road = demo_carrier.OnTheRoad(carrier, client, random.Random(3))
        for left in ("HP0000000007GB", number, number):
            road.left(left)
    assert set(road.parcels) == {number}
