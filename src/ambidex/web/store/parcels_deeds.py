"""What is done about parcels that did not arrive: one of the choices, and the scan of one that is back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ambidex.domains import fulfillment
from ambidex.flows import delivery
from ambidex.flows.parcels import Settled
from ambidex.flows.send_again import send_again
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId, child_id
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.access import Scope
from ambidex.web.edge import Runs, Who, page
from ambidex.web.store.answers import see
from ambidex.web.store.parcels_page import Asked, show_list, show_one
from ambidex.web.store.scanned import ScanBox

router = APIRouter(include_in_schema=False)
CHOOSES = page(Permission.ORDERS_CANCEL, place=Scope.OWN_PLACE)
DOES = page(Permission.WORK_DO, place=Scope.OWN_PLACE)
Field = Annotated[str, Form()]
DEEDS: Mapping[str, Callable[..., Awaitable[Settled]]] = {
    "try-again": delivery.try_again,
    "send-again": send_again,
    "bring-back": delivery.bring_back,
    "pay-back": delivery.pay_back,
    "lost": delivery.lost,
}


@router.post("/parcels/{work_id}/{number}", dependencies=[CHOOSES])
async def choose(
    work_id: str,
    number: int,
    request: Request,
    *,
    who: Who,
    runs: Runs,
    choice: Field = "",
    reason: Field = "",
) -> Response:
    """What is done about it; who may is asked before what there is."""
    async with runs.reading() as read:
        work = await fulfillment.work_from_id(read, work_id)
    who.must(Permission.ORDERS_CANCEL, at=work.location_id)
    package_id = child_id(work.order_id, number)
    try:
        if choice not in DEEDS:
            raise BadInput(errors=[{"field": "choice", "expected": "one of the choices shown"}])
        await runs.perform(who, DEEDS[choice], package_id=package_id, reason=reason)
    except Problem as refused:
        form = {"choice": choice, "reason": reason}
        return await show_one(
            package_id, Asked(request=request, who=who, run=runs, problem=refused, form=form)
        )
    return see(f"/parcels/{package_id}")


@router.post("/parcels", dependencies=[DOES])
async def scan_in(
    request: Request,
    *,
    who: Who,
    runs: Runs,
    said: ScanBox,
) -> Response:
    """The label of a parcel that is back was scanned: its units wait to be put away here."""
    try:
        back = await runs.perform(who, delivery.come_back, location_id=_here(who), proof=said.proof)
    except Problem as refused:
        asked = Asked(request=request, who=who, run=runs, problem=refused, form={"code": said.code})
        return await show_list(asked)
    return see(f"/parcels/{back.package.id}")


def _here(who: Actor) -> LocationId:
    if who.at is None:
        raise BadInput(errors=[{"field": "location", "expected": "a place you work at"}])
    return who.at
