"""Subscribers of feeds on this machine: they verify each message as Standard Webhooks says and keep the newest values.

Each path is a subscriber of its own: one listens well, one takes its time, one refuses most of what it is sent.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Any

from ambidex.kernel.values import dataclass, field

SecretsOf = Callable[[str], Sequence[str]]
_WORDS = {204: "No Content", 401: "Unauthorized", 503: "Service Unavailable"}


@dataclass
class Subscriber:
    """`refuses` of `out_of` messages are answered 503; `seconds` pass before any answer."""

    seconds: float = 0.0
    refuses: int = 0
    out_of: int = 1
    known: dict[str, tuple[Any, int]] = field(default_factory=dict)
    messages: int = 0
    forged: int = 0

    async def take(self, headers: dict[str, str], body: bytes, secrets: Sequence[str]) -> int:
        """The status it answers."""
        self.messages += 1
        await asyncio.sleep(self.seconds)
        if not any(is_genuine(headers, body, secret) for secret in secrets):
            self.forged += 1
            return 401
        if self.messages % self.out_of < self.refuses:
            return 503
        for change in json.loads(body)["data"].get("changes", ()):
            _, version = self.known.get(change["item"], (None, 0))
            if change["version"] > version:
                self.known[change["item"]] = change.get("units", change.get("band")), change["version"]
        return 204


def is_genuine(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Whether one of the signatures is that of this secret ("whsec_...")."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), wanted.encode()) for one in given)


class Subscribers:
    """An HTTP/1.1 server on loopback: POST /<name> goes to the subscriber of that name."""

    def __init__(self, known: dict[str, Subscriber], secrets_of: SecretsOf) -> None:
        self.known = known
        self._secrets_of = secrets_of
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where they listen."""
        assert self._server is not None, "opened first"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def open(self) -> None:
        """Begin to listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                name = first.split(" ")[1].strip("/")
                subscriber = self.known.get(name)
                status = (
                    410
                    if subscriber is None
                    else await subscriber.take(headers, body, self._secrets_of(name))
                )
                writer.write(
                    f"HTTP/1.1 {status} {_WORDS.get(status, 'Gone')}\r\nContent-Length: 0\r\n\r\n".encode()
                )
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()
