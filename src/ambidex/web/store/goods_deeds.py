"""What is done to a delivery from its page: answered, scanned into its parcel, sent, scanned out, finished, explained."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ambidex.domains.transfers import Arrived, Outcome
from ambidex.flows.deliveries import Asked as AskedUnits
from ambidex.flows.deliveries import Found
from ambidex.flows.late_deliveries import redate
from ambidex.flows.receive_goods import Explained, explain, finish_receiving, receive_goods
from ambidex.flows.transfer_goods import (
    NewTransfer,
    approve_transfer,
    cancel_transfer,
    decline_transfer,
    pick_transfer,
    request_transfer,
    send_transfer,
)
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.evidence import Proof
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.deliveries import delivery_page
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, page
from ambidex.web.rendering import is_fragment
from ambidex.web.store.answers import ALREADY, kind_of, see, signal
from ambidex.web.store.goods_page import Asked, show_delivery, show_transfers
from ambidex.web.words import translate as _

router = APIRouter()
MOVES = page(Permission.STOCK_MOVE, place=Scope.OWN_PLACE)
Form = Mapping[str, str]
# a day without an hour: by noon of the place
COMES_AT = time(12)
Deed = Callable[[Run, Actor, str, Form], Awaitable[Any]]


@router.post("/transfers", dependencies=[MOVES])
async def ask(request: Request, *, who: Who, runs: Runs) -> Response:
    """Ask another place for units."""
    form = await _form(request)
    try:
        lines = [AskedUnits(form.get("item", "").strip(), _number(form, "quantity"))]
        new = NewTransfer(form.get("to", ""), form.get("from", ""), lines, form.get("note", ""))
        delivery = await runs.perform(who, request_transfer, new)
    except Problem as refused:
        return await show_transfers(Asked(request=request, who=who, run=runs, problem=refused, form=form))
    return see(f"/deliveries/{delivery.id}")


@router.post("/deliveries/{delivery_id}/{deed}", dependencies=[MOVES])
async def change(delivery_id: UUID, deed: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """One step of a delivery; a scan is answered to htmx with its sound."""
    form = await _form(request)
    part = "scans" if is_fragment(request) else ""
    try:
        if deed not in DEEDS:
            raise BadInput(errors=[{"field": "step", "expected": " | ".join(DEEDS)}])
        await DEEDS[deed](runs, who, str(delivery_id), form)
    except Problem as refused:
        outcome = "already" if refused.code in ALREADY else "wrong"
        trouble = Asked(
            request=request, who=who, run=runs, form=form, part=part, problem=refused,
            headers=signal(outcome, refused.title),
        )  # fmt: skip
        return await show_delivery(delivery_id, trouble)
    if not part:
        return see(f"/deliveries/{delivery_id}")
    right = Asked(request=request, who=who, run=runs, part=part, headers=signal("right", _("Scanned.")))
    return await show_delivery(delivery_id, right)


async def _approve(run: Run, who: Actor, delivery: str, _form: Form) -> None:
    await run.perform(who, approve_transfer, delivery=delivery)


async def _decline(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, decline_transfer, delivery=delivery, reason=form.get("reason", ""))


async def _cancel(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, cancel_transfer, delivery=delivery, reason=form.get("reason", "") or "not needed")


async def _pick(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, pick_transfer, delivery=delivery, found=[_found(form)])


async def _send(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, send_transfer, delivery=delivery, packages=_number(form, "packages", default=1))


async def _receive(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, receive_goods, delivery=delivery, found=[_found(form)])


async def _finish(run: Run, who: Actor, delivery: str, _form: Form) -> None:
    await run.perform(who, finish_receiving, delivery=delivery)


async def _explain(run: Run, who: Actor, delivery: str, form: Form) -> None:
    try:
        outcome = Outcome(form.get("outcome", ""))
    except ValueError as cause:
        raise BadInput(errors=[{"field": "outcome", "expected": "one of the answers"}]) from cause
    explained = Explained(_number(form, "line"), _number(form, "quantity"), outcome, form.get("reason", ""))
    await run.perform(who, explain, delivery=delivery, explained=explained)


async def _redate(run: Run, who: Actor, delivery: str, form: Form) -> None:
    async with run.reading() as read:
        found = await delivery_page(read, UUID(delivery))
    try:
        day = date.fromisoformat(form.get("expected_on", ""))
    except ValueError as cause:
        raise BadInput(errors=[{"field": "expected_on", "expected": "a day"}]) from cause
    there = datetime.combine(day, COMES_AT, ZoneInfo(found.zone))
    await run.perform(who, redate, delivery=delivery, expected_at=there, reason=form.get("reason", ""))


DEEDS: Mapping[str, Deed] = {
    "approve": _approve,
    "decline": _decline,
    "cancel": _cancel,
    "pick": _pick,
    "send": _send,
    "receive": _receive,
    "finish": _finish,
    "explain": _explain,
    "redate": _redate,
}


def _found(form: Form) -> Found:
    """A unit as it was scanned, or several that were typed with a reason."""
    damaged = form.get("arrived") == Arrived.DAMAGED.value
    reason = form.get("reason", "") or form.get("typed_reason", "")
    proof = Proof(
        kind_of(form.get("code_kind", "")),
        form.get("code", "").strip(),
        _number(form, "quantity", default=1),
        reason,
        key=form.get("key", ""),
    )
    return Found(proof, Arrived.DAMAGED if damaged else Arrived.SELLABLE)


def _number(form: Form, name: str, *, default: int | None = None) -> int:
    given = form.get(name, "")
    if not given and default is not None:
        return default
    if not given.isdecimal() or len(given) > 7:
        raise BadInput(errors=[{"field": name, "expected": "a whole number"}])
    return int(given)


async def _form(request: Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).items()}
