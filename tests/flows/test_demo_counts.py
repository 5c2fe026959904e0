"""The demo's counts are there in several states, and sound."""

from __future__ import annotations

from sqlalchemy import text

from ambidex.entry.demo.counts import count_some
from ambidex.entry.seed import plant
from ambidex.reads.audit import audit
from ambidex.runtime.passwords import Passwords
from ambidex.runtime.perform import Run


async def test_the_demo_shows_counts_in_every_waiting_state(run: Run) -> None:
    await plant(run, number=1, passwords=Passwords(memory_kib=64, rounds=1))
    await count_some(run)
    async with run.reading() as read:
        rows = await read.all(text("SELECT kind, state FROM counting.counts ORDER BY state"))
        assert (await audit(read)).violations == ()
    assert [tuple(row) for row in rows] == [("directed", "open"), ("own", "recount"), ("own", "to_approve")]
