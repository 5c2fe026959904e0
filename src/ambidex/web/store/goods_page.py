"""Receive and Transfer: what is on the way here, what other places want, and one delivery with its next step."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ambidex.domains import locations, transfers
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field
from ambidex.reads.deliveries import delivery_page, open_deliveries
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.shell.view import Task
from ambidex.web.store import goods_view as view
from ambidex.web.store.answers import see
from ambidex.web.store.duties import places_of
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.STOCK_READ, place=Scope.ANYWHERE)
PLACES_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for a page of goods, with what was refused and what was typed."""

    request: Request
    who: Actor
    run: Run
    problem: Problem | None = None
    form: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    part: str = ""


@router.get("/receive", dependencies=[READS])
async def receive(request: Request, *, who: Who, runs: Runs) -> HTMLResponse:
    """What is on the way here, the soonest first; or scan its label."""
    return await _receive(Asked(request=request, who=who, run=runs))


@router.post("/receive", dependencies=[READS])
async def label(request: Request, *, who: Who, runs: Runs) -> Response:
    """The label of a delivery or of one of its parcels was scanned."""
    code = str((await request.form()).get("code", ""))
    try:
        async with runs.reading() as read:
            found = await transfers.by_label(read, code)
    except Problem as refused:
        return await _receive(Asked(request=request, who=who, run=runs, problem=refused, form={"code": code}))
    return see(f"/deliveries/{found.id}")


@router.get("/transfers", dependencies=[READS])
async def transfer_lists(request: Request, *, who: Who, runs: Runs) -> HTMLResponse:
    """What other places want from here, and what this place asked for."""
    return await show_transfers(Asked(request=request, who=who, run=runs))


@router.get("/deliveries/{delivery_id}", dependencies=[READS])
async def one(delivery_id: UUID, request: Request, *, who: Who, runs: Runs, part: str = "") -> HTMLResponse:
    """One delivery with its next step."""
    return await show_delivery(delivery_id, Asked(request=request, who=who, run=runs, part=part))


async def _receive(asked: Asked) -> HTMLResponse:
    async with asked.run.reading() as read:
        found = await open_deliveries(read, places_of(asked.who))
        shell = await frame(asked.request, asked.who, read)
    return render(
        asked.request,
        "store/receive.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        lists=view.lists_of(found, asked.who),
        trouble=trouble_of(asked.problem),
        code=asked.form.get("code", ""),
    )


async def show_transfers(asked: Asked) -> HTMLResponse:
    """The lists, with the form to ask another place."""
    async with asked.run.reading() as read:
        found = await open_deliveries(read, places_of(asked.who))
        places = await locations.page(read, limit=PLACES_MAX)
        shell = await frame(asked.request, asked.who, read)
    here = {place.location_id: place for place in places.items}.get(asked.who.at) if asked.who.at else None
    return render(
        asked.request,
        "store/transfers.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        lists=view.lists_of(found, asked.who),
        here=here,
        others=[(p.code, p.name) for p in places.items if p.location_id != asked.who.at],
        every=[(p.code, p.name) for p in places.items],
        trouble=trouble_of(asked.problem),
        form=asked.form,
    )


async def show_delivery(delivery_id: UUID, asked: Asked) -> HTMLResponse:
    """The page, or the fragment that a scan changes."""
    async with asked.run.reading() as read:
        found = await delivery_page(read, delivery_id)
        shell = await frame(asked.request, asked.who, read, task=_top(found.head))
    scanned, wanted = view.scanned_of(found) - view.extra_of(found), view.wanted_of(found)
    answer = render(
        asked.request,
        "store/_delivery.html" if asked.part == "scans" else "store/delivery.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        csrf=shell.csrf,
        head=found.head,
        zone=found.zone,
        now=found.now,
        sentence=view.sentence_of(found),
        step=view.step_of(found, asked.who),
        late=found.head.late_told_at is not None,
        lines=view.line_rows(found),
        differences=view.differences_of(found, asked.who),
        asked_sender=view.asked_sender(found, asked.who),
        scanned=scanned,
        wanted=wanted,
        progress=view.progress_words(found),
        trouble=trouble_of(asked.problem),
        form=asked.form,
        key=str(new_id(found.now)),
    )
    answer.headers.update(asked.headers)
    return answer


def _top(head: object) -> Task:
    kind, reference = getattr(head, "kind", ""), getattr(head, "reference", "")
    back = ("/receive", _("Back to Receive")) if kind == "inbound" else ("/transfers", _("Back to Transfer"))
    return Task(title=reference, back=back[0], back_label=back[1], sub=getattr(head, "to_name", ""))
