"""Inbound goods: purchase orders and advance ship notices of suppliers, received by scan like transfers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from ambidex.api.delivery_shapes import (
    DeliveryShape,
    ExplainIn,
    InboundIn,
    ReasonIn,
    ScansIn,
    shape,
    shown,
)
from ambidex.api.edge import Asks, Runs, Scope, Shown, operation
from ambidex.api.shapes import Listed
from ambidex.domains import locations, transfers
from ambidex.domains.transfers import Delivery
from ambidex.flows.inbound_goods import NewInbound, cancel_inbound, put_inbound
from ambidex.flows.receive_goods import explain, finish_receiving, receive_goods
from ambidex.kernel.actor import Permission
from ambidex.kernel.page import PAGE_MAX
from ambidex.reads.deliveries import deliveries, delivery_page
from ambidex.runtime.db import Tx

router = APIRouter(tags=["transfers and inbound goods"])
ONE = "/inbound-goods/{reference}"
MOVING = [operation(Permission.STOCK_MOVE, place=Scope.OWN_PLACE)]
READING = [operation(Permission.STOCK_READ)]
Reference = Annotated[str, Path(min_length=1, max_length=100)]


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


@router.get("/inbound-goods", dependencies=READING)
async def list_inbound(
    runs: Runs,
    *,
    location: str | None = None,
    state: str = "",
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> Listed[DeliveryShape]:
    """What suppliers announced for a place, the newest first."""
    async with runs.reading() as read:
        at = None if location is None else (await locations.by_code(read, location)).location_id
        page = await deliveries(read, kind="inbound", at=at, state=state, after=after, limit=limit)
        return Listed(items=[shape(one) for one in page.items], next=page.next)


@router.get(ONE, dependencies=READING)
async def see_inbound(reference: Reference, runs: Runs) -> DeliveryShape:
    """What was announced under this reference, and how far it is received."""
    async with runs.reading() as read:
        found = await transfers.by_label(read, reference)
        return shape(await delivery_page(read, found.delivery_id))


@router.post(ONE + "/cancel", dependencies=MOVING, response_model=DeliveryShape)
async def cancel(reference: Reference, body: ReasonIn, asks: Asks) -> Response:
    """It will not come."""
    return await asks.answer(shown, cancel_inbound, reference=reference, reason=body.reason)


@router.post(ONE + "/receive", dependencies=MOVING, response_model=DeliveryShape)
async def receive(reference: Reference, body: ScansIn, asks: Asks) -> Response:
    """Units come out of the parcel, each with its evidence; a key sent before changes nothing."""
    return await asks.answer(shown, receive_goods, delivery=reference, found=body.found())


@router.post(ONE + "/finish", dependencies=MOVING, response_model=DeliveryShape)
async def finish(reference: Reference, asks: Asks) -> Response:
    """Everything that came is scanned: it is on the shelf now, and a difference has an owner."""
    return await asks.answer(shown, finish_receiving, delivery=reference)


@router.post(ONE + "/explain", dependencies=MOVING, response_model=DeliveryShape)
async def explain_difference(reference: Reference, body: ExplainIn, asks: Asks) -> Response:
    """What became of units that were too few or too many."""
    return await asks.answer(shown, explain, delivery=reference, explained=body.explained())


async def _put(tx: Tx, put: tuple[Delivery, bool]) -> DeliveryShape | Shown:
    delivery, is_new = put
    found = await shown(tx, delivery)
    return Shown(found, status=201) if is_new else found
