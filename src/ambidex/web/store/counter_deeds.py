"""What is done at the counter: the code is looked at, goods are given, and a mistake is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ambidex.domains.fulfillment import PickupCodes, Work
from ambidex.flows.hand_over import Ask, hand_over
from ambidex.flows.undo_hand_over import undo_hand_over
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput
from ambidex.reads.picking import picking
from ambidex.runtime.access import Scope
from ambidex.web.edge import Runs, Told, Who, page
from ambidex.web.rendering import is_fragment
from ambidex.web.store.answers import answer, refused_there, signal
from ambidex.web.store.counter import collector_of, rest_of, units_given
from ambidex.web.store.steps import Step, check_code, show
from ambidex.web.words import translate as _

router = APIRouter()
HANDS_OVER = page(Permission.WORK_HAND_OVER, place=Scope.OWN_PLACE)
Field = Annotated[str, Form()]


class NothingTicked(BadInput):
    """Nothing is ticked to be taken along."""

    code = "nothing-ticked"
    advice = "Tick what the customer takes, or cancel it on the order page."


@router.post("/work/{work_id}/code", dependencies=[HANDS_OVER])
async def code_shown(
    work_id: str, request: Request, *, who: Who, runs: Runs, told: Told, code: Field = ""
) -> Response:
    """The customer's code, looked at but not used yet."""
    refused = await check_code(runs, PickupCodes(told.secret_key), work_id=work_id, code=code)
    part = "counter" if is_fragment(request) else ""
    if refused is not None:
        return await refused_there(Step(request=request, who=who, run=runs, part=part), work_id, refused)
    headers = signal("right", _("The code matches."))
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

    return await answer(step, work_id, give)


@router.post("/work/{work_id}/undo", dependencies=[page(Permission.WORK_UNDO, place=Scope.OWN_PLACE)])
async def undo(work_id: str, request: Request, *, who: Who, runs: Runs, reason: Field = "") -> Response:
    """The hand-over was a mistake: everything is back on its shelf."""
    step = Step(request=request, who=who, run=runs)
    return await answer(
        step, work_id, lambda: runs.perform(who, undo_hand_over, work_id=work_id, reason=reason)
    )


def _all_of(name: str, values: Sequence[object]) -> str:
    """A tick per unit counts together; anything else was said once."""
    if name.startswith("give_"):
        return str(sum(int(value) for value in map(str, values) if value.isdecimal()))
    return str(values[-1])
