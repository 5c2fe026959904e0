"""Drift: where our book and others differ, in plain words, with what repairs it; who may say what; who speaks at all."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.domains import channels
from ambidex.domains.governance import DriftKind, DriftState
from ambidex.flows import repair_drift
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import Problem
from ambidex.reads import drift_page
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.hq.answers import answered, trouble_of
from ambidex.web.hq.drift import view as words
from ambidex.web.parts.views import Consequence
from ambidex.web.rendering import render
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.STOCK_READ)
REPAIRS = page(Permission.STOCK_REPAIR, place=Scope.OWN_PLACE)
DECIDES = page(Permission.STOCK_REPAIR)
Show = Literal["open", "past", "rights", "streams"]


@router.get("/drift", dependencies=[READS])
async def drift(request: Request, *, who: Who, runs: Runs, show: Show = "open") -> HTMLResponse:
    """What differs now, what differed, who may say what, and who speaks."""
    return await _show(request, who=who, runs=runs, show=show)


@router.post("/drift/authority", dependencies=[DECIDES])
async def authority(
    request: Request,
    *,
    who: Who,
    runs: Runs,
    location: Annotated[str, Form()] = "",
    fact: Annotated[str, Form()] = "",
    holder: Annotated[str, Form()] = "",
) -> Response:
    """Decide who may say a fact of a place."""
    asked = {"location": location, "fact": fact, "holder": holder}
    try:
        await runs.perform(who, repair_drift.set_authority, **asked)
    except Problem as refused:
        return await _show(request, who=who, runs=runs, show="rights", refused=refused)
    return RedirectResponse("/drift?show=rights", status_code=303)


@router.get("/drift/{drift_id}", dependencies=[READS])
async def one(request: Request, drift_id: UUID, *, who: Who, runs: Runs) -> HTMLResponse:
    """One drift: why, and what to do."""
    return await _one(request, drift_id, who=who, runs=runs)


@router.post("/drift/{drift_id}/repair", dependencies=[REPAIRS])
async def repair(request: Request, drift_id: UUID, *, who: Who, runs: Runs) -> Response:
    """Book what the source said."""
    return await _answer(request, drift_id, (who, runs), repair_drift.repair, {})


@router.post("/drift/{drift_id}/dismiss", dependencies=[REPAIRS])
async def dismiss(
    request: Request, drift_id: UUID, *, who: Who, runs: Runs, reason: Annotated[str, Form()] = ""
) -> Response:
    """Our book is right."""
    return await _answer(request, drift_id, (who, runs), repair_drift.dismiss, {"reason": reason})


async def _answer(
    request: Request, drift_id: UUID, by: tuple[Actor, Run], command: Any, asked: dict[str, str]
) -> Response:
    who, runs = by
    return await answered(
        runs.perform(who, command, drift_id=drift_id, **asked),
        f"/drift/{drift_id}",
        refused=lambda why: _one(request, drift_id, who=who, runs=runs, refused=why),
    )


async def _show(
    request: Request, *, who: Actor, runs: Run, show: Show, refused: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        drifts = await drift_page.open_drifts(read, who)
        past = await drift_page.past_drifts(read, who) if show == "past" else []
        rights = await drift_page.place_rights(read) if show == "rights" else []
        streams = await drift_page.streams(read) if show == "streams" else []
        sources = (await channels.page(read, limit=200)).items if show == "rights" else []
        figures = await drift_page.figures(read)
        shell = await frame(request, who, read, counts={"/drift": len(drifts)})
    codes = [source.code for source in sources if source.kind in repair_drift.KINDS]
    return render(
        request,
        "hq/drift/drift.html",
        status=refused.status if refused else 200,
        shell=shell,
        show=show,
        sentence=words.sentence(drifts, shell.now),
        tabs=words.tabs(show, {"open": len(drifts)}),
        stats=words.stats(figures, drifts),
        rows=[words.row(view, shell.now) for view in (past if show == "past" else drifts)],
        right_columns=words.RIGHT_COLUMNS,
        right_rows=[words.right_row(each) for each in rights],
        stream_columns=words.STREAM_COLUMNS,
        stream_rows=[words.stream_row(each, shell.now) for each in streams],
        places=[(each.code, each.name) for each in rights],
        facts=[(fact.value, word) for fact, word in words.FACTS.items() if fact != "claims"],
        holders=[("", _("As usual for its kind")), *words.HOLDERS.items(), *((code, code) for code in codes)],
        may_decide=_everywhere(who),
        trouble=trouble_of(refused),
    )


async def _one(
    request: Request, drift_id: UUID, *, who: Actor, runs: Run, refused: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        view = await drift_page.one_drift(read, drift_id, who)
        shell = await frame(request, who, read)
    is_open = view.drift.state is DriftState.OPEN
    may = is_open and who.may(Permission.STOCK_REPAIR, at=view.drift.location_id)
    return render(
        request,
        "hq/drift/one.html",
        status=refused.status if refused else 200,
        shell=shell,
        drift=view.drift,
        heading=words.heading(view),
        why=view.drift.words or words.CAUSES[view.drift.cause],
        chip=words.chip(view),
        facts=words.facts(view, shell.now),
        may_repair=may and view.drift.kind is not DriftKind.SHOWN,
        may_dismiss=may,
        consequences=words.repair_words(view, shell.now),
        let_go=[Consequence(text=_("Our book stays as it is. The reason stays beside this difference."))],
        item=(view.sku, view.title),
        trouble=trouble_of(refused),
    )


def _everywhere(who: Actor) -> bool:
    try:
        who.must_everywhere(Permission.STOCK_REPAIR)
    except Problem:
        return False
    return True
