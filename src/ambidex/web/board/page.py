"""/board: the place at a glance, read from three meters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from ambidex.domains import locations
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId
from ambidex.reads.board import today
from ambidex.reads.my_work import MyWork, my_work
from ambidex.runtime.access import Scope
from ambidex.runtime.db import Read
from ambidex.web.board.view import board_of, morning_of
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import render
from ambidex.web.store.duties import duties_of, places_of

router = APIRouter(include_in_schema=False)


@router.get("/board", dependencies=[page(Permission.WORK_READ, place=Scope.FILTERED)])
async def board(
    request: Request,
    *,
    who: Who,
    runs: Runs,
    place: Annotated[str, Query(max_length=64)] = "",
    part: str = "",
) -> HTMLResponse:
    """The board of the own place, of a named one, or of all."""
    async with runs.reading() as read:
        places = await _places(read, who, place)
        work = await my_work(read, places=places, roles=duties_of(who), me=who.id)
        kept = await today(read, places=places, since=morning_of(work))
        shell = await frame(request, who, read, zone=work.zone)
    made = board_of(work, kept, me=who.id)
    return render(
        request,
        "board/_lanes.html" if part == "lanes" else "board/board.html",
        shell=shell,
        board=made,
        name=_name(work, shell.place),
        again=f"/board?part=lanes&place={place}",
        topics="fulfillment tasks promises"
        if places is None
        else " ".join(f"place:{each}" for each in sorted(places)),
    )


async def _places(read: Read, who: Actor, code: str) -> frozenset[LocationId] | None:
    if not code:
        return places_of(who)
    return frozenset({(await locations.by_code(read, code)).location_id})


def _name(work: MyWork, otherwise: str) -> str:
    names = [str(place.name) for place in work.places.values()]
    return names[0] if len(names) == 1 else otherwise
