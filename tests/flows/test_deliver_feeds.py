"""Changes reach their subscriber: newest values, at least once, whatever fails in between, and who asks a person."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import text

from ambidex.domains import feeds
from ambidex.domains.feeds import Bands, FeedVerb
from ambidex.flows.watch_feeds import move_feed, watch_feeds
from ambidex.flows.webhook_port import Answer, Message
from ambidex.kernel.actor import SYSTEM
from ambidex.reads import feeds as reading
from ambidex.reads.feed_health import feed_health
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.feeds import Subscriber, deliver, deliverer, opened, published
from tests.shop import Shop


async def test_many_changes_of_one_item_are_one_newest_value(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    subscriber = Subscriber()
    await deliver(run, subscriber)
    for units in (4, 3, 2, 9):
        await shop.shelf("camden", "MUG-01", units)
        await published(run)
    await deliver(run, subscriber)
    assert subscriber.told == [("MUG-01", 5, 1), ("MUG-01", 9, 5)]


async def test_bands_tell_only_their_steps(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await opened(run, bands=Bands(low_at=5, in_from=8))
    subscriber = Subscriber()
    for units in (8, 6, 5, 6, 5, 7, 0, 1, 9):
        await shop.shelf("camden", "MUG-01", units)
        await published(run)
        await deliver(run, subscriber)
    assert [value for _, value, _ in subscriber.told] == ["in", "low", "out", "low", "in"]


async def test_a_message_that_failed_is_tried_again_with_the_newest_values(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    subscriber = Subscriber([Answer("answered 500"), Answer("answered 500")])
    assert await deliver(run, subscriber) == 1
    assert await deliver(run, subscriber) == 0
    await shop.shelf("camden", "MUG-01", 3)
    await published(run)
    clock.forward(seconds=1.1)
    await deliver(run, subscriber)
    async with run.reading() as read:
        [health] = await feed_health(read)
    assert (health.attempts, health.failure, health.behind) == (2, "answered 500", 1)
    assert health.next_at == clock.now + timedelta(seconds=2)

    clock.forward(seconds=2)
    await deliver(run, subscriber)
    assert subscriber.told == [("MUG-01", 5, 1), ("MUG-01", 3, 2), ("MUG-01", 3, 2)]
    assert await shop.happened("feeds.failing", "feeds.recovered") == ["feeds.failing", "feeds.recovered"]
    async with run.reading() as read:
        [health] = await feed_health(read)
    assert (health.attempts, health.failure, health.behind, health.failing_since) == (0, "", 0, None)


async def test_the_same_content_has_the_same_id_and_other_content_another(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    subscriber = Subscriber([Answer("answered 502")])
    await deliver(run, subscriber)
    clock.forward(minutes=5)
    await deliver(run, subscriber)
    await shop.shelf("camden", "MUG-01", 6)
    await published(run)
    await deliver(run, subscriber)
    first, again, other = (message.message_id for message in subscriber.messages)
    assert first == again != other


async def test_thirty_days_of_failures_disable_and_discard_nothing(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    subscriber = Subscriber([Answer("could not connect")] * 62)
    for _ in range(61):
        await deliver(run, subscriber)
        clock.forward(hours=12)
    await shop.shelf("camden", "MUG-01", 2)
    await published(run)
    assert await deliver(run, subscriber) == 0
    async with run.reading() as read:
        [health] = await feed_health(read)
    assert (health.state, health.behind) == ("disabled", 1)

    subscriber.answers.clear()
    await run.perform(SYSTEM, feeds.move, "web-shop", FeedVerb.RESUME)
    await deliver(run, subscriber)
    assert subscriber.told[-1] == ("MUG-01", 2, 2)


async def test_a_subscriber_that_is_gone_is_not_asked_again(run: Run, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    await deliver(run, Subscriber([Answer("answered 410", is_gone=True)]))
    clock.forward(days=1)
    assert await deliver(run, Subscriber()) == 0
    assert await shop.happened("feeds.disabled") == ["feeds.disabled"]


async def test_retry_after_is_respected(run: Run, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    subscriber = Subscriber([Answer("answered 429", 120)])
    await deliver(run, subscriber)
    clock.forward(seconds=119)
    assert await deliver(run, subscriber) == 0
    clock.forward(seconds=1)
    assert await deliver(run, subscriber) == 1


async def test_pausing_stops_what_is_sent_and_not_what_is_published(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    await run.perform(SYSTEM, feeds.move, "web-shop", FeedVerb.PAUSE)
    await shop.shelf("camden", "MUG-01", 4)
    await published(run)
    subscriber = Subscriber()
    assert await deliver(run, subscriber) == 0
    await run.perform(SYSTEM, feeds.move, "web-shop", FeedVerb.RESUME)
    await deliver(run, subscriber)
    assert subscriber.told == [("MUG-01", 4, 2)]


class Hanging(Subscriber):
    """Never answers."""

    async def send(self, message: Message) -> Answer:
        self.messages.append(message)
        await asyncio.Event().wait()
        raise AssertionError("nobody wakes it")


class ByFeed:
    """One subscriber for each feed."""

    def __init__(self, **known: Subscriber) -> None:
        self.known = known

    async def send(self, message: Message) -> Answer:
        return await self.known[message.url.rpartition("/")[2]].send(message)


async def test_a_subscriber_that_hangs_delays_nobody(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    for code in ("dead", "well"):
        await opened(run, code, webhook_url=f"https://shop.example/{code}")
    dead, well = Hanging(), Subscriber()
    worker = deliverer(run, ByFeed(dead=dead, well=well))
    for units in (4, 3, 2):
        await worker.turn()
        await asyncio.sleep(0)
        await shop.shelf("camden", "MUG-01", units)
        await published(run)
    await worker.turn()
    await asyncio.sleep(0)
    assert [units for _, units, _ in well.told] == [5, 4, 3, 2]
    assert len(dead.messages) == 1
    await worker.close()


async def test_who_lost_the_lease_records_nothing(run: Run, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    frozen, subscriber = deliverer(run, Subscriber(), "frozen"), Subscriber()
    await frozen.turn()
    await frozen.until_sent()
    clock.forward(seconds=5)
    assert await deliver(run, subscriber, "next") == 1
    await shop.shelf("camden", "MUG-01", 1)
    await published(run)
    await frozen.turn()
    async with run.reading() as read:
        [health] = await feed_health(read)
    assert (health.upto, health.behind) == (1, 1)
    assert health.delivered == 1, "the second worker's delivery counts, the first's does not"


async def test_no_other_worker_sends_while_the_lease_holds(run: Run, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    holder = deliverer(run, Hanging(), "holder")
    await holder.turn()
    clock.forward(seconds=3)
    assert await deliver(run, Subscriber(), "next") == 0
    clock.forward(seconds=2)
    assert await deliver(run, Subscriber(), "next") == 1
    await holder.close()


async def test_sending_again_starts_where_it_is_told(run: Run, shop: Shop) -> None:
    for sku in ("MUG-01", "TEA-02"):
        await shop.shelf("camden", sku, 5)
    await opened(run)
    subscriber = Subscriber()
    await deliver(run, subscriber)
    await run.perform(SYSTEM, feeds.send_again, "web-shop", after=1)
    await deliver(run, subscriber)
    assert len(subscriber.told) == 3
    assert subscriber.told[1] == subscriber.told[2]


async def test_what_was_under_way_does_not_undo_sending_again(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    subscriber = Subscriber()
    worker = deliverer(run, subscriber)
    await worker.turn()
    await worker.until_sent()
    await run.perform(SYSTEM, feeds.send_again, "web-shop", after=0)
    await worker.turn()
    await worker.close()
    assert await deliver(run, subscriber, "next") == 1


async def test_where_nothing_changed_the_cursor_follows_the_others(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("camden", "MUG-01", 20)
    await opened(run, bands=Bands())
    subscriber = Subscriber()
    await deliver(run, subscriber)
    await opened(run, "units", webhook_url="")
    await shop.shelf("camden", "MUG-01", 19)
    await published(run)
    clock.forward(seconds=5)
    assert await deliver(run, subscriber) == 0
    async with run.reading() as read:
        known = {one.code: one.upto for one in await feed_health(read)}
        assert known["web-shop"] == await reading.head(read)
    await shop.shelf("camden", "MUG-01", 2)
    await published(run)
    await deliver(run, subscriber)
    assert subscriber.told == [("MUG-01", "in", 1), ("MUG-01", "low", 2)]


async def test_a_cursor_does_not_pass_over_what_waits_to_be_tried_again(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    subscriber = Subscriber([Answer("answered 500")])
    await deliver(run, subscriber)
    await deliver(run, subscriber)
    clock.forward(seconds=1)
    await deliver(run, subscriber)
    assert subscriber.told == [("MUG-01", 5, 1), ("MUG-01", 5, 1)]


async def tasks_of(run: Run) -> list[tuple[str, str, str]]:
    async with run.reading() as read:
        rows = await read.all(text("SELECT title, role, state FROM tasks.tasks ORDER BY opened_at"))
    return [tuple(row) for row in rows]


async def test_a_stuck_feed_asks_a_person_once_and_resolves_itself(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run, name="Web shop")
    dead = Subscriber([Answer("could not connect")] * 9)
    await deliver(run, dead)
    await watch_feeds(run)
    assert await tasks_of(run) == []

    clock.forward(minutes=6)
    for _ in range(2):
        await watch_feeds(run)
    assert await tasks_of(run) == [("Web shop does not hear of our stock", "experience", "pooled")]

    await deliver(run, Subscriber())
    await watch_feeds(run)
    assert [state for *_, state in await tasks_of(run)] == ["done"]
    async with run.reading() as read:
        open_ = await read.value(
            text("SELECT count(*) FROM watch.exceptions WHERE kind = 'feed-stuck' AND closed_at IS NULL")
        )
    assert open_ == 0

    clock.forward(minutes=1)
    await shop.shelf("camden", "MUG-01", 4)
    await published(run)
    await deliver(run, dead)
    clock.forward(minutes=6)
    await watch_feeds(run)
    assert [state for *_, state in await tasks_of(run)] == ["done", "pooled"]


async def test_closing_a_stuck_feed_ends_what_was_asked_of_a_person(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run)
    await deliver(run, Subscriber([Answer("could not connect")] * 9))
    clock.forward(minutes=6)
    await watch_feeds(run)
    assert [state for *_, state in await tasks_of(run)] == ["pooled"]
    await run.perform(SYSTEM, move_feed, "web-shop", FeedVerb.CLOSE)
    assert [state for *_, state in await tasks_of(run)] == ["done"]


async def test_nobody_sending_is_seen_too_and_a_pause_is_not(run: Run, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    await opened(run, name="Marketplace")
    await opened(run, "till", name="Till")
    await run.perform(SYSTEM, feeds.move, "till", FeedVerb.PAUSE)
    clock.forward(minutes=6)
    await watch_feeds(run)
    assert [title for title, *_ in await tasks_of(run)] == ["Marketplace does not hear of our stock"]
