"""The local mailbox: an SMTP server on loopback that keeps each mail as a file. For the demo and the tests."""

from __future__ import annotations

import re
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from ambidex.kernel.values import dataclass

_KEY = re.compile(rb"^Message-ID:\s*<([^@>]+)@", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class MailFolder:
    """Mails as files, named by our key; a second one of the same key gets a number, so that doubles show."""

    path: Path

    def has(self, key: str) -> bool:
        """Whether a mail of this key was taken."""
        return (self.path / f"{key}.eml").exists()

    def keep(self, body: bytes) -> None:
        """Store a mail whole before it is acknowledged."""
        self.path.mkdir(parents=True, exist_ok=True)
        found = _KEY.search(body)
        key = (
            re.sub(r"[^A-Za-z0-9._-]", "_", found.group(1).decode(errors="replace"))
            if found
            else "without-key"
        )
        file, copies = self.path / f"{key}.eml", 1
        while file.exists():
            copies += 1
            file = self.path / f"{key}.copy{copies}.eml"
        part = file.with_suffix(".part")
        part.write_bytes(body)
        part.replace(file)


class _Keeper:
    def __init__(self, folder: MailFolder) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        content = envelope.content or b""
        self.folder.keep(content if isinstance(content, bytes) else content.encode())
        return "250 kept"


class Mailbox(Controller):
    """`start()` and `stop()`; listens on loopback only."""

    def __init__(self, folder: Path, *, port: int) -> None:
        super().__init__(_Keeper(MailFolder(folder)), hostname="127.0.0.1", port=port)
