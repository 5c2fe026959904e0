"""Clients as cheap as they can be, so that the server is measured: raw HTTP/1.1 on kept connections."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

PART_BYTES = 262_144


@dataclass
class Outcome:
    """What the clients saw inside the measured window; `all_answers` counts from the first to the last request."""

    seconds: float
    answers: Counter[int] = field(default_factory=Counter)
    all_answers: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    # on the monotonic clock: when it began, and the last answer of each status
    began_at: float = field(default_factory=time.monotonic)
    last_at: dict[int, float] = field(default_factory=dict)

    def at(self, share: float) -> float:
        """A percentile of the answer times."""
        ordered = sorted(self.milliseconds)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else 0.0


@dataclass
class Load:
    """`request(n)` is the n-th request as bytes; each client sends the next when it has its answer."""

    ports: list[int]
    clients: int
    request: Callable[[int], bytes]
    sent: int = 0
    # an earlier end than the time that was given
    is_over: Callable[[Outcome], bool] = lambda _: False

    async def run(self, *, warm_up_seconds: float, seconds: float) -> Outcome:
        outcome = Outcome(seconds)
        begin = time.monotonic() + warm_up_seconds
        end = begin + seconds
        loop = asyncio.get_running_loop()
        clients = []
        for number in range(self.clients):
            port = self.ports[number % len(self.ports)]
            _, client = await loop.create_connection(
                lambda: _Client(self._next, outcome, begin, end, self.is_over), "127.0.0.1", port
            )
            clients.append(client)
        await asyncio.gather(*(client.done for client in clients))
        return outcome

    def _next(self) -> bytes:
        self.sent += 1
        return self.request(self.sent)


class _Client(asyncio.BufferedProtocol):
    """One buyer: asks, waits for the whole answer, asks again until the time is over."""

    def __init__(
        self,
        ask: Callable[[], bytes],
        outcome: Outcome,
        begin: float,
        end: float,
        is_over: Callable[[Outcome], bool],
    ) -> None:
        self._ask = ask
        self._outcome = outcome
        self._begin = begin
        self._end = end
        self._is_over = is_over
        self._got = b""
        self._part = bytearray(PART_BYTES)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def get_buffer(self, _: int) -> bytearray:
        return self._part

    def buffer_updated(self, nbytes: int) -> None:
        self._got += self._part[:nbytes]
        status = _status(self._got)
        if status is not None:
            self._got = b""
            self._count(status)
            self._send()

    def connection_lost(self, cause: Exception | None) -> None:
        if self.done.done():
            return
        if cause or time.monotonic() < self._end:
            self.done.set_exception(cause or ConnectionError("the server hung up"))
        else:
            self.done.set_result(None)

    def _send(self) -> None:
        self._started = time.monotonic()
        if self._started >= self._end or self._is_over(self._outcome):
            self._end = min(self._end, self._started)
            self._transport.close()
        else:
            self._transport.write(self._ask())

    def _count(self, status: int) -> None:
        finished = time.monotonic()
        self._outcome.all_answers[status] += 1
        self._outcome.last_at[status] = finished
        if self._begin <= finished <= self._end:
            self._outcome.answers[status] += 1
            self._outcome.milliseconds.append((finished - self._started) * 1000)


def _status(got: bytes) -> int | None:
    """The status of a whole answer; None while some of it is missing."""
    head = got.find(b"\r\n\r\n")
    if head < 0:
        return None
    lower = got[:head].lower()
    at = lower.index(b"content-length:")
    length = int(lower[at + 15 :].split(b"\r", 1)[0])
    return int(got[9:12]) if len(got) >= head + 4 + length else None


def post(path: str, body: bytes, *, token: str) -> bytes:
    """A POST as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
