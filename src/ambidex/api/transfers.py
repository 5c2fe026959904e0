"""Transfers: units asked for from another place, approved, picked, sent, and scanned in where they arrive."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from ambidex.api.delivery_shapes import (
    DeliveryShape,
    PicksIn,
    ReasonIn,
    ReDateIn,
    SendIn,
    TransferIn,
    shown,
)
from ambidex.api.edge import Asks, Runs, Shown
from ambidex.api.receiving import MOVING, READING, Reference, Which, add_receiving, listed
from ambidex.api.shapes import Listed
from ambidex.domains.transfers import Delivery
from ambidex.flows.late_deliveries import redate
from ambidex.flows.transfer_goods import (
    NewTransfer,
    approve_transfer,
    cancel_transfer,
    decline_transfer,
    pick_transfer,
    request_transfer,
    send_transfer,
)
from ambidex.runtime.db import Tx

router = APIRouter(tags=["transfers and inbound goods"])
ALL = "/transfers"
ONE = ALL + "/{reference}"


@router.post(ALL, dependencies=MOVING, response_model=DeliveryShape, status_code=201)
async def ask_for_units(body: TransferIn, asks: Asks) -> Response:
    """Ask another place for units; its lead approves or declines."""
    new = NewTransfer(body.to, body.origin, [line.asked() for line in body.lines], body.note)
    return await asks.answer(_created, request_transfer, new)


@router.get(ALL, dependencies=READING)
async def list_transfers(runs: Runs, which: Which) -> Listed[DeliveryShape]:
    """Transfers to or from a place, the newest first."""
    return await listed(runs, "transfer", which)


@router.post(ONE + "/approve", dependencies=MOVING, response_model=DeliveryShape)
async def approve(reference: Reference, asks: Asks) -> Response:
    """The sending place says yes and keeps the units for it."""
    return await asks.answer(shown, approve_transfer, delivery=reference)


@router.post(ONE + "/decline", dependencies=MOVING, response_model=DeliveryShape)
async def decline(reference: Reference, body: ReasonIn, asks: Asks) -> Response:
    """The sending place says no."""
    return await asks.answer(shown, decline_transfer, delivery=reference, reason=body.reason)


@router.post(ONE + "/cancel", dependencies=MOVING, response_model=DeliveryShape)
async def cancel(reference: Reference, body: ReasonIn, asks: Asks) -> Response:
    """Nobody needs it; what was kept is free."""
    return await asks.answer(shown, cancel_transfer, delivery=reference, reason=body.reason)


@router.post(ONE + "/pick", dependencies=MOVING, response_model=DeliveryShape)
async def pick(reference: Reference, body: PicksIn, asks: Asks) -> Response:
    """Units go into the parcel, each with its evidence."""
    return await asks.answer(shown, pick_transfer, delivery=reference, found=body.found())


@router.post(ONE + "/send", dependencies=MOVING, response_model=DeliveryShape)
async def send(reference: Reference, body: SendIn, asks: Asks) -> Response:
    """The parcel leaves; `packages` are the codes for its labels."""
    return await asks.answer(shown, send_transfer, delivery=reference, packages=body.packages)


@router.post(ONE + "/redate", dependencies=MOVING, response_model=DeliveryShape)
async def come_at_another_time(reference: Reference, body: ReDateIn, asks: Asks) -> Response:
    """It comes at another time; a customer who waits for it hears of it."""
    return await asks.answer(
        shown, redate, delivery=reference, expected_at=body.expected_at, reason=body.reason
    )


async def _created(tx: Tx, delivery: Delivery) -> Shown:
    return Shown(await shown(tx, delivery), status=201)


add_receiving(router, ALL)
