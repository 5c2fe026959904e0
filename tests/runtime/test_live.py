"""Live: followers hear of everything once and in order, from any position, however slow they are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.live import Live
from ambidex.runtime.perform import Run
from ambidex.runtime.publisher import publish_all
from tests.runtime.test_perform import ring
from tests.runtime.test_publisher import cut_listeners
from tests.runtime.test_reactions import ring_all
from tests.waits import PATIENCE, until


@asynccontextmanager
async def watched(run: Run, *, ring_size: int = 5_000) -> AsyncIterator[Live]:
    live = Live(run, ring_size)
    task = asyncio.create_task(live.watch())
    try:
        await until(lambda: live.listening)
        yield live
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def happen(run: Run, count: int) -> None:
    await run.perform(SYSTEM, ring_all, loudness=range(count))
    await publish_all(run.database)


async def follow(live: Live, after: int, count: int, *, pause: float = 0) -> list[int]:
    """The positions seen until there are `count`."""
    seen: list[int] = []
    async with asyncio.timeout(PATIENCE):
        async for events in live.follow(after):
            seen.extend(event.position for event in events)
            if len(seen) >= count:
                return seen
            await asyncio.sleep(pause)
    return seen


async def test_a_follower_catches_up_and_then_hears_what_comes(own_run: Run) -> None:
    await happen(own_run, 700)
    async with watched(own_run) as live:
        following = asyncio.create_task(follow(live, 100, 900))
        await until(lambda: live.followers)
        for _ in range(3):
            await happen(own_run, 100)
        assert await following == list(range(101, 1001))


async def test_many_followers_share_one_reading(own_run: Run) -> None:
    async with watched(own_run) as live:
        following = [asyncio.create_task(follow(live, 0, 50)) for _ in range(30)]
        await until(lambda: live.followers == 30)
        await happen(own_run, 50)
        assert await asyncio.gather(*following) == [list(range(1, 51))] * 30
    assert live.followers == 0


async def test_who_is_too_slow_for_the_ring_reads_the_table(own_run: Run) -> None:
    async with watched(own_run, ring_size=20) as live:
        slow = asyncio.create_task(follow(live, 0, 300, pause=0.02))
        await until(lambda: live.followers)
        for _ in range(30):
            await happen(own_run, 10)
        assert await slow == list(range(1, 301))


async def test_a_cut_connection_is_made_again_and_nothing_is_missed(own_run: Run) -> None:
    async with watched(own_run) as live:
        following = asyncio.create_task(follow(live, 0, 20))
        await happen(own_run, 10)
        await own_run.perform(SYSTEM, cut_listeners)
        await happen(own_run, 10)
        assert await following == list(range(1, 21))


async def test_only_the_publisher_notifies(own_run: Run) -> None:
    """A change alone tells nobody; a NOTIFY in it would remove group commit."""
    async with watched(own_run) as live:
        before = live.position
        await own_run.perform(SYSTEM, ring, times=1)
        assert await live.beyond(before, seconds=0.1) == before
        await publish_all(own_run.database)
        assert await live.beyond(before, seconds=PATIENCE) == before + 1


async def test_nobody_following_reads_nothing(own_run: Run) -> None:
    async with watched(own_run) as live:
        await happen(own_run, 5)
        await until(lambda: live.position == 5)
        async with own_run.reading() as read:
            assert await read.value(text("SELECT count(*) FROM runtime.events")) == 5
        assert live.remembered == 0
