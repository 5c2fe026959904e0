"""The programs of a demo: server and worker as programs of their own, brought back when they die."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx

from ambidex.entry.http import listen
from ambidex.kernel.values import dataclass, field

STOP_WITHIN_SECONDS = 12
RESTART_AFTER_SECONDS = 1.0
LOOK_SECONDS = 0.15
LAST_WORDS = 600


@dataclass
class Program:
    """One of our own modules, running until `stop`. `socket_number` is a listening socket it shares with us."""

    name: str
    module: tuple[str, ...]
    surroundings: Mapping[str, str]
    log: Path
    socket_number: int | None = None
    running: asyncio.subprocess.Process | None = None
    _watching: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start it and watch over it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        await self._spawn()
        self._watching = asyncio.create_task(self._watch(), name=f"watching {self.name}")

    async def stop(self) -> None:
        """Ask it to finish, and end it when it does not."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        if self.running is None or self.running.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self.running.terminate()
        try:
            await asyncio.wait_for(self.running.wait(), STOP_WITHIN_SECONDS)
        except TimeoutError:
            self.running.kill()
            await self.running.wait()

    async def _spawn(self) -> None:
        with self.log.open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *self.module),
                pass_fds=() if self.socket_number is None else (self.socket_number,),
                env={**os.environ, **self.surroundings},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def _watch(self) -> None:
        while True:
            assert self.running is not None, "it was started before it is watched"
            await self.running.wait()
            await asyncio.sleep(RESTART_AFTER_SECONDS)
            await self._spawn()


class NotReady(RuntimeError):
    """The server did not answer in time; its log says why."""


async def until_ready(client: httpx.AsyncClient, log: Path, *, within_seconds: float) -> None:
    """Return when the server answers that it is ready; NotReady with its last words when it does not in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_seconds):
            return await _ready(client)
    last_words = (await asyncio.to_thread(log.read_text))[-LAST_WORDS:]
    raise NotReady(f"The server did not get ready; {log} ends with: {last_words}")


async def _ready(client: httpx.AsyncClient) -> None:
    while not await _is_ready(client):  # noqa: ASYNC110  # another program: there is no event to wait for
        await asyncio.sleep(LOOK_SECONDS)


def listening(wanted: int) -> socket.socket:
    """A socket that listens on the wanted port, or on a free one when somebody else has it.

    It stays ours while the server starts or is brought back: who comes meanwhile waits and is not turned away.
    """
    try:
        return listen("127.0.0.1", wanted)
    except OSError:
        return listen("127.0.0.1", 0)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False
