"""A crowd that comes with one token asks the database once; a token that is gone is told to everybody in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from ambidex.domains import identity
from ambidex.flows.callers import Callers
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.access import NotSignedIn
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run

TOKEN = "k" * 43


@dataclass(frozen=True)
class Counted(Run):
    """Counts how often the database is asked."""

    asked: tuple[list[int]] = ([],)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Read]:
        self.asked[0].append(1)
        async with super().reading() as read:
            yield read


@pytest.fixture
def counted(run: Run) -> Counted:
    return Counted(run.database, run.clock, asked=([],))


async def test_a_crowd_with_one_token_is_one_question(counted: Counted) -> None:
    new = identity.NewToken("till", identity.Role.INTEGRATION, frozenset())
    await counted.perform(SYSTEM, identity.create_token, new, secret=TOKEN)
    callers = Callers(counted, remember_seconds=30)
    actors = await asyncio.gather(*(callers.by_token(TOKEN) for _ in range(50)))
    assert {actor.name for actor in actors} == {"till"}
    assert len(counted.asked[0]) == 1


async def test_who_goes_away_takes_nobody_along(counted: Counted) -> None:
    new = identity.NewToken("till", identity.Role.INTEGRATION, frozenset())
    await counted.perform(SYSTEM, identity.create_token, new, secret=TOKEN)
    callers = Callers(counted, remember_seconds=30)
    first = asyncio.create_task(callers.by_token(TOKEN))
    second = asyncio.create_task(callers.by_token(TOKEN))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).name == "till"


async def test_nothing_is_remembered_of_a_token_that_is_gone(counted: Counted) -> None:
    callers = Callers(counted, remember_seconds=30)
    refused = await asyncio.gather(*(callers.by_token(TOKEN) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(one, NotSignedIn) for one in refused)
    new = identity.NewToken("till", identity.Role.INTEGRATION, frozenset())
    await counted.perform(SYSTEM, identity.create_token, new, secret=TOKEN)
    assert (await callers.by_token(TOKEN)).name == "till"
