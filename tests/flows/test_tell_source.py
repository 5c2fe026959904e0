"""The shop is told ready and collected: once, only while true, again when it does not answer, by a person in the end."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains.locations import LocationKind
from ambidex.flows.tell_source import tell_waiting
from ambidex.integrations.shopify.shop import READY_TAG
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from tests.conftest import Clock
from tests.flows.counter import Counter
from tests.flows.parcels import HOME, Sender, box
from tests.flows.test_send_again import second_leaves
from tests.inbound.conftest import platform
from tests.inbound.platform import Platform
from tests.shop import Shop

__all__ = ["platform"]


@pytest.fixture
async def sold(platform: Platform) -> dict[str, object]:
    one = platform.sell(("MUG-01", 2))
    await platform.deliver()
    return one


@pytest.fixture
async def counter(platform: Platform, shop: Shop, sold: dict[str, object]) -> Counter:
    order = await platform.taken(sold)
    return Counter(shop, order.order_id, {"MUG-01": 2})


async def tell(platform: Platform) -> None:
    await tell_waiting(platform.run, platform.outside)


async def tellings(platform: Platform) -> list[tuple[str, str]]:
    async with platform.run.reading() as read:
        rows = await read.all(text("SELECT kind, state FROM channels.tellings ORDER BY telling_no"))
    return [(row.kind, row.state) for row in rows]


async def test_ready_then_collected(platform: Platform, counter: Counter, sold: dict[str, object]) -> None:
    await counter.until_ready()
    await tell(platform)
    there = platform.fake.orders[sold["id"]]  # type: ignore[index]  # its id is a number
    assert (there["tags"], platform.fake.prepared) == (READY_TAG, set())
    await counter.hand_over(code=await counter.code())
    await tell(platform)
    await tell(platform)
    assert there["fulfillment_status"] == "fulfilled"
    assert len(there["fulfillments"]) == 1
    assert await tellings(platform) == [("ready", "told"), ("collected", "told")]
    await platform.deliver()
    assert await platform.tasks() == [], "its own echo of what we told is no exception"


async def test_what_became_false_is_not_told(platform: Platform, counter: Counter, clock: Clock) -> None:
    sold = await platform.taken(next(iter(platform.fake.orders.values())))
    await counter.until_ready()
    clock.forward(minutes=1)
    platform.fake.cancel(int(sold.reference))
    await platform.deliver()
    await tell(platform)
    assert await tellings(platform) == [("ready", "withdrawn")]


async def test_a_shop_that_is_down_is_told_later_and_a_person_hears_of_it(
    platform: Platform, counter: Counter, clock: Clock
) -> None:
    await counter.until_ready()
    platform.fake.moods.down = True
    for _ in range(6):
        await tell(platform)
        clock.forward(minutes=5)
    assert await platform.tasks("solve_exception") == ["The shop was not told: ready"]
    platform.fake.moods.down = False
    clock.forward(minutes=15)
    await tell(platform)
    assert await tellings(platform) == [("ready", "told")]
    assert await platform.tasks("solve_exception") == []


async def _live_at(tx: Tx, *, address: dict[str, str]) -> None:
    await tx.run(text("UPDATE orders.orders SET address = CAST(:it AS jsonb)"), {"it": json.dumps(address)})


async def bought_to_be_sent(platform: Platform, shop: Shop, clock: Clock) -> tuple[Sender, dict[str, Any]]:
    """Two mugs for an address, and the order as the shop holds it."""
    sold = platform.sell(("MUG-01", 2))
    for work in platform.fake.works[sold["id"]]:
        work["delivery_method"]["method_type"] = "shipping"
    await platform.deliver()
    order = await platform.taken(sold)
    sent = Sender(shop, order.order_id, {"MUG-01": 2})
    sent.connect(clock)
    await sent.register()
    there = {**HOME, "country": "United Kingdom", "country_code": "GB"}
    await platform.run.perform(SYSTEM, _live_at, address=there)
    return sent, platform.fake.orders[sold["id"]]


async def test_what_was_sent_is_told_with_its_number_once(
    platform: Platform, shop: Shop, clock: Clock
) -> None:
    """A fulfillment of the units in the parcel, with its tracking number; the second parcel is a second one."""
    sent, known = await bought_to_be_sent(platform, shop, clock)
    await sent.until_dispatched(box({1: 1}), box({1: 1}))
    await tell(platform)
    await tell(platform)
    numbers = sorted(one.tracking_number for one in await sent.packages())
    assert sorted(one["tracking_number"] for one in known["fulfillments"]) == numbers
    assert [one["line_items"][0]["quantity"] for one in known["fulfillments"]] == [1, 1]
    assert known["fulfillment_status"] == "fulfilled"
    assert await tellings(platform) == [("shipped", "told"), ("shipped", "told")]
    await platform.deliver()
    assert await platform.tasks() == [], "its own echo of what we told is no exception"


async def test_what_is_sent_again_is_followed_under_its_new_number_there(
    platform: Platform, shop: Shop, clock: Clock
) -> None:
    """The units were fulfilled there before: their fulfillment gets the number under which they travel now, once."""
    sent, known = await bought_to_be_sent(platform, shop, clock)
    await shop.place("depot", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    await shop.shelf("depot", "MUG-01", 5)
    await sent.until_dispatched(box())
    await tell(platform)
    first = (await sent.package()).tracking_number
    assert [one["tracking_numbers"] for one in known["fulfillments"]] == [[first]]
    await sent.chosen("send_again")
    await second_leaves(sent, shop)
    second = (await sent.package(2)).tracking_number
    for _ in range(2):
        await tell(platform)
    assert second not in {first, ""}
    assert [one["tracking_numbers"] for one in known["fulfillments"]] == [[second]]
    assert await tellings(platform) == [("shipped", "told"), ("shipped", "told")]
    await platform.deliver()
    assert await platform.tasks() == []
