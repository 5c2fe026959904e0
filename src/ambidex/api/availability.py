"""Availability: how many units of items may be promised, and where."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ambidex.api.edge import Runs, operation
from ambidex.api.order_shapes import Channel
from ambidex.api.shapes import Listed
from ambidex.kernel.actor import Permission
from ambidex.reads.availability import availability

router = APIRouter(tags=["stock"])
Code = Annotated[str, Field(max_length=100)]


class AvailableOut(BaseModel):
    """`available` may be below zero where a physical fact lowered the stock below its claims."""

    item: str
    location: str
    channel: str
    available: int
    on_hand: int
    reserved: int
    held: int


@router.get("/availability", dependencies=[operation(Permission.STOCK_READ)])
async def get_availability(
    runs: Runs,
    item: Annotated[list[Code], Query(min_length=1, max_length=200)],
    location: Annotated[list[Code] | None, Query(max_length=2_000)] = None,
    channel: Channel = "web",
) -> Listed[AvailableOut]:
    """By item and place. No channel keeps a threshold of its own yet, so every channel sees the same."""
    async with runs.reading() as read:
        rows = await availability(read, item, places=location)
    return Listed(items=[AvailableOut(channel=channel, **asdict(row)) for row in rows])
