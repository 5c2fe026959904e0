"""The mails that the local mailbox took, newest first. Only where AMBIDEX_MAIL_FOLDER names its folder (the demo)."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass
from ambidex.web.edge import Runs, Told, Who, frame, page
from ambidex.web.formats import in_minutes
from ambidex.web.hq.messages.page import LETTER_POLICY
from ambidex.web.parts.views import Row
from ambidex.web.rendering import render

router = APIRouter(include_in_schema=False, dependencies=[page(Permission.MAILBOX_READ)])
MAILS_MAX = 100
_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")


@dataclass(frozen=True)
class Mail:
    """One mail as it was taken."""

    name: str
    to: str
    subject: str
    html: str
    taken_at: datetime


@router.get("/mailbox")
async def mailbox(request: Request, *, who: Who, runs: Runs, told: Told) -> HTMLResponse:
    """What customers received."""
    async with runs.reading() as read:
        shell = await frame(request, who, read)
    mails = await asyncio.to_thread(newest, told.mail_folder) if told.mail_folder else []
    rows = [
        Row(
            title=mail.subject,
            note=f"{mail.to} · {in_minutes(mail.taken_at, shell.now)}",
            href=f"/mailbox/{mail.name}",
            icon="mail",
        )
        for mail in mails
    ]
    return render(request, "hq/mailbox/mailbox.html", shell=shell, rows=rows)


@router.get("/mailbox/{name}")
async def mail(name: str, told: Told) -> HTMLResponse:
    """The HTML body of one mail, as it was sent."""
    if told.mail_folder is None or not _NAME.fullmatch(name):
        raise NotFound("mail")
    file = told.mail_folder / f"{name}.eml"
    if not await asyncio.to_thread(file.is_file):
        raise NotFound("mail")
    return HTMLResponse((await asyncio.to_thread(read_mail, file)).html, headers=LETTER_POLICY)


def newest(folder: Path) -> list[Mail]:
    """The newest mails of a folder."""
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [read_mail(file) for file in files[:MAILS_MAX]]


def read_mail(file: Path) -> Mail:
    """One mail file."""
    parsed = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage), "the default policy makes EmailMessages"
    body = parsed.get_body(("html", "plain"))
    taken_at = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    html = str(body.get_content()) if body is not None else ""
    return Mail(
        name=file.stem, to=str(parsed["To"]), subject=str(parsed["Subject"]), html=html, taken_at=taken_at
    )
