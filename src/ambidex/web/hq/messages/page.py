"""Preview of every customer message. The letter itself is shown apart, as a mail program would show it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.domains import messages
from ambidex.domains.messages import Letter, MessageKind
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import NotFound
from ambidex.runtime.settings import Settings
from ambidex.web.edge import Runs, Told, Who, frame, page
from ambidex.web.hq.messages.samples import sample_facts
from ambidex.web.parts.views import Tab
from ambidex.web.rendering import render

router = APIRouter(include_in_schema=False, dependencies=[page(Permission.ORDERS_READ)])
LETTER_POLICY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
}


@router.get("/messages")
async def previews(
    request: Request, *, who: Who, runs: Runs, told: Told, kind: str = MessageKind.READY
) -> HTMLResponse:
    """The chosen message with its subject, one sentence for staff, and the letter in a frame."""
    async with runs.reading() as read:
        shell = await frame(request, who, read)
    letter = _letter(kind, told, shell.now)
    tabs = [
        Tab(
            label=each.replace("-", " ").capitalize(),
            href=f"/messages?kind={each}",
            here="page" if each == kind else "",
        )
        for each in MessageKind
    ]
    return render(request, "hq/messages/messages.html", shell=shell, tabs=tabs, letter=letter, kind=kind)


@router.get("/messages/{kind}/letter")
async def letter_alone(kind: str, runs: Runs, told: Told) -> HTMLResponse:
    """The HTML body of one message."""
    async with runs.reading() as read:
        now = read.now
    return HTMLResponse(_letter(kind, told, now).html, headers=LETTER_POLICY)


def _letter(kind: str, told: Settings, now: datetime) -> Letter:
    if kind not in set(MessageKind):
        raise NotFound("message")
    return messages.render(MessageKind(kind), sample_facts(now), base_url=told.base_url, brand=told.brand)
