"""The embedded server comes back: killed while idle, while busy, and beside a number taken by somebody else."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import pytest

from ambidex.runtime import postgres, postgres_home, postgres_program
from tests.runtime.test_postgres import as_root, ask, folder, number_of, open_place

__all__ = ["folder", "open_place"]

RECOVERED_WITHIN_SECONDS = 5.0


async def answers_again(url: str) -> float:
    """Seconds until the server answers."""
    began = time.monotonic()
    while True:
        with contextlib.suppress(*postgres.NOT_YET):
            await ask(url, "select 1")
            return time.monotonic() - began
        assert time.monotonic() - began < 30, "the server did not come back"
        await asyncio.sleep(0.02)


async def test_a_killed_server_is_back_with_everything_committed(folder: Path) -> None:
    async with postgres.supervised(folder) as address:
        await ask(address.owner, "create table sold as select generate_series(1, 1000) as number")
        killed = number_of(folder)

        os.kill(killed, signal.SIGKILL)
        seconds = await answers_again(address.app)

        assert seconds < RECOVERED_WITHIN_SECONDS
        assert number_of(folder) != killed
        assert await ask(address.app, "select count(*) from sold") == 1000


async def test_without_a_supervisor_a_killed_server_stays_dead(folder: Path) -> None:
    address = await postgres.ensure_server(folder)

    os.kill(number_of(folder), signal.SIGKILL)
    await asyncio.sleep(0.6)

    with pytest.raises(postgres.NOT_YET):
        await ask(address.app, "select 1")


async def test_two_supervisors_bring_back_one_server(folder: Path) -> None:
    async with postgres.supervised(folder) as address, postgres.supervised(folder):
        os.kill(number_of(folder), signal.SIGKILL)

        await answers_again(address.app)
        number = number_of(folder)
        await asyncio.sleep(0.6)

        assert number_of(folder) == number


async def test_what_a_killed_server_left_running_does_not_keep_it_down(folder: Path) -> None:
    async with postgres.supervised(folder) as address:
        busy = await asyncpg.connect(address.app)
        # Counting does not look for a dead postmaster, so this one goes on for a minute.
        counting = asyncio.create_task(busy.fetchval("select sum(n) from generate_series(1, 300000000) n"))
        await asyncio.sleep(0.2)

        os.kill(number_of(folder), signal.SIGKILL)
        seconds = await answers_again(address.app)

        assert seconds < RECOVERED_WITHIN_SECONDS
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await counting
        busy.terminate()


@as_root
async def test_a_number_taken_by_somebody_else_is_no_server(folder: Path) -> None:
    address = await postgres.ensure_server(folder)
    home = postgres_home.read_home(folder)
    assert home is not None
    dead = number_of(folder)
    os.kill(dead, signal.SIGKILL)
    while postgres_program.is_alive(home):
        await asyncio.sleep(0.02)
    runner = postgres_home.account()
    assert runner is not None
    with subprocess.Popen(["sleep", "60"], user=runner.uid) as stranger:
        note = home.cluster / "postmaster.pid"
        note.write_text(note.read_text().replace(str(dead), str(stranger.pid), 1))

        await postgres.ensure_server(folder)

        assert await ask(address.app, "select 1") == 1
        assert number_of(folder) != stranger.pid
        assert stranger.poll() is None
        stranger.kill()


async def test_a_stopped_server_is_left_alone_until_the_next_start(folder: Path) -> None:
    async with postgres.supervised(folder) as address:
        await postgres.stop_server(folder)
        await asyncio.sleep(0.6)
        with pytest.raises(postgres.NOT_YET):
            await ask(address.app, "select 1")

        await postgres.ensure_server(folder)

        assert await ask(address.app, "select 1") == 1
