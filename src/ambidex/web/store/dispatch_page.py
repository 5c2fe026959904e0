"""Dispatch: what waits for a carrier, what was scanned onto which manifest, and what left."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field
from ambidex.reads.packing import leaving
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.store import dispatch_view as view
from ambidex.web.store.duties import places_of, topics_of
from ambidex.web.store.ship_tabs import ship_tabs
from ambidex.web.trouble import trouble_of

router = APIRouter(include_in_schema=False)
READS = page(Permission.WORK_READ, place=Scope.FILTERED)
SHOWN_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for the page, with what was scanned and what was refused."""

    request: Request
    who: Actor
    run: Run
    problem: Problem | None = None
    form: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    part: str = ""


@router.get("/dispatch", dependencies=[READS])
async def to_leave(request: Request, *, who: Who, runs: Runs, part: str = "") -> HTMLResponse:
    """What waits for a carrier, and the manifests."""
    return await show_dispatch(Asked(request=request, who=who, run=runs, part=part))


async def show_dispatch(asked: Asked) -> HTMLResponse:
    async with asked.run.reading() as read:
        found = await leaving(read, places_of(asked.who), since=read.now - SHOWN_FOR)
        shell = await frame(asked.request, asked.who, read)
    lacks_reason = asked.problem is not None and asked.problem.code == "typed-needs-reason"
    answer = render(
        asked.request,
        "store/_dispatch.html" if asked.part == "list" else "store/dispatch.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        csrf=shell.csrf,
        tabs=ship_tabs("/dispatch"),
        view=view.dispatch_of(found, asked.who),
        sentence=view.sentence_of(found),
        topics=topics_of(asked.who),
        can_scan=asked.who.at is not None and asked.who.may(Permission.WORK_DO, at=asked.who.at),
        trouble=None if lacks_reason else trouble_of(asked.problem),
        typed_code=asked.form.get("code", "") if lacks_reason else "",
        typed_error=asked.problem.advice if asked.problem is not None and lacks_reason else "",
        key=str(new_id(found.now)),
    )
    answer.headers.update(asked.headers)
    return answer
