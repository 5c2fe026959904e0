"""What is done to work from its pages: each a plain post, answered with the next page, or the same one with its trouble.

A double tap is harmless: accepting, ready and cannot-find recognise it by state or key, scans by their own key.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ambidex.domains.fulfillment import PickupCodes
from ambidex.flows.accept_work import accept_work
from ambidex.flows.make_ready import make_ready
from ambidex.flows.pick import pick
from ambidex.flows.refuse_work import keep_only
from ambidex.flows.short_pick import short_pick
from ambidex.flows.stage import stage
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.access import Scope
from ambidex.web.edge import Runs, Told, Who, page
from ambidex.web.rendering import is_fragment
from ambidex.web.store import scanned, walk
from ambidex.web.store.answers import after_pick, after_refusal, answer, refused_there, see, signal
from ambidex.web.store.steps import Step, show
from ambidex.web.words import translate as _

router = APIRouter()
DOES = page(Permission.WORK_DO, place=Scope.OWN_PLACE)
Field = Annotated[str, Form()]


@router.post("/work/{work_id}/accept", dependencies=[DOES])
async def accept(work_id: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """Yes: the walk begins."""
    step = Step(request=request, who=who, run=runs)
    return await answer(step, work_id, lambda: runs.perform(who, accept_work, work_id=work_id))


@router.post("/work/{work_id}/refuse", dependencies=[DOES])
async def refuse(work_id: str, request: Request, *, who: Who, runs: Runs, reason: Field = "") -> Response:
    """No, and why: to all of it, or to a part, and then the rest is still asked."""
    step = Step(request=request, who=who, run=runs)
    form = {name: str(value) for name, value in (await request.form()).items()}
    try:
        work = await runs.perform(who, keep_only, work_id=work_id, reason=reason, keeps=walk.units_kept(form))
    except Problem as refused:
        return await refused_there(step, work_id, refused)
    return see(after_refusal(work))


@router.post("/work/{work_id}/pick", dependencies=[DOES])
async def pick_one(
    work_id: str,
    request: Request,
    *,
    who: Who,
    runs: Runs,
    said: scanned.ScanBox,
) -> Response:
    """One unit, scanned. To htmx the walk with its sound; after the last unit the shelf."""
    fragment = is_fragment(request)
    try:
        work = await runs.perform(who, pick, work_id=work_id, proofs=[said.proof])
    except Problem as refused:
        return await refused_there(
            Step(
                request=request, who=who, run=runs, part="walk" if fragment else "", form={"code": said.code}
            ),
            work_id,
            refused,
        )
    if not fragment:
        return see(f"/work/{work_id}")
    if work.state.value == "picked":
        return Response(status_code=204, headers={"HX-Redirect": after_pick(work)})
    headers = signal("right", _("Picked. %(n)s to go.", n=work.wanted - work.picked))
    return await show(work_id, Step(request=request, who=who, run=runs, part="walk", headers=headers))


@router.post("/work/{work_id}/cannot-find", dependencies=[DOES])
async def cannot_find(work_id: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """Not there: the customer is asked, or somebody looks once more."""
    form = await request.form()
    if form.get("then") == "look":
        return see(f"/work/{work_id}/pick")
    line, quantity = str(form.get("line", "")), str(form.get("quantity", ""))
    if not (line.isdecimal() and quantity.isdecimal()):
        raise BadInput(errors=[{"field": "line", "expected": "a line of this work"}])
    step = Step(request=request, who=who, run=runs)
    return await answer(
        step,
        work_id,
        lambda: runs.perform(
            who,
            short_pick,
            work_id=work_id,
            line_no=int(line),
            quantity=int(quantity),
            reason=str(form.get("reason", "")),
            key=str(form.get("key", "")),
        ),
    )


@router.post("/work/{work_id}/stage", dependencies=[DOES])
async def stage_there(
    work_id: str,
    request: Request,
    *,
    who: Who,
    runs: Runs,
    said: scanned.ScanBox,
) -> Response:
    """It lies there: the label was scanned."""
    step = Step(request=request, who=who, run=runs, form={"code": said.code})
    return await answer(
        step,
        work_id,
        lambda: runs.perform(
            who,
            stage,
            work_id=work_id,
            place=said.code,
            kind=said.kind,
            reason=said.typed_reason,
            key=said.key,
        ),
    )


@router.post("/work/{work_id}/ready", dependencies=[DOES])
async def ready(work_id: str, request: Request, *, who: Who, runs: Runs, told: Told) -> Response:
    """It is ready: the customer hears it."""
    codes = PickupCodes(told.secret_key)
    step = Step(request=request, who=who, run=runs)
    return await answer(
        step,
        work_id,
        lambda: runs.perform(who, make_ready, work_id=work_id, codes=codes),
        to="/work?said=ready",
    )
