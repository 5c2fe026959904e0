"""What is done on the count pages: each a plain post, answered with the next page or the same one with its trouble."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ambidex.domains import catalogue
from ambidex.domains.catalogue import UnknownItem
from ambidex.domains.counting import CountKind
from ambidex.flows.count_shelf import Shelf, count_shelf
from ambidex.flows.decide_count import approve_count, reject_count
from ambidex.flows.need_count import ask_for_counts
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.access import Scope
from ambidex.web.edge import Runs, Who, page
from ambidex.web.store import count, count_view
from ambidex.web.store.answers import see

router = APIRouter(include_in_schema=False)
COUNTS = page(Permission.STOCK_COUNT, place=Scope.OWN_PLACE)
DECIDES = page(Permission.STOCK_APPROVE, place=Scope.OWN_PLACE)
Field = Annotated[str, Form()]


@router.post("/count/find", dependencies=[count.READS])
async def find(request: Request, *, who: Who, runs: Runs, code: Field = "", place: Field = "") -> Response:
    """A scanned or typed item leads to its pad."""
    async with runs.reading() as read:
        found = await catalogue.by_barcode(read, code.strip())
    if found is None:
        return await count.list_page(request, who, runs, place=place, problem=UnknownItem(item=code))
    return see(f"/count/item/{found.sku}" + (f"?place={place}" if place else ""))


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
            where = await count_view.place_of(read, who, place)
        shelf = Shelf(where.code, sku, int(counted), CountKind(kind), key=key)
        outcome = await runs.perform(who, count_shelf, shelf)
    except Problem as refused:
        return await count.pad_page(request, who, runs, sku=sku, place=place, problem=refused)
    said = outcome.count.state.value if outcome.count is not None else "counted"
    return see(f"/count?said={said}" + (f"&place={place}" if place else ""))


@router.post("/count/item/{sku}/ask", dependencies=[DECIDES])
async def ask(sku: str, request: Request, *, who: Who, runs: Runs, place: Field = "") -> Response:
    """A lead asks the team for this one."""
    try:
        async with runs.reading() as read:
            where = await count_view.place_of(read, who, place)
        await runs.perform(who, ask_for_counts, location=where.code, items=[sku])
    except Problem as refused:
        return await count.pad_page(request, who, runs, sku=sku, place=place, problem=refused)
    return see("/count?said=asked" + (f"&place={place}" if place else ""))


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
        return await count.decision_page(request, who, runs, count_id=count_id, problem=refused)
    return see("/count?said=" + ("approved" if verb == "approve" else "rejected"))
