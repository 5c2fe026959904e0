"""Waves: works to be sent from one place, planned, released and picked in one walk into totes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, Shown, Who, operation
from ambidex.api.shapes import Listed
from ambidex.api.wave_shapes import (
    LandedShape,
    MissIn,
    PlanIn,
    PlannedShape,
    PutIn,
    ToteIn,
    WaveRowShape,
    WaveShape,
    landed,
    planned,
    row_shape,
    shape,
    shown,
)
from ambidex.domains import locations
from ambidex.domains.waves import Wave, WaveId, WaveState
from ambidex.flows.walk_wave import (
    cancel_wave,
    name_tote,
    pick_in_wave,
    plan_waves,
    release_wave,
    short_in_wave,
)
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.page import PAGE_MAX
from ambidex.reads.fulfillment_orders import visible_places
from ambidex.reads.waves import wave_page, waves
from ambidex.runtime.db import Tx

router = APIRouter(tags=["waves"])
ONE = "/waves/{wave}"
WORKING = [operation(Permission.WORK_DO, place=Scope.OWN_PLACE)]
READING = [operation(Permission.WORK_READ, place=Scope.FILTERED)]


@router.get("/waves", dependencies=READING)
async def list_waves(
    who: Who,
    runs: Runs,
    *,
    location: str | None = None,
    state: WaveState | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> Listed[WaveRowShape]:
    """Waves of a place, or of all places the caller may see, the newest first."""
    async with runs.reading() as read:
        places = visible_places(who)
        if location is not None:
            at = (await locations.by_code(read, location)).location_id
            who.must(Permission.WORK_READ, at=at)
            places = [at]
        page = await waves(read, places, state=state or "", after=after, limit=limit)
    return Listed(items=[row_shape(row) for row in page.items], next=page.next)


@router.get(ONE, dependencies=READING)
async def see_wave(wave: UUID, who: Who, runs: Runs) -> WaveShape:
    """One wave with its totes and what each of them needs."""
    async with runs.reading() as read:
        page = await wave_page(read, wave)
    who.must(Permission.WORK_READ, at=LocationId(page.head.location_id))
    return shape(page)


@router.post("/waves", dependencies=WORKING, response_model=PlannedShape, status_code=201)
async def plan(body: PlanIn, asks: Asks) -> Response:
    """Put the works that wait at a place together for walks: by cut-off, carrier and size."""
    return await asks.answer(_planned, _plan, body=body)


@router.post(ONE + "/release", dependencies=WORKING, response_model=WaveShape)
async def release(wave: UUID, asks: Asks) -> Response:
    """The walk may begin."""
    return await asks.answer(shown, release_wave, wave_id=WaveId(wave))


@router.post(ONE + "/pick", dependencies=WORKING, response_model=LandedShape)
async def put_into_tote(wave: UUID, body: PutIn, asks: Asks) -> Response:
    """A unit in hand: the answer names its tote. The same key again changes nothing."""
    return await asks.answer(landed, pick_in_wave, wave_id=WaveId(wave), proof=body.evidence.proof())


@router.post(ONE + "/short", dependencies=WORKING, response_model=WaveShape)
async def cannot_find(wave: UUID, body: MissIn, asks: Asks) -> Response:
    """Units that cannot be found: as few orders as possible go without, and each is served anew."""
    return await asks.answer(
        shown,
        short_in_wave,
        wave_id=WaveId(wave),
        sku=body.item,
        quantity=body.quantity,
        reason=body.reason,
        key=body.key,
    )


@router.post(ONE + "/tote", dependencies=WORKING, response_model=WaveShape)
async def label_tote(wave: UUID, body: ToteIn, asks: Asks) -> Response:
    """The label of an empty tote was scanned for an order."""
    return await asks.answer(shown, name_tote, wave_id=WaveId(wave), tote_no=body.tote, label=body.label)


@router.post(ONE + "/cancel", dependencies=WORKING, response_model=WaveShape)
async def cancel(wave: UUID, asks: Asks) -> Response:
    """Its works are picked one by one, or walk in another wave."""
    return await asks.answer(shown, cancel_wave, wave_id=WaveId(wave))


async def _plan(tx: Tx, *, body: PlanIn) -> list[Wave]:
    place = await locations.by_code(tx, body.location)
    return await plan_waves(tx, location_id=place.location_id, limits=body.limits(), takes=body.takes)


async def _planned(tx: Tx, found: list[Wave]) -> Shown:
    return Shown(await planned(tx, found), status=201)
