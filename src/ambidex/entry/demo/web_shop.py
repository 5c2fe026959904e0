"""The retailer's web shop: the Shopify double behind a port of its own, whose webhooks go to our public address."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import random
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from zlib import crc32

import httpx
import uvicorn

from ambidex.domains import channels, locations
from ambidex.domains.channels import NewSource
from ambidex.entry.installation import OPERATOR
from ambidex.integrations.fake.shop import FakeShop
from ambidex.integrations.fake.shop_http import FakeShopApi
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run, utc_now

CODE = "shopify:main"
SEND_SECONDS = 0.7
FIRST_PLACE = 70_001
FIRST_ADDED = 100_000
OUR_STORE = re.compile(r"store-([0-9]{2})")


def place_number(code: str) -> int:
    """What the web shop calls our store: store-01 is 70001; a store that somebody added has a number beyond those."""
    ours = OUR_STORE.fullmatch(code)
    return FIRST_PLACE - 1 + int(ours[1]) if ours else FIRST_ADDED + crc32(code.encode())


def secret_of(key: bytes, word: str) -> str:
    """A secret of this installation that is the same at every start."""
    return hmac.new(key, f"demo {word}".encode(), hashlib.sha256).hexdigest()


def open_shop(key: bytes, chance: random.Random, *, now: datetime) -> FakeShop:
    """A shop that goes on numbering where an earlier day ended."""
    minutes = int(now.timestamp() // 60) % 10_000_000
    return FakeShop(
        clock=utc_now,
        chance=chance,
        secret=secret_of(key, "signature"),
        token=secret_of(key, "token"),
        first_number=minutes,
    )


async def register(run: Run, shop: FakeShop, *, url: str) -> None:
    """Tell Ambidex about the shop: where it is and what its names stand for."""
    await run.perform(OPERATOR, _register, secret=shop.secret, url=url)


async def _register(tx: Tx, *, secret: str, url: str) -> None:
    new = NewSource(code=CODE, kind="shopify", secret=secret, connection={"url": url})
    source = await channels.register(tx, new)
    await channels.connect(tx, source, {"url": url})
    known = await channels.mapped(tx, source.source_id, kind="place", externals=None)
    stores = await locations.page(tx, limit=200, kind="store")
    missing = [place.code for place in stores.items if str(place_number(place.code)) not in known]
    for code in missing:  # a dozen, once
        number = str(place_number(code))
        await channels.map_external(tx, source.source_id, kind="place", external=number, internal=code)


@asynccontextmanager
async def serving(shop: FakeShop) -> AsyncIterator[str]:
    """The shop's own API on a free port of this machine; its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(FakeShopApi(shop), log_config=None, access_log=False, lifespan="off")
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="web shop")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


class QuietServer(uvicorn.Server):
    """Leaves signals to the demo."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def send_webhooks(shop: FakeShop, client: httpx.AsyncClient) -> None:
    """Deliver what the shop has to say, again and again; what nobody takes is lost, as with the real one."""
    while True:
        for webhook in shop.deliveries():
            with contextlib.suppress(httpx.TransportError):
                await client.post(f"/api/v1/inbound/{CODE}", content=webhook.body, headers=webhook.headers)
        await asyncio.sleep(SEND_SECONDS)
