"""A task as a page: count, put away, or what a person must find a way for. Claimed by one, done with proof."""

from __future__ import annotations

from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from ambidex.domains.counting import CountKind
from ambidex.flows import ownership
from ambidex.flows.count_shelf import Shelf, count_shelf
from ambidex.flows.put_away import put_away
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import TaskId, new_id
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.task import task_page
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.store.answers import see
from ambidex.web.store.scanned import ScanBox
from ambidex.web.store.task_view import task_view, top_of
from ambidex.web.trouble import trouble_of

router = APIRouter()
DOES = page(Permission.TASKS_DO, place=Scope.OWN_PLACE)
Field = Annotated[str, Form()]


class _Asked(NamedTuple):
    request: Request
    who: Actor
    run: Run
    problem: Problem | None = None


@router.get("/tasks/{task_id}", dependencies=[page(Permission.WORK_READ)])
async def task(task_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """What is to be done, and how it is proven."""
    return await _shown(task_id, _Asked(request, who, runs))


@router.post("/tasks/{task_id}/claim", dependencies=[DOES])
async def claim(task_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """I do it."""
    try:
        await runs.perform(who, ownership.take, TaskId(task_id))
    except Problem as refused:
        return await _shown(task_id, _Asked(request, who, runs, refused))
    return see(f"/tasks/{task_id}")


@router.post("/tasks/{task_id}/done", dependencies=[DOES])
async def done(task_id: UUID, request: Request, *, who: Who, runs: Runs, note: Field = "") -> Response:
    """It is done, and how."""
    try:
        await runs.perform(who, ownership.solve, TaskId(task_id), proof={"note": note.strip()})
    except Problem as refused:
        return await _shown(task_id, _Asked(request, who, runs, refused))
    return see("/work?said=done")


@router.post("/tasks/{task_id}/count", dependencies=[page(Permission.STOCK_COUNT, place=Scope.OWN_PLACE)])
async def counted(task_id: UUID, request: Request, *, who: Who, runs: Runs, counted: Field = "") -> Response:
    """So many lie there: booked, or another person counts it again."""
    async with runs.reading() as read:
        shown = await task_page(read, task_id)
    try:
        if shown.count is None or not counted.isdecimal():
            raise BadInput(errors=[{"field": "counted", "expected": "a number, 0 or more"}])
        kind = CountKind(shown.count.kind)
        shelf = Shelf(shown.task.place_code, shown.count.sku, int(counted), kind)
        outcome = await runs.perform(who, count_shelf, shelf)
    except Problem as refused:
        return await _shown(task_id, _Asked(request, who, runs, refused))
    state = outcome.count.state.value if outcome.count is not None else "counted"
    return see("/work?said=done" if state == "counted" else f"/count?said={state}")


@router.post("/tasks/{task_id}/put-away", dependencies=[page(Permission.WORK_DO, place=Scope.OWN_PLACE)])
async def put_back(
    task_id: UUID,
    request: Request,
    *,
    who: Who,
    runs: Runs,
    said: ScanBox,
) -> Response:
    """One unit is back on its shelf."""
    async with runs.reading() as read:
        shown = await task_page(read, task_id)
    try:
        work_id = str(shown.task.details.get("work", ""))
        at = shown.task.location_id
        await runs.perform(who, put_away, work_id=work_id, proofs=[said.proof], location_id=at)
    except Problem as refused:
        return await _shown(task_id, _Asked(request, who, runs, refused))
    async with runs.reading() as read:
        left = (await task_page(read, task_id)).lying
    return see(f"/tasks/{task_id}" if left else "/work?said=done")


async def _shown(task_id: UUID, asked: _Asked) -> Response:
    async with asked.run.reading() as read:
        shown = await task_page(read, task_id)
        shell = await frame(asked.request, asked.who, read, task=top_of(shown))
    return render(
        asked.request,
        "store/task.html",
        status=asked.problem.status if asked.problem is not None else 200,
        shell=shell,
        trouble=trouble_of(asked.problem),
        key=str(new_id(read.now)),
        **task_view(shown, asked.who),
    )
