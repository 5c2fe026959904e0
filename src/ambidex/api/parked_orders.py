"""The parking queue: orders that nobody can send now, in the order in which they are served, and what to do about one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, operation
from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Listed, Moment
from ambidex.domains.orders import Order
from ambidex.flows import parking_deeds
from ambidex.flows.parking_deeds import Looked
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.reads.parked_orders import ParkedOrder, parked_order, parked_orders
from ambidex.runtime.db import Tx

router = APIRouter(tags=["orders"])


class ParkedLine(BaseModel):
    """Units of one line that wait."""

    line: int
    item: str
    title: str
    quantity: int


class ParkedOrderOut(BaseModel):
    """`news_by`: when the customer was told to hear of it, null when that was broken; `owner` a duty, `person` who took it.

    `offered`: another item is offered to the customer (`GET .../offer`).
    """

    order: str
    number: str
    placed_at: datetime
    since: datetime
    news_by: datetime | None
    why: str
    owner: str
    person: str
    task: UUID | None
    offered: bool
    lines: list[ParkedLine]


class LookedOut(BaseModel):
    """What goes on now, by line; nothing when nobody who may serve has all of a line."""

    order: str
    found: dict[int, int]


class DayIn(Sent):
    """Until when the customer hears of it: at most three weeks ahead."""

    news_by: Moment


class CancelParkedIn(Sent):
    reason: str = Field(min_length=1, max_length=200)


class CanceledOut(BaseModel):
    order: str
    state: str


@router.get("/parked-orders", dependencies=[operation(Permission.ORDERS_READ)])
async def list_parked_orders(
    runs: Runs, after: str | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Listed[ParkedOrderOut]:
    """Who waits, the first to be served first."""
    async with runs.reading() as read:
        found = await parked_orders(read, after=after, limit=limit)
    return Listed(items=[_out(one) for one in found.items], next=found.next)


@router.get("/parked-orders/{order_id}", dependencies=[operation(Permission.ORDERS_READ)])
async def get_parked_order(order_id: UUID, runs: Runs) -> ParkedOrderOut:
    """One of them."""
    async with runs.reading() as read:
        return _out(await parked_order(read, OrderId(order_id)))


@router.post(
    "/parked-orders/{order_id}/look",
    dependencies=[operation(Permission.TASKS_DO)],
    response_model=LookedOut,
)
async def look(order_id: UUID, asks: Asks) -> Response:
    """Look for a place now; whole lines go on."""
    return await asks.answer(_looked, parking_deeds.look_now, order_id=OrderId(order_id))


@router.post(
    "/parked-orders/{order_id}/tell-day",
    dependencies=[operation(Permission.ORDERS_CANCEL)],
    response_model=ParkedOrderOut,
)
async def tell_day(order_id: UUID, body: DayIn, asks: Asks) -> Response:
    """The customer hears another day."""
    return await asks.answer(_shown, parking_deeds.tell_day, order_id=OrderId(order_id), news_by=body.news_by)


@router.post(
    "/parked-orders/{order_id}/cancel",
    dependencies=[operation(Permission.ORDERS_CANCEL)],
    response_model=CanceledOut,
)
async def cancel_parked(order_id: UUID, body: CancelParkedIn, asks: Asks) -> Response:
    """What waits is canceled; the rest of the order goes on."""
    return await asks.answer(
        _canceled, parking_deeds.cancel_parked, order_id=OrderId(order_id), reason=body.reason
    )


async def _looked(_: Tx, looked: Looked) -> LookedOut:
    return LookedOut(order=looked.order_id.hex, found=looked.found)


async def _shown(tx: Tx, order: Order) -> ParkedOrderOut:
    return _out(await parked_order(tx, order.order_id))


async def _canceled(_: Tx, order: Order) -> CanceledOut:
    return CanceledOut(order=order.order_id.hex, state=order.state.value)


def _out(one: ParkedOrder) -> ParkedOrderOut:
    return ParkedOrderOut(
        order=one.order_id.hex,
        number=one.number,
        placed_at=one.placed_at,
        since=one.since,
        news_by=one.told_by,
        why=one.why,
        owner=one.owner_role,
        person=one.owner_name,
        task=one.task_id,
        offered=one.is_offered,
        lines=[
            ParkedLine(line=each.line_no, item=each.sku, title=each.title, quantity=each.units)
            for each in one.lines
        ],
    )
