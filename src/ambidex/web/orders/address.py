"""The address of an order put right: a form with what is known, and what follows from a change."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ambidex.flows.correct_address import FIELDS, correct_address
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.address import address_parts
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import BadInput, NotAllowed, Problem
from ambidex.reads.order_page import OrderPage, order_page
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.orders import beside
from ambidex.web.rendering import render
from ambidex.web.shell.view import Task
from ambidex.web.store.answers import see
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
CORRECTS = page(Permission.ORDERS_CONTACT, place=Scope.OWN_PLACE)


@router.get("/orders/{order_id}/address", dependencies=[page(Permission.ORDERS_CONTACT)])
async def ask(order_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """What is known, to be corrected."""
    return await _shown(order_id, request, who, runs)


@router.post("/orders/{order_id}/address", dependencies=[CORRECTS])
async def correct(order_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """It is kept, and labels are asked for again."""
    said = {name: str(value) for name, value in (await request.form()).items()}
    address = {name: said.get(name, "") for name in FIELDS}
    reason = said.get("reason", "")
    try:
        await runs.perform(who, correct_address, OrderId(order_id), address=address, reason=reason)
    except NotAllowed:
        raise
    except Problem as refused:
        return await _shown(order_id, request, who, runs, refused=refused, said={**address, "reason": reason})
    return see(f"/orders/{order_id}")


async def _shown(
    order_id: UUID,
    request: Request,
    who: Actor,
    runs: Run,
    *,
    refused: Problem | None = None,
    said: Mapping[str, str] | None = None,
) -> Response:
    async with runs.reading() as read:
        found = await order_page(read, OrderId(order_id))
        if not beside.serves(found, who):
            raise NotAllowed(f"{who.name} does not work for this customer")
        shell = await frame(request, who, read, task=_top(found))
    errors = (
        {one["field"]: one["expected"] for one in refused.errors} if isinstance(refused, BadInput) else {}
    )
    return render(
        request,
        "orders/address.html",
        status=refused.status if refused else 200,
        shell=shell,
        order=found.order,
        said=said or address_parts(found.order.address or {}),
        errors=errors,
        trouble=None if errors else trouble_of(refused),
    )


def _top(found: OrderPage) -> Task:
    there = f"/orders/{found.order.order_id}"
    return Task(
        title=_("Correct the address"),
        back=there,
        back_label=_("Back to the order"),
        sub=f"{found.order.number} · {found.order.contact_name}",
    )
