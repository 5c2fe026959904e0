"""The worker: publishes events, reacts to them, runs the loops. Any number may run; each thing is done by one."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from ambidex.entry.signals import run_until_told, stopping
from ambidex.entry.wiring import deliverer, loops, wired
from ambidex.flows.reactions import REACTIONS
from ambidex.runtime import garbage
from ambidex.runtime.house import House
from ambidex.runtime.loops import Looper
from ambidex.runtime.publisher import Publisher
from ambidex.runtime.reactions import Reactor
from ambidex.runtime.settings import Settings

FINISH_WITHIN_SECONDS = 10
log = structlog.get_logger("ambidex.worker")


def main(settings: Settings) -> None:
    """`ambidex worker`: until SIGTERM or SIGINT."""
    run_until_told(_main(settings))


async def _main(settings: Settings) -> None:
    async with wired(settings) as house:
        live = asyncio.create_task(house.live.watch(), name="live")
        try:
            await work(house, stopping())
        finally:
            live.cancel()


async def work(house: House, stop: asyncio.Event) -> None:
    """Until `stop`; `house.live` must be watched by whoever calls. Steps that have begun are finished."""
    looper = Looper(house.run, house.outside, loops(house), position=lambda: house.live.position)
    looping = asyncio.create_task(looper.watch(), name="loops")
    feeds = deliverer(house)
    others = [
        asyncio.create_task(Publisher(house.run.database).watch(), name="publisher"),
        asyncio.create_task(Reactor(house.run, REACTIONS).watch(house.live), name="reactions"),
        asyncio.create_task(feeds.watch(), name="feeds"),
    ]
    garbage.settle()
    log.info("working", reactions=len(REACTIONS), loops=len(looper.loops))
    try:
        await stop.wait()
        looper.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_WITHIN_SECONDS):
                await looping
    finally:
        for task in (looping, *others):
            task.cancel()
        await asyncio.gather(looping, *others, return_exceptions=True)
        with contextlib.suppress(Exception):  # without a database the leases end by themselves
            await feeds.close()
        log.info("stopped")
