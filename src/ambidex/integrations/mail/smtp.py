"""Carries customer messages over SMTP. One attempt, an honest outcome, never a blind second one.

Before the body is given away every failure means TRY_AGAIN; a connection that dies while the server should answer the
body means UNKNOWN. Our key becomes the Message-ID, so that an arrival can be looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib

from ambidex.domains.messages import Attempt, Letter, Outcome
from ambidex.integrations.mail.mailbox import MailFolder
from ambidex.runtime.perform import must_be_outside

TIMEOUT_SECONDS = 20
_PERMANENT = 500


@dataclass(frozen=True)
class SmtpCarrier:
    """Talks to one SMTP server. `folder` is the local mailbox when there is one: it can be asked."""

    host: str
    port: int
    sender: str
    sender_name: str
    username: str = ""
    password: str = ""
    start_tls: bool = False
    folder: MailFolder | None = None

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        """Try once to give the letter away."""
        must_be_outside()
        try:
            mail = compose(
                letter,
                to=to,
                to_name=to_name,
                sender=Address(self.sender_name, addr_spec=self.sender),
                key=key,
            )
        except (ValueError, IndexError, MessageError) as cause:  # the parser of addresses raises any of them
            return Attempt(Outcome.REFUSED, f"not an address: {type(cause).__name__}")
        smtp = aiosmtplib.SMTP(
            hostname=self.host, port=self.port, timeout=TIMEOUT_SECONDS, start_tls=self.start_tls or None
        )
        try:
            await smtp.connect()
            if self.username:
                await smtp.login(self.username, self.password)
            await smtp.mail(self.sender)
            await smtp.rcpt(to)
        except (aiosmtplib.SMTPException, OSError) as cause:
            smtp.close()
            return _refused_or_later(cause)
        return await _give_body(smtp, mail.as_bytes(policy=SMTP))

    async def arrived(self, key: str) -> bool | None:
        """Whether the local mailbox has it; None with a real server, which cannot be asked."""
        return None if self.folder is None else self.folder.has(key)


def compose(letter: Letter, *, to: str, to_name: str, sender: Address, key: str) -> EmailMessage:
    """The mail: plain and HTML. ValueError, IndexError or MessageError when `to` is no address."""
    mail = EmailMessage()
    mail["From"] = sender
    one_line = "".join(letter if letter.isprintable() else " " for letter in to_name)
    mail["To"] = Address(" ".join(one_line.split()), addr_spec=to)
    mail["Subject"] = letter.subject
    mail["Message-ID"] = f"<{key}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.plain)
    mail.add_alternative(letter.html, subtype="html")
    return mail


async def _give_body(smtp: aiosmtplib.SMTP, body: bytes) -> Attempt:
    try:
        answer = await smtp.data(body)
    except aiosmtplib.SMTPDataError as cause:
        smtp.close()
        return _refused_or_later(cause)
    except (aiosmtplib.SMTPException, OSError) as cause:
        smtp.close()
        return Attempt(Outcome.UNKNOWN, f"{type(cause).__name__}: the answer to the body never came")
    try:
        await smtp.quit()
    except (aiosmtplib.SMTPException, OSError):
        smtp.close()
    return Attempt(Outcome.TAKEN, answer.message)


def _refused_or_later(cause: Exception) -> Attempt:
    code = getattr(cause, "code", 0)
    outcome = Outcome.REFUSED if code >= _PERMANENT else Outcome.TRY_AGAIN
    return Attempt(outcome, f"{type(cause).__name__} {code or ''}".strip())
