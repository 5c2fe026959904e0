"""Parcels that did not arrive: what waits for somebody, and one of them with what may be chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import child_id, new_id
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field
from ambidex.reads.parcels import parcel_page, waiting_parcels
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.shell.view import Task
from ambidex.web.store import parcels_view as view
from ambidex.web.store.duties import places_of, topics_of
from ambidex.web.store.ship_tabs import ship_tabs
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.WORK_READ, place=Scope.FILTERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for a page of parcels, with what was said and what was refused."""

    request: Request
    who: Actor
    run: Run
    problem: Problem | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    part: str = ""


@router.get("/parcels", dependencies=[READS])
async def waiting(request: Request, *, who: Who, runs: Runs, part: str = "") -> HTMLResponse:
    """What did not arrive, the most urgent first."""
    return await show_list(Asked(request=request, who=who, run=runs, part=part))


@router.get("/parcels/{package_id}", dependencies=[READS])
async def one(package_id: str, request: Request, *, who: Who, runs: Runs) -> HTMLResponse:
    """One parcel, and what may be chosen for it."""
    return await show_one(package_id, Asked(request=request, who=who, run=runs))


async def show_list(asked: Asked) -> HTMLResponse:
    who, refused = asked.who, asked.problem
    async with asked.run.reading() as read:
        rows = await waiting_parcels(read, places_of(who))
        shell = await frame(asked.request, who, read)
    lacks_reason = refused is not None and refused.code == "typed-needs-reason"
    return render(
        asked.request,
        "store/_parcels.html" if asked.part == "list" else "store/parcels.html",
        status=refused.status if refused else 200,
        shell=shell,
        csrf=shell.csrf,
        tabs=ship_tabs("/parcels"),
        rows=view.rows_of(rows, read.now),
        sentence=view.sentence_of(len(rows)),
        topics=topics_of(who),
        can_scan=who.at is not None and who.may(Permission.WORK_DO, at=who.at),
        trouble=None if lacks_reason else trouble_of(refused),
        typed_code=asked.form.get("code", "") if lacks_reason else "",
        typed_error=refused.advice if refused is not None and lacks_reason else "",
        key=str(new_id(read.now)),
    )


async def show_one(package_id: str, asked: Asked) -> HTMLResponse:
    async with asked.run.reading() as read:
        found = await parcel_page(read, asked.who, package_id)
        row = found.parcel
        shell = await frame(asked.request, asked.who, read, task=_top(found.parcel))
    may = asked.who.may(Permission.ORDERS_CANCEL, at=row.location_id)
    return render(
        asked.request,
        "store/parcel.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        parcel=row,
        post=f"/parcels/{child_id(row.order_id, row.work_no)}/{row.package_no}",
        chip=view.chip_of_one(row),
        facts=view.facts_of(found),
        options=view.options_of(found) if may else [],
        may=may or not view.options_of(found),
        next_words=view.next_words(found),
        chosen=asked.form.get("choice", ""),
        reason=asked.form.get("reason", ""),
        trouble=trouble_of(asked.problem),
    )


def _top(row: Any) -> Task:
    return Task(
        title=_("Parcel %(n)s of %(order)s", n=row.package_no, order=row.number),
        back="/parcels",
        back_label=_("Back to the parcels"),
        sub=row.contact_name,
        ask=f"/orders/{row.order_id}",
    )
