"""Clients as cheap as they can be, so that the server is measured: raw HTTP/1.1 on kept connections."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What the clients saw inside the measured window."""

    seconds: float
    answers: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)

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

    async def run(self, *, warm_up_seconds: float, seconds: float) -> Outcome:
        outcome = Outcome(seconds)
        begin = time.monotonic() + warm_up_seconds
        end = begin + seconds
        await asyncio.gather(*(self._client(n, begin, end, outcome) for n in range(self.clients)))
        return outcome

    async def _client(self, number: int, begin: float, end: float, outcome: Outcome) -> None:
        port = self.ports[number % len(self.ports)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < end:
            self.sent += 1
            started = time.monotonic()
            writer.write(self.request(self.sent))
            status = await _answer(reader)
            finished = time.monotonic()
            if begin <= finished <= end:
                outcome.answers[status] += 1
                outcome.milliseconds.append((finished - started) * 1000)
        writer.close()
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.index(b"content-length:")
    length = int(lower[at + 15 : lower.index(b"\r", at)])
    await reader.readexactly(length)
    return int(head[9:12])


def post(path: str, body: bytes, *, token: str) -> bytes:
    """A POST as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
