"""What happens inside is rolled back: how a rig plays many days from the same morning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ambidex.runtime.db import PinnedDatabase
from ambidex.runtime.perform import Run


@asynccontextmanager
async def undone(run: Run) -> AsyncIterator[None]:
    assert isinstance(run.database, PinnedDatabase)
    async with run.database.pinned.begin_nested() as savepoint:
        yield
        await savepoint.rollback()
