"""Subscribers of the feed bench on loopback: most listen, one is slow, one is dead; each remembers when it learned what."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from enum import Enum

import orjson

TAKEN = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


class Manner(Enum):
    """How a subscriber behaves; the value is how many seconds it takes to answer."""

    WELL = 0.0
    SLOW = 1.5
    DEAD = 3_600.0


@dataclass
class Receiver:
    """`learned` has, for each item, when each value came: (units, version, moment)."""

    code: str
    manner: Manner
    learned: dict[str, list[tuple[int, int, float]]] = field(default_factory=dict)
    messages: int = 0
    went_back: int = 0
    port: int = 0
    server: asyncio.Server | None = None

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self.server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self.server is not None:
            self.server.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stock"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = head.lower().index(b"content-length:") + 15
                body = await reader.readexactly(int(head[at : head.index(b"\r", at)]))
                if self.manner.value:
                    await asyncio.sleep(self.manner.value)
                self._learn(body)
                writer.write(TAKEN)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()  # gone, or the bench is over

    def _learn(self, body: bytes) -> None:
        moment = time.monotonic()
        self.messages += 1
        for change in orjson.loads(body)["data"]["changes"]:
            known = self.learned.setdefault(change["item"], [])
            if known and change["version"] < known[-1][1]:
                self.went_back += 1
            known.append((change["units"], change["version"], moment))
