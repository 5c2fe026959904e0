"""Posting signed messages to subscribers: no redirects, no private addresses, no word of what they answer.

https to public addresses; plain http, and private addresses, only in the networks that the operator named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import httpcore

from ambidex.flows.webhook_port import Answer, Message
from ambidex.integrations.webhooks.addresses import CheckedNetwork, Network, NotThere, Resolve, resolve
from ambidex.integrations.webhooks.signature import sign

ANSWER_SECONDS = 10.0
ANSWER_BYTES_MAX = 65_536
RETRY_AFTER_SECONDS_MAX = 3_600.0
_GONE, _BUSY = 410, {429, 503}


class WebhookSender:
    """The port Webhooks over HTTP. One connection per subscriber is kept open between messages."""

    def __init__(
        self,
        networks: Iterable[Network] = (),
        *,
        resolving: Resolve = resolve,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        allowed = tuple(networks)
        self._seconds = answer_seconds
        self._pools = {
            b"https": _pool(CheckedNetwork(allowed, is_open=True, resolving=resolving)),
            b"http": _pool(CheckedNetwork(allowed, is_open=False, resolving=resolving)),
        }

    async def send(self, message: Message) -> Answer:
        """Post it once."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(message)
        except TimeoutError:
            return Answer(f"no answer within {self._seconds:g} s")
        except NotThere as refused:
            return Answer(str(refused))
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as fault:
            return Answer(_reason(fault))

    async def close(self) -> None:
        """Give all connections back."""
        for pool in self._pools.values():
            await pool.aclose()

    async def _post(self, message: Message) -> Answer:
        url = httpcore.URL(message.url)
        timestamp = int(message.sent_at.timestamp())
        headers = [
            (b"host", _host(url)),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(message.body)).encode()),
            (b"user-agent", b"Ambidex"),
            (b"webhook-id", message.message_id.encode()),
            (b"webhook-timestamp", str(timestamp).encode()),
            (
                b"webhook-signature",
                sign(message.secrets, message.message_id, timestamp, message.body).encode(),
            ),
        ]
        pool = self._pools[url.scheme]
        async with pool.stream("POST", url, headers=headers, content=message.body) as answered:
            answer = _answer(answered)
            await _drain(answered)
        return answer


def _pool(network: CheckedNetwork) -> httpcore.AsyncConnectionPool:
    # Without a limit: a feed has one message under way, and a subscriber that hangs must take no place from others.
    return httpcore.AsyncConnectionPool(
        max_connections=None, max_keepalive_connections=200, keepalive_expiry=30, network_backend=network
    )


async def _drain(answered: httpcore.Response) -> None:
    """Read on so that the connection can be kept; give it up when the subscriber talks without end."""
    read = 0
    async for part in answered.aiter_stream():
        read += len(part)
        if read > ANSWER_BYTES_MAX:
            return


def _answer(answered: httpcore.Response) -> Answer:
    status = answered.status
    if 200 <= status < 300:
        return Answer()
    if 300 <= status < 400:
        return Answer(f"answered {status}; redirects are not followed")
    wait = _retry_after(answered) if status in _BUSY else 0.0
    return Answer(f"answered {status}", wait, is_gone=status == _GONE)


def _retry_after(answered: httpcore.Response) -> float:
    said = next((value for name, value in answered.headers if name.lower() == b"retry-after"), b"")
    try:
        return min(max(float(said), 0.0), RETRY_AFTER_SECONDS_MAX)
    except ValueError:
        return 0.0


def _host(url: httpcore.URL) -> bytes:
    usual = {b"http": 80, b"https": 443}[url.scheme]
    host = b"[" + url.host + b"]" if b":" in url.host else url.host
    return host if url.port in {None, usual} else host + f":{url.port}".encode()


def _reason(fault: Exception) -> str:
    if isinstance(fault, httpcore.ConnectError):
        return "could not connect"
    if isinstance(fault, httpcore.ProtocolError):
        return "answered something that is not HTTP, or closed the connection"
    return "the connection broke"
