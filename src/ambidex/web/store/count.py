"""Count: what to count next and why, the pad for one item, and what a lead decides. Nobody who counts sees the book."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.domains import catalogue
from ambidex.flows.kits import KitHasNoShelf, must_lie_on_shelves
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import Problem
from ambidex.reads import counts as lists
from ambidex.reads.next_counts import next_counts
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.shell.view import Task
from ambidex.web.store import count_view
from ambidex.web.store.count_words import said_words
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.STOCK_READ)
NEXT_SHOWN = 20


@router.get("/count", dependencies=[READS])
async def next_to_count(
    request: Request, *, who: Who, runs: Runs, place: str = "", said: str = ""
) -> HTMLResponse:
    """What to count next here, what waits for another person, and what waits for a lead."""
    return await list_page(request, who, runs, place=place, said=said)


@router.get("/count/item/{sku}", dependencies=[READS])
async def pad(sku: str, request: Request, *, who: Who, runs: Runs, place: str = "") -> HTMLResponse:
    """One item: scan each unit, tap, or type the number. A kit lies on no shelf: its components are named."""
    async with runs.reading() as read:
        item = await catalogue.by_sku(read, sku)
    try:
        must_lie_on_shelves([item])
    except KitHasNoShelf as refused:
        return await list_page(request, who, runs, place=place, problem=refused)
    return await pad_page(request, who, runs, sku=sku, place=place)


@router.get("/count/decide/{count_id}", dependencies=[READS])
async def deciding(count_id: UUID, request: Request, *, who: Who, runs: Runs) -> HTMLResponse:
    """Both numbers beside the book, for who decides."""
    return await decision_page(request, who, runs, count_id=count_id)


async def list_page(
    request: Request, who: Actor, runs: Runs, *, place: str, said: str = "", problem: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        where = await count_view.place_of(read, who, place)
        found = await next_counts(read, where, limit=NEXT_SHOWN)
        waiting = await lists.page(
            read, who, where, states=("recount", "to_approve"), after=None, limit=NEXT_SHOWN
        )
        shell = await frame(request, who, read)
    return render(
        request,
        "store/count.html",
        status=problem.status if problem else 200,
        shell=shell,
        csrf=shell.csrf,
        place=place,
        trouble=trouble_of(problem),
        said=said_words(said),
        **count_view.list_view(found, waiting.items, place=place),
    )


async def pad_page(
    request: Request, who: Actor, runs: Runs, *, sku: str, place: str, problem: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        where = await count_view.place_of(read, who, place)
        item = await catalogue.by_sku(read, sku)
        view = await count_view.pad_view(read, who, where, item)
        top = Task(title=_("Count"), back="/count", back_label=_("Back to the list"), sub=where.name)
        shell = await frame(request, who, read, task=top)
        key = str(new_id(read.now))
    context: dict[str, Any] = {"trouble": trouble_of(problem), "key": key, "place": place, **view}
    status = problem.status if problem else 200
    return render(request, "store/count_pad.html", status=status, shell=shell, csrf=shell.csrf, **context)


async def decision_page(
    request: Request, who: Actor, runs: Runs, *, count_id: UUID, problem: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        count = await lists.one(read, who, count_id)
        top = Task(
            title=_("Decide a count"), back="/count", back_label=_("Back to the list"), sub=count.row.place
        )
        shell = await frame(request, who, read, task=top)
    return render(
        request,
        "store/count_decide.html",
        status=problem.status if problem else 200,
        shell=shell,
        csrf=shell.csrf,
        trouble=trouble_of(problem),
        **count_view.decision_view(count, shell.now),
    )
