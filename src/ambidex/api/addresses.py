"""Where an order is sent, put right."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Scope, operation
from ambidex.api.order_shapes import OrderOut, Sent
from ambidex.api.orders import PATH, parse_order_id, shown_order
from ambidex.domains.orders import Order
from ambidex.flows.correct_address import FIELD_MAX, correct_address
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Tx

router = APIRouter(tags=["orders"])
Part = Annotated[str, Field(max_length=FIELD_MAX)]


class AddressIn(Sent):
    """The address as it should stand on the label, and why; the country stays what it was."""

    line1: Part = Field(min_length=1, examples=["4 Ferncliffe Terrace"])
    line2: Part = ""
    city: Part = Field(min_length=1, examples=["Leeds"])
    postcode: Part = Field(min_length=1, examples=["LS1 4DY"])
    region: Part = ""
    country: str = Field(default="", max_length=2, examples=["GB"])
    reason: str = Field(min_length=1, max_length=300)


@router.post(
    f"{PATH}/address",
    dependencies=[operation(Permission.ORDERS_CONTACT, place=Scope.OWN_PLACE)],
    response_model=OrderOut,
)
async def correct(order_id: str, body: AddressIn, asks: Asks) -> Response:
    """What was not sent yet goes there; labels with the old address are given back and asked for again."""
    shown = partial(shown_order, who=asks.actor, key=asks.house.settings.secret_key)
    return await asks.answer(shown, _correct, parse_order_id(order_id), body=body)


async def _correct(tx: Tx, order_id: OrderId, *, body: AddressIn) -> OrderId:
    said = body.model_dump(exclude={"reason"})
    order: Order = await correct_address(tx, order_id, address=said, reason=body.reason)
    return order.order_id
