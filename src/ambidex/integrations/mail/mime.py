"""A letter as the bytes of a mail: plain and HTML. Written out here, because the standard library's classes cost more than the words."""

from __future__ import annotations

import binascii
import re
from email.header import Header
from email.headerregistry import Address
from email.utils import formataddr
from functools import cache

from ambidex.domains.messages import Letter
from ambidex.kernel.values import dataclass

LINE_LENGTH_MAX = 990
_BASE64_LINE = 76
_HEADER_LINE = 60
_WORD_MAX = 75
_FOLD = "\r\n"
# stands in no base64, and what has it as it is becomes base64
_BOUNDARY = "=_"
# addresses that need no parser: nothing in them has to be quoted
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
PLAIN_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the header, and what our keys end with."""

    header: str
    domain: str

    @staticmethod
    @cache
    def of(name: str, address: str) -> Sender:
        """ValueError, IndexError or MessageError when it is no address."""
        parsed = Address(name, addr_spec=address)
        return Sender(formataddr((parsed.display_name, parsed.addr_spec)), parsed.domain)


def compose(letter: Letter, *, to: str, to_name: str, sender: Sender, key: str) -> bytes:
    """The mail as it travels. ValueError, IndexError or MessageError when `to` is no address."""
    boundary = f"{_BOUNDARY}{key}"
    return "\r\n".join(
        [
            f'Content-Type: multipart/alternative; boundary="{boundary}"',
            "MIME-Version: 1.0",
            f"From: {sender.header}",
            f"To: {_receiver(to, to_name)}",
            f"Subject: {_subject(letter.subject)}",
            f"Message-ID: <{key}@{sender.domain}>",
            "Auto-Submitted: auto-generated",
            "",
            f"--{boundary}",
            *_part(letter.plain, "plain"),
            f"--{boundary}",
            *_part(_in_plain_letters(letter.html), "html"),
            f"--{boundary}--",
            "",
        ]
    ).encode("ascii")


def _receiver(to: str, to_name: str) -> str:
    """A name of two lines adds no header."""
    if not to_name.isprintable():
        to_name = "".join(letter if letter.isprintable() else " " for letter in to_name)
    name = " ".join(to_name.split())
    if PLAIN_ADDRESS.fullmatch(to) is None:
        to = Address(name, addr_spec=to).addr_spec
        to.encode("ascii")
    return _addressed(name, to)


def _addressed(name: str, address: str) -> str:
    """A name that becomes no single word of a header (RFC 2047: 75 letters) is told in several, on lines of their own."""
    said = formataddr((name, address))
    if name.isascii() or len(said) <= _WORD_MAX:
        return said
    words = Header(name, "utf-8", maxlinelen=_WORD_MAX, header_name="To").encode(linesep=_FOLD)
    return f"{words}{_FOLD} <{address}>"


def _subject(words: str) -> str:
    if words.isascii() and words.isprintable() and len(words) <= _HEADER_LINE and "=?" not in words:
        return words
    return Header(words, maxlinelen=_WORD_MAX, header_name="Subject").encode(linesep=_FOLD)


def _part(content: str, kind: str) -> list[str]:
    """As it is when plain letters in short lines say it, else base64."""
    lines = content.splitlines()
    is_plain = content.isascii() and f"--{_BOUNDARY}" not in content
    if is_plain and max(map(len, lines), default=0) <= LINE_LENGTH_MAX:
        head = f'Content-Type: text/{kind}; charset="us-ascii"'
        return [head, "Content-Transfer-Encoding: 7bit", "", *lines]
    coded = binascii.b2a_base64(content.encode(), newline=False).decode()
    return [
        f'Content-Type: text/{kind}; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        "",
        *[coded[at : at + _BASE64_LINE] for at in range(0, len(coded), _BASE64_LINE)],
    ]


def _in_plain_letters(html: str) -> str:
    """The same page; hundreds of lines of base64 cost every server on its way more than the words."""
    return html.encode("ascii", "xmlcharrefreplace").decode()
