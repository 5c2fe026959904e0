"""The household of a demo: database, retailer, server, worker, mailbox, web shop and a live day; ended by Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta

import httpx

from ambidex.domains import identity, locations
from ambidex.domains.identity import NewToken, Role
from ambidex.entry.demo import carrier, stock_feeds, subscribers, web_shop
from ambidex.entry.demo.counts import count_some
from ambidex.entry.demo.goods import send_goods
from ambidex.entry.demo.live_day import LiveDay, Tokens
from ambidex.entry.demo.parcels import send_parcels
from ambidex.entry.demo.programs import Program, free_port, listening, until_ready
from ambidex.entry.demo.stock_feeds import StockFeeds
from ambidex.entry.demo.welcome import welcome
from ambidex.entry.installation import OPERATOR, Installation, joined
from ambidex.entry.migrate import migrate
from ambidex.entry.seed import Seeded, plant
from ambidex.entry.signals import stopping
from ambidex.integrations.fake.carrier import FakeCarrier
from ambidex.integrations.fake.shop import FakeShop
from ambidex.integrations.mail.mailbox import Mailbox
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Tx
from ambidex.runtime.outside import Outside
from ambidex.runtime.passwords import Passwords
from ambidex.runtime.perform import utc_now
from ambidex.runtime.postgres import stop_server
from ambidex.runtime.settings import Settings

READY_WITHIN_SECONDS = 90
TOKENS_FOR = timedelta(days=3)


@dataclass(frozen=True)
class Wishes:
    """What whoever starts the demo asked for."""

    port: int
    seed: int
    live_day: bool = True


@dataclass(frozen=True)
class Addresses:
    """Where the parts of the household are."""

    listener: socket.socket
    mail_port: int
    began: float = field(default_factory=time.monotonic)

    @property
    def port(self) -> int:
        """The port of the server."""
        return int(self.listener.getsockname()[1])

    @property
    def pages(self) -> str:
        """What newcomers open."""
        return f"http://127.0.0.1:{self.port}"


async def run_household(settings: Settings, wishes: Wishes) -> None:
    """Start everything, say where it is, play the day until told to stop, and leave nothing running."""
    stop = stopping()
    addresses = Addresses(listening(wishes.port), free_port())
    try:
        async with AsyncExitStack() as stack:
            installation = await stack.enter_async_context(joined(settings))
            await migrate(installation.address.owner)
            shop, shop_url = await _open_shop(stack, settings, wishes)
            luck = random.Random(f"{wishes.seed} {utc_now().timestamp():.0f}")  # noqa: S311  # new numbers at each start
            parcels = carrier.open_carrier(settings.secret_key, luck)
            carrier_url = await stack.enter_async_context(carrier.serving(parcels))
            stack.enter_context(_mailbox(settings, addresses))
            surroundings = _surroundings(settings, addresses, shop) | carrier.surroundings(
                parcels, carrier_url
            )
            await stack.enter_async_context(_programs(settings, addresses, surroundings))
            outside = await stack.enter_async_context(carrier.reached(parcels, carrier_url))
            seeded, tokens = await _furnish(installation, wishes, shop, shop_url)
            await _send(installation, seeded, parcels, outside)
            await stack.enter_async_context(subscribers.serving(installation.run, key=settings.secret_key))
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=addresses.pages, timeout=20))
            log = settings.folder / "log" / "serve.log"
            await until_ready(client, log, within_seconds=READY_WITHIN_SECONDS)
            took = time.monotonic() - addresses.began
            print(welcome(addresses.pages, seeded, tokens.admin, seconds=took, is_live=wishes.live_day))
            sys.stdout.flush()
            chance = random.Random(wishes.seed)  # noqa: S311  # the luck of a made-up day
            secret = web_shop.secret_of(settings.secret_key, "stock")
            told = await stock_feeds.register(installation.run, secret=secret)
            feeds = StockFeeds(client, secret, chance, settings.folder, *told)
            road = carrier.OnTheRoad(parcels, client, chance)
            await _live(LiveDay(client, shop, tokens, chance, road), feeds, wishes, stop)
    finally:
        if settings.database_url is None:
            await stop_server(settings.folder)


async def _open_shop(stack: AsyncExitStack, settings: Settings, wishes: Wishes) -> tuple[FakeShop, str]:
    chance = random.Random(wishes.seed)  # noqa: S311  # the luck of a made-up shop
    shop = web_shop.open_shop(settings.secret_key, chance, now=utc_now())
    return shop, await stack.enter_async_context(web_shop.serving(shop))


def _surroundings(settings: Settings, addresses: Addresses, shop: FakeShop) -> dict[str, str]:
    """What server and worker are told."""
    mails = settings.folder / "mailbox"
    return {
        "AMBIDEX_DATA": str(settings.folder),
        "AMBIDEX_HOST": "127.0.0.1",
        "AMBIDEX_PORT": str(addresses.port),
        "AMBIDEX_BASE_URL": addresses.pages,
        "AMBIDEX_SMTP_HOST": "127.0.0.1",
        "AMBIDEX_SMTP_PORT": str(addresses.mail_port),
        "AMBIDEX_MAIL_FROM": "Marrow & Finch <orders@marrowandfinch.example>",
        "AMBIDEX_MAIL_FOLDER": str(mails),
        "AMBIDEX_MAILBOX": str(mails),
        "AMBIDEX_SOURCE_TOKEN_SHOPIFY_MAIN": shop.token,
        "AMBIDEX_WEBHOOK_NETWORKS": subscribers.LOOPBACK,
    }


@asynccontextmanager
async def _programs(
    settings: Settings, addresses: Addresses, surroundings: dict[str, str]
) -> AsyncIterator[None]:
    logs, number = settings.folder / "log", addresses.listener.fileno()
    serve = ("ambidex.entry.server", str(number), str(os.getpid()))
    programs = [
        Program("serve", serve, surroundings, logs / "serve.log", socket_number=number),
        Program("worker", ("ambidex.entry.cli", "worker"), surroundings, logs / "worker.log"),
    ]
    try:
        for program in programs:
            await program.start()
        yield
    finally:
        await asyncio.gather(*(program.stop() for program in programs))


@contextmanager
def _mailbox(settings: Settings, addresses: Addresses) -> Iterator[None]:
    """Takes the mails to customers and keeps them in the data folder."""
    mailbox = Mailbox(settings.folder / "mailbox", port=addresses.mail_port)
    mailbox.start()
    try:
        yield
    finally:
        mailbox.stop()


async def _furnish(
    installation: Installation, wishes: Wishes, shop: FakeShop, shop_url: str
) -> tuple[Seeded, Tokens]:
    """The retailer, its web shop, and what the people of the live day carry in their pockets."""
    run = installation.run
    seeded = await plant(run, number=wishes.seed, passwords=Passwords())
    await web_shop.register(run, shop, url=shop_url)
    if seeded.is_new:
        await send_goods(run, random.Random(wishes.seed))  # noqa: S311  # the luck of a made-up shop
        await count_some(run)
    return seeded, await run.perform(OPERATOR, _tokens, until=run.clock() + TOKENS_FOR)


async def _send(installation: Installation, seeded: Seeded, parcels: FakeCarrier, outside: Outside) -> None:
    """The carrier is known, and for a new shop parcels are on their way."""
    await carrier.register(installation.run, parcels)
    if seeded.is_new:
        await send_parcels(installation.run, outside, parcels)


async def _tokens(tx: Tx, *, until: datetime) -> Tokens:
    """One token per store and role of the day; they end by themselves."""
    places = await locations.page(tx, limit=200)
    floor = {}
    for place in places.items:  # a dozen, at every start
        floor[place.code] = await _token(tx, Role.LEAD, frozenset({place.location_id}), until=until)
    return Tokens(
        floor=floor,
        desk=await _token(tx, Role.AGENT, frozenset(), until=until),
        shop=await _token(tx, Role.INTEGRATION, frozenset(), until=until),
        admin=await _token(tx, Role.ADMIN, frozenset(), until=until),
    )


async def _token(tx: Tx, role: Role, places: frozenset[LocationId], *, until: datetime) -> str:
    secret = f"amb_{secrets.token_urlsafe(32)}"
    name = f"The live day ({role.value})"
    await identity.create_token(tx, NewToken(name, role, places, until), secret=secret)
    return secret


async def _live(day: LiveDay, feeds: StockFeeds, wishes: Wishes, stop: asyncio.Event) -> None:
    """Play until told to stop; on a quiet day only the web shop's own words are delivered."""
    tasks = [asyncio.create_task(web_shop.send_webhooks(day.web_shop, day.client), name="webhooks")]
    if wishes.live_day:
        tasks.append(asyncio.create_task(day.play(), name="live day"))
        tasks.append(asyncio.create_task(feeds.play(), name="tills and warehouse"))
        tasks.append(asyncio.create_task(day.road.play(), name="parcels on the road"))
    told = asyncio.create_task(stop.wait(), name="told to stop")
    try:
        await asyncio.wait({told, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (told, *tasks):
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for fault in outcomes:
        if isinstance(fault, Exception):
            raise fault
