"""Counts: what was counted is what lies there."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Scope, Shown, operation
from ambidex.api.order_shapes import Sent
from ambidex.domains.inventory import Counted
from ambidex.flows.count_stock import UNITS_MAX, count_stock
from ambidex.kernel.actor import Permission
from ambidex.runtime.db import Tx

router = APIRouter(tags=["stock"])


class CountIn(Sent):
    """Units on the shelves and in the back room; what is staged for customers is not counted."""

    location: str = Field(min_length=1, max_length=64, examples=["store-01"])
    item: str = Field(min_length=1, max_length=100, examples=["MUG-01"])
    counted: int = Field(ge=0, le=UNITS_MAX, strict=True)
    reason: str = Field(default="count", max_length=200)


class CountOut(BaseModel):
    """`before` is what the books said; `short` are units promised to customers that this count left without stock."""

    before: int
    counted: int
    short: int


@router.post(
    "/counts",
    dependencies=[operation(Permission.STOCK_COUNT, place=Scope.OWN_PLACE)],
    response_model=CountOut,
    status_code=201,
)
async def count(body: CountIn, asks: Asks) -> Response:
    """Set what is on hand by an authoritative count."""
    return await asks.answer(
        _shown,
        count_stock,
        location=body.location,
        item=body.item,
        counted=body.counted,
        cause=body.reason or "count",
    )


async def _shown(_: Tx, outcome: Counted) -> Shown:
    short = sum(one.quantity for one in outcome.opened)
    return Shown(CountOut(before=outcome.before, counted=outcome.counted, short=short), status=201)
