"""Inbound goods: purchase orders and advance ship notices of suppliers, received by scan like transfers."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from ambidex.api.delivery_shapes import DeliveryShape, InboundIn, ReasonIn, shown
from ambidex.api.edge import Asks, Runs, Shown
from ambidex.api.receiving import MOVING, READING, Reference, Which, add_receiving, listed
from ambidex.api.shapes import Listed
from ambidex.domains.transfers import Delivery
from ambidex.flows.inbound_goods import NewInbound, cancel_inbound, put_inbound
from ambidex.runtime.db import Tx

router = APIRouter(tags=["transfers and inbound goods"])
ALL = "/inbound-goods"
ONE = ALL + "/{reference}"


@router.put(ONE, dependencies=MOVING, response_model=DeliveryShape, responses={201: {"model": DeliveryShape}})
async def announce(reference: Reference, body: InboundIn, asks: Asks) -> Response:
    """Create or change what is announced; the future stock of its items follows."""
    new = NewInbound(
        reference=reference,
        to=body.location,
        lines=[line.asked() for line in body.lines],
        expected_at=body.expected_at,
        supplier=body.supplier,
        note=body.note,
    )
    return await asks.answer(_put, put_inbound, new)


@router.get(ALL, dependencies=READING)
async def list_inbound(runs: Runs, which: Which) -> Listed[DeliveryShape]:
    """What suppliers announced for a place, the newest first."""
    return await listed(runs, "inbound", which)


@router.post(ONE + "/cancel", dependencies=MOVING, response_model=DeliveryShape)
async def cancel(reference: Reference, body: ReasonIn, asks: Asks) -> Response:
    """It will not come."""
    return await asks.answer(shown, cancel_inbound, reference=reference, reason=body.reason)


async def _put(tx: Tx, put: tuple[Delivery, bool]) -> DeliveryShape | Shown:
    delivery, is_new = put
    found = await shown(tx, delivery)
    return Shown(found, status=201) if is_new else found


add_receiving(router, ALL)
