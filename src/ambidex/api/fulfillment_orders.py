"""Fulfillment orders: what a place has to do, and each step of doing it with its evidence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, Who, operation
from ambidex.api.shapes import Listed
from ambidex.api.work_shapes import PickIn, RefuseIn, ShortIn, StageIn, WorkShape, shape, shown
from ambidex.domains import locations
from ambidex.domains.fulfillment import PickupCodes, Work, WorkState
from ambidex.flows.accept_work import accept_work
from ambidex.flows.make_ready import make_ready
from ambidex.flows.pick import pick
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.short_pick import short_pick
from ambidex.flows.stage import stage
from ambidex.kernel.actor import Permission
from ambidex.kernel.page import PAGE_MAX
from ambidex.reads import fulfillment_orders as lists
from ambidex.runtime.db import Tx

router = APIRouter(tags=["fulfillment orders"])
PATH = "/fulfillment-orders/{work_id}"
WORKING = [operation(Permission.WORK_DO, place=Scope.OWN_PLACE)]
HAND_OVER = [operation(Permission.WORK_HAND_OVER, place=Scope.OWN_PLACE)]
UNWORKING = [operation(Permission.WORK_UNDO, place=Scope.OWN_PLACE)]


@router.get("/fulfillment-orders", dependencies=[operation(Permission.WORK_READ, place=Scope.FILTERED)])
async def list_work(
    who: Who,
    runs: Runs,
    *,
    location: str | None = None,
    state: Annotated[list[WorkState] | None, Query()] = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> Listed[WorkShape]:
    """Work of a place by its promise; without a state, all that is open."""
    async with runs.reading() as read:
        place = None if location is None else await locations.by_code(read, location)
        page = await lists.page(read, who, location=place, states=state or (), after=after, limit=limit)
        return Listed(items=[shape(view) for view in page.items], next=page.next)


@router.get(PATH, dependencies=[operation(Permission.WORK_READ, place=Scope.FILTERED)])
async def see_work(work_id: str, who: Who, runs: Runs) -> WorkShape:
    """One fulfillment order."""
    async with runs.reading() as read:
        return shape(await lists.one(read, who, work_id))


@router.post(PATH + "/accept", dependencies=WORKING, response_model=WorkShape)
async def accept(work_id: str, asks: Asks) -> Response:
    """The place takes it on; the caller owns it from now."""
    return await asks.answer(shown, accept_work, work_id=work_id)


@router.post(PATH + "/refuse", dependencies=WORKING, response_model=WorkShape)
async def refuse(work_id: str, body: RefuseIn, asks: Asks) -> Response:
    """The place cannot do it, or part of it: what is to be sent goes elsewhere, who wanted to collect is asked.

    The reasons `not in stock` and `damaged` make these units suspect, and ask for a count.
    """
    said = body.model_dump()
    return await asks.answer(shown, refuse_work, work_id=work_id, **said)


@router.post(PATH + "/pick", dependencies=WORKING, response_model=WorkShape)
async def pick_units(work_id: str, body: PickIn, asks: Asks) -> Response:
    """Units in hand, each with its evidence."""
    return await asks.answer(shown, pick, work_id=work_id, proofs=body.proofs())


@router.post(PATH + "/short", dependencies=WORKING, response_model=WorkShape)
async def cannot_find(work_id: str, body: ShortIn, asks: Asks) -> Response:
    """Units that cannot be found: a count opens and the customer is asked."""
    return await asks.answer(shown, _short, work_id=work_id, body=body)


@router.post(PATH + "/stage", dependencies=WORKING, response_model=WorkShape)
async def lay_at_place(work_id: str, body: StageIn, asks: Asks) -> Response:
    """Everything picked lies at a staging place."""
    said = body.model_dump()
    return await asks.answer(shown, stage, work_id=work_id, **said)


@router.post(PATH + "/ready", dependencies=WORKING, response_model=WorkShape)
async def ready(work_id: str, asks: Asks) -> Response:
    """Every unit is proven and lies at its place: the customer and the source are told."""
    return await asks.answer(shown, make_ready, work_id=work_id, codes=_codes(asks))


async def _short(tx: Tx, *, work_id: str, body: ShortIn) -> Work:
    line_no = body.line if body.line is not None else await lists.line_of_item(tx, work_id, body.item)
    return await short_pick(
        tx, work_id=work_id, line_no=line_no, quantity=body.quantity, reason=body.reason, key=body.key
    )


def _codes(asks: Asks) -> PickupCodes:
    return PickupCodes(asks.house.settings.secret_key)
