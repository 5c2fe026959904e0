"""Transfers: units asked for from another place, approved, picked, sent, and scanned in where they arrive."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ambidex.api.delivery_shapes import (
    DeliveryShape,
    ExplainIn,
    PicksIn,
    ReasonIn,
    ReDateIn,
    ScansIn,
    SendIn,
    TransferIn,
    shape,
    shown,
)
from ambidex.api.edge import Asks, Runs, Scope, Shown, operation
from ambidex.api.shapes import Listed
from ambidex.domains import locations, transfers
from ambidex.domains.transfers import Delivery
from ambidex.flows.late_deliveries import redate
from ambidex.flows.receive_goods import explain, finish_receiving, receive_goods
from ambidex.flows.transfer_goods import (
    NewTransfer,
    approve_transfer,
    cancel_transfer,
    decline_transfer,
    pick_transfer,
    request_transfer,
    send_transfer,
)
from ambidex.kernel.actor import Permission
from ambidex.kernel.page import PAGE_MAX
from ambidex.reads.deliveries import deliveries, delivery_page
from ambidex.runtime.db import Tx

router = APIRouter(tags=["transfers and inbound goods"])
ONE = "/transfers/{transfer}"
MOVING = [operation(Permission.STOCK_MOVE, place=Scope.OWN_PLACE)]
READING = [operation(Permission.STOCK_READ)]


@router.post("/transfers", dependencies=MOVING, response_model=DeliveryShape, status_code=201)
async def ask_for_units(body: TransferIn, asks: Asks) -> Response:
    """Ask another place for units; its lead approves or declines."""
    new = NewTransfer(body.to, body.origin, [line.asked() for line in body.lines], body.note)
    return await asks.answer(_created, request_transfer, new)


@router.get("/transfers", dependencies=READING)
async def list_transfers(
    runs: Runs,
    *,
    location: str | None = None,
    state: str = "",
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> Listed[DeliveryShape]:
    """Transfers to or from a place, the newest first."""
    async with runs.reading() as read:
        at = None if location is None else (await locations.by_code(read, location)).location_id
        page = await deliveries(read, kind="transfer", at=at, state=state, after=after, limit=limit)
        return Listed(items=[shape(one) for one in page.items], next=page.next)


@router.get(ONE, dependencies=READING)
async def see_transfer(transfer: str, runs: Runs) -> DeliveryShape:
    """One transfer by its id, its reference or the code of a parcel; inbound goods by theirs."""
    async with runs.reading() as read:
        found = await transfers.by_label(read, transfer)
        return shape(await delivery_page(read, found.delivery_id))


@router.post(ONE + "/approve", dependencies=MOVING, response_model=DeliveryShape)
async def approve(transfer: str, asks: Asks) -> Response:
    """The sending place says yes and keeps the units for it."""
    return await asks.answer(shown, approve_transfer, delivery=transfer)


@router.post(ONE + "/decline", dependencies=MOVING, response_model=DeliveryShape)
async def decline(transfer: str, body: ReasonIn, asks: Asks) -> Response:
    """The sending place says no."""
    return await asks.answer(shown, decline_transfer, delivery=transfer, reason=body.reason)


@router.post(ONE + "/cancel", dependencies=MOVING, response_model=DeliveryShape)
async def cancel(transfer: str, body: ReasonIn, asks: Asks) -> Response:
    """Nobody needs it; what was kept is free."""
    return await asks.answer(shown, cancel_transfer, delivery=transfer, reason=body.reason)


@router.post(ONE + "/pick", dependencies=MOVING, response_model=DeliveryShape)
async def pick(transfer: str, body: PicksIn, asks: Asks) -> Response:
    """Units go into the parcel, each with its evidence."""
    return await asks.answer(shown, pick_transfer, delivery=transfer, found=body.found())


@router.post(ONE + "/send", dependencies=MOVING, response_model=DeliveryShape)
async def send(transfer: str, body: SendIn, asks: Asks) -> Response:
    """The parcel leaves; `packages` are the codes for its labels."""
    return await asks.answer(shown, send_transfer, delivery=transfer, packages=body.packages)


@router.post(ONE + "/redate", dependencies=MOVING, response_model=DeliveryShape)
async def come_at_another_time(transfer: str, body: ReDateIn, asks: Asks) -> Response:
    """It comes at another time; a customer who waits for it hears of it."""
    return await asks.answer(
        shown, redate, delivery=transfer, expected_at=body.expected_at, reason=body.reason
    )


@router.post(ONE + "/receive", dependencies=MOVING, response_model=DeliveryShape)
async def receive(transfer: str, body: ScansIn, asks: Asks) -> Response:
    """Units come out of the parcel, each with its evidence; a key sent before changes nothing."""
    return await asks.answer(shown, receive_goods, delivery=transfer, found=body.found())


@router.post(ONE + "/finish", dependencies=MOVING, response_model=DeliveryShape)
async def finish(transfer: str, asks: Asks) -> Response:
    """Everything that came is scanned: it is on the shelf now, and a difference has an owner."""
    return await asks.answer(shown, finish_receiving, delivery=transfer)


@router.post(ONE + "/explain", dependencies=MOVING, response_model=DeliveryShape)
async def explain_difference(transfer: str, body: ExplainIn, asks: Asks) -> Response:
    """What became of units that were too few or too many."""
    return await asks.answer(shown, explain, delivery=transfer, explained=body.explained())


async def _created(tx: Tx, delivery: Delivery) -> Shown:
    return Shown(await shown(tx, delivery), status=201)
