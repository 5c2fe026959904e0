"""HTTP: one listening socket, one uvicorn server around the whole application."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator

import structlog
import uvicorn

from ambidex.entry.app import create_app
from ambidex.runtime import garbage
from ambidex.runtime.house import House

BACKLOG = 2048
FINISH_WITHIN_SECONDS = 5
log = structlog.get_logger("ambidex.server")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


async def serve(house: House, listener: socket.socket, stop: asyncio.Event) -> None:
    """Until `stop`; `house.live` must be watched by whoever calls. Requests that have begun are finished."""
    config = uvicorn.Config(
        create_app(house),
        loop="none",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=FINISH_WITHIN_SECONDS,
    )
    server = _Server(config)
    garbage.settle()
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    told = asyncio.create_task(stop.wait(), name="told to stop")
    host, port = listener.getsockname()[:2]
    log.info("serving", address=f"http://{host}:{port}", number=os.getpid())
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    told.cancel()
    await serving
    log.info("stopped")


class _Server(uvicorn.Server):
    """Leaves signals to entry/signals.py."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
