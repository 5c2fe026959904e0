"""Loops never die, take turns over processes, and finish what they began; the outside keeps its distance."""

import asyncio
import contextlib

import pytest

from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from ambidex.runtime.loops import Loop, Looper, Pace, Turns, every
from ambidex.runtime.outside import NotConnected, Outside, Port
from ambidex.runtime.perform import Run, TransactionIsOpen
from tests.runtime.test_publisher import cut_others
from tests.waits import PATIENCE, until


class Bell:
    """Outside: rings, and counts."""

    def __init__(self) -> None:
        self.rung = 0

    def ring(self) -> int:
        self.rung += 1
        return self.rung


BELL: Port[Bell] = Port("bell")


class Steps:
    def __init__(self, *, fails: int = 0, seconds: float = 0.002) -> None:
        self.seconds = seconds
        self.taken = 0
        self.together = self.most_together = 0
        self.fails = fails

    async def step(self, run: Run, outside: Outside) -> bool:
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        await asyncio.sleep(self.seconds)
        self.together -= 1
        self.taken += 1
        if self.taken <= self.fails:
            raise ZeroDivisionError
        return False


def looper(run: Run, *loops: Loop) -> tuple[Looper, asyncio.Task[None]]:
    made = Looper(run, Outside(), loops)
    return made, asyncio.create_task(made.watch())


async def ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_failing_step_is_tried_again_and_hurts_no_other(own_run: Run) -> None:
    bad, good = Steps(fails=1), Steps()
    _, task = looper(own_run, every(0.01, "bad", bad.step), every(0.01, "good", good.step))
    await until(lambda: good.taken > 5 and bad.taken > 2)
    await ended(task)


async def test_two_processes_take_turns(own_run: Run) -> None:
    steps = Steps()
    tasks = [looper(own_run, every(0.001, "one", steps.step))[1] for _ in range(3)]
    await until(lambda: steps.taken > 30)
    await ended(*tasks)
    assert steps.most_together == 1


async def test_a_turn_is_kept_a_while_by_who_comes_again_and_then_offered(own_run: Run) -> None:
    seconds = [0.0]
    one = Turns(own_run.database, kept_seconds=5, seconds_now=lambda: seconds[0])
    other = Turns(own_run.database)

    async def is_free() -> bool:
        async with other.turn("bell") as ours:
            return ours

    async with one.turn("bell", again_in=0.01) as ours:
        assert ours
    assert not await is_free()
    seconds[0] = 5.0
    async with one.turn("bell", again_in=0.01) as ours:
        assert ours
    assert await is_free()
    await one.close()
    await other.close()


@pytest.mark.parametrize(("again_in", "fault"), [(60, None), (0.01, ZeroDivisionError())])
async def test_who_comes_late_or_failed_keeps_no_turn(
    own_run: Run, again_in: float, fault: Exception | None
) -> None:
    one, other = Turns(own_run.database), Turns(own_run.database)
    with contextlib.suppress(ZeroDivisionError):
        async with one.turn("bell", again_in=again_in):
            if fault:
                raise fault
    async with other.turn("bell") as ours:
        assert ours
    await one.close()
    await other.close()


async def test_a_cut_connection_is_made_again(own_run: Run) -> None:
    steps = Steps()
    made, task = looper(own_run, every(0.01, "one", steps.step))
    made.turns = Turns(own_run.database, kept_seconds=0)
    await until(lambda: steps.taken > 2)
    await own_run.perform(SYSTEM, cut_others)
    before = steps.taken
    await until(lambda: steps.taken > before + 5)
    await ended(task)


async def test_called_off_while_its_connection_is_cut_it_ends(own_run: Run) -> None:
    steps = Steps(seconds=60)
    _, task = looper(own_run, every(0.01, "one", steps.step))
    await until(lambda: steps.together)
    await own_run.perform(SYSTEM, cut_others)
    async with asyncio.timeout(PATIENCE):
        await ended(task)
    assert task.cancelled()
    assert steps.most_together == 1


async def test_told_to_stop_it_finishes_the_step(own_run: Run) -> None:
    steps = Steps(seconds=0.1)
    made, task = looper(own_run, every(60, "one", steps.step))
    await until(lambda: steps.together)
    made.stop()
    async with asyncio.timeout(PATIENCE):
        await task
    assert steps.taken == 1


async def test_the_outside_is_out_of_reach_inside_a_transaction(run: Run) -> None:
    outside = Outside({BELL: Bell()})
    bell = outside.via(BELL)

    async def call_out(tx: Tx) -> int:
        return outside.via(BELL).ring()

    async def call_what_was_reached_before(tx: Tx) -> int:
        return bell.ring()

    assert bell.ring() == 1
    for command in (call_out, call_what_was_reached_before):
        with pytest.raises(TransactionIsOpen):
            await run.perform(SYSTEM, command)
    assert bell.ring() == 2


def test_what_is_not_wired_says_so() -> None:
    with pytest.raises(NotConnected, match="bell"):
        Outside().via(BELL)


class Always(Steps):
    """There is always more to do."""

    async def step(self, run: Run, outside: Outside) -> bool:
        await super().step(run, outside)
        return True


async def test_what_can_wait_leaves_time_to_what_cannot(own_run: Run) -> None:
    greedy, modest = Always(seconds=0.01), Always(seconds=0.01)
    loops = every(60, "greedy", greedy.step), every(60, "modest", modest.step, share=0.1)
    _, task = looper(own_run, *loops)
    await until(lambda: greedy.taken >= 30 and modest.taken)
    assert 1 <= modest.taken <= greedy.taken / 3
    await ended(task)


def test_a_peak_is_many_events_in_a_moment_and_ends_with_them() -> None:
    at = [0]
    pace = Pace(lambda: at[0])
    assert not pace.is_peak(100.0)
    at[0] = 150
    assert pace.is_peak(101.0)
    assert pace.is_peak(101.5)
    at[0] = 160
    assert not pace.is_peak(102.5)


async def test_at_a_peak_a_loop_keeps_to_its_share_and_not_when_it_is_calm(own_run: Run) -> None:
    """Resting for its share would take a hundred seconds after each step: more than any machine needs for three."""
    begun = asyncio.get_running_loop().time()

    def looper(name: str, steps: Steps, events: int) -> Looper:
        async def more(run: Run, outside: Outside) -> bool:
            await steps.step(run, outside)
            return True

        loop = every(0.01, name, more, share=0.0001, calm_share=1)
        published = asyncio.get_running_loop().time
        return Looper(own_run, Outside(), [loop], position=lambda: int(events * (published() - begun + 1)))

    at_a_peak, calm = Steps(seconds=0.01), Steps(seconds=0.01)
    resting = asyncio.create_task(looper("peak", at_a_peak, 1_000_000).watch())
    await until(lambda: at_a_peak.taken == 1)
    going_on = asyncio.create_task(looper("calm", calm, 0).watch())
    await until(lambda: calm.taken >= 3)
    assert at_a_peak.taken == 1
    await ended(resting)
    await ended(going_on)
