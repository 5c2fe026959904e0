"""/board: the place at a glance, read from three meters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from ambidex.domains import locations
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId
from ambidex.reads.board import Today, today
from ambidex.reads.my_work import MyWork, my_work
from ambidex.runtime.access import Scope
from ambidex.runtime.db import Read
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Stat, Work
from ambidex.web.rendering import render
from ambidex.web.store.cards import Chosen, Lanes, lanes_of
from ambidex.web.store.duties import duties_of, places_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
CARDS_MAX = 7


@dataclass(frozen=True, slots=True)
class Board:
    """Figures and the most urgent cards of each lane; `hidden` says how many more there are."""

    stats: tuple[Stat, ...]
    lanes: Lanes
    shown: Lanes


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
        kept = await today(read, places=places, since=_morning(work))
        shell = await frame(request, who, read)
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


def board_of(work: MyWork, kept: Today, *, me: str) -> Board:
    """What the wall shows of a place's work."""
    lanes = lanes_of(work, Chosen("all", me))
    shown = Lanes(lanes.here[:CARDS_MAX], lanes.coming[:CARDS_MAX], lanes.waiting[:CARDS_MAX])
    going = (*lanes.here, *lanes.coming)
    late, risk = _count(going, Mean.BROKEN), _count(going, Mean.AT_RISK)
    closed = kept.kept + kept.broken
    stats = (
        Stat(
            label=_("Waiting here"),
            value=str(len(lanes.here)),
            mean=Mean.AT_RISK if lanes.here else Mean.NONE,
            icon="door-open",
        ),
        Stat(label=_("Late"), value=str(late), mean=Mean.BROKEN if late else Mean.NONE, icon="octagon-x"),
        Stat(
            label=_("At risk"),
            value=str(risk),
            mean=Mean.AT_RISK if risk else Mean.NONE,
            icon="triangle-alert",
        ),
        Stat(label=_("To do"), value=str(len(lanes.coming)), icon="list-checks"),
        Stat(
            label=_("Kept today"),
            value=f"{round(100 * kept.kept / closed)}" if closed else "–",
            unit="%" if closed else "",
            note=_("%(n)s of %(all)s promises", n=kept.kept, all=closed) if closed else _("None due yet"),
            mean=Mean.ON_TRACK if closed and not kept.broken else Mean.NONE,
        ),
    )
    return Board(stats, lanes, shown)


async def _places(read: Read, who: Actor, code: str) -> frozenset[LocationId] | None:
    if not code:
        return places_of(who)
    return frozenset({(await locations.by_code(read, code)).location_id})


def _morning(work: MyWork) -> datetime:
    zones = {str(place.time_zone) for place in work.places.values()}
    zone = ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")
    return work.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _name(work: MyWork, otherwise: str) -> str:
    names = [str(place.name) for place in work.places.values()]
    return names[0] if len(names) == 1 else otherwise


def _count(cards: tuple[Work, ...], mean: Mean) -> int:
    return sum(card.clock is not None and card.clock.mean is mean for card in cards)
