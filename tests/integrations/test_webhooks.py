"""Signed messages over real sockets: what a subscriber can verify, where they may go, and what a bad one can do to us."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpcore
import pytest

from ambidex.flows.webhook_port import Message
from ambidex.integrations.webhooks.addresses import CheckedNetwork, NotThere, is_public
from ambidex.integrations.webhooks.sender import WebhookSender
from ambidex.integrations.webhooks.signature import sign
from tests.conftest import NOON
from tests.feeds import is_signed

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
OLD, NEW = b"o" * 32, b"n" * 32


@dataclass
class Receiver:
    """A plain HTTP/1.1 server that answers `answer` and keeps what it got."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:]
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                self.got.append((headers, body))
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def receiving(**said: bytes) -> AsyncIterator[Receiver]:
    receiver = Receiver(**said)  # type: ignore[arg-type]  # only the answer is given
    server = await asyncio.start_server(receiver, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


def message(url: str, *secrets: bytes) -> Message:
    return Message("msg_1", url, b'{"type":"stock.changed"}', secrets or (NEW,), NOON)


async def send(receiver: Receiver, *secrets: bytes, seconds: float = 30) -> str:
    sender = WebhookSender([LOOPBACK], answer_seconds=seconds)
    answer = await sender.send(message(f"http://127.0.0.1:{receiver.port}/hooks", *secrets))
    await sender.close()
    return answer.failure


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the Standard Webhooks specification."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_subscriber_can_verify_with_either_secret() -> None:
    async with receiving() as receiver:
        assert await send(receiver, NEW, OLD) == ""
    [(headers, body)] = receiver.got
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    for secret, good in ((NEW, True), (OLD, True), (b"x" * 32, False)):
        assert is_signed(headers, body, "whsec_" + base64.b64encode(secret).decode()) is good
    assert not is_signed(headers, body + b" ", "whsec_" + base64.b64encode(NEW).decode())


async def test_one_connection_carries_many_messages() -> None:
    async with receiving() as receiver:
        sender = WebhookSender([LOOPBACK])
        for _ in range(3):
            assert not (await sender.send(message(f"http://127.0.0.1:{receiver.port}/"))).failure
        await sender.close()
    assert (len(receiver.got), receiver.connections) == (3, 1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 6\r\n\r\nsecret", "answered 500"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
         "answered 302; redirects are not followed"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "answered something that is not HTTP, or closed the connection"),
        (b"", "no answer within 0.2 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", "no answer within 0.2 s"),
    ],
)  # fmt: skip
async def test_what_is_not_taken_has_a_reason_without_a_word_of_the_subscriber(
    answer: bytes, expected: str
) -> None:
    async with receiving(answer=answer) as receiver:
        # only who waits for an answer that never comes is given little time
        seconds = 0.2 if "0.2 s" in expected else 30
        assert await send(receiver, seconds=seconds) == expected


async def test_an_endless_answer_is_given_up() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n"
    async with receiving(answer=head + b"x" * 200_000) as receiver:
        assert await send(receiver) == ""


async def test_retry_after_and_gone_are_heard() -> None:
    async with receiving(
        answer=b"HTTP/1.1 429 Busy\r\nRetry-After: 77\r\nContent-Length: 0\r\n\r\n"
    ) as receiver:
        sender = WebhookSender([LOOPBACK])
        answer = await sender.send(message(f"http://127.0.0.1:{receiver.port}/"))
        assert answer.retry_after_seconds == 77
        receiver.answer = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
        assert (await sender.send(message(f"http://127.0.0.1:{receiver.port}/"))).is_gone
        await sender.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}/", "http://localhost:{}/", "https://127.0.0.1:{}/"])
async def test_without_leave_nothing_goes_to_this_machine(url: str) -> None:
    async with receiving() as receiver:
        sender = WebhookSender()
        answer = await sender.send(message(url.format(receiver.port)))
        await sender.close()
    assert answer.failure == "the address is private, or none that a webhook may go to"
    assert receiver.connections == 0


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.0.0.8", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104  # an address to be refused, not one to listen on
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
    ],
)
def test_public_addresses(address: str, *, expected: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is expected


async def test_a_name_that_changes_its_mind_gains_nothing() -> None:
    """DNS rebinding: the address that was looked at is the one connected to, in one resolution."""
    asked = 0

    async def rebinding(host: str, port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return ["127.0.0.9"] if asked == 1 else ["127.0.0.1"]

    async with receiving() as receiver:
        network = CheckedNetwork([ipaddress.ip_network("127.0.0.9/32")], is_open=False, resolving=rebinding)
        with pytest.raises(httpcore.ConnectError, match="connection"):
            await network.connect_tcp("shop.example", receiver.port, timeout=30)
        with pytest.raises(NotThere):
            await network.connect_tcp("shop.example", receiver.port, timeout=30)
    assert receiver.connections == 0


async def test_one_private_address_among_public_ones_is_refused() -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14", "10.0.0.8"]

    with pytest.raises(NotThere):
        await CheckedNetwork([], is_open=True, resolving=both).connect_tcp("shop.example", 443)


async def test_a_name_nobody_knows_is_a_reason() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    sender = WebhookSender(resolving=unknown)
    answer = await sender.send(message("https://nowhere.example/"))
    await sender.close()
    assert answer.failure == "the name is not known"
