"""Who is canceled in the middle of a question leaves nothing open: what comes next on that connection is really committed."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text

from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.shop import Shop

_COUNT = text("SELECT count(*) FROM catalogue.items WHERE sku = :sku")
TURNS = 40


@pytest.mark.parametrize("asked", ["reading", "performing"])
async def test_what_follows_a_canceled_question_is_committed(
    own_database: Database, clock: Clock, asked: str
) -> None:
    one = Database(own_database.url, pool_size=1)
    run, other = Run(one, clock), Run(own_database, clock)

    async def seen(by: Run, sku: str) -> int:
        async with by.reading() as read:
            return int(await read.value(_COUNT, {"sku": sku}))

    try:
        for turns in range(TURNS):
            question = seen(run, "MUG-01") if asked == "reading" else Shop(run).item(f"BEFORE-{turns}")
            asking = asyncio.ensure_future(question)
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
            await Shop(run).item(f"AFTER-{turns}")
            assert await seen(other, f"AFTER-{turns}") == 1, (
                f"said and not done, canceled after {turns} turns"
            )
    finally:
        await one.close()
