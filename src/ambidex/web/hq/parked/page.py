"""Parked messages: a list by state, and one message with what repairs it: say what a name stands for, replay, let go."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from ambidex.domains import locations
from ambidex.flows import repair_message, shop_words
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import Problem
from ambidex.runtime import inbox, masks
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.formats import local_when, span
from ambidex.web.hq.answers import answered, trouble_of
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Consequence, Row, Tab
from ambidex.web.rendering import render
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS, REPAIRS = page(Permission.INBOX_READ), page(Permission.INBOX_REPAIR)
State = Literal["parked", "stored", "applied", "refused"]
LABELS = {"parked": _("Parked"), "stored": _("Waiting"), "refused": _("Refused"), "applied": _("Applied")}
MEANS = {"parked": Mean.AT_RISK, "stored": Mean.WAITING, "refused": Mean.BROKEN, "applied": Mean.ON_TRACK}


@router.get("/parked", dependencies=[READS])
async def parked(
    request: Request, *, who: Who, runs: Runs, state: State = "parked", after: str | None = None
) -> HTMLResponse:
    """Messages in one state, newest first."""
    async with runs.reading() as read:
        found = await inbox.messages(read, state=state, after=after)
        counts = await inbox.counts(read)
        shell = await frame(request, who, read, counts={"/parked": counts["parked"]})
        now = read.now
    return render(
        request,
        "hq/parked/parked.html",
        shell=shell,
        tabs=[_tab(each, counts, state) for each in LABELS],
        rows=[_row(message, now) for message in found.items],
        state=state,
        sentence=_sentence(counts["parked"]),
        following=found.next,
    )


@router.get("/parked/{message_id}", dependencies=[READS])
async def one(request: Request, message_id: UUID, *, who: Who, runs: Runs) -> HTMLResponse:
    """One message: why it is here, and what to do."""
    return await _show(request, message_id, who=who, runs=runs)


@router.post("/parked/{message_id}/name", dependencies=[REPAIRS])
async def name(
    request: Request,
    message_id: UUID,
    *,
    who: Who,
    runs: Runs,
    kind: Annotated[str, Form()],
    external: Annotated[str, Form()],
    internal: Annotated[str, Form()] = "",
) -> Response:
    """What a name of the source stands for here."""
    asked = {"kind": kind, "external": external, "internal": internal.strip()}
    return await _repair(request, message_id, (who, runs), repair_message.name_and_replay, asked)


@router.post("/parked/{message_id}/replay", dependencies=[REPAIRS])
async def replay(request: Request, message_id: UUID, *, who: Who, runs: Runs) -> Response:
    """Send it through again."""
    return await _repair(request, message_id, (who, runs), repair_message.replay, {})


@router.post("/parked/{message_id}/dismiss", dependencies=[REPAIRS])
async def dismiss(
    request: Request, message_id: UUID, *, who: Who, runs: Runs, reason: Annotated[str, Form()] = ""
) -> Response:
    """Let it go, with a reason."""
    return await _repair(request, message_id, (who, runs), repair_message.dismiss, {"reason": reason})


async def _repair(
    request: Request, message_id: UUID, by: tuple[Actor, Run], command: Any, asked: dict[str, str]
) -> Response:
    """Do it and show the message; a refusal is shown where the finger is."""
    who, runs = by
    return await answered(
        runs.perform(who, command, message_id=message_id, **asked),
        f"/parked/{message_id}",
        refused=lambda why: _show(request, message_id, who=who, runs=runs, refused=why),
    )


async def _show(
    request: Request, message_id: UUID, *, who: Actor, runs: Run, refused: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        message = await inbox.message(read, message_id)
        places = (await locations.page(read, limit=200)).items
        shell = await frame(request, who, read)
    return render(
        request,
        "hq/parked/message.html",
        status=refused.status if refused else 200,
        shell=shell,
        message=message,
        heading=_heading(message),
        why=_sentence_of(message.reason),
        chip=Chip(text=LABELS[message.state], mean=MEANS[message.state]),
        facts=_facts(message, shell.now),
        unknown=shop_words.unknown_names(message.reason) if message.state == "parked" else [],
        places=[("", _("Choose a place"))]
        + [(place.code, f"{place.name} ({place.code})") for place in places],
        may_repair=message.state == "parked" and who.may(Permission.INBOX_REPAIR),
        let_go=[Consequence(text=_("Nothing of it takes effect. It stays in the list of refused messages."))],
        trouble=trouble_of(refused),
        body=masks.shown(message.body),
    )


def _tab(state: str, counts: dict[str, int], here: str) -> Tab:
    count = counts[state] if state != "applied" else None
    return Tab(
        label=LABELS[state],
        href=f"/parked?state={state}",
        count=count,
        here="page" if state == here else "",
    )


def _row(message: inbox.Message, now: datetime) -> Row:
    return Row(
        title=_heading(message),
        note=f"{message.source} · {_sentence_of(message.reason or message.outcome or _('waits'))}",
        end=span(now - message.received_at),
        href=f"/parked/{message.message_id}",
        icon="inbox",
    )


def _heading(message: inbox.Message) -> str:
    return _sentence_of(message.resource or message.topic or _("a message without topic"))


def _sentence_of(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sent(message: inbox.Message, now: datetime) -> str:
    """When the sender says it was sent: how old it was when it came."""
    said = message.headers.get("x-shopify-triggered-at", "")
    with suppress(ValueError):
        return f"{local_when(datetime.fromisoformat(said).astimezone(UTC), 'UTC', now)} UTC"
    return said


def _facts(message: inbox.Message, now: datetime) -> list[tuple[str, str]]:
    pairs = [
        (_("Source"), message.source),
        (_("Topic"), message.topic or "–"),
        (_("Came"), f"{local_when(message.received_at, 'UTC', now)} UTC"),
        (_("Sent"), _sent(message, now)),
        (_("Owner"), f"@{message.owner}" if message.owner else ""),
        (_("Tries"), str(message.attempts)),
        (_("Result"), message.outcome),
    ]
    return [(name, value) for name, value in pairs if value]


def _sentence(parked: int) -> str:
    if not parked:
        return _("Everything that came in has taken effect.")
    return _(
        "%(count)s messages wait for a person. Repair the cause, then they go through again.", count=parked
    )
