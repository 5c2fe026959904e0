"""A control of the kill rig: a server that answers before it commits. It must be caught losing orders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from ambidex.entry.http import listen, serve
from ambidex.entry.signals import run_until_told, stopping
from ambidex.entry.wiring import wired
from ambidex.kernel.actor import Actor
from ambidex.runtime.db import Tx
from ambidex.runtime.live import Live
from ambidex.runtime.perform import Run
from ambidex.runtime.settings import Settings

COMMITS_LATER_SECONDS = 0.3


class EarlyRun(Run):
    """Says yes as soon as the command is through, and commits a moment later."""

    async def perform(
        self, actor: Actor, command: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
    ) -> Any:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def early(tx: Tx) -> None:
            result = await command(tx, *args, **kwargs)
            if not answer.done():
                answer.set_result(result)
            await asyncio.sleep(COMMITS_LATER_SECONDS)

        committing = asyncio.create_task(super().perform(actor, early))
        await asyncio.wait({committing, answer}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            await committing
        return await answer


async def main() -> None:
    settings = Settings.load()
    async with wired(settings) as house:
        run = EarlyRun(house.run.database)
        early = replace(house, run=run, live=Live(run))
        await serve(early, listen(settings.host, settings.port), stopping())


if __name__ == "__main__":
    run_until_told(main())
