"""What is done to work from its pages: each a plain post, answered with the next page, or the same one with its trouble.

A double tap is harmless: accepting, ready and cannot-find recognise it by state or key, scans by their own key.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from ambidex.domains.fulfillment import PickupCodes, Work
from ambidex.flows.accept_work import accept_work
from ambidex.flows.hand_over import Ask, hand_over
from ambidex.flows.make_ready import make_ready
from ambidex.flows.pick import pick
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.short_pick import short_pick
from ambidex.flows.stage import stage
from ambidex.flows.undo_hand_over import undo_hand_over
from ambidex.kernel.actor import Permission
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.picking import picking
from ambidex.runtime.access import Scope
from ambidex.web.edge import Runs, Told, Who, page
from ambidex.web.rendering import is_fragment
from ambidex.web.store.counter import collector_of, rest_of, units_given
from ambidex.web.store.steps import Step, check_code, show
from ambidex.web.words import translate as _

router = APIRouter()
DOES = page(Permission.WORK_DO, place=Scope.OWN_PLACE)
HANDS_OVER = page(Permission.WORK_HAND_OVER, place=Scope.OWN_PLACE)
ALREADY = frozenset({"over-scan", "pickup-code-used", "evidence-key-reused"})
Field = Annotated[str, Form()]


class NothingTicked(BadInput):
    """Nothing is ticked to be taken along."""

    code = "nothing-ticked"
    advice = "Tick what the customer takes, or cancel it on the order page."


@router.post("/work/{work_id}/accept", dependencies=[DOES])
async def accept(work_id: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """Yes: the walk begins."""
    step = Step(request=request, who=who, run=runs)
    return await _do(step, work_id, lambda: runs.perform(who, accept_work, work_id=work_id))


@router.post("/work/{work_id}/refuse", dependencies=[DOES])
async def refuse(work_id: str, request: Request, *, who: Who, runs: Runs, reason: Field = "") -> Response:
    """No, and why."""
    step = Step(request=request, who=who, run=runs)
    return await _do(
        step,
        work_id,
        lambda: runs.perform(who, refuse_work, work_id=work_id, reason=reason),
        to="/work?said=refused",
    )


@router.post("/work/{work_id}/pick", dependencies=[DOES])
async def pick_one(
    work_id: str,
    request: Request,
    *,
    who: Who,
    runs: Runs,
    code: Field = "",
    code_kind: Field = "typed",
    typed_reason: Field = "",
    key: Field = "",
) -> Response:
    """One unit, scanned. To htmx the walk with its sound; after the last unit the shelf."""
    proof = Proof(_kind(code_kind), code.strip(), reason=typed_reason, key=key)
    fragment = is_fragment(request)
    try:
        work = await runs.perform(who, pick, work_id=work_id, proofs=[proof])
    except Problem as refused:
        return await _refused(
            Step(request=request, who=who, run=runs, part="walk" if fragment else "", form={"code": code}),
            work_id,
            refused,
        )
    if not fragment:
        return _see(f"/work/{work_id}")
    if work.state.value == "picked":
        return Response(status_code=204, headers={"HX-Redirect": f"/work/{work_id}/stage"})
    headers = _signal("right", _("Picked. %(n)s to go.", n=work.wanted - work.picked))
    return await show(work_id, Step(request=request, who=who, run=runs, part="walk", headers=headers))


@router.post("/work/{work_id}/cannot-find", dependencies=[DOES])
async def cannot_find(work_id: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """Not there: the customer is asked, or somebody looks once more."""
    form = await request.form()
    if form.get("then") == "look":
        return _see(f"/work/{work_id}/pick")
    line, quantity = str(form.get("line", "")), str(form.get("quantity", ""))
    if not (line.isdecimal() and quantity.isdecimal()):
        raise BadInput(errors=[{"field": "line", "expected": "a line of this work"}])
    step = Step(request=request, who=who, run=runs)
    return await _do(
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
    code: Field = "",
    code_kind: Field = "typed",
    typed_reason: Field = "",
    key: Field = "",
) -> Response:
    """It lies there: the label was scanned."""
    step = Step(request=request, who=who, run=runs, form={"code": code})
    return await _do(
        step,
        work_id,
        lambda: runs.perform(
            who,
            stage,
            work_id=work_id,
            place=code,
            kind=_kind(code_kind),
            reason=typed_reason,
            key=key,
        ),
    )


@router.post("/work/{work_id}/ready", dependencies=[DOES])
async def ready(work_id: str, request: Request, *, who: Who, runs: Runs, told: Told) -> Response:
    """It is ready: the customer hears it."""
    codes = PickupCodes(told.secret_key)
    step = Step(request=request, who=who, run=runs)
    return await _do(
        step,
        work_id,
        lambda: runs.perform(who, make_ready, work_id=work_id, codes=codes),
        to="/work?said=ready",
    )


@router.post("/work/{work_id}/code", dependencies=[HANDS_OVER])
async def code_shown(
    work_id: str, request: Request, *, who: Who, runs: Runs, told: Told, code: Field = ""
) -> Response:
    """The customer's code, looked at but not used yet."""
    refused = await check_code(runs, PickupCodes(told.secret_key), work_id=work_id, code=code)
    part = "counter" if is_fragment(request) else ""
    if refused is not None:
        return await _refused(Step(request=request, who=who, run=runs, part=part), work_id, refused)
    headers = _signal("right", _("The code matches."))
    return await show(
        work_id, Step(request=request, who=who, run=runs, part=part, code=code, headers=headers)
    )


@router.post("/work/{work_id}/hand-over", dependencies=[HANDS_OVER])
async def hand_over_now(work_id: str, request: Request, *, who: Who, runs: Runs, told: Told) -> Response:
    """Give what is ticked to who proved to be entitled to it."""
    form = await request.form()
    said = {name: _all_of(name, form.getlist(name)) for name in form}
    step = Step(request=request, who=who, run=runs, code=said.get("code", ""), form=said)

    async def give() -> Work:
        async with runs.reading() as read:
            work = await picking(read, work_id)
        units = units_given(said, work)
        if not units and work.work.state == "ready":
            raise NothingTicked
        ask = Ask(
            code=said.get("code", ""),
            checked=said.get("checked", ""),
            collector=collector_of(said),
            units=units,
            refused=rest_of(said, work, units),
            key=said.get("key", ""),
        )
        return await runs.perform(
            who, hand_over, work_id=work_id, ask=ask, codes=PickupCodes(told.secret_key)
        )

    return await _do(step, work_id, give)


@router.post("/work/{work_id}/undo", dependencies=[page(Permission.WORK_UNDO, place=Scope.OWN_PLACE)])
async def undo(work_id: str, request: Request, *, who: Who, runs: Runs, reason: Field = "") -> Response:
    """The hand-over was a mistake: everything is back on its shelf."""
    step = Step(request=request, who=who, run=runs)
    return await _do(step, work_id, lambda: runs.perform(who, undo_hand_over, work_id=work_id, reason=reason))


async def _do(step: Step, work_id: str, deed: Callable[[], Awaitable[Any]], *, to: str = "") -> Response:
    try:
        await deed()
    except Problem as refused:
        return await _refused(step, work_id, refused)
    return _see(to or f"/work/{quote(work_id)}")


async def _refused(step: Step, work_id: str, refused: Problem) -> Response:
    if refused.status == 404:
        raise refused
    outcome = "already" if refused.code in ALREADY else "wrong"
    return await show(work_id, step.with_trouble(refused, _signal(outcome, refused.title)))


def _all_of(name: str, values: Sequence[object]) -> str:
    """A tick per unit counts together; anything else was said once."""
    if name.startswith("give_"):
        return str(sum(int(value) for value in map(str, values) if value.isdecimal()))
    return str(values[-1])


def _kind(said: str) -> EvidenceKind:
    return EvidenceKind.SCAN if said == "scan" else EvidenceKind.TYPED


def _see(there: str) -> Response:
    return RedirectResponse(there, status_code=303)


def _signal(outcome: str, say: str) -> dict[str, str]:
    return {"HX-Trigger": json.dumps({"outcome": {"outcome": outcome, "say": say}})}
