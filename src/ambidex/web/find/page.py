"""/find: orders by anything people remember; and when there is none, it is pulled from the shop it was bought from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.flows.claim_at_counter import Claim, SeveralFound, claim
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import Problem
from ambidex.reads.find import QUERY_LENGTH_MAX, find
from ambidex.web.edge import Out, Runs, Told, Who, frame, page
from ambidex.web.find.view import Choice, groups_of, rows_of
from ambidex.web.parts.views import Trouble
from ambidex.web.rendering import render
from ambidex.web.trouble import trouble_of

router = APIRouter(include_in_schema=False)
READS = page(Permission.ORDERS_READ)
OPTIONS_MAX = 8
ROWS_MAX = 30
Words = Annotated[str, Query(max_length=QUERY_LENGTH_MAX)]
Field = Annotated[str, Form(max_length=QUERY_LENGTH_MAX)]


@router.get("/find", dependencies=[READS])
async def found(
    request: Request, *, who: Who, runs: Runs, told: Told, q: Words = "", part: str = ""
) -> HTMLResponse:
    """The page; with part=options the answer of the command box."""
    if part != "options":
        return await _page(request, who, runs, told, words=q)
    async with runs.reading() as read:
        hits = await find(read, q, limit=OPTIONS_MAX, key=told.secret_key, at=who.at)
    groups = groups_of(hits, q, who=who, now=read.now)
    return render(request, "find/_options.html", groups=groups, query=q)


@router.post("/find/claim", dependencies=[page(Permission.ORDERS_CLAIM)])
async def claimed(
    request: Request,
    *,
    who: Who,
    runs: Runs,
    out: Out,
    told: Told,
    q: Field = "",
    source: Field = "",
    reference: Field = "",
) -> Response:
    """The customer is here and the order is not: it is pulled from its shop, in under ten seconds."""
    try:
        pulled = await claim(runs, out, who, Claim(words=q, source=source, reference=reference))
    except Problem as refused:
        return await _page(request, who, runs, told, words=q, refused=refused)
    return RedirectResponse(f"/orders/{pulled.order.order_id}", status_code=303)


async def _page(
    request: Request, who: Who, runs: Runs, told: Told, *, words: str, refused: Problem | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        hits = await find(read, words, limit=ROWS_MAX, key=told.secret_key, at=who.at)
        shell = await frame(request, who, read)
    return render(
        request,
        "find/find.html",
        status=refused.status if refused is not None else 200,
        shell=shell,
        words=words,
        rows=rows_of(hits, now=read.now),
        may_claim=who.may(Permission.ORDERS_CLAIM),
        trouble=_trouble(refused),
        choices=_choices(refused),
    )


def _trouble(refused: Problem | None) -> Trouble | None:
    return None if isinstance(refused, SeveralFound) else trouble_of(refused)


def _choices(refused: Problem | None) -> list[Choice]:
    if not isinstance(refused, SeveralFound):
        return []
    several = refused.facts["found"]
    assert isinstance(several, list), "the flow lists what it found"
    return [Choice(one["number"], one["source"], one["reference"]) for one in several]
