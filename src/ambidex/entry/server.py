"""The server: the API and the pages over HTTP, in one program or in several that share the port.

With AMBIDEX_SERVERS above one, the first program only holds the socket, starts the others and replaces those that die.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time

from ambidex.entry.http import listen, serve
from ambidex.entry.signals import run_until_told, stopping
from ambidex.entry.wiring import wired
from ambidex.runtime import telemetry
from ambidex.runtime.settings import Settings

LOOK_SECONDS = 0.1


def main(settings: Settings) -> None:
    """`ambidex serve`: until SIGTERM or SIGINT."""
    listener = listen(settings.host, settings.port)
    if settings.servers == 1:
        run_until_told(_main(settings, listener))
    else:
        telemetry.set_up_logs(settings.log_level, as_json=settings.log_json)
        _Family(listener, settings.servers).watch()


async def _main(settings: Settings, listener: socket.socket, stop: asyncio.Event | None = None) -> None:
    async with wired(settings) as house:
        live = asyncio.create_task(house.live.watch(), name="live")
        try:
            await serve(house, listener, stop or stopping())
        finally:
            live.cancel()


class _Family:
    """Programs that share one socket; one that dies is replaced at once."""

    def __init__(self, listener: socket.socket, size: int) -> None:
        self._listener = listener
        self._size = size
        self._members: list[subprocess.Popen[bytes]] = []
        self._stopping = False

    def watch(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._stopping:
            self._members = [member for member in self._members if member.poll() is None]
            missing = self._size - len(self._members)
            self._members.extend(self._member() for _ in range(missing))
            time.sleep(LOOK_SECONDS)
        for member in self._members:
            member.wait()

    def _member(self) -> subprocess.Popen[bytes]:
        number = self._listener.fileno()
        command = [sys.executable, "-m", "ambidex.entry.server", str(number), str(os.getpid())]
        return subprocess.Popen(command, pass_fds=[number])  # noqa: S603  # our own module

    def _stop(self, *_: object) -> None:
        self._stopping = True
        for member in self._members:
            member.terminate()


async def _member(listener: socket.socket, *, parent: int) -> None:
    """One of several; it does not outlive the one that holds the socket."""
    stop = stopping()
    serving = asyncio.create_task(_main(Settings.load(), listener, stop))
    while not serving.done():
        if os.getppid() != parent:
            stop.set()
        await asyncio.wait({serving}, timeout=LOOK_SECONDS * 5)
    await serving


if __name__ == "__main__":
    run_until_told(_member(socket.socket(fileno=int(sys.argv[1])), parent=int(sys.argv[2])))
