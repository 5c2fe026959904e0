"""The SMTP carrier tells taken, try again, refused and unknown apart, against real servers on loopback."""

from __future__ import annotations

import asyncio
import html
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path

import aiosmtplib
import pytest

from ambidex.domains.messages import Letter, Outcome
from ambidex.integrations.mail.mailbox import Mailbox, MailFolder
from ambidex.integrations.mail.mime import Sender, compose
from ambidex.integrations.mail.smtp import LINES_MAX, SmtpCarrier
from ambidex.kernel.values import replace
from tests.free_ports import closed_port, free_port
from tests.waits import until

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
    with closed_port() as port:
        assert await carried(port) is Outcome.TRY_AGAIN


async def test_an_address_that_is_none_is_refused() -> None:
    with closed_port() as port:
        assert await carried(port, to="not an address") is Outcome.REFUSED


@pytest.mark.parametrize(
    "to",
    ["", " ", "<ama@example.com>", "a@x.example, b@x.example", "a@b\r\nBcc: c@x.example", "@", "a@", "名@x"],
)
async def test_whatever_stands_as_address_is_refused_and_never_raises(to: str) -> None:
    with closed_port() as port:
        assert await carried(port, to=to) is Outcome.REFUSED


def test_a_name_of_two_lines_adds_no_header() -> None:
    sender = Sender.of("Shop", "orders@shop.example")
    mail = compose(LETTER, to="eve@example.com", to_name="Eve\r\nBcc: b@x.example", sender=sender, key="k")
    assert message_from_bytes(mail)["Bcc"] is None
    assert mail.count(b"\nBcc:") == 0


async def test_a_refused_recipient_is_refused_and_a_busy_one_tried_again() -> None:
    assert await against(answering(rcpt=b"550 no such mailbox\r\n")) is Outcome.REFUSED
    assert await against(answering(rcpt=b"450 later please\r\n")) is Outcome.TRY_AGAIN


async def test_silence_after_the_body_is_unknown() -> None:
    assert await against(answering(after_body=None)) is Outcome.UNKNOWN


class Noticing(SmtpCarrier):
    """Gives the body away after it was noticed that the server is gone."""

    async def _addressed(self, to: str, name: str) -> aiosmtplib.SMTP:
        smtp = await super()._addressed(to, name)
        await until(lambda: not smtp.is_connected)
        return smtp


class Unaware(SmtpCarrier):
    """Gives the body away when the server is gone, and only the first byte finds out."""

    async def _addressed(self, to: str, name: str) -> aiosmtplib.SMTP:
        smtp = await super()._addressed(to, name)
        time.sleep(0.2)  # noqa: ASYNC251  # the loop stands still, so it notices nothing
        assert smtp.is_connected
        return smtp


def gone_before_body(listening: socket.socket) -> None:
    """A server that wants the body and ends with a reset before any of it comes."""
    line, _ = listening.accept()
    with line, line.makefile("rb") as heard:
        line.sendall(b"220 here\r\n")
        while words := heard.readline():
            if words[:4].upper() == b"DATA":
                break
            line.sendall(b"250 ok\r\n")
        line.sendall(b"354 go on\r\n")
        time.sleep(0.05)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("how", [Noticing, Unaware])
async def test_a_server_that_is_gone_before_the_body_is_tried_again(how: type[SmtpCarrier]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ends = asyncio.create_task(asyncio.to_thread(gone_before_body, listening))
        plain = carrier(listening.getsockname()[1])
        one = how(plain.host, plain.port, plain.sender, plain.sender_name)
        attempt = await one.carry(LETTER, to="ama@example.com", to_name="Ama Owusu", key="k1")
        await ends
    assert attempt.outcome is Outcome.TRY_AGAIN


async def test_a_server_that_is_slow_in_every_answer_is_given_no_body() -> None:
    """Each answer comes in time, all of them together do not: whoever holds the lease hears so before it ends."""

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            await asyncio.sleep(0.3)
            writer.write(b"354 go on\r\n" if line[:4].upper() == b"DATA" else b"250 ok\r\n")
        writer.close()

    served = await asyncio.start_server(slowly, "127.0.0.1", 0)
    try:
        impatient = replace(carrier(served.sockets[0].getsockname()[1]), timeout_seconds=0.8)
        attempt = await impatient.carry(LETTER, to="ama@example.com", to_name="Ama Owusu", key="k1")
    finally:
        served.close()
        await served.wait_closed()
    assert attempt.outcome is Outcome.TRY_AGAIN


async def test_a_real_server_cannot_be_asked() -> None:
    assert await carrier(1).arrived("k1") is None


def answering(
    *, rcpt: bytes = b"250 ok\r\n", after_body: bytes | None = b"250 kept\r\n", letters: int = 9
) -> Script:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        taken = 0
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
                taken += 1
                if taken == letters:
                    break
        writer.close()

    return speak


async def against(script: Script) -> Outcome:
    served = await asyncio.start_server(script, "127.0.0.1", 0)
    try:
        return await carried(served.sockets[0].getsockname()[1])
    finally:
        served.close()
        await served.wait_closed()


@pytest.mark.parametrize(("letters_a_connection", "connections"), [(99, LINES_MAX), (1, 40)])
async def test_letters_of_one_moment_share_connections_and_one_that_died_is_replaced(
    letters_a_connection: int, connections: int
) -> None:
    opened = open_now = 0
    all_lines = asyncio.Event()  # the first letters are all under way before one of them is through

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened, open_now
        opened, open_now = opened + 1, open_now + 1
        if opened == LINES_MAX:
            all_lines.set()
        await all_lines.wait()
        await answering(letters=letters_a_connection)(reader, writer)
        open_now -= 1

    served = await asyncio.start_server(speak, "127.0.0.1", 0)
    try:
        one = carrier(served.sockets[0].getsockname()[1])
        letters = [one.carry(LETTER, to="ama@example.com", to_name="Ama", key=f"k{n}") for n in range(40)]
        assert {attempt.outcome for attempt in await asyncio.gather(*letters)} == {Outcome.TAKEN}
        await until(lambda: open_now == 0)
    finally:
        served.close()
    assert (opened, open_now) == (connections, 0)


async def test_names_and_words_of_any_script_arrive_as_they_were_written(tmp_path: Path) -> None:
    words = Letter(subject="山田様、ご用意できました", html=f"<p>{'é' * 2000}</p>", plain="Zoë ✓", wording="")
    sender = Sender.of("Marrow & Finch", "orders@shop.example")
    mail = compose(words, to="taro@example.jp", to_name="山田 太郎", sender=sender, key="k")
    read = message_from_bytes(mail, policy=SMTP)
    assert not read.defects
    assert (read["Subject"], str(read["To"])) == (words.subject, "山田 太郎 <taro@example.jp>")
    plain, page = (part.get_content().strip() for part in read.iter_parts())
    assert (plain, html.unescape(page)) == (words.plain, words.html)
    assert max(len(line) for line in mail.splitlines()) < 998


@pytest.mark.parametrize(
    "name",
    [
        "Александра Константиновна Преображенская-Заболоцкая",
        "สมชาย วงศ์ประเสริฐ ณ อยุธยา",
        "é" * 200,
        "山" * 200,
        "Ama " + "x" * 196,
    ],
)
def test_a_long_name_of_any_script_is_folded_as_mail_asks(name: str) -> None:
    """An encoded word has 75 letters at most and a line 998: servers refuse what is longer."""
    mail = compose(
        LETTER, to="taro@example.jp", to_name=name, sender=Sender.of("Shop", "orders@shop.example"), key="k"
    )
    head, _, _ = mail.partition(b"\r\n\r\n")
    words = [word for line in head.splitlines() for word in line.split() if word.startswith(b"=?")]
    assert max(map(len, words), default=0) <= 75
    assert max(map(len, head.splitlines())) < 998
    said, address = parseaddr(str(message_from_bytes(mail)["To"]))
    assert (str(make_header(decode_header(said))), address) == (name, "taro@example.jp")
