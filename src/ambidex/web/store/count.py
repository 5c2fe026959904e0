"""Count: what to count next and why, the pad for one item, and what a lead decides. Nobody who counts sees the book."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from ambidex.domains import catalogue, locations
from ambidex.domains.catalogue import Item, UnknownItem
from ambidex.domains.counting import CountKind
from ambidex.domains.locations import Location
from ambidex.flows.count_shelf import Shelf, ShelfCounted, count_shelf
from ambidex.flows.decide_count import approve_count, reject_count
from ambidex.flows.need_count import ask_for_counts
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads import counts as lists
from ambidex.reads.next_counts import next_counts
from ambidex.runtime.access import Scope
from ambidex.runtime.db import Read
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.shell.view import Task
from ambidex.web.store import count_view
from ambidex.web.store.answers import see
from ambidex.web.store.count_words import said_words
from ambidex.web.store.steps import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.STOCK_READ)
COUNTS = page(Permission.STOCK_COUNT, place=Scope.OWN_PLACE)
DECIDES = page(Permission.STOCK_APPROVE, place=Scope.OWN_PLACE)
NEXT_SHOWN = 20
Field = Annotated[str, Form()]


class NoPlaceChosen(Problem):
    """Counting belongs to a place, and you work at none now."""

    status, code = 409, "no-place-chosen"
    advice = "Sign in at the place where you are."


@router.get("/count", dependencies=[READS])
async def next_to_count(
    request: Request, *, who: Who, runs: Runs, place: str = "", said: str = ""
) -> HTMLResponse:
    """What to count next here, what waits for another person, and what waits for a lead."""
    return await _list(request, who, runs, place=place, said=said)


@router.post("/count/find", dependencies=[COUNTS])
async def find(request: Request, *, who: Who, runs: Runs, code: Field = "", place: Field = "") -> Response:
    """A scanned or typed item leads to its pad."""
    async with runs.reading() as read:
        found = await catalogue.by_barcode(read, code.strip())
    if found is None:
        return await _list(request, who, runs, place=place, problem=UnknownItem(item=code))
    return see(f"/count/item/{found.sku}" + (f"?place={place}" if place else ""))


@router.get("/count/item/{sku}", dependencies=[READS])
async def pad(sku: str, request: Request, *, who: Who, runs: Runs, place: str = "") -> HTMLResponse:
    """One item: scan each unit, tap, or type the number."""
    return await _pad(request, who, runs, sku=sku, place=place)


@router.post("/count/item/{sku}", dependencies=[COUNTS])
async def counted(
    sku: str,
    request: Request,
    *,
    who: Who,
    runs: Runs,
    counted: Field = "",
    key: Field = "",
    kind: Field = "own",
    place: Field = "",
) -> Response:
    """So many lie there."""
    try:
        if not counted.isdecimal() or kind not in set(CountKind):
            raise BadInput(errors=[{"field": "counted", "expected": "a number, 0 or more"}])
        async with runs.reading() as read:
            where = await _place(read, who, place)
        shelf = Shelf(where.code, sku, int(counted), CountKind(kind), key=key)
        outcome: ShelfCounted = await runs.perform(who, count_shelf, shelf)
    except Problem as refused:
        return await _pad(request, who, runs, sku=sku, place=place, problem=refused)
    said = outcome.count.state.value if outcome.count is not None else "counted"
    return see(f"/count?said={said}" + (f"&place={place}" if place else ""))


@router.post("/count/item/{sku}/ask", dependencies=[DECIDES])
async def ask(sku: str, request: Request, *, who: Who, runs: Runs, place: Field = "") -> Response:
    """A lead asks the team for this one."""
    try:
        async with runs.reading() as read:
            where = await _place(read, who, place)
        await runs.perform(who, ask_for_counts, location=where.code, items=[sku])
    except Problem as refused:
        return await _pad(request, who, runs, sku=sku, place=place, problem=refused)
    return see("/count?said=asked" + (f"&place={place}" if place else ""))


@router.get("/count/decide/{count_id}", dependencies=[READS])
async def deciding(count_id: UUID, request: Request, *, who: Who, runs: Runs) -> HTMLResponse:
    """Both numbers beside the book, for who decides."""
    return await _decision(request, who, runs, count_id=count_id)


@router.post("/count/decide/{count_id}", dependencies=[DECIDES])
async def decide(
    count_id: UUID, request: Request, *, who: Who, runs: Runs, verb: Field = "", why: Field = ""
) -> Response:
    """Approved, or counted from the beginning."""
    try:
        if verb == "approve":
            await runs.perform(who, approve_count, count_id=count_id)
        else:
            await runs.perform(who, reject_count, count_id=count_id, why=why.strip())
    except Problem as refused:
        return await _decision(request, who, runs, count_id=count_id, problem=refused)
    return see("/count?said=" + ("approved" if verb == "approve" else "rejected"))


async def _list(
    request: Request, who: Actor, runs: Runs, *, place: str, said: str = "", problem: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        where = await _place(read, who, place)
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


async def _pad(
    request: Request, who: Actor, runs: Runs, *, sku: str, place: str, problem: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        where = await _place(read, who, place)
        item = await _item(read, sku)
        view = await count_view.pad_view(read, who, where, item)
        top = Task(title=_("Count"), back="/count", back_label=_("Back to the list"), sub=where.name)
        shell = await frame(request, who, read, task=top)
        key = str(new_id(read.now))
    context: dict[str, Any] = {"trouble": trouble_of(problem), "key": key, "place": place, **view}
    status = problem.status if problem else 200
    return render(request, "store/count_pad.html", status=status, shell=shell, csrf=shell.csrf, **context)


async def _decision(
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


async def _place(read: Read, who: Actor, code: str) -> Location:
    if code:
        return await locations.by_code(read, code)
    if who.at is None:
        raise NoPlaceChosen
    return await locations.by_id(read, who.at)


async def _item(read: Read, sku: str) -> Item:
    return await catalogue.by_sku(read, sku)
