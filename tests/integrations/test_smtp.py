"""The SMTP carrier tells taken, try again, refused and unknown apart, against real servers on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from email.headerregistry import Address
from pathlib import Path

import pytest

from ambidex.domains.messages import Letter, Outcome
from ambidex.integrations.mail.mailbox import Mailbox, MailFolder
from ambidex.integrations.mail.smtp import SmtpCarrier, compose

LETTER = Letter(subject="Ready at Camden", html="<p>ready</p>", plain="ready", wording="ready")
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def carrier(port: int, folder: Path | None = None) -> SmtpCarrier:
    return SmtpCarrier(
        host="127.0.0.1",
        port=port,
        sender="orders@shop.example",
        sender_name="Marrow & Finch",
        folder=None if folder is None else MailFolder(folder),
    )


async def carried(port: int, folder: Path | None = None, *, to: str = "ama@example.com") -> Outcome:
    attempt = await carrier(port, folder).carry(LETTER, to=to, to_name="Ama Owusu", key="k1")
    return attempt.outcome


async def test_a_taken_mail_lies_in_the_mailbox_under_our_key(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, port=free_port())
    box.start()
    try:
        assert await carried(box.port, tmp_path) is Outcome.TAKEN
        assert await carrier(box.port, tmp_path).arrived("k1") is True
        assert await carrier(box.port, tmp_path).arrived("other") is False
        assert b"Subject: Ready at Camden" in (tmp_path / "k1.eml").read_bytes()
    finally:
        box.stop()


async def test_nobody_there_is_tried_again() -> None:
    assert await carried(free_port()) is Outcome.TRY_AGAIN


async def test_an_address_that_is_none_is_refused() -> None:
    assert await carried(free_port(), to="not an address") is Outcome.REFUSED


@pytest.mark.parametrize(
    "to",
    ["", " ", "<ama@example.com>", "a@x.example, b@x.example", "a@b\r\nBcc: c@x.example", "@", "a@", "名@x"],
)
async def test_whatever_stands_as_address_is_refused_and_never_raises(to: str) -> None:
    assert await carried(free_port(), to=to) is Outcome.REFUSED


def test_a_name_of_two_lines_adds_no_header() -> None:
    sender = Address("Shop", addr_spec="orders@shop.example")
    mail = compose(LETTER, to="eve@example.com", to_name="Eve\r\nBcc: b@x.example", sender=sender, key="k")
    assert mail["Bcc"] is None
    assert mail.as_bytes().count(b"\nBcc:") == 0


async def test_a_refused_recipient_is_refused_and_a_busy_one_tried_again() -> None:
    assert await against(answering(rcpt=b"550 no such mailbox\r\n")) is Outcome.REFUSED
    assert await against(answering(rcpt=b"450 later please\r\n")) is Outcome.TRY_AGAIN


async def test_silence_after_the_body_is_unknown() -> None:
    assert await against(answering(after_body=None)) is Outcome.UNKNOWN


async def test_a_real_server_cannot_be_asked() -> None:
    assert await carrier(1).arrived("k1") is None


def answering(*, rcpt: bytes = b"250 ok\r\n", after_body: bytes | None = b"250 kept\r\n") -> Script:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            writer.write(
                {b"RCPT": rcpt, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n")
            )
            if verb == b"DATA":
                await reader.readuntil(b"\r\n.\r\n")
                if after_body is None:
                    break
                writer.write(after_body)
        writer.close()

    return speak


async def against(script: Script) -> Outcome:
    served = await asyncio.start_server(script, "127.0.0.1", 0)
    try:
        return await carried(served.sockets[0].getsockname()[1])
    finally:
        served.close()
        await served.wait_closed()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
