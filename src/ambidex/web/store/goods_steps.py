"""The steps of a delivery as a form says them, each performed by the flow that it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ambidex.domains.transfers import Arrived, Outcome
from ambidex.flows.deliveries import Found
from ambidex.flows.late_deliveries import redate
from ambidex.flows.receive_goods import Explained, explain, finish_receiving, receive_goods
from ambidex.flows.transfer_goods import (
    approve_transfer,
    cancel_transfer,
    decline_transfer,
    pick_transfer,
    send_transfer,
)
from ambidex.kernel.actor import Actor
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import replace
from ambidex.reads.deliveries import delivery_page
from ambidex.runtime.perform import Run
from ambidex.web.store.scanned import scanned_in

Form = Mapping[str, str]
Deed = Callable[[Run, Actor, str, Form], Awaitable[Any]]
# a day without an hour: by noon of the place
COMES_AT = time(12)


async def _approve(run: Run, who: Actor, delivery: str, _form: Form) -> None:
    await run.perform(who, approve_transfer, delivery=delivery)


async def _decline(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, decline_transfer, delivery=delivery, reason=form.get("reason", ""))


async def _cancel(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, cancel_transfer, delivery=delivery, reason=form.get("reason", "") or "not needed")


async def _pick(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, pick_transfer, delivery=delivery, found=[_found(form)])


async def _send(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, send_transfer, delivery=delivery, packages=number_in(form, "packages", default=1))


async def _receive(run: Run, who: Actor, delivery: str, form: Form) -> None:
    await run.perform(who, receive_goods, delivery=delivery, found=[_found(form)])


async def _finish(run: Run, who: Actor, delivery: str, _form: Form) -> None:
    await run.perform(who, finish_receiving, delivery=delivery)


async def _explain(run: Run, who: Actor, delivery: str, form: Form) -> None:
    try:
        outcome = Outcome(form.get("outcome", ""))
    except ValueError as cause:
        raise BadInput(errors=[{"field": "outcome", "expected": "one of the answers"}]) from cause
    explained = Explained(
        number_in(form, "line"), number_in(form, "quantity"), outcome, form.get("reason", "")
    )
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
    scanned = scanned_in(form).proof
    proof = replace(
        scanned,
        quantity=number_in(form, "quantity", default=1),
        reason=form.get("reason", "") or scanned.reason,
    )
    return Found(proof, Arrived.DAMAGED if damaged else Arrived.SELLABLE)


def number_in(form: Form, name: str, *, default: int | None = None) -> int:
    """A whole number of a form. Raises BadInput."""
    given = form.get(name, "")
    if not given and default is not None:
        return default
    if not given.isdecimal() or len(given) > 7:
        raise BadInput(errors=[{"field": name, "expected": "a whole number"}])
    return int(given)
