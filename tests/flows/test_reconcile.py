"""What webhooks lost is found and repaired by asking; a shop that falls silent becomes somebody's task."""

from ambidex.domains import channels
from ambidex.flows.reconcile import reconcile_all
from tests.conftest import Clock
from tests.inbound.conftest import platform
from tests.inbound.platform import CODE, Platform
from tests.shop import Shop

__all__ = ["platform"]


async def one_minute(platform: Platform, clock: Clock) -> None:
    clock.forward(minutes=1)
    await reconcile_all(platform.run, platform.outside)
    await platform.apply()


async def test_every_withheld_message_is_repaired_within_five_minutes(
    platform: Platform, clock: Clock, shop: Shop
) -> None:
    await shop.shelf("camden", "MUG-01", 500)
    sold = []
    for _ in range(30):
        sold.append(platform.sell(("MUG-01", 1)))
        clock.forward(seconds=4)
    canceled = sold[::5]
    for one in canceled:
        platform.fake.cancel(one["id"])
    await platform.deliver(platform.fake.deliveries())
    assert platform.fake.withheld, "the double must withhold some, or this proves nothing"
    for _ in range(4):
        await one_minute(platform, clock)
    orders = [await platform.taken(one) for one in sold]
    assert [one.state for one in orders] == ["canceled" if o in canceled else "confirmed" for o in sold]


async def test_what_is_known_is_not_stored_again(platform: Platform, clock: Clock) -> None:
    platform.sell()
    await platform.deliver()
    clock.forward(minutes=1)
    assert not await reconcile_all(platform.run, platform.outside)


async def test_an_outage_becomes_a_task_and_ends_by_itself(platform: Platform, clock: Clock) -> None:
    platform.fake.moods.down = True
    for _ in range(9):
        await one_minute(platform, clock)
    assert await platform.tasks() == []
    for _ in range(5):
        await one_minute(platform, clock)
    assert await platform.tasks() == [f"{CODE} does not answer"]
    sold = platform.sell()
    platform.fake.moods.down = False
    await one_minute(platform, clock)
    assert await platform.tasks() == []
    assert await platform.order(sold) is not None


async def test_webhooks_that_stopped_are_noticed(platform: Platform, clock: Clock) -> None:
    platform.sell()
    await platform.deliver()
    clock.forward(minutes=20)
    await one_minute(platform, clock)
    assert await platform.tasks() == []
    platform.sell()
    platform.fake.deliveries()
    await one_minute(platform, clock)
    assert await platform.tasks() == [f"{CODE} sends no messages any more"]


async def test_what_was_parked_for_an_outage_goes_through_when_it_ends(
    platform: Platform, clock: Clock
) -> None:
    sold = platform.sell()
    platform.fake.moods.down = True
    [message] = await platform.deliver()
    for _ in range(40):
        await one_minute(platform, clock)
    assert (await platform.message(message.message_id)).state == "parked"
    platform.fake.moods.down = False
    await one_minute(platform, clock)
    assert await platform.order(sold) is not None


async def test_a_source_is_heard(platform: Platform) -> None:
    platform.sell()
    await platform.deliver()
    async with platform.run.reading() as read:
        assert (await channels.source(read, CODE)).heard_at == platform.clock.now
