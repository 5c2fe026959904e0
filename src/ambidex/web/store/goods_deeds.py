"""What is done to a delivery from its page: answered, scanned into its parcel, sent, scanned out, finished, explained."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ambidex.flows.deliveries import Asked as AskedUnits
from ambidex.flows.transfer_goods import NewTransfer, request_transfer
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.access import Scope
from ambidex.web.edge import Runs, Who, page
from ambidex.web.promise.items import sku_of
from ambidex.web.rendering import is_fragment
from ambidex.web.store.answers import ALREADY, see, signal
from ambidex.web.store.goods_page import Asked, show_delivery, show_transfers
from ambidex.web.store.goods_steps import DEEDS, number_in
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
MOVES = page(Permission.STOCK_MOVE, place=Scope.OWN_PLACE)


@router.post("/transfers", dependencies=[MOVES])
async def ask(request: Request, *, who: Who, runs: Runs) -> Response:
    """Ask another place for units."""
    form = await _form(request)
    try:
        async with runs.reading() as read:
            sku = await sku_of(read, form.get("item", ""))
        lines = [AskedUnits(sku, number_in(form, "quantity"))]
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


async def _form(request: Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.form()).items()}
