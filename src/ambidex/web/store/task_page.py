"""A task as a page: count, put away, or what a person must find a way for. Claimed by one, done with proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.flows import ownership
from ambidex.flows.count_stock import count_stock
from ambidex.flows.put_away import put_away
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import TaskId, new_id
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.task import TaskPage, task_page
from ambidex.runtime.access import Scope
from ambidex.runtime.db import Row
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.views import Row as RowView
from ambidex.web.rendering import render
from ambidex.web.shell.view import Task
from ambidex.web.store.steps import trouble_of
from ambidex.web.store.words import picture_of, way_to
from ambidex.web.words import translate as _

router = APIRouter()
DOES = page(Permission.TASKS_DO, place=Scope.OWN_PLACE)
OVER = frozenset({"done", "expired"})
Field = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class _Asked:
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
    return RedirectResponse(f"/tasks/{task_id}", status_code=303)


@router.post("/tasks/{task_id}/done", dependencies=[DOES])
async def done(task_id: UUID, request: Request, *, who: Who, runs: Runs, note: Field = "") -> Response:
    """It is done, and how."""
    try:
        await runs.perform(who, ownership.solve, TaskId(task_id), proof={"note": note.strip()})
    except Problem as refused:
        return await _shown(task_id, _Asked(request, who, runs, refused))
    return RedirectResponse("/work?said=done", status_code=303)


@router.post("/tasks/{task_id}/count", dependencies=[page(Permission.STOCK_COUNT, place=Scope.OWN_PLACE)])
async def counted(task_id: UUID, request: Request, *, who: Who, runs: Runs, counted: Field = "") -> Response:
    """So many lie there; the count decides from now on."""
    async with runs.reading() as read:
        shown = await task_page(read, task_id)
    try:
        if shown.count is None or not counted.isdecimal():
            raise BadInput(errors=[{"field": "counted", "expected": "a number, 0 or more"}])
        await runs.perform(
            who,
            count_stock,
            location=shown.task.place_code,
            item=shown.count.sku,
            counted=int(counted),
            cause="count task",
        )
    except Problem as refused:
        return await _shown(task_id, _Asked(request, who, runs, refused))
    return RedirectResponse("/work?said=done", status_code=303)


@router.post("/tasks/{task_id}/put-away", dependencies=[page(Permission.WORK_DO, place=Scope.OWN_PLACE)])
async def put_back(
    task_id: UUID,
    request: Request,
    *,
    who: Who,
    runs: Runs,
    code: Field = "",
    code_kind: Field = "typed",
    typed_reason: Field = "",
    key: Field = "",
) -> Response:
    """One unit is back on its shelf."""
    kind = EvidenceKind.SCAN if code_kind == "scan" else EvidenceKind.TYPED
    proof = Proof(kind, code.strip(), reason=typed_reason, key=key)
    async with runs.reading() as read:
        shown = await task_page(read, task_id)
    try:
        work_id = str(shown.task.details.get("work", ""))
        work = await runs.perform(who, put_away, work_id=work_id, proofs=[proof])
    except Problem as refused:
        return await _shown(task_id, _Asked(request, who, runs, refused))
    left = any(line.to_put_away for line in work.lines)
    return RedirectResponse(f"/tasks/{task_id}" if left else "/work?said=done", status_code=303)


async def _shown(task_id: UUID, asked: _Asked) -> HTMLResponse:
    async with asked.run.reading() as read:
        shown = await task_page(read, task_id)
        top = Task(
            title=shown.task.title,
            back="/work",
            back_label=_("Back to my work"),
            sub=shown.task.place or "",
            ask=f"/orders/{shown.task.order_id}" if shown.task.order_id else "",
        )
        shell = await frame(asked.request, asked.who, read, task=top)
    return render(
        asked.request,
        "store/task.html",
        status=asked.problem.status if asked.problem is not None else 200,
        shell=shell,
        trouble=trouble_of(asked.problem),
        key=str(new_id(read.now)),
        **_view(shown, asked.who),
    )


def _view(shown: TaskPage, who: Actor) -> dict[str, Any]:
    row = shown.task
    is_over = row.state in OVER
    count = shown.count
    return {
        "task": row,
        "is_over": is_over,
        "is_mine": str(row.assignee_id) == who.id,
        "taken_by": row.assignee_name if row.assignee_id and str(row.assignee_id) != who.id else "",
        "may": who.may(Permission.TASKS_DO, at=row.location_id),
        "clock": None if is_over else _clock(shown),
        "why": _why(row),
        "count": None if is_over else count,
        "count_picture": picture_of(count) if count is not None else None,
        "count_way": way_to(count.spot) if count is not None else (),
        "lying": [] if is_over else _lying_rows(shown),
    }


def _clock(shown: TaskPage) -> Clock:
    row = shown.task
    return Clock(what=_("Done by"), by=row.due_at, began=row.opened_at, now=shown.now, zone=shown.zone)


def _why(row: Row[Any]) -> str:
    details = dict(row.details)
    said = [str(details.get(name, "")) for name in ("why", "detail", "note")]
    return next((text for text in said if text), "")


def _lying_rows(shown: TaskPage) -> list[RowView]:
    return [
        RowView(
            title=f"{line.to_put_away} × {line.name}" if line.to_put_away > 1 else line.name,
            note=_("From %(place)s to %(spot)s", place=line.staging_place, spot=line.spot or _("its shelf")),
            picture=picture_of(line),
        )
        for line in shown.lying
    ]
