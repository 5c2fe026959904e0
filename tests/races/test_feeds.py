"""Races of feeds, with real commits on real connections: one writer at a time, no gap, no message of two workers."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.domains import feeds
from ambidex.flows.channel_units import channel_units
from ambidex.flows.webhook_port import Answer, Message
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import FeedId
from ambidex.reads import feeds as reading
from ambidex.reads.feeds import ShownItem
from ambidex.runtime.db import Database, Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.apps import callers_of
from tests.conftest import NOON, Clock
from tests.feeds import PUBLISHED, Subscriber, deliverer, fill, opened
from tests.shop import Shop
from tests.waits import PATIENCE

SKUS = [f"MUG-{number}" for number in range(6)]
FIRST = UUID(int=0)


async def seed(shop: Shop) -> None:
    for sku in SKUS:
        await shop.shelf("camden", sku, 5)


async def sell(shop: Shop, seed_: int, *, times: int) -> None:
    """Counts at random, committed one by one."""
    chance = random.Random(seed_)
    for _ in range(times):
        await shop.shelf("camden", chance.choice(SKUS), chance.randrange(50))


async def publish_until(run: Run, done: asyncio.Event) -> None:
    while not done.is_set():
        await settle(run, [PUBLISHED])
        await fill(run)
    await settle(run, [PUBLISHED])


async def refresh_until(run: Run, done: asyncio.Event) -> None:
    """Rules change all the time: every item is looked at again beside the reaction."""
    while not done.is_set():
        await run.perform(SYSTEM, feeds.refresh_all)
        await fill(run)


async def truth(shop: Shop) -> dict[str, int]:
    return {sku: (await shop.stock("camden", sku)).sellable for sku in SKUS}


class Client:
    """A channel that takes a snapshot and goes on by its cursor."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, int]] = {}
        self.went_back = 0

    def learn(self, items: Sequence[ShownItem]) -> None:
        for one in items:
            _, version = self.known.get(one.item, (0, 0))
            self.went_back += one.version < version
            self.known[one.item] = one.units, one.version

    async def snapshot(self, run: Run, feed_id: FeedId) -> int:
        """Page by page, with pauses; the cursor it belongs to."""
        async with run.reading() as read:
            at = await reading.head(read)
        after: UUID | None = FIRST
        while after is not None:
            async with run.reading() as read:
                items, after = await reading.snapshot(read, feed_id, after=after, limit=2)
            self.learn(items)
            await asyncio.sleep(0.02)
        return at

    async def go_on(self, run: Run, feed_id: FeedId, after: int) -> int:
        async with run.reading() as read:
            found = await reading.changes(read, feed_id, after=after, limit=2)
        self.learn(found.items)
        return found.upto


async def test_a_snapshot_and_its_changes_have_no_gap_while_stock_moves(own_run: Run, own_shop: Shop) -> None:
    await seed(own_shop)
    feed = await opened(own_run)
    done = asyncio.Event()
    publishers = [
        asyncio.create_task(publish_until(own_run, done)),
        asyncio.create_task(refresh_until(own_run, done)),
    ]
    selling = [asyncio.create_task(sell(own_shop, number, times=25)) for number in range(3)]
    client = Client()
    at = await client.snapshot(own_run, feed.feed_id)
    while not all(task.done() for task in selling):
        at = await client.go_on(own_run, feed.feed_id, at)
        await asyncio.sleep(0.005)
    await asyncio.gather(*selling)
    done.set()
    await asyncio.gather(*publishers)
    for _ in SKUS:
        at = await client.go_on(own_run, feed.feed_id, at)
    assert {sku: units for sku, (units, _) in client.known.items()} == await truth(own_shop)
    assert client.went_back == 0


async def test_an_older_number_never_overwrites_a_newer_one(own_run: Run, own_shop: Shop) -> None:
    """Two writers, the reaction and the refreshing loop; the first stands still between holding and reading."""
    await seed(own_shop)
    feed = await opened(own_run)
    item = own_shop.items["MUG-0"].item_id
    held, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Tx) -> None:
        known = await feeds.hold(tx)
        held.set()
        await go_on.wait()
        units = await channel_units(tx, known, [item])
        await feeds.publish(tx, known, units)

    async def quick(tx: Tx) -> None:
        known = await feeds.hold(tx)
        await feeds.publish(tx, known, await channel_units(tx, known, [item]))

    first = asyncio.create_task(own_run.perform(SYSTEM, slow))
    await held.wait()
    second = asyncio.create_task(own_run.perform(SYSTEM, quick))
    await own_shop.shelf("camden", "MUG-0", 41)
    go_on.set()
    await asyncio.gather(first, second)
    async with own_run.reading() as read:
        found = await reading.changes(read, feed.feed_id, after=0, limit=100)
    assert {one.item: one.units for one in found.items}["MUG-0"] == 41


class Slow(Subscriber):
    """Takes its time, and notices two messages at once."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once = 0
        self._inside = 0

    async def send(self, message: Message) -> Answer:
        self._inside += 1
        self.at_once = max(self.at_once, self._inside)
        await asyncio.sleep(0.02)
        self._inside -= 1
        return await super().send(message)


def _running() -> Callable[[], datetime]:
    """A clock that goes on from noon: whoever leases something for a while lives on."""
    began = time.monotonic()
    return lambda: NOON + timedelta(seconds=time.monotonic() - began)


@pytest.mark.parametrize("workers", [1, 3])
async def test_workers_send_a_feed_one_message_at_a_time_and_in_order(
    own_database: Database, own_shop: Shop, workers: int
) -> None:
    run = Run(own_database, _running())
    shop = Shop(run, own_shop.places, own_shop.items)
    await seed(shop)
    await opened(run)
    subscriber, done = Slow(), asyncio.Event()
    senders = [deliverer(run, subscriber, f"worker {number}") for number in range(workers)]
    watching = [asyncio.create_task(sender.watch()) for sender in senders]
    publisher = asyncio.create_task(publish_until(run, done))
    await sell(shop, 1, times=40)
    done.set()
    await publisher
    async with asyncio.timeout(PATIENCE):
        while (behind := await _behind(run)) > 0:  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.05)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    assert behind == 0
    versions: dict[str, int] = {}
    for item, _, version in subscriber.told:
        assert version >= versions.get(item, 0)
        versions[item] = version
    assert {item: units for item, units, _ in subscriber.told} == await truth(shop)
    assert subscriber.at_once == 1


async def test_another_worker_goes_on_where_one_died(own_run: Run, own_shop: Shop, clock: Clock) -> None:
    await seed(own_shop)
    await opened(own_run)
    died = deliverer(own_run, Subscriber(), "died")
    await died.turn()
    await died.until_sent()  # taken, and never recorded
    clock.forward(seconds=5)
    subscriber = Subscriber()
    other = deliverer(own_run, subscriber, "other")
    assert await other.turn() == 1
    await other.until_sent()
    await other.close()
    assert len(subscriber.told) == len(SKUS)


async def _behind(run: Run) -> int:
    async with run.reading() as read:
        number: int = await read.value(
            text("""SELECT count(*) FROM feeds.shown s, feeds.deliveries d WHERE s.position > d.position""")
        )
    return number


async def test_two_changes_of_the_terms_at_once_are_both_kept(own_run: Run, own_shop: Shop) -> None:
    await own_shop.place("camden")
    async with callers_of(own_run).as_role("admin") as client:
        await client.post("/api/v1/feeds", json={"code": "till", "name": "Till", "channel": "web"})
        for number in range(5):
            said = ({"name": f"Till {number}"}, {"bands": {"low_at": 2, "in_from": 5 + number}})
            await asyncio.gather(*(client.patch("/api/v1/feeds/till", json=one) for one in said))
            now = (await client.get("/api/v1/feeds/till")).json()
            assert (now["name"], now["bands"]["in_from"]) == (f"Till {number}", 5 + number)
