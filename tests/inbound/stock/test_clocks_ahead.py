"""A till or a warehouse whose clock runs ahead: what was heard has happened, so nothing is sold, counted or undone twice."""

from datetime import timedelta

from tests.conftest import Clock
from tests.inbound.stock.feeds import TILL, Feeds
from tests.shop import Shop

AHEAD = timedelta(days=3)


async def units(shop: Shop, place: str = "camden") -> int:
    return int((await shop.stock(place, "MUG-01")).sellable)


async def test_a_void_of_a_sale_from_tomorrow_does_not_raise_a_shelf_counted_since(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    await feeds.till(feeds.sale(("MUG-01", 2), at=clock.now + AHEAD, transaction="A"))
    assert await units(shop) == 8
    clock.forward(minutes=5)
    await feeds.till(feeds.sale(("MUG-01", 8), kind="count"))
    clock.forward(minutes=5)
    await feeds.till(feeds.sale(kind="void", transaction="VA", voids="A"))
    assert await units(shop) == 8


async def test_it_happened_before_it_was_heard_also_when_it_is_applied_later(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    sold = feeds.sale(("MUG-01", 2), at=clock.now + AHEAD)
    await feeds.send(TILL, sold)
    clock.forward(minutes=5)
    counted = feeds.sale(("MUG-01", 8), kind="count")
    await feeds.send(TILL, counted)
    clock.forward(minutes=5)
    await feeds.apply()
    assert await units(shop) == 8


async def test_what_follows_a_count_and_a_file_from_tomorrow_still_counts(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    await feeds.till(feeds.sale(("MUG-01", 5), kind="count", at=clock.now + AHEAD))
    await feeds.warehouse(feeds.file("full", {"MUG-01": 40}, as_of=clock.now + AHEAD))
    clock.forward(minutes=1)
    await feeds.till(feeds.sale(("MUG-01", 1)))
    await feeds.warehouse(feeds.file("delta", {"MUG-01": -30}, reason="shipped"))
    assert (await units(shop), await units(shop, "dc")) == (4, 10)
