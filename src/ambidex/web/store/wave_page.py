"""Waves: what waits to be picked for sending, planning a walk, and the walk itself with its totes."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field
from ambidex.reads.waves import open_waves, waiting_works, wave_page
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.shell.view import Task
from ambidex.web.store import wave_view as view
from ambidex.web.store.duties import places_of, topics_of
from ambidex.web.store.ship_tabs import ship_tabs
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.WORK_READ, place=Scope.FILTERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for a page of waves, with what was refused, and the tote the last unit went into."""

    request: Request
    who: Actor
    run: Run
    problem: Problem | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    part: str = ""
    tote_no: int = 0


@router.get("/waves", dependencies=[READS])
async def waves(request: Request, *, who: Who, runs: Runs, part: str = "") -> HTMLResponse:
    """Open walks, and what waits for one."""
    return await show_waves(Asked(request=request, who=who, run=runs, part=part))


@router.get("/waves/{wave_id}", dependencies=[READS])
async def one(
    wave_id: UUID, request: Request, *, who: Who, runs: Runs, part: str = "", tote: int = 0
) -> HTMLResponse:
    """One wave at the step it is at."""
    return await show_wave(wave_id, Asked(request=request, who=who, run=runs, part=part, tote_no=tote))


async def show_waves(asked: Asked) -> HTMLResponse:
    """The list, with the form that plans."""
    places = places_of(asked.who)
    async with asked.run.reading() as read:
        rows = await open_waves(read, places)
        waiting = view.waiting_of(await waiting_works(read, places))
        shell = await frame(asked.request, asked.who, read)
    return render(
        asked.request,
        "store/_waves.html" if asked.part == "list" else "store/waves.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        csrf=shell.csrf,
        tabs=ship_tabs("/waves"),
        sentence=view.waiting_sentence(waiting),
        waiting=waiting,
        cards=view.wave_cards(rows, asked.who, now=read.now),
        can_plan=asked.who.at is not None and asked.who.may(Permission.WORK_DO, at=asked.who.at),
        topics=topics_of(asked.who),
        trouble=trouble_of(asked.problem),
        form=asked.form,
    )


async def show_wave(wave_id: UUID, asked: Asked) -> HTMLResponse:
    """The page, or the part that a scan changes."""
    async with asked.run.reading() as read:
        found = await wave_page(read, wave_id)
        shell = await frame(asked.request, asked.who, read, task=_top(found.head.number, found.head.place))
    walk = view.walk_of(found)
    label = next((row.tote for row in found.totes if row.tote_no == asked.tote_no), "")
    answer = render(
        asked.request,
        "store/_wave.html" if asked.part == "walk" else "store/wave.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        csrf=shell.csrf,
        head=found.head,
        step=view.next_step(found),
        may=asked.who.may(Permission.WORK_DO, at=found.head.location_id),
        walk=walk,
        totes=view.tote_rows(found),
        landed=view.tote_way(asked.tote_no, label) if asked.tote_no else (),
        last=asked.tote_no,
        sheet=view.sheet_of(walk, key=str(new_id(found.now))),
        trouble=trouble_of(asked.problem),
        topics=" ".join(sorted({f"order:{row.order_id}" for row in found.totes if row.is_in})),
        key=str(new_id(found.now)),
    )
    answer.headers.update(asked.headers)
    return answer


def _top(number: int, place: str) -> Task:
    return Task(title=_("Wave %(n)s", n=number), back="/waves", back_label=_("Back to the waves"), sub=place)
