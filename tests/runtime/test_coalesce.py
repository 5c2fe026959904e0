"""Coalescing: alone at once, together while others are busy, a crowd stays together, one bad one does not hurt."""

import asyncio
from collections.abc import Sequence

import pytest

from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import NotFound, Problem
from ambidex.runtime.coalesce import Asked, Coalescer, once_each
from ambidex.runtime.db import Tx
from ambidex.runtime.idempotency import Answer, Key, KeyReused
from ambidex.runtime.perform import Run
from tests.waits import PATIENCE


class Kitchen:
    """Works on lists, slowly enough that others gather."""

    def __init__(self) -> None:
        self.lists: list[list[int]] = []
        self.busy = self.busiest = 0

    async def cook(self, orders: Sequence[int]) -> list[str | Problem]:
        self.lists.append(list(orders))
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await asyncio.sleep(0.005)
        self.busy -= 1
        if 13 in orders:
            raise ZeroDivisionError
        return [NotFound(str(n)) if n == 7 else f"dish {n}" for n in orders]


async def test_alone_it_goes_at_once() -> None:
    kitchen = Kitchen()
    assert await Coalescer(kitchen.cook).ask(1) == "dish 1"
    assert kitchen.lists == [[1]]


async def test_calls_gather_while_two_lists_are_busy() -> None:
    kitchen = Kitchen()
    counter = Coalescer(kitchen.cook)
    dishes = await asyncio.gather(*(counter.ask(n + 100) for n in range(202)))
    assert dishes == [f"dish {n + 100}" for n in range(202)]
    assert [len(each) for each in kitchen.lists] == [100, 100, 2]
    assert kitchen.busiest == 2


async def test_a_second_list_goes_beside_the_first_only_when_it_is_full() -> None:
    kitchen = Kitchen()
    counter = Coalescer(kitchen.cook)
    first = asyncio.create_task(counter.ask(100))
    await asyncio.sleep(0)
    await asyncio.gather(first, *(counter.ask(n) for n in range(101, 160)))
    assert [len(each) for each in kitchen.lists] == [1, 59]
    assert kitchen.busiest == 1


async def test_a_crowd_that_comes_back_one_by_one_stays_together() -> None:
    kitchen = Kitchen()
    counter = Coalescer(kitchen.cook, patience_seconds=0.5)
    turns = asyncio.Semaphore(1)

    async def caller(n: int) -> None:
        for _ in range(2):
            await counter.ask(n)
            async with turns:
                await asyncio.sleep(0)

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(caller(n + 100) for n in range(40)))
    assert len(kitchen.lists[0]) == 40
    assert 36 <= len(kitchen.lists[1]) <= 40


async def test_who_comes_alone_after_a_crowd_is_not_left_waiting() -> None:
    kitchen = Kitchen()
    counter = Coalescer(kitchen.cook)
    await asyncio.gather(*(counter.ask(n + 100) for n in range(40)))
    async with asyncio.timeout(PATIENCE):
        assert await counter.ask(1) == "dish 1"
        assert await counter.ask(2) == "dish 2"
    assert kitchen.lists[1:] == [[1], [2]]


async def test_a_problem_is_a_value_and_hurts_nobody_else() -> None:
    kitchen = Kitchen()
    counter = Coalescer(kitchen.cook)
    results = await asyncio.gather(*(counter.ask(n) for n in range(6, 9)), return_exceptions=True)
    assert [type(each) for each in results] == [str, NotFound, str]
    assert kitchen.lists == [[6, 7, 8]]


async def test_an_unexpected_error_is_cornered_by_halving() -> None:
    kitchen = Kitchen()
    counter = Coalescer(kitchen.cook)
    results = await asyncio.gather(*(counter.ask(n) for n in range(10, 20)), return_exceptions=True)
    assert [n for n, each in enumerate(results, 10) if isinstance(each, Exception)] == [13]
    assert kitchen.lists[0] == list(range(10, 20))


async def test_when_the_database_is_away_nobody_is_asked_twice() -> None:
    calls = []

    async def away(orders: Sequence[int]) -> list[str]:
        calls.append(orders)
        raise ConnectionRefusedError

    counter: Coalescer[int, str] = Coalescer(away)
    results = await asyncio.gather(*(counter.ask(n) for n in range(5)), return_exceptions=True)
    assert all(isinstance(each, ConnectionRefusedError) for each in results)
    assert len(calls) == 1


async def test_a_list_that_is_canceled_leaves_nobody_waiting() -> None:
    begun = asyncio.Event()

    async def canceled(_: Sequence[int]) -> list[str]:
        begun.set()
        await asyncio.sleep(0.01)
        raise asyncio.CancelledError

    counter: Coalescer[int, str] = Coalescer(canceled, list_max=2)
    calls = [asyncio.create_task(counter.ask(n)) for n in range(5)]
    await begun.wait()
    async with asyncio.timeout(PATIENCE):
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in results)


async def test_too_few_answers_are_an_error_of_each_caller() -> None:
    async def forgetful(orders: Sequence[int]) -> list[str]:
        return [f"dish {n}" for n in orders[1:]]

    counter: Coalescer[int, str] = Coalescer(forgetful)
    async with asyncio.timeout(PATIENCE):
        results = await asyncio.gather(*(counter.ask(n) for n in range(3)), return_exceptions=True)
    assert [type(each) for each in results] == [ValueError] * 3


async def test_it_never_falls_asleep_with_somebody_waiting() -> None:
    """The end of one flight and the arrival of the next call may fall into the same turn of the loop."""
    counter = Coalescer(Kitchen().cook)

    async def regular(n: int) -> None:
        for _ in range(20):
            await counter.ask(n)

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(regular(n + 20) for n in range(5)))


async def test_a_list_is_answered_once_per_key(run: Run) -> None:
    worked: list[int] = []

    async def work(tx: Tx, asked: Sequence[Asked[int]]) -> list[Answer | Problem]:
        worked.extend(each.command for each in asked)
        return [
            NotFound(str(each.command)) if each.command == 7 else Answer(201, b"%d" % each.command)
            for each in asked
        ]

    def refused(problem: Problem) -> Answer:
        return Answer(problem.status, b"no")

    def asked(number: int, key: str, said: bytes) -> Asked[int]:
        return Asked(SYSTEM, Key("caller", key, said), number)

    first = [asked(1, "a", b"1"), asked(7, "b", b"7"), Asked(SYSTEM, None, 3)]
    again = [asked(1, "a", b"1"), asked(7, "b", b"7"), asked(2, "a", b"2"), asked(4, "d", b"4")]
    one = await run.perform(SYSTEM, once_each, first, work, refused)
    two = await run.perform(SYSTEM, once_each, again, work, refused)

    assert one == [Answer(201, b"1"), Answer(404, b"no"), Answer(201, b"3")]
    assert two[:2] == [Answer(201, b"1", is_repeated=True), Answer(404, b"no", is_repeated=True)]
    assert isinstance(two[2], KeyReused)
    assert two[3] == Answer(201, b"4")
    assert worked == [1, 7, 3, 4]


async def test_keys_of_a_list_cost_two_statements(run: Run) -> None:
    async def counted(tx: Tx, size: int) -> int:
        async def work(tx: Tx, asked: Sequence[Asked[int]]) -> list[Answer | Problem]:
            return [Answer(200, b"") for _ in asked]

        before = tx.statements
        asked = [Asked(SYSTEM, Key("caller", f"{size}-{n}", b""), n) for n in range(size)]
        await once_each(tx, asked, work, lambda _: Answer(409, b""))
        return tx.statements - before

    assert await run.perform(SYSTEM, counted, 1) == 2
    assert await run.perform(SYSTEM, counted, 20) == 2


@pytest.mark.parametrize("flights", [1, 3])
async def test_the_number_of_lists_at_once_is_kept(flights: int) -> None:
    kitchen = Kitchen()
    counter = Coalescer(kitchen.cook, flights=flights, list_max=4)
    await asyncio.gather(*(counter.ask(n + 20) for n in range(40)))
    assert kitchen.busiest == flights
