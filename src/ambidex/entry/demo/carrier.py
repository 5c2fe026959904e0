"""The demo's carrier: EasyPost's double behind a port of its own, which gives labels and tells where parcels are."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn

from ambidex.domains import channels
from ambidex.domains.channels import NewSource
from ambidex.entry.demo.web_shop import QuietServer, secret_of
from ambidex.entry.installation import OPERATOR
from ambidex.flows.carrier_port import CARRIERS
from ambidex.flows.shop_port import SYSTEMS
from ambidex.integrations.carriers.easypost import EasyPostCarriers
from ambidex.integrations.fake.carrier import FakeCarrier, TrackerHook
from ambidex.integrations.fake.carrier_http import FakeCarrierApi
from ambidex.integrations.systems import ConnectedSystems
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run, utc_now

CODE = "easypost:main"
LOOK_SECONDS, STEP_SECONDS = 2.0, (15.0, 60.0)
FAILS, TURNS_BACK = 0.06, 0.03
WAY = ("in_transit", "out_for_delivery", "delivered")


def open_carrier(key: bytes, chance: random.Random) -> FakeCarrier:
    """A carrier with secrets of this installation; its numbers are new at every start."""
    return FakeCarrier(
        clock=utc_now, chance=chance, secret=secret_of(key, "tracker"), token=secret_of(key, "labels")
    )


async def register(run: Run, carrier: FakeCarrier) -> None:
    """Tell Ambidex whose words about parcels it hears."""
    new = NewSource(code=CODE, kind="easypost", secret=carrier.secret)
    await run.perform(OPERATOR, channels.register, new)


@asynccontextmanager
async def serving(carrier: FakeCarrier) -> AsyncIterator[str]:
    """The carrier's own API on a free port of this machine; its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(FakeCarrierApi(carrier), log_config=None, access_log=False, lifespan="off")
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="carrier")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def surroundings(carrier: FakeCarrier, url: str) -> dict[str, str]:
    """What server and worker are told of it."""
    return {"AMBIDEX_CARRIER_URL": url, "AMBIDEX_CARRIER_TOKEN": carrier.token}


@asynccontextmanager
async def reached(carrier: FakeCarrier, url: str) -> AsyncIterator[Outside]:
    """How the demo itself asks for labels and hears of parcels while it furnishes the shop."""
    systems = ConnectedSystems(lambda _: "")
    async with httpx.AsyncClient(base_url=url) as client:
        yield Outside({SYSTEMS: systems, CARRIERS: EasyPostCarriers(client, token=carrier.token)})
    await systems.close()


@dataclass
class OnTheRoad:
    """Parcels that left on the live day; each goes its way, a few fail, a few turn back."""

    carrier: FakeCarrier
    client: httpx.AsyncClient
    chance: random.Random
    parcels: dict[str, tuple[float, list[str]]] = field(default_factory=dict)

    def left(self, number: str) -> None:
        """A parcel was handed over; said again, or sent before the demo was started again, nothing happens."""
        if number not in self.parcels and self.carrier.knows(number):
            luck = self.chance.random()
            way = list(WAY)
            if luck < FAILS:
                way[2:] = ["failure"]
            elif luck < FAILS + TURNS_BACK:
                way[1:] = ["return_to_sender"]
            self.parcels[number] = (self._next(), way)

    async def play(self) -> None:
        """Until canceled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = asyncio.get_running_loop().time()
            for number, (at, way) in list(self.parcels.items()):
                if way and at <= now:
                    await self._tell(self.carrier.moves(number, way[0]))
                    self.parcels[number] = (self._next(), way[1:])

    def _next(self) -> float:
        return asyncio.get_running_loop().time() + self.chance.uniform(*STEP_SECONDS)

    async def _tell(self, hook: TrackerHook) -> None:
        with contextlib.suppress(httpx.TransportError):
            await self.client.post(f"/api/v1/inbound/{CODE}", content=hook.body, headers=hook.headers)
