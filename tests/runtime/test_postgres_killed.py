"""The embedded server comes back: killed while idle, while busy, and beside a number taken by somebody else."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from ambidex.runtime import postgres, postgres_home
from tests.runtime.test_postgres import ask, number_of, shared

__all__ = ["shared"]

RECOVERED_WITHIN_SECONDS = 20.0


async def answers_again(url: str) -> float:
    """Seconds until the server answers."""
    began = time.monotonic()
    while True:
        with contextlib.suppress(*postgres.NOT_YET):
            await ask(url, "select 1")
            return time.monotonic() - began
        assert time.monotonic() - began < 60, "the server did not come back"
        await asyncio.sleep(0.02)


async def test_a_killed_server_is_back_with_everything_committed(shared: Path) -> None:
    async with postgres.supervised(shared) as address:
        await ask(address.owner, "create table sold as select generate_series(1, 1000) as number")
        killed = number_of(shared)

        os.kill(killed, signal.SIGKILL)
        seconds = await answers_again(address.app)

        assert seconds < RECOVERED_WITHIN_SECONDS
        assert number_of(shared) != killed
        assert await ask(address.app, "select count(*) from sold") == 1000


async def test_without_a_supervisor_a_killed_server_stays_dead(shared: Path) -> None:
    address = await postgres.ensure_server(shared)

    os.kill(number_of(shared), signal.SIGKILL)
    await asyncio.sleep(0.6)

    with pytest.raises(postgres.NOT_YET):
        await ask(address.app, "select 1")


async def test_two_supervisors_bring_back_one_server(shared: Path) -> None:
    async with postgres.supervised(shared) as address, postgres.supervised(shared):
        os.kill(number_of(shared), signal.SIGKILL)

        await answers_again(address.app)
        number = number_of(shared)
        await asyncio.sleep(0.6)

        assert number_of(shared) == number


async def test_what_a_killed_server_left_running_does_not_keep_it_down(shared: Path) -> None:
    async with postgres.supervised(shared) as address:
        busy = await asyncpg.connect(address.app)
        # Counting does not look for a dead postmaster, so this one goes on for a minute.
        counting = asyncio.create_task(busy.fetchval("select sum(n) from generate_series(1, 300000000) n"))
        await asyncio.sleep(0.2)

        os.kill(number_of(shared), signal.SIGKILL)
        seconds = await answers_again(address.app)

        assert seconds < RECOVERED_WITHIN_SECONDS
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await counting
        busy.terminate()


@pytest.fixture
def stranger() -> Iterator[int]:
    """The number of a living process of the server's own account."""
    runner = postgres_home.account()
    with subprocess.Popen(["sleep", "600"], user=None if runner is None else runner.uid) as sleeper:
        yield sleeper.pid
        assert sleeper.poll() is None, "the stranger was ended"
        sleeper.kill()


async def test_a_number_taken_by_somebody_else_is_no_server(shared: Path, stranger: int) -> None:
    address = await postgres.ensure_server(shared)
    home = postgres_home.read_home(shared)
    assert home is not None
    dead = number_of(shared)
    os.kill(dead, signal.SIGKILL)
    await asyncio.sleep(0.1)
    note = home.cluster / "postmaster.pid"
    note.write_text(note.read_text().replace(str(dead), str(stranger), 1))

    await postgres.ensure_server(shared)

    assert await ask(address.app, "select 1") == 1
    assert number_of(shared) != stranger


async def test_a_stopped_server_is_left_alone_until_the_next_start(shared: Path) -> None:
    async with postgres.supervised(shared) as address:
        await postgres.stop_server(shared)
        await asyncio.sleep(0.6)
        with pytest.raises(postgres.NOT_YET):
            await ask(address.app, "select 1")

        await postgres.ensure_server(shared)

        assert await ask(address.app, "select 1") == 1
