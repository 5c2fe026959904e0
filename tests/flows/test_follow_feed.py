"""Who follows a feed goes on following when a look at the database fails."""

from __future__ import annotations

import asyncio

from ambidex.flows.follow_feed import Heads
from ambidex.runtime.live import Live
from ambidex.runtime.perform import Run
from tests.waits import PATIENCE


class Shaky(Heads):
    """The connection is lost at the first look."""

    def __init__(self, run: Run) -> None:
        super().__init__(run, Live(run))
        self.looks = 0
        self.looked_again = asyncio.Event()

    async def _look(self) -> None:
        self.looks += 1
        if self.looks == 1:
            raise OSError("the connection was lost")
        await super()._look()
        self.looked_again.set()


async def test_a_lost_connection_ends_no_look(run: Run) -> None:
    shaky = Shaky(run)
    watching = asyncio.create_task(shaky._watch())
    try:
        await asyncio.wait_for(shaky.looked_again.wait(), timeout=PATIENCE)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
