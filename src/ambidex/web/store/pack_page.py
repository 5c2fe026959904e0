"""Pack: scan a tote or an order, scan its units into a box, weigh it, and the label is there to print."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import NotFound, Problem
from ambidex.kernel.values import dataclass, field
from ambidex.reads.packages import label_document
from ambidex.reads.packing import Packing, packing, to_pack
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.shell.view import Task
from ambidex.web.store import pack_view as view
from ambidex.web.store.duties import places_of, topics_of
from ambidex.web.store.ship_tabs import ship_tabs
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
# what a browser shows without running anything
LABEL_TYPES = frozenset({"application/pdf", "image/png", "image/gif", "image/jpeg", "image/svg+xml"})
LABEL_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
}
READS = page(Permission.WORK_READ, place=Scope.FILTERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for a page of packing: what was scanned into the open box, and what was refused."""

    request: Request
    who: Actor
    run: Run
    problem: Problem | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    inside: view.Inside = field(default_factory=dict)
    part: str = ""


@router.get("/pack", dependencies=[READS])
async def to_be_packed(request: Request, *, who: Who, runs: Runs, part: str = "") -> HTMLResponse:
    """What is picked and waits for a box."""
    return await show_list(Asked(request=request, who=who, run=runs, part=part))


@router.get("/pack/{work_id}", dependencies=[READS])
async def one(
    work_id: str, request: Request, *, who: Who, runs: Runs, part: str = "", inside: str = ""
) -> HTMLResponse:
    """One order at the packing table."""
    asked = Asked(request=request, who=who, run=runs, part=part, inside=view.read_inside(inside))
    return await show_work(work_id, asked)


@router.get("/packages/{package_id}/label", dependencies=[READS])
async def label(package_id: str, *, who: Who, runs: Runs) -> Response:
    """The label as the carrier drew it."""
    async with runs.reading() as read:
        document, media_type = await label_document(read, who, package_id)
    if media_type not in LABEL_TYPES:
        raise NotFound(package_id)
    return Response(document, media_type=media_type, headers=LABEL_HEADERS)


async def show_list(asked: Asked) -> HTMLResponse:
    """The list, with the field that takes a tote's or an order's code."""
    async with asked.run.reading() as read:
        rows = await to_pack(read, places_of(asked.who))
        shell = await frame(asked.request, asked.who, read)
    return render(
        asked.request,
        "store/_packs.html" if asked.part == "list" else "store/packs.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        csrf=shell.csrf,
        tabs=ship_tabs("/pack"),
        cards=view.pack_cards(rows, asked.who, now=read.now),
        topics=topics_of(asked.who),
        trouble=trouble_of(asked.problem),
        code=asked.form.get("code", ""),
    )


async def show_work(work_id: str, asked: Asked) -> HTMLResponse:
    """The page of one work, or the part that a scan changes."""
    async with asked.run.reading() as read:
        work = await packing(read, work_id)
        shell = await frame(asked.request, asked.who, read, task=_top(work))
    box = view.box_of(work, asked.inside)
    answer = render(
        asked.request,
        "store/_pack.html" if asked.part == "box" else "store/pack.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        csrf=shell.csrf,
        work=work.work,
        work_id=work.id,
        box=box,
        step=_step(work),
        may=asked.who.may(Permission.WORK_DO, at=work.work.location_id),
        lacks_label=[p for p in box.parcels if not p.has_label and p.can_open],
        grams=asked.form.get("grams", "") or box.grams or "",
        trouble=trouble_of(asked.problem),
        key=str(new_id(work.now)),
    )
    answer.headers.update(asked.headers)
    return answer


def _step(work: Packing) -> str:
    state = work.work.state
    if state in {"offered", "accepted", "picking"}:
        return "pick"
    if state == "picked":
        return "pack"
    return "dispatch" if state == "packed" else "gone"


def _top(work: Packing) -> Task:
    row = work.work
    return Task(
        title=_("Pack %(number)s", number=row.number),
        back="/pack",
        back_label=_("Back to packing"),
        sub=" · ".join(part for part in (row.contact_name, view.tote_words(row)) if part),
        ask=f"/orders/{row.order_id}",
    )
