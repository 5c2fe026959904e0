"""The transaction boundary: what was announced is stored with the change, a Problem leaves nothing."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import text

from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.event import Event
from ambidex.kernel.problem import Problem
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again, Run, TransactionIsOpen, must_be_outside

COUNT = text("SELECT count(*) FROM runtime.events")


@dataclass(frozen=True)
class Rang(Event):
    name: ClassVar[str] = "bell.rang"
    times: int


async def ring(tx: Tx, *, times: int) -> int:
    tx.announce(Ref("bell", "1"), Rang(times))
    if times > 3:
        raise Problem("too loud")
    return times


async def test_an_event_is_stored_with_the_change(run: Run) -> None:
    assert await run.perform(SYSTEM, ring, times=2) == 2
    async with run.reading() as read:
        row = await read.one(text("SELECT name, payload, position FROM runtime.events"))
    assert (row.name, row.payload, row.position) == ("bell.rang", {"times": 2}, None)


async def test_a_problem_leaves_nothing(run: Run) -> None:
    with pytest.raises(Problem):
        await run.perform(SYSTEM, ring, times=4)
    async with run.reading() as read:
        assert await read.value(COUNT) == 0


async def test_the_outside_is_refused_inside_a_transaction(run: Run) -> None:
    async def call_out(tx: Tx) -> None:
        must_be_outside()

    with pytest.raises(TransactionIsOpen):
        await run.perform(SYSTEM, call_out)


async def test_what_is_done_last_sees_the_events_and_may_begin_all_of_it_again(run: Run) -> None:
    seen: list[tuple[int, int]] = []

    async def command(tx: Tx) -> int:
        async def last() -> None:
            seen.append((tx.attempt, await tx.value(COUNT)))
            if not tx.attempt:
                raise Again

        tx.at_last(last)
        return await ring(tx, times=tx.attempt)

    assert await run.perform(SYSTEM, command) == 1
    assert seen == [(0, 1), (1, 1)], "after the events, and the first try left none"
