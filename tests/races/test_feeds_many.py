"""Two hundred subscribers, a fifth of them bad in every way: the healthy ones do not notice, and nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import orjson

from ambidex.domains.feeds import NewFeed, open_feed
from ambidex.flows.webhook_port import Answer, Message
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.feeds import deliverer, fill, published
from tests.shop import Shop

SUBSCRIBERS, CHANGES = 200, 4
HANGING, FAILING, RESETTING, LATE = range(20), range(20, 40), range(40, 50), range(50, 52)


class Crowd:
    """Each feed's subscriber by its number: hanging, answering 500, resetting, taking it but saying so too late, or well."""

    def __init__(self) -> None:
        self.known: dict[int, dict[str, int]] = {number: {} for number in range(SUBSCRIBERS)}
        self.is_over = False

    async def send(self, message: Message) -> Answer:
        number = int(message.url.rpartition("/")[2])
        if not self.is_over:
            if number in HANGING:
                await asyncio.sleep(3_600)
            if number in FAILING:
                return Answer("answered 500")
            if number in RESETTING:
                raise ConnectionResetError
        for change in orjson.loads(message.body)["data"]["changes"]:
            self.known[number][change["item"]] = change["units"]
        return Answer("no answer within 10 s") if number in LATE and not self.is_over else Answer()


async def _subscribe(tx: Tx) -> None:
    for number in range(SUBSCRIBERS):
        new = NewFeed(f"feed-{number}", f"Feed {number}", "web", webhook_url=f"https://s.example/{number}")
        await open_feed(tx, new)


async def test_bad_subscribers_delay_nobody_and_lose_nothing(
    own_run: Run, own_shop: Shop, clock: Clock
) -> None:
    await own_shop.shelf("camden", "MUG-01", 100)
    await own_run.perform(SYSTEM, _subscribe)
    await fill(own_run)
    crowd = Crowd()
    worker = deliverer(own_run, crowd)
    for units in range(CHANGES):
        await own_shop.shelf("camden", "MUG-01", units)
        await published(own_run)
        await worker.turn()
        await asyncio.sleep(0.01)
        clock.forward(seconds=1)
    healthy = [crowd.known[number]["MUG-01"] for number in range(52, SUBSCRIBERS)]
    assert set(healthy) == {CHANGES - 1}
    assert all(not crowd.known[number] for number in (*HANGING, *FAILING, *RESETTING))

    await worker.close()
    crowd.is_over = True
    clock.forward(seconds=timedelta(days=29).total_seconds())
    after = deliverer(own_run, crowd, "after")
    await after.turn()
    await after.until_sent()
    await after.close()
    assert {number for number, known in crowd.known.items() if known != {"MUG-01": CHANGES - 1}} == set()
