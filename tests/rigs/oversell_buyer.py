"""A buyer's own connection, as cheap as it can be, so that the servers are what a rush waits for: raw HTTP/1.1."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole answer."""

    status: int
    body: dict[str, Any]


class Buyer(asyncio.Protocol):
    """One buyer at the door: connected, asking one thing at a time, waiting for the whole answer."""

    def __init__(self) -> None:
        self._got = b""
        self._answer: asyncio.Future[Heard] | None = None
        self._transport: asyncio.Transport | None = None

    async def come(self, port: int) -> None:
        """Stand at the door of this server."""
        self.go()
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    async def ask(self, request: bytes) -> Heard:
        """Raises ConnectionError when the server hangs up before the end of its answer."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the server hung up before it was asked")
        self._got, self._answer = b"", asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def go(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, part: bytes) -> None:
        self._got += part
        heard = _read(self._got)
        if heard is not None and self._answer is not None and not self._answer.done():
            self._answer.set_result(heard)

    def connection_lost(self, cause: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError(str(cause or "the server hung up")))


def post(path: str, body: dict[str, Any], *, token: str) -> bytes:
    """A POST as it goes over the wire."""
    sent = orjson.dumps(body)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: rush\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    return head.encode() + sent


def _read(got: bytes) -> Heard | None:
    """The whole answer; None while some of it is missing."""
    head, found, body = got.partition(END_OF_HEAD)
    if not found:
        return None
    lower = head.lower()
    length = int(lower[lower.index(LENGTH) + len(LENGTH) :].split(b"\r", 1)[0])
    return Heard(int(head[9:12]), orjson.loads(body)) if len(body) >= length else None
