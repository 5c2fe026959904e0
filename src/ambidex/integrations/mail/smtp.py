"""Carries customer messages over SMTP. One attempt, an honest outcome, never a blind second one.

Before the first byte of the body has left every failure means TRY_AGAIN; a connection that dies while the server should
answer the body means UNKNOWN. Our key becomes the Message-ID, so that an arrival can be looked up.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from email.errors import MessageError

import aiosmtplib
from aiosmtplib.email import quote_address
from aiosmtplib.protocol import SMTPProtocol

from ambidex.domains.messages import Attempt, Letter, Outcome
from ambidex.integrations.mail.mailbox import MailFolder
from ambidex.integrations.mail.mime import PLAIN_ADDRESS, Sender, compose
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.perform import must_be_outside

# until a body may be given away, and again until it is answered: together shorter than a letter is leased for
TIMEOUT_SECONDS = 20.0
GOODBYE_SECONDS = 2.0
LINES_MAX = 8
_PERMANENT = 500
_GOOD, _GO_ON = frozenset({250, 251}), frozenset({354})


class _Lines:
    """A few connections at a time; none is kept when nobody is sending."""

    def __init__(self) -> None:
        self.kept: list[aiosmtplib.SMTP] = []
        self._free = asyncio.Semaphore(LINES_MAX)
        self._sending = 0
        self._name = ""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        self._sending += 1
        try:
            async with self._free:
                yield
        finally:
            self._sending -= 1
            if not self._sending and self.kept:
                ended, self.kept = self.kept, []
                await asyncio.gather(*map(_say_goodbye, ended))

    async def our_name(self) -> str:
        """What this machine is called; asked once, elsewhere, because it may take its time."""
        self._name = self._name or await asyncio.to_thread(socket.getfqdn)
        return self._name


@dataclass(frozen=True)
class SmtpCarrier:
    """Talks to one SMTP server. `folder` is the local mailbox when there is one: it can be asked.

    Letters of one moment share a few connections, which end with the last of them; one that died meanwhile is noticed
    before a body is given away.
    """

    host: str
    port: int
    sender: str
    sender_name: str
    username: str = ""
    password: str = ""
    start_tls: bool = False
    folder: MailFolder | None = None
    timeout_seconds: float = TIMEOUT_SECONDS
    _lines: _Lines = field(default_factory=_Lines, repr=False, compare=False)

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        """Try once to give the letter away."""
        must_be_outside()
        try:
            sender = Sender.of(self.sender_name, self.sender)
            mail = compose(letter, to=to, to_name=to_name, sender=sender, key=key)
        except (ValueError, IndexError, MessageError) as cause:  # the parser of addresses raises any of them
            return Attempt(Outcome.REFUSED, f"not an address: {type(cause).__name__}")
        async with self._lines.one():
            name = await self._lines.our_name()
            try:
                async with asyncio.timeout(self.timeout_seconds):
                    smtp = await self._addressed(to, name)
            except (aiosmtplib.SMTPException, OSError) as cause:
                return _refused_or_later(cause)
            attempt = await _give_body(smtp, mail, timeout_seconds=self.timeout_seconds)
            if smtp.is_connected:
                self._lines.kept.append(smtp)
            return attempt

    async def arrived(self, key: str) -> bool | None:
        """Whether the local mailbox has it; None with a real server, which cannot be asked."""
        return None if self.folder is None else self.folder.has(key)

    async def _addressed(self, to: str, name: str) -> aiosmtplib.SMTP:
        """A connection that waits for the body to this address; a kept one is replaced when it turns out dead."""
        while self._lines.kept:
            smtp = self._lines.kept.pop()
            try:
                return await self._address(smtp, to)
            except (aiosmtplib.SMTPServerDisconnected, OSError):
                continue
        return await self._address(await self._connected(name), to)

    async def _connected(self, name: str) -> aiosmtplib.SMTP:
        smtp = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            timeout=self.timeout_seconds,
            start_tls=self.start_tls or None,
            local_hostname=name,
        )
        with _closed_on_failure(smtp):
            await smtp.connect()
            if self.username:
                await smtp.login(self.username, self.password)
            if smtp.is_ehlo_or_helo_needed:
                await _greet(smtp)
        return smtp

    async def _address(self, smtp: aiosmtplib.SMTP, to: str) -> aiosmtplib.SMTP:
        with _closed_on_failure(smtp):
            await _ask(smtp, b"MAIL", b"FROM:" + _quoted(self.sender))
            await _ask(smtp, b"RCPT", b"TO:" + _quoted(to))
            await _ask(smtp, b"DATA", good=_GO_ON)
        return smtp


async def _greet(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError:
        await smtp.helo()


async def _ask(smtp: aiosmtplib.SMTP, *words: bytes, good: frozenset[int] = _GOOD) -> aiosmtplib.SMTPResponse:
    """One command; SMTPResponseException when the answer is another than a good one."""
    answer = await smtp.execute_command(*words)
    if answer.code not in good:
        raise aiosmtplib.SMTPResponseException(answer.code, answer.message)
    return answer


def _quoted(address: str) -> bytes:
    """As a command takes it; almost every address is as plain as it looks."""
    whole = f"<{address}>" if PLAIN_ADDRESS.fullmatch(address) else quote_address(address)
    return whole.encode("ascii")


async def _say_goodbye(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.quit(timeout=GOODBYE_SECONDS)
    except (aiosmtplib.SMTPException, OSError):
        smtp.close()


@contextmanager
def _closed_on_failure(smtp: aiosmtplib.SMTP) -> Iterator[None]:
    try:
        yield
    except BaseException:
        smtp.close()
        raise


async def _give_body(smtp: aiosmtplib.SMTP, body: bytes, *, timeout_seconds: float) -> Attempt:
    """What was composed has the line ends of the wire; a line that begins with a period gets another one."""
    line = smtp.protocol
    if line is None or not _all_left(line, body.replace(b"\r\n.", b"\r\n..") + b".\r\n"):
        smtp.close()
        return Attempt(Outcome.TRY_AGAIN, "it went away before the body")
    try:
        answer = await line.read_response(timeout=timeout_seconds)
    except (aiosmtplib.SMTPException, OSError) as cause:
        smtp.close()
        return Attempt(Outcome.UNKNOWN, f"{type(cause).__name__}: the answer to the body never came")
    if answer.code not in _GOOD:
        smtp.close()
        return _refused_or_later(aiosmtplib.SMTPDataError(answer.code, answer.message))
    return Attempt(Outcome.TAKEN, answer.message)


def _all_left(line: SMTPProtocol, words: bytes) -> bool:
    """Whether the end of it may have left; False when the connection is gone already, or refuses to take it.

    A connection that fails with the first bytes closes within the call: nobody has got the end of the letter then.
    """
    try:
        line.write(words)
    except (aiosmtplib.SMTPServerDisconnected, OSError):
        return False
    return line.is_connected


def _refused_or_later(cause: Exception) -> Attempt:
    code = getattr(cause, "code", 0)
    outcome = Outcome.REFUSED if code >= _PERMANENT else Outcome.TRY_AGAIN
    return Attempt(outcome, f"{type(cause).__name__} {code or ''}".strip())
