"""Availability: how many units of items may be promised to a customer, and from where."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ambidex.api.edge import Runs, operation
from ambidex.api.shapes import Listed
from ambidex.api.stock_shapes import Asking
from ambidex.domains.availability import Answer, Ask, KitAnswer, LeftOut
from ambidex.kernel.actor import Permission
from ambidex.reads.availability import Look, Spot, Ware, look_by_sku

router = APIRouter(tags=["stock"])
Code = Annotated[str, Field(max_length=100)]


class AvailableOut(BaseModel):
    """`available` may be below zero where a physical fact lowered the stock below its claims.

    `left_out` says why a place does not count for this customer; its `available` is then 0.
    """

    item: str
    location: str
    channel: str
    available: int
    on_hand: int
    reserved: int
    held: int
    left_out: str | None = None


class TotalOut(BaseModel):
    """What this customer may have of an item in sum, thresholds of the channel taken off."""

    item: str
    channel: str
    available: int


class AvailableListed(Listed[AvailableOut]):
    """By item and place, and in sum by item."""

    totals: list[TotalOut]


@router.get("/availability", dependencies=[operation(Permission.STOCK_READ)])
async def get_availability(
    runs: Runs,
    asker: Asking,
    item: Annotated[list[Code], Query(min_length=1, max_length=200)],
    location: Annotated[list[Code] | None, Query(max_length=2_000)] = None,
) -> AvailableListed:
    """By item and place. With a `country` (and `postcode`) only places that may send there count."""
    async with runs.reading() as read:
        look = await look_by_sku(read, item)
    ask = asker.at(read.now)
    routed = asker.is_routed and location is None
    if location is not None:
        look = look.within([at for at, spot in look.spots.items() if spot.code in location])
    wares = sorted((ware for ware in look.items.values() if ware.sku in item), key=lambda ware: ware.sku)
    answers = [(ware, look.answer(ware.item_id, ask, routed=routed)) for ware in wares]
    return AvailableListed(
        items=[row for ware, answer in answers for row in _rows(look, ware, answer, ask)],
        totals=[TotalOut(item=ware.sku, channel=ask.channel, available=a.total) for ware, a in answers],
    )


def _rows(look: Look, ware: Ware, answer: Answer | KitAnswer, ask: Ask) -> list[AvailableOut]:
    """A kit's row counts whole kits; what is reserved and held are its components."""
    if isinstance(answer, KitAnswer):
        parts = [({o.location_id: o for o in part.offers}, units) for part, units in answer.parts]
        return [
            _row(
                (ware.sku, look.spots[at], ask.channel),
                answer.at(at),
                (min(offers[at].stock.sellable // units for offers, units in parts), 0, 0),
                next((o[at].left_out for o, _ in parts if o[at].left_out), None),
            )
            for at in answer.places
        ]
    return [
        _row(
            (ware.sku, look.spots[o.location_id], ask.channel),
            answer.at(o.location_id),
            (o.stock.sellable, o.stock.reserved, o.stock.held),
            o.left_out,
        )
        for o in answer.offers
    ]


def _row(
    about: tuple[str, Spot, str], available: int, stock: tuple[int, int, int], left_out: LeftOut | None
) -> AvailableOut:
    sku, spot, channel = about
    on_hand, reserved, held = stock
    return AvailableOut(
        item=sku,
        location=spot.code,
        channel=channel,
        available=available,
        on_hand=on_hand,
        reserved=reserved,
        held=held,
        left_out=left_out,
    )
